import { expect, it } from "vitest";
import { principal } from "./pca";

/** Rows along two directions at right angles, of deviations 3 and 1, in five columns. */
function rows(): { x: number[]; long: number[]; short: number[] } {
  const long = [1, 1, 0, 0, 0].map((each) => each / Math.SQRT2);
  const short = [0, 0, 1, 0, -1].map((each) => each / Math.SQRT2);
  const x: number[] = [];
  for (let i = 0; i < 60; i++) {
    const [s, t] = [3 * Math.cos(i * 0.7), Math.sin(i * 1.9)];
    for (let j = 0; j < 5; j++) x.push(5 + s * long[j]! + t * short[j]!);
  }
  return { x, long, short };
}

const along = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, j) => sum + value * b[j]!, 0);

it("finds the two directions, at right angles, with all the variance", () => {
  const { x, long, short } = rows();
  const { axes, shares } = principal(x, 60, 5);
  expect(Math.abs(along(axes[0], long))).toBeCloseTo(1, 3);
  expect(Math.abs(along(axes[1], short))).toBeCloseTo(1, 3);
  expect(along(axes[0], axes[1])).toBeCloseTo(0, 10);
  expect(shares[0] + shares[1]).toBeCloseTo(1, 6);
  expect(shares[0]).toBeGreaterThan(0.85);
});

it("doesn't turn over when it goes on from what it found before", () => {
  const { x } = rows();
  const before = principal(x, 60, 5);
  for (const axis of before.axes) axis.set(axis.map((value) => -value));
  const after = principal(x, 60, 5, before);
  expect(along(after.axes[0], before.axes[0])).toBeCloseTo(1, 6);
});

it("is finite for rows that are all the same, and for one column", () => {
  for (const { axes, shares } of [principal([2, 2, 2, 2], 2, 2), principal([1, 2, 3], 3, 1)]) {
    expect([...axes[0], ...axes[1], ...shares].every(Number.isFinite)).toBe(true);
  }
});
