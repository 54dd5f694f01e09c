/** What a network says about the rows themselves: means, the space of a layer, and where a picture misleads. */

import type { Task } from "./maps";
import type { Plane } from "./plane";
import { disagreement, outputsOf } from "./points";
import type { Rows } from "./types";

const CHUNK = 4e5; // multiply-adds between two places to give way, about a millisecond

export interface Statistics {
  rows: number;
  /** Of each layer's units over the rows. */
  mean: Float64Array[];
  variance: Float64Array[];
}

/** The activations of one layer for the shown rows, row-major. */
export interface Cloud {
  train: Float32Array;
  validation: Float32Array;
  width: number;
}

/** The mean over members and `repeats` rows of the outputs. */
export function answers(
  a: Float64Array,
  outputs: number,
  members: number,
  many: number,
  repeats: number,
  into: Float32Array,
  at: number,
): void {
  const parts = repeats * members; // a row's members lie side by side
  for (let k = 0; k < many; k++) {
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let r = 0; r < parts; r++) sum += a[(k * parts + r) * outputs + o]!;
      into[at + k * outputs + o] = sum / parts;
    }
  }
}

/** Rows evenly chosen, `most` at most. */
export function chosen(rows: Rows, columns: number, most: number): { x: Float32Array; count: number } {
  if (rows.count <= most) return { x: rows.x, count: rows.count };
  const x = new Float32Array(most * columns);
  for (let i = 0; i < most; i++) {
    const row = Math.floor((i * rows.count) / most);
    x.set(rows.x.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return { x, count: most };
}

export function* statisticsOf(task: Task, most: number, cost: number): Generator<void, Statistics> {
  const { x, count } = chosen(task.data.train, task.widths[0]!, most);
  const sums = task.widths.slice(1).map((width) => new Float64Array(width));
  const squares = task.widths.slice(1).map((width) => new Float64Array(width));
  for (const a of inParts(task, x, count, cost)) {
    if (a === null) {
      yield;
      continue;
    }
    a.layers.forEach((values, layer) => {
      const width = task.widths[layer + 1]!;
      const [sum, square] = [sums[layer]!, squares[layer]!];
      for (let k = 0; k < a.count * width; k++) {
        sum[k % width]! += values[k]!;
        square[k % width]! += values[k]! * values[k]!;
      }
    });
  }
  const n = Math.max(1, count);
  const mean = sums.map((each) => each.map((sum) => sum / n));
  const variance = squares.map((each, layer) => each.map((sum, k) => Math.max(0, sum / n - mean[layer]![k]! ** 2)));
  return { rows: count, mean, variance };
}

/** The network's layers over some rows, a part at a time; a null is where to give way. */
function* inParts(
  task: Task,
  x: Float32Array,
  count: number,
  cost: number,
): Generator<{ layers: Float64Array[]; begin: number; count: number } | null> {
  const columns = task.widths[0]!;
  const chunk = Math.max(1, Math.floor(CHUNK / cost));
  for (let begin = 0; begin < count; begin += chunk) {
    const many = Math.min(chunk, count - begin);
    const layers = task.forward.run(task.frame.vector, x.subarray(begin * columns, (begin + many) * columns), many);
    yield { layers, begin, count: many };
    yield null;
  }
}

export function* apartOf(task: Task, plane: Plane, most: number): Generator<void, number> {
  const columns = plane.nInputs;
  const { x, count } = chosen(task.data.train, columns, most);
  const lifted = new Float32Array(count * plane.repeats * columns);
  for (let i = 0; i < count; i++) {
    const [u, v] = plane.project(x, i * columns);
    plane.fill(u, v, lifted, i * plane.repeats * columns);
  }
  const outputs = outputsOf(task.data);
  const [pictured, real] = [new Float32Array(count * outputs), new Float32Array(count * outputs)];
  const members = task.members;
  for (let i = 0; i < count; i++) {
    const at = i * plane.repeats * columns;
    const picture = task.forward.run(
      task.frame.vector,
      lifted.subarray(at, at + plane.repeats * columns),
      plane.repeats,
    );
    answers(picture[picture.length - 1]!, outputs, members, 1, plane.repeats, pictured, i * outputs);
    const model = task.forward.run(task.frame.vector, x.subarray(i * columns, (i + 1) * columns), 1);
    answers(model[model.length - 1]!, outputs, members, 1, 1, real, i * outputs);
    if (i % 8 === 7) yield;
  }
  return disagreement(task.data.task, pictured, real, outputs);
}

export function* cloudOf(task: Task, layer: number, cost: number, budget: number): Generator<void, Cloud> {
  const width = task.widths[layer + 1]!;
  const of = function* (rows: Rows): Generator<void, Float32Array> {
    const count = Math.min(rows.count, Math.max(32, Math.floor(budget / cost)));
    const values = new Float32Array(count * width);
    for (const part of inParts(task, rows.x, count, cost)) {
      if (part === null) yield;
      else values.set(part.layers[layer]!.subarray(0, part.count * width), part.begin * width);
    }
    return values;
  };
  return { train: yield* of(task.data.train), validation: yield* of(task.data.validation), width };
}
