import { beforeEach, describe, expect, it } from "vitest";
import { TURN, Turns } from "./turns";

let [clock, waiting, done] = [0, [] as (() => void)[], [] as string[]];
let turns: Turns;

beforeEach(() => {
  [clock, waiting, done] = [0, [], []];
  turns = new Turns(
    () => clock,
    (go) => waiting.push(go),
    (id) => void waiting.splice(id - 1, 1),
  );
});

/** An animation frame; returns what was done in it. */
function frame(): string[] {
  done = [];
  for (const go of waiting.splice(0)) go();
  return done;
}

const job = (name: string, takes: number) => () => {
  done.push(name);
  clock += takes;
};

describe("turns", () => {
  it("of quick jobs share an animation frame; after a slow one the next waits", () => {
    const [first, slow, last] = [job("first", 1), job("slow", TURN), job("last", 1)];
    for (const each of [first, slow, last]) turns.add(each);
    expect(frame()).toEqual(["first", "slow"]);
    expect(frame()).toEqual(["last"]);
    expect(waiting).toEqual([]);
  });

  it("come in order: what asks again goes to the end, what waits keeps its place", () => {
    const [one, two] = [job("one", TURN), job("two", TURN)];
    turns.add(one);
    turns.add(two);
    expect(frame()).toEqual(["one"]);
    turns.add(one);
    turns.add(two);
    expect(frame()).toEqual(["two"]);
    expect(frame()).toEqual(["one"]);
  });

  it("are given up when nobody wants them, and no animation frame is asked for in vain", () => {
    const one = job("one", 1);
    turns.add(one);
    turns.drop(one);
    expect(waiting).toEqual([]);
    turns.add(one);
    expect(frame()).toEqual(["one"]);
  });

  it("go on after one that fails", () => {
    turns.add(() => {
      throw new Error("no context");
    });
    turns.add(job("next", 1));
    const [go] = waiting.splice(0);
    expect(go).toThrow("no context");
    expect(frame()).toEqual(["next"]);
  });
});
