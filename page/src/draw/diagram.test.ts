import { describe, expect, it } from "vitest";
import type { Network } from "../model/types";
import { columnsOf, indexOf, outgoing, weightsOf } from "./columns";
import { chooseEdges, curveOf, edgeAt, MOST_EDGES, widthOf } from "./edges";
import { layOut, neighbour, seatAt, seatOf, shownUnits, topOf } from "./layout";
import { shrunk } from "./matrix";

/** A chain of dense layers, with a dropout after the first. */
function network(...widths: number[]): Network {
  const layers: Network["layers"] = [];
  const layout: Network["layout"] = [];
  const all = [widths[0]!];
  let offset = 0;
  widths.slice(1).forEach((units, k) => {
    const inputs = widths[k]!;
    const layer = layers.length;
    layers.push({ type: "layer.dense", units, activation: { type: "activation.tanh" } });
    layout.push({ name: `${layer}.weight`, offset, shape: [inputs, units] });
    layout.push({ name: `${layer}.bias`, offset: offset + inputs * units, shape: [units] });
    offset += inputs * units + units;
    all.push(units);
    if (k === 0) {
      layers.push({ type: "layer.dropout", rate: 0.2 });
      all.push(units);
    }
  });
  return { nInputs: widths[0]!, widths: all, members: 1, layers, layout };
}

const NONE = { left: 0, right: 0 };
const size = (net: Network): number => net.layout.reduce((sum, each) => sum + each.shape.reduce((a, b) => a * b, 1), 0);
const numbers = (many: number): Float32Array =>
  Float32Array.from({ length: many }, (_, k) => Math.sin(1 + k * 12.9898) * 3);

describe("columns", () => {
  it("pass over layers that change no width, and say so", () => {
    const columns = columnsOf(network(2, 3, 1));
    expect(columns.map((each) => [each.layer, each.count, each.between])).toEqual([
      [-1, 2, ""],
      [0, 3, ""],
      [2, 1, "dropout 0.2"],
    ]);
  });

  it("know where each weight lies, of groups too", () => {
    const net = network(2, 3, 1);
    expect(indexOf(weightsOf(net, 0)!, 1, 2)).toBe(5);
    const grouped = {
      ...net,
      widths: [4, 6],
      layers: [{ type: "layer.grouped_dense", units: 3, groups: 2, shared: false }],
      layout: [{ name: "0.weight", offset: 10, shape: [2, 2, 3] }],
    };
    const weights = weightsOf(grouped, 0)!;
    expect([indexOf(weights, 0, 0), indexOf(weights, 3, 5), indexOf(weights, 0, 5)]).toEqual([10, 21, -1]);
  });

  it("score a unit by its outgoing weights", () => {
    const weights = weightsOf(network(2, 3), 0);
    expect([...outgoing(weights, [1, -2, 3, -4, 5, -6], 2)]).toEqual([6, 15]);
  });
});

describe("layout", () => {
  it("has cards up to 24, then tiles, then the top ones", () => {
    const columns = columnsOf(network(2, 24, 25, 101, 1));
    const units = shownUnits(columns, (column) => Float64Array.from({ length: column.count }, (_, k) => k));
    const forms = layOut(columns, units, null, 900, NONE).stacks.map((each) => each.form);
    expect(forms).toEqual(["cards", "cards", "tiles", "top", "cards"]);
    expect(units[3]).toEqual(Array.from({ length: 16 }, (_, k) => 85 + k));
    expect(topOf([3, 1, 3, 2], 2)).toEqual([0, 2]);
  });

  it("keeps every neuron inside the picture and apart from the next, wide and narrow", () => {
    const columns = columnsOf(network(2, 24, 100, 16, 10));
    const units = shownUnits(columns, (column) => new Float64Array(column.count));
    for (const width of [328, 620, 1100]) {
      const diagram = layOut(columns, units, null, width, { left: width < 560 ? 48 : 104, right: 0 });
      for (const stack of diagram.stacks) {
        for (const seat of stack.seats) {
          expect(seat.x - seat.size / 2).toBeGreaterThanOrEqual(0);
          expect(seat.x + seat.size / 2).toBeLessThanOrEqual(width);
          expect(seat.y + seat.size / 2).toBeLessThanOrEqual(diagram.height);
          expect(seatAt(diagram, seat.x, seat.y)).toBe(seat);
        }
      }
    }
  });

  it("is walked by arrow keys, and stops at its ends", () => {
    const columns = columnsOf(network(2, 3, 1));
    const diagram = layOut(columns, [[0, 1], [0, 1, 2], [0]], null, 700, NONE);
    const at = seatOf(diagram, 0, 0)!;
    expect(neighbour(diagram, at, "ArrowDown").unit).toBe(1);
    expect(neighbour(diagram, at, "ArrowUp")).toBe(at);
    expect(neighbour(diagram, at, "ArrowRight").layer).toBe(2);
    expect(neighbour(diagram, seatOf(diagram, 2, 0)!, "ArrowLeft").unit).toBe(1);
  });
});

describe("edges", () => {
  const net = network(24, 24, 24, 1);
  const columns = columnsOf(net);
  const diagram = layOut(
    columns,
    shownUnits(columns, () => []),
    null,
    900,
    NONE,
  );
  const vector = numbers(size(net));
  const { edges, hidden } = chooseEdges(diagram, vector);

  it("are 400 at most, the largest of each pair of layers, and say how many are hidden", () => {
    expect(edges.length).toBe(MOST_EDGES);
    expect(hidden).toBe(24 * 24 + 24 * 24 + 24 - MOST_EDGES);
    expect(edges.filter((each) => each.layer === 3).length).toBe(24);
    const first = edges.filter((each) => each.layer === 0).map((each) => Math.abs(each.value));
    const all = Array.from(vector.subarray(0, 576), Math.abs).sort((a, b) => b - a);
    expect(Math.min(...first)).toBe(all[first.length - 1]);
  });

  it("are found under the pointer, also in the middle of their curve", () => {
    const edge = edges[200]!;
    const [x0, y0, x1, y1, x2, y2, x3, y3] = curveOf(edge);
    const [x, y] = [(x0 + 3 * x1 + 3 * x2 + x3) / 8, (y0 + 3 * y1 + 3 * y2 + y3) / 8];
    expect(edgeAt([edge], x, y)).toBe(edge);
    expect(edgeAt([edge], x, y + 60)).toBeNull();
  });

  it("are as wide as they are large", () => {
    expect(widthOf(-2, 2)).toBeGreaterThan(widthOf(1, 2));
    expect(widthOf(1, 0)).toBeGreaterThan(0);
  });
});

it("shrinks a matrix to the largest of each block, sign and all", () => {
  const picture = shrunk([9, 1, -5, 2, 3, 4, 0, 0, 0], 1, 2, 4, 2);
  expect([picture.columns, picture.rows, picture.across]).toEqual([2, 2, 2]);
  expect([...picture.values]).toEqual([-5, 3, 4, 0]);
});
