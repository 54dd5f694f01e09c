import { expect, it } from "vitest";
import { shortType, spoken } from "../model/spelling";
import type { Branch, Data, State } from "../model/types";
import { wholeOf } from "./balance";
import { titleOf } from "./header";
import { dropoutOf, hiddenOf } from "./hidden";
import { FASTEST, paceAt, paceText, placeOf } from "./pace";
import { phaseWords } from "./phase";
import { heights } from "./scrubber";
import { plain } from "./states";
import { branchName } from "./timeline";

it("the pace's slider goes from one a second to flat out, and back", () => {
  expect(paceAt(0)).toBe(1);
  expect(paceAt(15)).toBe(32);
  expect(paceAt(20)).toBe(100);
  expect(paceAt(FASTEST)).toBeNull();
  expect(placeOf(null)).toBe(FASTEST);
  expect(placeOf(0.2)).toBe(0);
  for (let place = 0; place < FASTEST; place++) expect(Math.abs(placeOf(paceAt(place)) - place)).toBeLessThanOrEqual(1);
  expect(paceText(1000)).toBe("1,000 a second");
  expect(paceText(null)).toBe("flat out");
});

it("a loss over decades is drawn by its logarithm, others as they are, a constant in the middle", () => {
  expect([...heights(Float64Array.of(1, 0.1, 0.001))].map((each) => Number(each.toFixed(3)))).toEqual([1, 0.667, 0]);
  expect([...heights(Float64Array.of(3, 2, 1))]).toEqual([1, 0.5, 0]);
  expect([...heights(Float64Array.of(2, 2))]).toEqual([0.5, 0.5]);
  expect([...heights(Float64Array.of(-1, 0))]).toEqual([0, 1]);
});

it("a tensor has a name for people", () => {
  expect(plain("2.weight")).toBe("layer 2's weight");
  expect(plain("loss")).toBe("the loss");
  expect(plain("")).toBe("the loss");
});

it("names are written as people write them", () => {
  expect(spoken("leaky_relu")).toBe("leaky ReLU");
  expect(spoken("binary_cross_entropy")).toBe("binary cross entropy");
  expect(shortType("optimizer.sgd")).toBe("sgd");
});

it("the hidden layers are the dense ones but the last", () => {
  const dense = (units: number, name: string) => ({
    type: "layer.dense",
    units,
    activation: { type: `activation.${name}` },
  });
  const layers = [dense(8, "tanh"), { type: "layer.dropout", rate: 0.5 }, dense(4, "relu"), dense(1, "sigmoid")];
  expect(hiddenOf({ network: { layers } } as unknown as Branch)).toEqual([
    { units: 8, activation: "tanh" },
    { units: 4, activation: "relu" },
  ]);
  expect(dropoutOf({ network: { layers } } as unknown as Branch)).toBe(0.5);
  expect(dropoutOf({ network: { layers: [dense(1, "sigmoid")] } } as unknown as Branch)).toBe(0);
});

it("the whole table's classes are told with their shares, the most frequent first", () => {
  const balance: [string, number][] = [
    ["no", 30],
    ["rare", 1],
    ["yes", 69],
  ];
  const about = [
    { name: "x", kind: "number", missing: 0, levels: 9, role: "feature", balance: null },
    { name: "answer", kind: "text", missing: 0, levels: 3, role: "target", balance },
  ];
  const whole = wholeOf({ about } as unknown as Data);
  expect(whole?.sentence.replaceAll("\u00a0", " ")).toBe(
    "In the whole table: yes 69 (69.0 %), no 30 (30.0 %), rare 1 (1.0 %).",
  );
  expect(whole?.shares.get("rare")).toBe(0.01);
  expect(wholeOf({ about: about.slice(0, 1) } as unknown as Data)).toBeNull();
  const many = Array.from({ length: 9 }, (_, k): [string, number] => [`class ${k}`, 1]);
  expect(wholeOf({ about: [{ ...about[1], balance: many }] } as unknown as Data)?.sentence).toMatch(
    /class 5 1 \(11.1\s%\), and 3 more classes.$/,
  );
});

it("a branch says where it came from", () => {
  const branch = (id: number, parent: number | null, fromStep: number) => ({ id, parent, fromStep }) as Branch;
  expect(branchName(branch(0, null, 0))).toBe("Run 1");
  expect(branchName(branch(2, 0, 1200))).toBe("Run 3, from run 1 at 1,200");
  expect(branchName(branch(1, 0, 0))).toBe("Run 2, from the start");
});

it("a phase has words, whatever the line does", () => {
  const state = { phase: "running" } as State;
  expect(phaseWords("live", state, true)).toBe("running");
  expect(phaseWords("lost", state, true)).toBe("disconnected");
  expect(phaseWords("offline", state, false)).toBe("saved run");
  expect(phaseWords("refused", null, true)).toBe("not let in");
  expect(phaseWords("live", null, true)).toBe("waiting");
});

it("the title is the shown data's name, unless somebody has given the run one", () => {
  const [moons, spirals] = ["moons", "spirals"].map((name) => ({ name }) as Data);
  const tables = new Map([moons!, spirals!].map((each, id) => [id, each]));
  expect(titleOf("moons", tables, spirals!)).toBe("spirals");
  expect(titleOf("", tables, spirals!)).toBe("spirals");
  expect(titleOf("My run", tables, spirals!)).toBe("My run");
  expect(titleOf("My run", new Map(), null)).toBe("My run");
});
