import { beforeEach, describe, expect, it } from "vitest";
import { fabricated } from "../model/fabricated";
import type { Store } from "../model/store";
import type { Branch, Data, Message } from "../model/types";
import * as checks from "./checks";
import { exercise } from "./exercise";
import { begin, overfit, race, until } from "./scenes";
import { STEPS } from "./steps";

interface Made {
  hidden?: number[];
  rate?: number;
  loss?: number[];
  validation?: number[];
  rows?: number;
}

let store: Store;
let sent: { name: string; values: Record<string, unknown> }[];

beforeEach(() => {
  ({ store, sent } = fabricated());
});

/** Put a branch with its curves into the store; a value of a curve is a hundred updates after the one before. */
function branch(id: number, { hidden = [16, 16], rate = 0.25, loss = [], validation = [], rows = 200 }: Made): void {
  const layers = [...hidden, 1].map((units) => ({
    type: "layer.dense",
    units,
    activation: { type: "activation.tanh" },
  }));
  const network = { nInputs: 2, widths: [2, ...hidden, 1], members: 1, layers, layout: [] };
  const made = { id, data: id, network, rate, perEpoch: 1, seed: 0 } as unknown as Branch;
  const data = { id, nRows: 0.75 * rows, nValidation: 0.25 * rows } as Data;
  store.branches.value = new Map(store.branches.value).set(id, made);
  store.tables.value = new Map(store.tables.value).set(id, data);
  const series = (values: number[], shift = 0) => ({
    steps: Float64Array.from(values, (_, k) => 100 * k + shift),
    values: Float64Array.from(values),
  });
  const curves = new Map([["loss", series(loss)]]);
  if (validation.length > 0) curves.set("validation_loss", series(validation));
  store.series.value = new Map(store.series.value).set(id, curves);
}

describe("step 1", () => {
  it("wants a prediction, and then 200 updates", () => {
    branch(0, { loss: [0.7, 0.6, 0.5] });
    expect(checks.predicted(store, {}).done).toBe(false);
    expect(checks.predicted(store, { prediction: "a line" }).done).toBe(true);
    branch(0, { loss: [0.7] });
    expect(checks.predicted(store, { prediction: "a line" }).done).toBe(false);
  });
});

describe("step 2", () => {
  const long = [0.9, 0.5, 0.4, 0.3, 0.29, 0.28];

  it("sees a run without a hidden layer hit the wall", () => {
    branch(1, { hidden: [], loss: long });
    expect(checks.wall(store, {}).done).toBe(true);
    expect(checks.wall(store, {}).text).toContain("0.28");
  });

  it("isn't content with a short run, with hidden layers, or with a loss below the wall", () => {
    branch(0, { loss: long });
    expect(checks.wall(store, {}).done).toBe(false);
    branch(1, { hidden: [], loss: [0.9, 0.5] });
    expect(checks.wall(store, {}).done).toBe(false);
    branch(1, { hidden: [], loss: [...long, 0.2] });
    expect(checks.wall(store, {}).done).toBe(false);
  });
});

describe("step 3", () => {
  const named = { unit1: "the right half", unit2: "below all", unit3: "left above" };

  it("wants a loss below the wall by hidden units, and three of them described", () => {
    branch(0, { hidden: [8], loss: [0.7, 0.24] });
    expect(checks.bent(store, named).done).toBe(true);
    expect(checks.bent(store, { ...named, unit3: "left" }).done).toBe(false);
  });

  it("doesn't count a run that is still above, or has no hidden layer", () => {
    branch(0, { hidden: [8], loss: [0.7, 0.26] });
    branch(1, { hidden: [], loss: [0.7, 0.1] });
    expect(checks.bent(store, named).done).toBe(false);
  });
});

describe("step 4", () => {
  it("takes a number within a thousandth, written with a comma or a true minus sign", () => {
    expect(checks.isNumber("1,2345", 1.2338)).toBe(true);
    expect(checks.isNumber("−0.5", -0.5)).toBe(true);
    expect(checks.isNumber("1.2345", 1.2325)).toBe(false);
    expect(checks.isNumber("", 0)).toBe(false);
    expect(checks.isNumber("one", 1)).toBe(false);
  });

  it("wants both numbers right", () => {
    expect(checks.computed(store, { "z:right": "yes", "gradient:right": "yes" }).done).toBe(true);
    expect(checks.computed(store, { "z:right": "yes" }).done).toBe(false);
  });

  it("gives numbers that give the run's own", async () => {
    branch(0, { hidden: [1] });
    const layout = [
      { name: "0.weight", offset: 0, shape: [2, 1] },
      { name: "0.bias", offset: 2, shape: [1] },
      { name: "1.weight", offset: 3, shape: [1, 1] },
      { name: "1.bias", offset: 4, shape: [1] },
    ];
    const shown = store.branches.value.get(0) as Branch;
    shown.network.layout = layout;
    const [x, y] = [Float32Array.of(1, 1, 0.5, -1), Float32Array.of(0.76, 1)]; // the first row is learnt
    const rows = { count: 2, x, y, places: Int32Array.of(0, 1) };
    const data = { ...store.tables.value.get(0), train: rows, features: ["x1", "x2"] } as Data;
    store.tables.value = new Map([[0, data]]);
    const vector = Float32Array.of(2, 3, 0.25, 1, 0);
    store.frames.value = new Map([[0, { id: 0, branch: 0, step: 9, loss: 0.5, keep: "", vector }]]);
    const place = { layer: 0, unit: 0, input: null };
    const lines = [
      { id: "a", symbol: "z₁⁽¹⁾", formula: "", expression: { v: 0 }, result: -1.75, place },
      { id: "b", symbol: "∂ℓ/∂z₁⁽¹⁾", formula: "", expression: { v: 0 }, result: -0.3, place },
    ];
    const header = {
      type: "worked",
      step: 9,
      rate: 1,
      loss_before: 1,
      loss_after: 1,
      batch: {},
      groups: [{ name: "all", lines }],
    };
    store.source.ask = async () => ({ type: "worked", header, arrays: new Map() }) as Message;
    const found = await exercise(store, () => 0);
    expect(found.about).toBe("row 2, hidden 1, unit 1");
    expect(found.z).toBeCloseTo(2 * 0.5 - 3 + 0.25, 6);
    expect(found.gradient).toBeCloseTo(-0.15, 6);
    expect(store.sample.value).toBe(1);
    lines[1] = { ...lines[1], result: 0 } as (typeof lines)[0];
    await expect(exercise(store, () => 0)).rejects.toThrow("Nothing comes back");
  });
});

