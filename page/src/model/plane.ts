/**
 * Planes: how the inputs of a network, be they two or eight hundred, become a picture with a horizontal and a vertical axis.
 *
 * u is the place along the horizontal axis, v along the vertical one, both in the features' own units.
 */

import { type Principal, principal } from "../draw/pca";
import { isScaled } from "./points";
import type { Data, Rows } from "./types";

export type Range = readonly [number, number];

export type Choice =
  | { kind: "slice"; features: readonly [number, number] }
  | { kind: "pca" }
  | { kind: "dependence"; features: readonly [number, number] }
  | { kind: "dependence-line"; feature: number }
  | { kind: "units"; layer: number; units: readonly [number, number] | null };

export interface Plane {
  readonly kind: "pair" | "line" | Exclude<Choice["kind"], "units">;
  readonly labels: readonly [string, string];
  readonly ranges: readonly [Range, Range];
  readonly nInputs: number;
  /** Only the horizontal axis is the network's; the vertical one is free for what it answers. */
  readonly line: boolean;
  /** How many inputs stand behind one place; the picture shows the mean of what the network says about them. */
  readonly repeats: number;
  /** Write the `repeats` inputs of a place into rows, from index `at` on. */
  fill(u: number, v: number, into: Float32Array, at: number): void;
  /** Where a row lies. */
  project(x: Float32Array, at: number): [number, number];
  /** How far from the plane a row lies, in its features' standard deviations; 0 where all rows lie on it. */
  far(x: Float32Array, at: number): number;
  /** Whether a row's place may stand for another input than the row, so that picture and model can disagree. */
  readonly lossy: boolean;
  /** What the picture is, in a sentence. */
  readonly text: string;
}

const MARGIN = 0.08;
const MOST_AVERAGED = 64; // rows behind a place of a partial dependence

/** The choices that go with a table: with one feature or two there is nothing to choose. */
export function firstChoice(data: Data): Choice | null {
  if (data.features.length <= 2) return null;
  if (data.image !== null) return { kind: "pca" };
  const places = data.features.map((_, j) => j);
  // a plane of yes and no has four places: features of more values say more
  const [p = 0, q = 1] = [...places.filter((j) => varies(data, j)), ...places.filter((j) => !varies(data, j))];
  return { kind: "slice", features: [p, q] };
}

/** Whether a feature has more than two values among the shown rows. */
function varies(data: Data, feature: number): boolean {
  const { x, count } = data.train;
  const seen = new Set<number>();
  for (let i = 0; i < count && seen.size <= 2; i++) seen.add(x[i * data.features.length + feature] ?? 0);
  return seen.size > 2;
}

/** The plane that a choice asks for; null for the space of a hidden layer, which has points only. */
export function makePlane(data: Data, choice: Choice | null, sample: number): Plane | null {
  if (data.features.length === 1) return line(data);
  if (choice === null || data.features.length === 2) return pair(data);
  if (choice.kind === "slice") return slice(data, choice.features, sample);
  if (choice.kind === "pca") return principalPlane(data);
  if (choice.kind === "dependence") return dependence(data, choice.features);
  return choice.kind === "dependence-line" ? dependence(data, [choice.feature]) : null;
}

/** A little wider than the values are; a range of no width becomes one. */
export function widened(low: number, high: number, margin: number = MARGIN): Range {
  if (!(high >= low)) return [-1, 1];
  const by = high > low ? (high - low) * margin : Math.max(0.5, Math.abs(low) * 0.1);
  return [low - by, high + by];
}

