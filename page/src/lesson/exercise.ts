/** One unit's numbers for one row, to compute with by hand; the results are the run's own, from the ask "worked". */

import { Forward } from "../model/forward";
import type { Store } from "../model/store";
import type { Network, Rows } from "../model/types";
import { linesOf, readWorked } from "../model/worked";
import { hiddenUnits } from "./facts";

export interface Exercise {
  /** Which row and which unit, as the page calls them. */
  about: string;
  terms: { name: string; x: number; w: number }[];
  bias: number;
  dz: number;
  z: number;
  gradient: number;
}

/** More terms than this nobody adds up by hand. */
const TERMS = 4;
const ROUNDED = 4;
/** Rows to choose from, those with the largest errors: once most are learnt, little comes back from the others. */
const WORST = 10;
const TRIES = 40;

/** Numbers with four digits, as they are shown: what is computed from them is within a thousandth. */
function round(value: number): number {
  return Number(value.toPrecision(ROUNDED));
}

/** The rows with the largest |ŷ − y|, of an output. */
function worst(network: Network, vector: Float32Array, { x, y, count }: Rows): number[] {
  const outputs = new Forward(network).outputs(vector, x, count);
  const each = y.length / Math.max(1, count);
  const errors = Array.from({ length: count }, (_, row) =>
    Math.max(
      ...Array.from({ length: each }, (_, k) => Math.abs((outputs[row * each + k] ?? 0) - (y[row * each + k] ?? 0))),
    ),
  );
  return errors
    .map((_, row) => row)
    .sort((a, b) => (errors[b] ?? 0) - (errors[a] ?? 0))
    .slice(0, WORST);
}

/** A row and a unit of the first layer in which something happens: its error isn't 0. */
export async function exercise(store: Store, draw: () => number = Math.random): Promise<Exercise> {
  const [frame, branch, data] = [store.frame.peek(), store.branch.peek(), store.data.peek()];
  if (frame === null || branch === null || data === null) throw new Error("There is no run yet.");
  const weight = branch.network.layout.find((place) => place.name === "0.weight");
  const bias = branch.network.layout.find((place) => place.name === "0.bias");
  if (weight === undefined || bias === undefined || weight.shape.length !== 2)
    throw new Error("The first layer has no weights.");
  const [inputs, units] = weight.shape as [number, number];
  if (inputs > TERMS) throw new Error("This network has too many inputs to add up by hand; use moons.");
  const rows = worst(branch.network, frame.vector, data.train);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const sample = rows[Math.floor(draw() * rows.length)] ?? 0;
    const unit = Math.floor(draw() * units);
    // a weight's place in the matrix (inputs, units); that of the first input is the unit's
    const worked = readWorked(
      await store.source.ask("worked", { frame: frame.id, sample, layer: 0, unit, weight: unit }),
    );
    const lines = linesOf(worked);
    const own = lines.filter(({ place }) => place?.layer === 0 && place.unit === unit && place.input === null);
    const dz = own.find((line) => /^∂ℓ\/∂z/.test(line.symbol))?.result;
    if (dz === undefined || Math.abs(dz) < 0.01) continue;
    const x = Array.from(data.train.x.subarray(sample * inputs, (sample + 1) * inputs), round);
    const w = x.map((_, k) => round(frame.vector[weight.offset + k * units + unit] ?? 0));
    const b = round(frame.vector[bias.offset + unit] ?? 0);
    store.sample.value = sample;
    store.neuron.value = { layer: 0, unit };
    const place = hiddenUnits(branch).length === 0 ? "output" : "hidden 1";
    return {
      about: `row ${sample + 1}, ${place}, unit ${unit + 1}`,
      terms: x.map((value, k) => ({ name: data.features[k] ?? `x${k + 1}`, x: value, w: w[k] ?? 0 })),
      bias: b,
      dz: round(dz),
      z: x.reduce((sum, value, k) => sum + value * (w[k] ?? 0), b),
      gradient: round(dz) * (x[0] ?? 0),
    };
  }
  throw new Error("Nothing comes back to the units that were tried; go back on the timeline, and ask again.");
}
