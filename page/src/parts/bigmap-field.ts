/** Which values the big map shows: the answer of the network, or one neuron's. */

import { INPUT } from "../draw/columns";
import type { Palette } from "../draw/palette";
import { answerScale, type Meaning, targetRange, unitScale } from "../draw/scales";
import type { Forward } from "../model/forward";
import { centre, key, type Maps } from "../model/maps";
import type { Plane } from "../model/plane";
import { isClassification, unscaled } from "../model/points";
import type { Branch, Data, Frame } from "../model/types";
import { type Field, heights } from "./bigmap-paint";

export type Neuron = { layer: number; unit: number } | null;

/** Whether this is what the network as a whole says: nothing chosen, or its only output. */
export function isAnswer(neuron: Neuron, branch: Branch): boolean {
  const { widths, members, layers } = branch.network;
  if (neuron === null) return true;
  return neuron.layer === layers.length - 1 && widths[layers.length]! === 1 && members === 1;
}

export function fieldOf(maps: Maps, neuron: Neuron, branch: Branch, data: Data, palette: Palette): Field | null {
  const { columns, rows, task } = maps;
  const { network } = branch;
  if (task.plane === null || task.forward.network !== network || columns === 0) return null;
  if (isAnswer(neuron, branch) || neuron === null) {
    const meaning = answerScale(palette, network, data, maps.answer);
    const levels = data.task === "binary" ? [0.5] : data.task === "regression" ? heights(data) : [0];
    const multiclass = data.task === "multiclass";
    const values = multiclass || maps.outputs === 1 ? maps.answer : one(maps.answer, maps.outputs, 0);
    return { values, columns, rows, depth: multiclass ? maps.outputs : 1, meaning, levels };
  }
  const values =
    neuron.layer === INPUT
      ? inputs(task.plane, neuron.unit, columns, rows)
      : maps.units.get(key(neuron.layer, neuron.unit));
  if (values === undefined) return null;
  const last = neuron.layer === network.layers.length - 1;
  const meaning = unitScale(palette, network, data, neuron.layer, neuron.unit, values);
  const levels = last && isClassification(data.task) ? [0.5] : last && data.task === "regression" ? heights(data) : [0];
  return { values, columns, rows, depth: 1, meaning, levels };
}

function one(values: Float32Array, depth: number, k: number): Float32Array {
  return Float32Array.from({ length: values.length / depth }, (_, i) => values[i * depth + k]!);
}

function inputs(plane: Plane, unit: number, columns: number, rows: number): Float32Array {
  const row = new Float32Array(plane.repeats * plane.nInputs);
  return Float32Array.from({ length: columns * rows }, (_, cell) => {
    const [u, v] = centre(plane, cell, columns, rows);
    plane.fill(u, v, row, 0);
    return row[unit]!;
  });
}

/** The exact value at a place: one forward pass there, in the model's own units. */
export function valuesAt(
  plane: Plane,
  forward: Forward,
  frame: Frame,
  neuron: Neuron,
  branch: Branch,
  u: number,
  v: number,
): Float64Array | null {
  if (frame.branch !== branch.id || forward.network !== branch.network || plane.nInputs !== branch.network.nInputs)
    return null;
  const row = new Float32Array(plane.repeats * plane.nInputs);
  plane.fill(u, v, row, 0);
  const answer = isAnswer(neuron, branch) || neuron === null;
  if (!answer && neuron.layer === INPUT) return new Float64Array([row[neuron.unit]!]);
  const values = answer
    ? forward.outputs(frame.vector, row, plane.repeats)
    : forward.run(frame.vector, row, plane.repeats)[neuron.layer]!;
  const width = values.length / plane.repeats;
  const means = new Float64Array(answer ? width : 1);
  for (let r = 0; r < plane.repeats; r++) {
    if (!answer) means[0]! += values[r * width + neuron.unit]! / plane.repeats;
    else for (let k = 0; k < width; k++) means[k]! += values[r * width + k]! / plane.repeats;
  }
  return means;
}

/** The vertical axis of a picture along one feature, and how a value is put on it. */
export function verticalOf(
  field: Field | null,
  neuron: Neuron,
  branch: Branch,
  data: Data,
): { range: [number, number]; label: string } {
  const last = branch.network.layers.length - 1;
  const output = neuron === null || neuron.layer === last;
  if (output && isClassification(data.task)) return { range: [-0.05, 1.05], label: probabilityLabel(data, neuron) };
  if (output && data.task === "regression") {
    const [low, high] = targetRange(data);
    const margin = 0.12 * (high - low);
    return { range: [unscaled(data, low - margin), unscaled(data, high + margin)], label: data.target };
  }
  const scale = field?.meaning.scale;
  const reach = scale?.kind === "table" ? Math.max(Math.abs(scale.low), Math.abs(scale.high)) * 1.1 : 1.1;
  return { range: [-reach, reach], label: "activation" };
}

function probabilityLabel(data: Data, neuron: Neuron): string {
  if (data.task === "binary") return `probability of ${data.classes[1] ?? "class 1"}`;
  const k = neuron?.unit;
  return k === undefined ? "probability" : `probability of ${data.classes[k % data.classes.length] ?? `class ${k}`}`;
}

/** A legend's two or three marks as text. */
export function marksOf({ low, middle, high }: Meaning, number: (value: number) => string): string[] {
  return [low, middle, high].map((each) => (typeof each === "number" ? number(each) : each));
}
