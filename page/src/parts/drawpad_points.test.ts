import { expect, test } from "vitest";
import { DrawnPoints } from "./drawpad_points";

function drawn(): DrawnPoints {
  const pad = new DrawnPoints();
  pad.begin();
  pad.add(0.12345, -0.5);
  pad.add(9, -9);
  pad.label.value = 3;
  pad.begin();
  pad.add(1, 1);
  return pad;
}

test("points are rounded, kept on the pad and counted by class", () => {
  const pad = drawn();
  expect(pad.points.value.map(({ x, y, label }) => [x, y, label])).toEqual([
    [0.123, -0.5, 0],
    [2, -2, 0],
    [1, 1, 3],
  ]);
  expect(pad.counts.value).toEqual([2, 0, 0, 1, 0, 0, 0, 0]);
});

test("undo takes back a stroke at a time, and a clearing too", () => {
  const pad = drawn();
  pad.clear();
  expect(pad.points.value).toHaveLength(0);
  pad.undo();
  expect(pad.points.value).toHaveLength(3);
  pad.undo();
  expect(pad.points.value).toHaveLength(2);
  pad.undo();
  expect([pad.points.value.length, pad.canUndo.value]).toEqual([0, false]);
  pad.undo();
});

test("the eraser takes the nearest point within reach, and no other", () => {
  const pad = drawn();
  expect(pad.erase(0.9, 0.9, 0.05)).toBeNull();
  expect(pad.erase(0.9, 0.9, 0.5)?.label).toBe(3);
  expect(pad.points.value).toHaveLength(2);
});

test("the run gets labels without gaps", () => {
  expect(drawn().source()).toEqual({ x: [[0.123, -0.5], [2, -2], [1, 1]], y: [0, 0, 1] }); // biome-ignore format: a row
});
