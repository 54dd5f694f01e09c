import { describe, expect, it } from "vitest";
import { firstChoice, makePlane, widened } from "./plane";
import { balance, disagreement, labelOf, nearest, pointsOf } from "./points";
import { tableOf } from "./watch-fixture";

const two = tableOf(2, 40);
const five = tableOf(5, 40);

it("says on an axis that a file's numbers are scaled, not what is 0 or 1", () => {
  const column = { name: two.features[0]!, kind: "number", missing: 0, levels: 40 };
  const table = { ...two, source: { kind: "table" }, about: [column] };
  expect(makePlane(table, null, 0)?.labels).toEqual([`${two.features[0]} (scaled)`, two.features[1]]);
  expect(makePlane(two, null, 0)?.labels).toEqual(two.features);
});

describe("planes", () => {
  it("of two features are the features", () => {
    const plane = makePlane(two, firstChoice(two), 0)!;
    const row = new Float32Array(2);
    plane.fill(0.25, -0.5, row, 0);
    expect([...row]).toEqual([0.25, -0.5]);
    expect(plane.project(row, 0)).toEqual([0.25, -0.5]);
    expect([plane.lossy, plane.line, plane.repeats]).toEqual([false, false, 1]);
  });

  it("cover every row, train and validation", () => {
    for (const kind of ["slice", "pca"] as const) {
      const plane = makePlane(five, kind === "pca" ? { kind } : { kind, features: [3, 1] }, 0)!;
      const [[left, right], [bottom, top]] = plane.ranges;
      for (const rows of [five.train, five.validation]) {
        for (let i = 0; i < rows.count; i++) {
          const [u, v] = plane.project(rows.x, 5 * i);
          expect(u > left && u < right && v > bottom && v < top).toBe(true);
        }
      }
    }
  });

  it("a slice keeps the sample's other features, and goes through the sample", () => {
    const plane = makePlane(five, { kind: "slice", features: [3, 1] }, 7)!;
    const sample = five.train.x.slice(35, 40);
    const row = new Float32Array(5);
    plane.fill(10, 20, row, 0);
    expect([...row]).toEqual([sample[0], 20, sample[2], 10, sample[4]]);
    expect(plane.far(five.train.x, 35)).toBe(0);
    expect(plane.far(five.train.x, 0)).toBeGreaterThan(0);
  });

  it("a PCA plane brings each of its own places back", () => {
    const plane = makePlane(five, { kind: "pca" }, 0)!;
    const row = new Float32Array(5);
    plane.fill(0.7, -0.3, row, 0);
    const [u, v] = plane.project(row, 0);
    expect([u, v].map((each) => Number(each.toFixed(5)))).toEqual([0.7, -0.3]);
    expect(plane.text).toContain("%");
  });

  it("partial dependence sets one or two features in every row", () => {
    const plane = makePlane(five, { kind: "dependence-line", feature: 2 }, 0)!;
    const rows = new Float32Array(plane.repeats * 5);
    plane.fill(9, 0, rows, 0);
    for (let i = 0; i < plane.repeats; i++) expect([rows[5 * i + 2], rows[5 * i]]).toEqual([9, five.train.x[5 * i]]);
    expect(plane.line).toBe(true);
  });

  it("the space of a layer is no plane, and ranges have a width", () => {
    expect(makePlane(five, { kind: "units", layer: 0, units: null }, 0)).toBeNull();
    expect(firstChoice(five)).toEqual({ kind: "slice", features: [0, 1] });
    const x = five.train.x.map((value, i) => (i % 5 === 0 ? Number(value > 0) : value));
    expect(firstChoice({ ...five, train: { ...five.train, x } })).toEqual({ kind: "slice", features: [1, 2] });
    expect(widened(3, 3)[1]).toBeGreaterThan(widened(3, 3)[0]);
    expect(widened(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toEqual([-1, 1]);
  });
});

describe("points", () => {
  it("have their class from one column or from several", () => {
    expect([labelOf([0.4], 0, 1), labelOf([0.6], 0, 1), labelOf([0, 9, 0.1, 0.7, 0.2], 2, 3)]).toEqual([0, 1, 1]);
    expect(balance(two, two.train).reduce((a, b) => a + b)).toBe(40);
  });

  it("are thinned evenly, but never lose the selected one", () => {
    const points = pointsOf(two, two.train, false, (row) => [row, 0], undefined, 10, 13);
    expect(points.map((each) => each.row)).toEqual([0, 4, 8, 12, 13, 16, 20, 24, 28, 32, 36]);
  });

  it("are found within reach, the nearest first", () => {
    const points = pointsOf(two, two.train, false, (row) => [row, 0], undefined, 40);
    const screen = (u: number, v: number): [number, number] => [u * 6, v];
    expect(nearest(points, 32, 3, screen)?.row).toBe(5);
    expect(nearest(points, 32, 30, screen)).toBeNull();
  });

  it("say how far picture and model are apart", () => {
    expect(disagreement("binary", [0.2, 0.8, 0.9, 0.4], [0.1, 0.3, 0.6, 0.7], 1)).toBe(0.5);
    expect(disagreement("regression", [1, 2], [1, 4], 1)).toBeCloseTo(Math.SQRT2);
  });
});
