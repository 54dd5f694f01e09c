/** A network as columns of neurons: which layers are seen, and between which columns their weights lie. */

import { spoken } from "../model/spelling";
import type { Network, Place } from "../model/types";

/** Layer -1 is the inputs. */
export const INPUT = -1;

export interface Column {
  layer: number;
  count: number;
  /** What stands above it. */
  title: string;
  /** What stands between the column before and this one: layers that change no width. */
  between: string;
  weights: Weights | null;
  bias: Place | null;
}

/** Weights from a column's units to the next's; of several groups each only to its own. */
export interface Weights {
  layer: number;
  place: Place;
  inputs: number;
  units: number;
  groups: number;
  shared: boolean;
}

/** Layers that hand each unit on by itself: they stand between columns, not in one. */
const PASSING = new Set(["dropout", "layer_norm", "scale"]);
const NAMES: Record<string, string> = {
  dense: "dense",
  grouped_dense: "members",
  members: "members",
  periodic: "periodic",
  piecewise_linear: "piecewise linear",
  embedding: "embedding",
};

const bare = (type: unknown): string => String(type).replace(/^(layer|activation)\./, "");

/** An activation's name, such as "tanh"; empty for layers that have none. */
export function activationOf(network: Network, layer: number): string {
  const settings = network.layers[layer]?.activation;
  return typeof settings === "object" && settings !== null && "type" in settings ? bare(settings.type) : "";
}

export function placeOf(network: Network, layer: number, name: string): Place | null {
  return network.layout.find((each) => each.name === `${layer}.${name}`) ?? null;
}

/** The weights of a layer; null for one whose parameters aren't a matrix from units to units. */
export function weightsOf(network: Network, layer: number): Weights | null {
  const kind = bare(network.layers[layer]?.type);
  const place = placeOf(network, layer, "weight");
  if ((kind !== "dense" && kind !== "grouped_dense") || place === null) return null;
  const [inputs, units] = place.shape.slice(-2) as [number, number];
  const groups = Math.round(network.widths[layer + 1]! / units);
  return { layer, place, inputs, units, groups, shared: place.shape.length === 2 };
}

/** Where in the parameter vector the weight from one unit to another lies; -1 where there is none. */
export function indexOf({ place, inputs, units, shared, groups }: Weights, from: number, to: number): number {
  const [group, i, j] = [Math.floor(from / inputs), from % inputs, to % units];
  if (Math.floor(to / units) !== group || group >= groups) return -1;
  return place.offset + ((shared ? 0 : group) * inputs + i) * units + j;
}

export function columnsOf(network: Network): Column[] {
  const columns: Column[] = [
    { layer: INPUT, count: network.nInputs, title: "inputs", between: "", weights: null, bias: null },
  ];
  let between: string[] = [];
  network.layers.forEach((settings, layer) => {
    const kind = bare(settings.type);
    if (PASSING.has(kind)) {
      between.push(kind === "dropout" ? `dropout ${String(settings.rate)}` : kind.replace("_", " "));
      return;
    }
    const activation = activationOf(network, layer);
    columns.push({
      layer,
      count: network.widths[layer + 1]!,
      title: activation === "" ? (NAMES[kind] ?? spoken(kind)) : spoken(activation),
      between: between.join(", "),
      weights: weightsOf(network, layer),
      bias: placeOf(network, layer, "bias"),
    });
    between = [];
  });
  return columns;
}

/** How strongly each unit of a column acts on the next: Σ |weight|; zeros where there is no matrix. */
export function outgoing(weights: Weights | null, vector: ArrayLike<number>, count: number): Float64Array {
  const sums = new Float64Array(count);
  if (weights === null) return sums;
  const { place, inputs, units, shared } = weights;
  for (let unit = 0; unit < count; unit++) {
    const start = place.offset + ((shared ? 0 : Math.floor(unit / inputs)) * inputs + (unit % inputs)) * units;
    for (let j = 0; j < units; j++) sums[unit]! += Math.abs(vector[start + j]!);
  }
  return sums;
}
