import { describe, expect, it } from "vitest";
import { fabricated, frameOf } from "../model/fabricated";
import { worst } from "../parts/confusion";
import { ridge } from "../parts/histograms";
import { speed, stuck } from "../parts/layertable";
import { columnOf, isYesNo } from "./diagnose_answers";
import { LayerWatch, moments, parseLayers } from "./diagnose_layers";
import { extent, path, short, spread } from "./diagnose_plot";

const right = (x: number) => 10 * x;
const down = (y: number) => 100 - 10 * y;

describe("a plot's paths", () => {
  it("joins a line, dots without joining, and stands bars on the floor", () => {
    const points = [
      [0, 1],
      [2, 3],
    ] as const;
    expect(path({ kind: "line", points, tone: "" }, right, down, 100)).toBe("M0.0 90.0L20.0 70.0");
    expect(path({ kind: "dots", points, tone: "" }, right, down, 100)).toBe("M0.0 90.0h0M20.0 70.0h0");
    expect(path({ kind: "bars", points: [[2, 3]], tone: "", width: 1 }, right, down, 100)).toBe(
      "M15.0 100.0V70.0H25.0V100.0Z",
    );
  });

  it("gives ends some air, and one value room", () => {
    expect(extent([0, 10])).toEqual({ from: -0.5, to: 10.5 });
    expect(extent([5, 5])).toEqual({ from: 4.5, to: 5.5 });
    expect(extent([Number.NaN])).toEqual({ from: 0, to: 1 });
  });

  it("says numbers, and what isn't one", () => {
    expect([short(0.123456), short(-2), short(undefined), short(Infinity)]).toEqual(["0.1235", "−2", "–", "∞"]);
  });

  it("spreads a table's lines over a curve, both ends among them", () => {
    const found = spread([...Array(1000).keys()], 25);
    expect([found.length, found[0], found[24]]).toEqual([25, 0, 999]);
  });
});

describe("what is shown of many", () => {
  it("picks the classes with the most mistakes, in their own order", () => {
    const counts = [
      [9, 0, 0],
      [0, 5, 4],
      [0, 3, 6],
    ];
    expect(worst(counts, 2)).toEqual([1, 2]);
    expect(worst(counts, 5)).toEqual([0, 1, 2]);
  });

  it("takes one output's column", () => {
    const answered = { count: 2, width: 2, outputs: Float64Array.of(1, 2, 3, 4), targets: [0, 1, 1, 0] } as never;
    const found = columnOf(answered, 1);
    expect([[...found.outputs], [...(found.targets as Float64Array)]]).toEqual([
      [2, 4],
      [1, 0],
    ]);
    expect([isYesNo(found.targets), isYesNo([0, 0.5]), isYesNo([])]).toEqual([true, false, false]);
  });
});

describe("layers over time", () => {
  const frames = [0, 10, 20, 500, 1000].map((step, id) => ({
    id,
    branch: 0,
    step,
    loss: 1,
    keep: "" as const,
    vector: new Float32Array(1),
  }));
  const answer = (frame: number, step: number) => ({
    type: "layers",
    header: { frame, branch: 0, step, rows: 5, layers: [] },
    arrays: new Map([
      ["0.weight.counts", { shape: [2], data: Int32Array.of(1, 3) }],
      ["0.weight.edges", { shape: [3], data: Float64Array.of(-1, 0, 1) }],
    ]),
  });

  it("wants the shown frame first, and no later one", () => {
    const near = [0, 100, 105].map((step, id) => ({ ...frames[0]!, id, step }));
    expect(moments(near, near[1]!).map((frame) => frame.step)).toEqual([100, 0]);
    const found = moments(frames, frames[4]!);
    expect(found[0]).toBe(frames[4]);
    expect(found.length).toBeGreaterThan(2);
  });

  it("reads histograms by their names", () => {
    expect(parseLayers(answer(1, 2)).histograms.get("0.weight")).toEqual({ counts: [1, 3], edges: [-1, 0, 1] });
  });

  it("asks one frame at a time, and never twice", async () => {
    const { store, put } = fabricated();
    put({ type: "branch", id: 0, data: 0, network: { n_inputs: 1, widths: [1, 1], layers: [], layout: [] } });
    put(...frameOf(0, 0));
    put(...frameOf(1, 10));
    const asked: unknown[] = [];
    store.source.ask = async (_, values) => {
      asked.push(values.frame);
      if (values.frame === 0) throw new Error("frame 0 isn't kept any more");
      return answer(1, 10);
    };
    const watch = new LayerWatch(store);
    await Promise.all([watch.ask(), watch.ask()]);
    expect(asked).toEqual([1]);
    await watch.ask();
    await watch.ask();
    expect(asked).toEqual([1, 0]);
    expect([watch.now.value?.step, watch.past.value.length, watch.trouble.value]).toEqual([10, 1, ""]);
  });

  it("draws a ridge from edge to edge", () => {
    expect(ridge({ counts: [1, 2], edges: [0, 1, 2] }, 0, 2, 50)).toBe(
      "M0.0 50L0.0 35.0L120.0 35.0L120.0 20.0L240.0 20.0L240.0 50Z",
    );
  });

  it("calls a ratio wild or slow, and says who is stuck", () => {
    expect([speed(0.5), speed(1e-3), speed(1e-7), speed(null)]).toEqual([" (wild)", "", " (slow)", ""]);
    const row = { dead: null, saturated: null } as never;
    expect(stuck({ ...(row as object), dead: 0.25 } as never)).toBe("25.0 % dead");
    expect(stuck({ ...(row as object), saturated: 0 } as never)).toBe("none saturated");
    expect(stuck(row)).toBe("–");
  });
});