function rangeOf(data: Data, read: (x: Float32Array, at: number) => number): Range {
  const columns = data.features.length;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const rows of [data.train, data.validation]) {
    for (let i = 0; i < rows.count; i++) {
      const value = read(rows.x, i * columns);
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return widened(low, high);
}

const name = (data: Data, j: number): string => data.features[j] ?? `x${j + 1}`;

/** A feature on an axis, where a table's numbers are those that the network gets. */
const axis = (data: Data, j: number): string => `${name(data, j)}${isScaled(data, j) ? " (scaled)" : ""}`;

function line(data: Data): Plane {
  const range = rangeOf(data, (x, at) => x[at]!);
  return {
    kind: "line",
    labels: [axis(data, 0), ""],
    ranges: [range, [0, 1]],
    nInputs: 1,
    line: true,
    repeats: 1,
    fill: (u, _v, into, at) => {
      into[at] = u;
    },
    project: (x, at) => [x[at]!, 0],
    far: () => 0,
    lossy: false,
    text: `The answer for every ${name(data, 0)}.`,
  };
}

function pair(data: Data): Plane {
  return {
    kind: "pair",
    labels: [axis(data, 0), axis(data, 1)],
    ranges: [rangeOf(data, (x, at) => x[at]!), rangeOf(data, (x, at) => x[at + 1]!)],
    nInputs: 2,
    line: false,
    repeats: 1,
    fill: (u, v, into, at) => {
      into[at] = u;
      into[at + 1] = v;
    },
    project: (x, at) => [x[at]!, x[at + 1]!],
    far: () => 0,
    lossy: false,
    text: `The answer for every ${name(data, 0)} and ${name(data, 1)}.`,
  };
}

function slice(data: Data, [p, q]: readonly [number, number], sample: number): Plane {
  const columns = data.features.length;
  const start = Math.min(sample, data.train.count - 1) * columns;
  const base = data.train.x.slice(start, start + columns);
  const deviation = deviations(data.train, columns);
  return {
    kind: "slice",
    labels: [axis(data, p), axis(data, q)],
    ranges: [rangeOf(data, (x, at) => x[at + p]!), rangeOf(data, (x, at) => x[at + q]!)],
    nInputs: columns,
    line: false,
    repeats: 1,
    fill: (u, v, into, at) => {
      into.set(base, at);
      into[at + p] = u;
      into[at + q] = v;
    },
    project: (x, at) => [x[at + p]!, x[at + q]!],
    far: (x, at) => {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        if (j !== p && j !== q && deviation[j]! > 0) sum += ((x[at + j]! - base[j]!) / deviation[j]!) ** 2;
      }
      return Math.sqrt(sum / Math.max(1, columns - 2));
    },
    lossy: true,
    text:
      `A slice through sample ${sample + 1}: every other feature stays as it is there. ` +
      "Points are fainter the farther they lie from the slice.",
  };
}

const found = new WeakMap<Data, Principal>(); // of a table, once

function principalPlane(data: Data): Plane {
  const columns = data.features.length;
  let pca = found.get(data);
  if (pca === undefined) {
    pca = principal(data.train.x, data.train.count, columns);
    found.set(data, pca);
  }
  const { mean, axes, shares } = pca;
  const along = (axis: Float64Array, x: Float32Array, at: number): number => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (x[at + j]! - mean[j]!) * axis[j]!;
    return sum;
  };
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  return {
    kind: "pca",
    labels: [`first component (${percent(shares[0])})`, `second component (${percent(shares[1])})`],
    ranges: [rangeOf(data, (x, at) => along(axes[0], x, at)), rangeOf(data, (x, at) => along(axes[1], x, at))],
    nInputs: columns,
    line: false,
    repeats: 1,
    fill: (u, v, into, at) => {
      for (let j = 0; j < columns; j++) into[at + j] = mean[j]! + u * axes[0][j]! + v * axes[1][j]!;
    },
    project: (x, at) => [along(axes[0], x, at), along(axes[1], x, at)],
    far: () => 0,
    lossy: true,
    text: `The plane of the two principal components, which holds ${percent(shares[0] + shares[1])} of the rows' variance.`,
  };
}

/** The mean answer over rows whose one or two features are replaced (Friedman's partial dependence). */
function dependence(data: Data, features: readonly number[]): Plane {
  const columns = data.features.length;
  const stride = Math.max(1, Math.ceil(data.train.count / MOST_AVERAGED));
  const repeats = Math.max(1, Math.ceil(data.train.count / stride));
  const rows = new Float32Array(repeats * columns);
  for (let i = 0; i < repeats; i++) {
    rows.set(data.train.x.subarray(i * stride * columns, (i * stride + 1) * columns), i * columns);
  }
  const [p, q] = [features[0]!, features[1]];
  const names = q === undefined ? name(data, p) : `${name(data, p)} and ${name(data, q)}`;
  return {
    kind: q === undefined ? "dependence-line" : "dependence",
    labels: [axis(data, p), q === undefined ? "" : axis(data, q)],
    ranges: [rangeOf(data, (x, at) => x[at + p]!), q === undefined ? [0, 1] : rangeOf(data, (x, at) => x[at + q]!)],
    nInputs: columns,
    line: q === undefined,
    repeats,
    fill: (u, v, into, at) => {
      into.set(rows, at);
      for (let i = 0; i < repeats; i++) {
        into[at + i * columns + p] = u;
        if (q !== undefined) into[at + i * columns + q] = v;
      }
    },
    project: (x, at) => [x[at + p]!, q === undefined ? 0 : x[at + q]!],
    far: () => 0,
    lossy: true,
    text: `Partial dependence: the mean answer over ${repeats} rows, with ${names} set to each value.`,
  };
}

/** Standard deviation of each column. */
export function deviations(rows: Rows, columns: number): Float64Array {
  const [mean, result] = [new Float64Array(columns), new Float64Array(columns)];
  for (let i = 0; i < rows.count; i++) {
    for (let j = 0; j < columns; j++) mean[j]! += rows.x[i * columns + j]! / rows.count;
  }
  for (let i = 0; i < rows.count; i++) {
    for (let j = 0; j < columns; j++) result[j]! += (rows.x[i * columns + j]! - mean[j]!) ** 2 / rows.count;
  }
  return result.map(Math.sqrt);
}
