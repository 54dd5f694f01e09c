/** What a network says all over a plane: every shown neuron's map, in slices, coarser where it would cost too much. */

import type { Forward } from "./forward";
import { answers, apartOf, type Cloud, cloudOf, type Statistics, statisticsOf } from "./maps-rows";
import type { Plane } from "./plane";
import type { Data, Frame } from "./types";

/** Multiply-adds that a refresh may cost. */
export const BUDGET = 20e6;
/** Cells along a side: while frames come in, and once the picture is at rest. */
export const QUICK = 56;
export const FINE = 144;
const LEAST = 8;
const LINE = 161; // places along a line
const MOST_KEPT = 500_000; // numbers
const NONLINEAR = 12; // what an activation costs, in multiply-adds

/** Everything that a picture depends on; another task means another picture. */
export interface Task {
  frame: Frame;
  forward: Forward;
  /** Columns after each layer. */
  widths: readonly number[];
  members: number;
  data: Data;
  plane: Plane | null;
  /** The units whose maps are wanted, a layer; the last layer comes anyway. */
  units: ReadonlyMap<number, readonly number[]>;
  /** The layer whose activations of all rows are wanted. */
  cloud: number | null;
}

export interface Maps {
  task: Task;
  columns: number;
  rows: number;
  /** A unit's values, row-major, the top row first. */
  units: ReadonlyMap<string, Float32Array>;
  /** The network's answer, an ensemble's mean: cells × outputs. */
  answer: Float32Array;
  outputs: number;
  /** Fewer cells than the screen would like. */
  coarse: boolean;
  statistics: Statistics;
  cloud: Cloud | null;
  /** How far picture and model disagree about the rows; null where they can't. */
  disagreement: number | null;
}

export const key = (layer: number, unit: number): string => `${layer}.${unit}`;

/** What one row through the network costs. */
export function costOf(forward: { multiplyAdds: number }, widths: readonly number[]): number {
  return forward.multiplyAdds + NONLINEAR * widths.slice(1).reduce((sum, width) => sum + width, 0);
}

/** Columns and rows of the grid, so that the cost stays within the budget. */
export function gridOf(
  cost: number,
  plane: Plane | null,
  side: number,
  budget: number = BUDGET,
): { columns: number; rows: number; coarse: boolean } {
  if (plane === null) return { columns: 0, rows: 0, coarse: false };
  const cells = budget / (cost * plane.repeats);
  if (plane.line) {
    const columns = Math.max(2 * LEAST, Math.min(LINE, Math.floor(cells)));
    return { columns, rows: 1, coarse: columns < LINE / 2 };
  }
  const length = Math.max(LEAST, Math.min(side, Math.floor(Math.sqrt(cells))));
  return { columns: length, rows: length, coarse: length < QUICK * 0.75 };
}

/** The horizontal and vertical place of a cell's centre. */
export function centre(plane: Plane, cell: number, columns: number, rows: number): [number, number] {
  const [[left, right], [bottom, top]] = plane.ranges;
  const [i, j] = [cell % columns, Math.floor(cell / columns)];
  return [left + ((i + 0.5) / columns) * (right - left), top - ((j + 0.5) / rows) * (top - bottom)];
}

/** Write what goes into the network at `many` cells from `begin` on. */
function fill(plane: Plane, begin: number, many: number, columns: number, rows: number, into: Float32Array): void {
  for (let k = 0; k < many; k++) {
    const [u, v] = centre(plane, begin + k, columns, rows);
    plane.fill(u, v, into, k * plane.repeats * plane.nInputs);
  }
}

const kept = new WeakMap<Plane, { columns: number; rows: number; x: Float32Array }>();

/** What goes into the network at all cells: the same from picture to picture. */
function inputsOf(plane: Plane, columns: number, rows: number): Float32Array {
  let known = kept.get(plane);
  if (known?.columns !== columns || known.rows !== rows) {
    const cells = columns * rows;
    known = { columns, rows, x: new Float32Array(cells * plane.repeats * plane.nInputs) };
    fill(plane, 0, cells, columns, rows, known.x);
    kept.set(plane, known);
  }
  return known.x;
}

/** Compute a task's maps, giving way after every few rows. */
export function* compute(task: Task, side: number, budget: number, done: (maps: Maps) => void): Generator<void, void> {
  const { forward, plane, widths } = task;
  const cost = costOf(forward, widths);
  const grid = gridOf(cost, plane, side, budget);
  const { columns, rows } = grid;
  const cells = columns * rows;
  const last = widths.length - 2;
  const outputs = widths[last + 1]! / task.members;
  const units = new Map<string, Float32Array>();
  for (const [layer, wanted] of task.units)
    for (const unit of wanted) units.set(key(layer, unit), new Float32Array(cells));
  const answer = new Float32Array(cells * outputs);
  if (plane !== null) {
    const { repeats, nInputs } = plane;
    const chunk = Math.max(1, Math.min(cells, Math.floor(4e5 / (cost * repeats)))); // about a millisecond
    const size = repeats * nInputs;
    const known = cells * size <= MOST_KEPT ? inputsOf(plane, columns, rows) : null;
    const scratch = new Float32Array(known === null ? chunk * size : 0);
    for (let begin = 0; begin < cells; begin += chunk) {
      const many = Math.min(chunk, cells - begin);
      if (known === null) fill(plane, begin, many, columns, rows, scratch);
      const x = known === null ? scratch.subarray(0, many * size) : known.subarray(begin * size, (begin + many) * size);
      const a = forward.run(task.frame.vector, x, many * repeats);
      for (const [layer, wanted] of task.units) {
        const width = widths[layer + 1]!;
        for (const unit of wanted) averaged(a[layer]!, width, unit, many, repeats, units.get(key(layer, unit))!, begin);
      }
      answers(a[last]!, outputs, task.members, many, repeats, answer, begin * outputs);
      yield;
    }
  }
  const most = Math.max(16, Math.min(256, Math.floor(BUDGET / 5 / cost)));
  const statistics = yield* statisticsOf(task, most, cost);
  const apart = plane?.lossy === true ? yield* apartOf(task, plane, Math.min(most, 200)) : null;
  const cloud = task.cloud === null ? null : yield* cloudOf(task, task.cloud, cost, BUDGET);
  done({ task, columns, rows, units, answer, outputs, coarse: grid.coarse, statistics, cloud, disagreement: apart });
}

/** The mean over `repeats` rows of one unit's activations, for each of `many` cells. */
function averaged(
  a: Float64Array,
  width: number,
  unit: number,
  many: number,
  repeats: number,
  into: Float32Array,
  at: number,
): void {
  if (repeats === 1) {
    for (let k = 0, from = unit; k < many; k++, from += width) into[at + k] = a[from]!;
    return;
  }
  for (let k = 0; k < many; k++) {
    let sum = 0;
    for (let r = 0; r < repeats; r++) sum += a[(k * repeats + r) * width + unit]!;
    into[at + k] = sum / repeats;
  }
}
