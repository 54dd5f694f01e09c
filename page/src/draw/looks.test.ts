import { expect, it } from "vitest";
import type { Data } from "../model/types";
import { looksOf } from "./looks";
import { classColour, makePalette } from "./palette";

const palette = makePalette();
const rows = { count: 3, x: new Float32Array(3), y: Float32Array.of(-1, 0, 1), places: Int32Array.of(0, 1, 2) };

it("a number's points go from one colour to the other, in the target's own units", () => {
  const data = { task: "regression", train: rows, scale: { mean: 100, deviation: 10 } } as Data;
  const look = looksOf(data, palette);
  expect(look(0, 90).fill).toEqual(classColour(palette, 0));
  expect(look(0, 110).fill).toEqual(classColour(palette, 1));
  expect(look(0, 100).fill).not.toEqual(look(0, 104).fill);
});

it("a class has its colour", () => {
  const data = { task: "multiclass", train: rows, scale: null } as Data;
  expect(looksOf(data, palette)(2, 0).fill).toEqual(classColour(palette, 2));
});
