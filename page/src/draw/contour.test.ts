import { expect, it } from "vitest";
import { contour, lead } from "./contour";

it("follows a slope exactly", () => {
  const values = Array.from({ length: 12 }, (_, k) => k % 4); // the column's number
  const segments = contour(values, 4, 3, 1.25);
  expect(segments.length).toBe(8);
  for (let k = 0; k < segments.length; k += 2) expect(segments[k]).toBeCloseTo(1.25);
});

it("keeps the two corners of a saddle apart", () => {
  const segments = contour([1, -1, -1, 1], 2, 2, 0.5); // the mean lies below: each high corner has a line of its own
  expect(segments).toEqual([0.25, 0, 0, 0.25, 1, 0.75, 0.75, 1]);
});

it("leads where a class is ahead of all others", () => {
  expect([...lead([0.5, 0.3, 0.2, 0.1, 0.2, 0.7], 2, 3, 0)].map((each) => Number(each.toFixed(3)))).toEqual([
    0.2, -0.6,
  ]);
});
