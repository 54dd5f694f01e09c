/** The rows as points: their class, their place, which of them is meant, and whether a picture tells the truth of them. */

import type { Data, Rows, Task } from "./types";

export interface Point {
  /** In the picture's units. */
  u: number;
  v: number;
  /** The place among the shown rows. */
  row: number;
  validation: boolean;
  /** Of a classification; otherwise 0. */
  label: number;
  /** The target in its own units; of a classification the class. */
  target: number;
  /** 1 is fully seen. */
  strength: number;
}

/** The class of a row of targets: of one column 0 or 1, of several the largest. */
export function labelOf(y: ArrayLike<number>, at: number, outputs: number): number {
  if (outputs === 1) return y[at]! >= 0.5 ? 1 : 0;
  let best = 0;
  for (let k = 1; k < outputs; k++) if (y[at + k]! > y[at + best]!) best = k;
  return best;
}

export function isClassification(task: Task): boolean {
  return task === "binary" || task === "multiclass";
}

/** How many columns a table's targets have. */
export function outputsOf(data: Data): number {
  return data.train.count === 0 ? 1 : data.train.y.length / data.train.count;
}

/** A regression's number in the target's own units. */
export function unscaled(data: Data, value: number): number {
  return data.scale === null ? value : value * data.scale.deviation + data.scale.mean;
}

export function className(data: Data, k: number): string {
  return data.classes[k] ?? `class ${k}`;
}

/** Rows of each class. */
export function balance(data: Data, rows: Rows): number[] {
  const counts = new Array<number>(Math.max(data.classes.length, 2)).fill(0);
  const outputs = outputsOf(data);
  for (let i = 0; i < rows.count; i++) {
    const k = labelOf(rows.y, i * outputs, outputs);
    counts[k] = (counts[k] ?? 0) + 1;
  }
  return counts;
}

/** The rows as points; `most` of each kind at most, evenly chosen, but always the selected one. */
export function pointsOf(
  data: Data,
  rows: Rows,
  validation: boolean,
  locate: (row: number) => [number, number],
  strength: (row: number) => number = () => 1,
  most = 800,
  selected = -1,
): Point[] {
  const outputs = outputsOf(data);
  const stride = Math.max(1, Math.ceil(rows.count / most));
  const points: Point[] = [];
  for (let row = 0; row < rows.count; row++) {
    if (row % stride !== 0 && row !== selected) continue;
    const [u, v] = locate(row);
    if (!Number.isFinite(u) || !Number.isFinite(v)) continue;
    const first = rows.y[row * outputs]!;
    const label = isClassification(data.task) ? labelOf(rows.y, row * outputs, outputs) : 0;
    const target = isClassification(data.task) ? label : unscaled(data, first);
    points.push({ u, v, row, validation, label, target, strength: strength(row) });
  }
  return points;
}

/** The point nearest to a place of the picture, if it is within `reach` of its pixels. */
export function nearest(
  points: readonly Point[],
  x: number,
  y: number,
  screen: (u: number, v: number) => readonly [number, number],
  reach = 10,
): Point | null {
  let best: Point | null = null;
  let least = reach * reach;
  for (const point of points) {
    const [px, py] = screen(point.u, point.v);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) {
      least = distance;
      best = point;
    }
  }
  return best;
}

/** How far two sets of answers are apart: the share of differing classes, or the root mean square difference (RMSE). */
export function disagreement(task: Task, a: ArrayLike<number>, b: ArrayLike<number>, outputs: number): number {
  const rows = Math.floor(a.length / outputs);
  if (rows === 0) return 0;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * outputs;
    if (isClassification(task)) sum += labelOf(a, at, outputs) === labelOf(b, at, outputs) ? 0 : 1;
    else for (let k = 0; k < outputs; k++) sum += (a[at + k]! - b[at + k]!) ** 2 / outputs;
  }
  return isClassification(task) ? sum / rows : Math.sqrt(sum / rows);
}

/** Whether a feature's numbers were brought to one scale: those of a file's columns are; what is 0 or 1 isn't. */
export function isScaled(data: Data, feature: number): boolean {
  if (data.source.kind !== "table" || data.image !== null) return false;
  return data.about.some((each) => each.name === data.features[feature] && each.kind === "number");
}
