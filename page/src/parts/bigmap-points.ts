/** The rows as points of the big map, on a plane or in the space of a hidden layer. */

import { type Principal, principal } from "../draw/pca";
import type { Cloud } from "../model/maps-rows";
import { type Choice, type Plane, type Range, widened } from "../model/plane";
import { isClassification, type Point, pointsOf } from "../model/points";
import type { Data } from "../model/types";

export interface Scene {
  points: Point[];
  horizontal: Range;
  vertical: Range;
  labels: readonly [string, string];
}

/** Points of a plane; `sides` says which rows are wanted. */
export function planeScene(
  data: Data,
  plane: Plane,
  sample: number,
  sides: { train: boolean; validation: boolean },
): Scene {
  const columns = data.features.length;
  const points: Point[] = [];
  for (const [rows, held] of [
    [data.train, false],
    [data.validation, true],
  ] as const) {
    if (held ? !sides.validation : !sides.train) continue;
    const locate = (row: number): [number, number] => plane.project(rows.x, row * columns);
    const near = plane.kind === "slice" ? (row: number) => 1 / (1 + plane.far(rows.x, row * columns) ** 2) : undefined;
    points.push(...pointsOf(data, rows, held, locate, near, 600, held ? -1 : sample));
  }
  return { points, horizontal: plane.ranges[0], vertical: plane.ranges[1], labels: plane.labels };
}

/** On a picture along one feature points stand at their target's height. */
export function lineScene(scene: Scene, data: Data, vertical: Range, label: string, targets: boolean): Scene {
  const classes = isClassification(data.task);
  const several = data.task === "multiclass" || !targets;
  const points = scene.points.map((point) => ({
    ...point,
    v: several ? vertical[0] + 0.03 * (vertical[1] - vertical[0]) : classes ? point.label : point.target,
  }));
  return { ...scene, points, vertical, labels: [scene.labels[0], label] };
}

/** The space of a hidden layer: two of its units, or the principal components of all; `last` keeps it from jumping. */
export function cloudScene(
  data: Data,
  choice: Extract<Choice, { kind: "units" }>,
  cloud: Cloud,
  last: { current: Principal | undefined },
  sides: { train: boolean; validation: boolean },
): Scene {
  const { width } = cloud;
  const two = choice.units;
  let pca: Principal | null = null;
  if (two === null || two.some((unit) => unit >= width)) {
    pca = principal(cloud.train, cloud.train.length / width, width, last.current);
    last.current = pca;
  }
  const at = (values: Float32Array, row: number): [number, number] => {
    const start = row * width;
    if (start >= values.length) return [Number.NaN, Number.NaN]; // beyond those that were computed
    if (pca === null) return [values[start + two![0]]!, values[start + two![1]]!];
    let [u, v] = [0, 0];
    for (let j = 0; j < width; j++) {
      const value = values[start + j]! - pca.mean[j]!;
      u += value * pca.axes[0][j]!;
      v += value * pca.axes[1][j]!;
    }
    return [u, v];
  };
  const points: Point[] = [];
  if (sides.train) points.push(...pointsOf(data, data.train, false, (row) => at(cloud.train, row)));
  if (sides.validation) points.push(...pointsOf(data, data.validation, true, (row) => at(cloud.validation, row)));
  const range = (read: (point: Point) => number): Range => {
    const values = points.map(read);
    return widened(Math.min(...values), Math.max(...values));
  };
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const labels: [string, string] =
    pca === null
      ? [`unit ${two![0] + 1}`, `unit ${two![1] + 1}`]
      : [`first component (${percent(pca.shares[0])})`, `second component (${percent(pca.shares[1])})`];
  return { points, horizontal: range((each) => each.u), vertical: range((each) => each.v), labels };
}