describe("step 5", () => {
  it("wants three branches at the three rates", () => {
    [0.001, 0.25, 10].forEach((rate, id) => void branch(id, { rate, loss: [0.7, 0.6] }));
    expect(checks.raced(store, {}).done).toBe(true);
    branch(2, { rate: 10, loss: [] });
    expect(checks.raced(store, {}).done).toBe(false);
    branch(2, { rate: 1, loss: [0.7, 0.6] });
    expect(checks.raced(store, {}).done).toBe(false);
  });
});

describe("step 6", () => {
  const looked = { diagnosed: "yes" };

  it("sees the gap on few points, once Diagnose was open", () => {
    branch(0, { rows: 40, loss: [0.7, 0.1], validation: [0.8, 1.1] });
    expect(checks.overfitted(store, looked).done).toBe(true);
    expect(checks.overfitted(store, {}).done).toBe(false);
  });

  it("doesn't count many points, or a small gap", () => {
    branch(0, { rows: 200, loss: [0.7, 0.1], validation: [0.8, 1.1] });
    expect(checks.overfitted(store, looked).done).toBe(false);
    branch(1, { rows: 40, loss: [0.7, 0.1], validation: [0.8, 0.3] });
    expect(checks.overfitted(store, looked).done).toBe(false);
  });
});

describe("step 7", () => {
  it("wants three sentences", () => {
    const text = "it bends the border";
    expect(checks.said(store, { said1: text, said2: text, said3: text }).done).toBe(true);
    expect(checks.said(store, { said1: text, said2: text, said3: "no idea" }).done).toBe(false);
  });
});

describe("the whole", () => {
  it("takes forty-five minutes", () => {
    expect(STEPS.reduce((sum, step) => sum + step.minutes, 0)).toBe(45);
    expect(new Set(STEPS.map((step) => step.name)).size).toBe(7);
  });

  /** Let the state follow the commands a little later, as a run's does. */
  function answering(): void {
    const command = store.source.command;
    let branch = 0;
    const later = (state: object) =>
      setTimeout(() => (store.state.value = { ...store.state.value, ...state } as never), 5);
    store.state.value = { phase: "diverged", step: 400, branch } as never;
    store.source.command = async (name, values) => {
      if (["rewind", "restart", "data"].includes(name)) later({ phase: "paused", step: 0, branch: ++branch });
      if (name === "play") later({ phase: branch === 3 ? "diverged" : "running", step: branch === 3 ? 9 : 300 });
      return command(name, values);
    };
  }

  it("sets scenes by commands", async () => {
    answering();
    store.neuron.value = { layer: 0, unit: 3 };
    expect(await begin()(store)).toBe(true);
    expect(store.neuron.value).toBe(null); // the map is the network's answer again
    expect(sent.map((each) => each.name)).toEqual(["pause", "restart", "rate", "pace", "play"]);
    expect(sent[1]?.values).toEqual({ hidden: [] });
    sent.length = 0;
    expect(await overfit(store)).toBe(true);
    expect(sent[1]?.values.source).toMatchObject({ n_rows: 40, noise: 0.4 });
  });

  it("races at three rates from the same weights, standing still while it sets them", async () => {
    answering();
    expect(await race(store)).toBe(true);
    const names = sent.map((each) => each.name);
    expect(names.slice(0, 5)).toEqual(["pause", "restart", "rate", "pace", "play"]);
    expect(names.filter((name) => name === "rewind").length).toBe(2);
    expect(names[names.indexOf("rewind") - 1]).toBe("pause");
    expect(sent.filter((each) => each.name === "rate").map((each) => each.values.value)).toEqual([0.001, 0.25, 10]);
    // the one that breaks leaves a frame of each update; what comes after isn't as slow
    const paces = sent.filter((each) => each.name === "pace").map((each) => Number(each.values.steps_per_second));
    expect(paces).toHaveLength(4);
    expect(paces[2]).toBeLessThan(10);
    expect(paces[3]).toBeGreaterThan(100);
  });

  it("gives up waiting", async () => {
    expect(await until(() => false, 5)).toBe(false);
    expect(await until(() => true, 1000)).toBe(true);
  });
});
