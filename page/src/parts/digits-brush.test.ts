import { expect, it } from "vitest";
import { brush } from "./digits-brush";

it("inks the pixel under it, and softly those beside it, and leaves the rest and the old image alone", () => {
  const blank = new Float32Array(64);
  const drawn = brush(blank, 8, 8, 3.5, 4.5, 1);
  expect(drawn[4 * 8 + 3]).toBe(1);
  expect(drawn[4 * 8 + 4]).toBeGreaterThan(0);
  expect(drawn[4 * 8 + 4]).toBeLessThan(1);
  expect(drawn[0]).toBe(0);
  expect(blank.every((each) => each === 0)).toBe(true);
});

it("doesn't wash out what is there, and the eraser brings back the paper", () => {
  const once = brush(new Float32Array(64), 8, 8, 3.5, 4.5, 1);
  const twice = brush(once, 8, 8, 4.5, 4.5, 1);
  expect(twice[4 * 8 + 3]).toBe(1);
  expect(brush(once, 8, 8, 3.5, 4.5, 0)[4 * 8 + 3]).toBe(0);
});
