import { expect, test } from "vitest";
import { columnOf, columnsOf, denseLayers, fanIn, nodes, path, weightIndex } from "./diagram";
import type { Network } from "./types";

const network: Network = {
  nInputs: 2,
  widths: [2, 40, 40, 1],
  members: 1,
  layers: [{ type: "layer.dense" }, { type: "layer.dropout" }, { type: "layer.dense" }],
  layout: [],
};
const columns = columnsOf(network);

test("a layer that only passes on has no column of its own", () => {
  expect(columns).toEqual([
    { layer: -1, count: 2 },
    { layer: 0, count: 40 },
    { layer: 2, count: 1 },
  ]);
  expect([-1, 0, 1, 2].map((layer) => columnOf(columns, layer))).toEqual([0, 1, 1, 2]);
  expect(denseLayers(network)).toEqual([0, 2]);
});

test("a weight's place is row after row", () => {
  expect(weightIndex(network, { layer: 0, unit: 3, input: 1 })).toBe(43);
  expect(weightIndex(network, { layer: 2, unit: 0, input: 7 })).toBe(7);
  expect(weightIndex(network, { layer: 2, unit: 0, input: null })).toBeNull();
  expect([fanIn(network, 0), fanIn(network, 2)]).toEqual([2, 40]);
});

test("of many units the first, the last and the asked for are drawn, and gaps are counted", () => {
  const placed = nodes(columns, [{ layer: 2, unit: 0, input: 20 }, null]);
  const hidden = placed.filter((each) => each.column === 1);
  expect(hidden.map((each) => each.unit)).toEqual([0, 1, 2, 3, 4, 5, 6, 20, 39]);
  expect(hidden.map((each) => each.left)).toEqual([0, 0, 0, 0, 0, 0, 13, 18, 0]);
  for (const each of placed) expect(each.x > 0 && each.x < 360 && each.y > 0 && each.y < 200).toBe(true);
});

test("a path has one stroke an edge", () => {
  const placed = nodes(columns, [{ layer: 2, unit: 0, input: 20 }]);
  expect(path(placed, 1).match(/M/g)).toHaveLength(18);
  expect(path(placed, 2, 0, 20).match(/M/g)).toHaveLength(1);
  expect(path(placed, 2, 5)).toBe("");
});
