import { describe, expect, it } from "vitest";
import { Slices } from "../draw/slices";
import { Forward } from "./forward";
import { BUDGET, centre, compute, costOf, FINE, gridOf, key, type Maps, QUICK, type Task } from "./maps";
import { MapsEngine } from "./maps-engine";
import { makePlane } from "./plane";
import type { Network } from "./types";
import { chainOf, frameOf, tableOf } from "./watch-fixture";

const data = tableOf(2, 40);
const plane = makePlane(data, null, 0)!;

function taskOf(network: Network, more: Partial<Task> = {}): Task {
  const units = new Map(
    network.layers.map((_, layer) => [layer, [...Array(network.widths[layer + 1]!).keys()]] as const),
  );
  const forward = new Forward(network);
  return {
    frame: frameOf(network),
    forward,
    widths: network.widths,
    members: 1,
    data,
    plane,
    units,
    cloud: null,
    ...more,
  };
}

function finished(task: Task, side = QUICK): Maps {
  let maps: Maps | null = null;
  for (const _ of compute(task, side, BUDGET, (each) => (maps = each)));
  return maps!;
}

/** The network by hand, for one row. */
function byHand(network: Network, vector: Float32Array, row: readonly number[]): number[][] {
  let x = [...row];
  return network.layers.map((_, layer) => {
    const units = network.widths[layer + 1]!;
    const [weight, bias] = [network.layout[2 * layer]!.offset, network.layout[2 * layer + 1]!.offset];
    x = Array.from({ length: units }, (_, j) => {
      const z = x.reduce((sum, value, i) => sum + value * vector[weight + i * units + j]!, vector[bias + j]!);
      return layer === network.layers.length - 1 ? 1 / (1 + Math.exp(-z)) : Math.tanh(z);
    });
    return x;
  });
}

describe("maps", () => {
  const network = chainOf(2, 5, 4, 1);
  const task = taskOf(network);
  const maps = finished(task);

  it("hold what each neuron says at the centre of each cell", () => {
    for (const cell of [0, 17, maps.columns * maps.rows - 1]) {
      const place = centre(plane, cell, maps.columns, maps.rows).map(Math.fround);
      byHand(network, task.frame.vector, place).forEach((values, layer) => {
        values.forEach((value, unit) => {
          expect(maps.units.get(key(layer, unit))![cell]).toBeCloseTo(value, 5);
        });
      });
    }
  });

  it("begin at the top left", () => {
    const [u, v] = centre(plane, 0, 10, 10);
    const [[left, right], [bottom, top]] = plane.ranges;
    expect(u).toBeCloseTo(left + 0.05 * (right - left));
    expect(v).toBeCloseTo(top - 0.05 * (top - bottom));
  });

  it("average over the rows of a partial dependence", () => {
    const table = tableOf(3, 12);
    const dependence = makePlane(table, { kind: "dependence-line", feature: 1 }, 0)!;
    const net = chainOf(3, 4, 1);
    const made = taskOf(net, { data: table, plane: dependence });
    const { answer, columns } = finished(made);
    const [u] = centre(dependence, 5, columns, 1);
    let mean = 0;
    for (let i = 0; i < 12; i++) {
      const row = [table.train.x[3 * i]!, Math.fround(u), table.train.x[3 * i + 2]!];
      mean += byHand(net, made.frame.vector, row)[1]![0]! / 12;
    }
    expect(answer[5]).toBeCloseTo(mean, 5);
  });

  it("know each unit's mean and variance over the rows", () => {
    const sum = [0, 0];
    for (let i = 0; i < 40; i++) {
      const value = byHand(network, task.frame.vector, [...data.train.x.subarray(2 * i, 2 * i + 2)])[0]![2]!;
      sum[0]! += value / 40;
      sum[1]! += value ** 2 / 40;
    }
    expect(maps.statistics.mean[0]![2]).toBeCloseTo(sum[0]!, 8);
    expect(maps.statistics.variance[0]![2]).toBeCloseTo(sum[1]! - sum[0]! ** 2, 8);
  });

  it("say how far a plane misleads, and give a layer's space", () => {
    const table = tableOf(4, 30);
    const net = chainOf(4, 3, 1);
    const made = finished(taskOf(net, { data: table, plane: makePlane(table, { kind: "pca" }, 0), cloud: 0 }));
    expect(made.disagreement).toBeGreaterThanOrEqual(0);
    expect(made.cloud!.train.length).toBe(30 * 3);
    const hand = byHand(net, made.task.frame.vector, [...table.train.x.subarray(8, 12)])[0]!;
    expect(made.cloud!.train[2 * 3 + 1]).toBeCloseTo(hand[1]!, 5);
    expect(maps.disagreement).toBeNull();
  });
});

describe("grids", () => {
  it("are coarser where the network is large, and say so", () => {
    const widths = [64, 512, 512, 10];
    const cost = costOf({ multiplyAdds: 300_000 }, widths);
    const grid = gridOf(cost, plane, FINE);
    expect(grid.columns * grid.rows * cost).toBeLessThanOrEqual(BUDGET * 1.05);
    expect(grid.coarse).toBe(true);
    expect(gridOf(1000, plane, QUICK)).toEqual({ columns: QUICK, rows: QUICK, coarse: false });
    expect(gridOf(1000, null, QUICK).columns).toBe(0);
  });
});

describe("the engine", () => {
  function by(steps: number): { engine: MapsEngine; seen: number[]; turn: () => boolean } {
    const waiting: (() => void)[] = [];
    let clock = 0;
    const slices = new Slices(
      steps,
      () => clock++,
      (go) => waiting.push(go),
      () => waiting.splice(0),
    );
    const seen: number[] = [];
    const engine = new MapsEngine((maps) => seen.push(maps.task.frame.id), slices);
    const turn = (): boolean => {
      const go = waiting.shift();
      go?.();
      return go !== undefined;
    };
    return { engine, seen, turn };
  }

  it("finishes what it began, then draws only the newest", () => {
    const { engine, seen, turn } = by(2);
    const network = chainOf(2, 40, 40, 1);
    const task = taskOf(network);
    for (let id = 1; id <= 5; id++) engine.request({ ...task, frame: { ...task.frame, id } });
    while (turn());
    engine.stop();
    expect(seen).toEqual([1, 5]);
  });

  it("drops a picture that nobody wants any more", () => {
    const { engine, seen, turn } = by(2);
    const task = taskOf(chainOf(2, 40, 40, 1));
    engine.request(task);
    turn();
    engine.request({ ...task, frame: { ...task.frame, id: 2 }, plane: makePlane(data, null, 0) });
    while (turn());
    engine.stop();
    expect(seen).toEqual([2]);
  });
});

it("slices give way when their time is over", () => {
  let clock = 0;
  const waiting: (() => void)[] = [];
  const slices = new Slices(
    8,
    () => clock,
    (go) => waiting.push(go),
    () => {},
  );
  let done = 0;
  slices.run(
    (function* () {
      for (; done < 10; done++) {
        clock += 3;
        yield;
      }
    })(),
  );
  waiting.shift()!();
  expect(done).toBeLessThan(4);
  while (waiting.length > 0) waiting.shift()!();
  expect(done).toBe(10);
  expect(slices.busy).toBe(false);
});
