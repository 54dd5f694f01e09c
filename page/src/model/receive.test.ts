import { describe, expect, it } from "vitest";
import { fabricated, frameOf } from "./fabricated";
import { decode, encode } from "./messages";
import { data } from "./parse";
import { Inbox, thinFrames } from "./receive";
import type { Frame } from "./types";

const BRANCH = { type: "branch", id: 0, parent: null, data: 0, network: { n_inputs: 2, widths: [2, 1] }, loss: {} };
const series = (steps: number[], values: number[]) => ({
  steps: { shape: [steps.length], data: Float64Array.from(steps) },
  values: { shape: [values.length], data: Float64Array.from(values) },
});

function withFrames() {
  const { store, put, sent } = fabricated();
  put(BRANCH);
  for (let k = 0; k < 5; k++) put(...frameOf(k, 10 * k));
  return { store, put, sent };
}

describe("the store", () => {
  it("shows the newest frame, and follows", () => {
    const { store, put } = withFrames();
    expect(store.frame.value?.step).toBe(40);
    put(...frameOf(9, 90));
    expect(store.frame.value?.step).toBe(90);
    expect(store.follows.value).toBe(true);
  });

  it("holds finite numbers only, though a diverging run's outgrow float32", () => {
    const { store, put } = withFrames();
    const odd = Float32Array.of(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1.5);
    put({ type: "frame", id: 8, branch: 0, step: 80 }, { vector: { shape: [4], data: odd } });
    const [high, low, none, same] = store.frame.value?.vector ?? [];
    expect([none, same]).toEqual([0, 1.5]);
    expect(high).toBeGreaterThan(3e38);
    expect(high).toBe(-low!);
    expect(Number.isFinite(high)).toBe(true);
  });

  it("puts frames that come late into their places", () => {
    const { store, put } = withFrames();
    put(...frameOf(7, 15));
    expect(store.timeline.value.map((each) => each.step)).toEqual([0, 10, 15, 20, 30, 40]);
  });

  it("lets go of dropped frames; a chosen one gives way to its neighbour", () => {
    const { store, put } = withFrames();
    store.chosenFrame.value = 2;
    put({ type: "dropped", frames: [1, 2] });
    expect([...store.frames.value.keys()]).toEqual([0, 3, 4]);
    expect(store.frame.value?.id).toBe(3);
    expect(store.follows.value).toBe(false);
  });

  it("marks what is kept", () => {
    const { store, put } = withFrames();
    put({ type: "keep", id: 3, keep: "bookmark" });
    expect(store.frames.value.get(3)?.keep).toBe("bookmark");
  });

  it("extends curves, and replaces them where that is said", () => {
    const { store, put } = withFrames();
    put({ type: "series", branch: 0, name: "loss", replace: true }, series([0, 1], [5, 4]));
    put({ type: "series", branch: 0, name: "loss", replace: false }, series([2], [3]));
    expect([...store.curves.value.get("loss")!.values]).toEqual([5, 4, 3]);
    put({ type: "series", branch: 0, name: "loss", replace: true }, series([2], [9]));
    expect([...store.curves.value.get("loss")!.values]).toEqual([9]);
  });

  it("hears an event once, though a lost line tells all again", () => {
    const { store, put } = withFrames();
    const event = { type: "event", branch: 0, step: 3, text: "rate 0.1 → 0.2", kind: "command" };
    put(event);
    put(event);
    put({ ...event, step: 4 });
    expect(store.events.value.length).toBe(2);
  });

  it("forgets a run when another answers", () => {
    const { store, put } = withFrames();
    put({ type: "hello", version: 1, title: "moons", controls: [] });
    expect(store.frames.value.size).toBe(5);
    put({ type: "hello", version: 1, title: "wine", controls: [] });
    expect(store.frames.value.size).toBe(0);
    expect(store.branch.value).toBeNull();
  });

  it("isn't stopped by a message that it doesn't know", () => {
    const { store, put } = withFrames();
    put({ type: "weather" });
    expect(store.frames.value.size).toBe(5);
  });
});

describe("frames beyond the memory for them", () => {
  const frames = (keeps: Frame["keep"][]): Map<number, Frame> =>
    new Map(
      keeps.map((keep, id) => [id, { id, branch: 0, step: id, loss: null, keep, vector: new Float32Array(100) }]),
    );

  it("are thinned evenly; first, best, bookmarks, the chosen and the newest stay", () => {
    const kept = frames(["first", ...new Array<"">(30).fill(""), "bookmark", "best", "", ""]);
    thinFrames(kept, 12 * 400, 5);
    expect(kept.size).toBeLessThanOrEqual(12);
    for (const id of [0, 5, 31, 32, 34]) expect(kept.has(id)).toBe(true);
    expect([...kept.keys()].some((id) => id > 8 && id < 28)).toBe(true);
  });

  it("give up the oldest bookmarks when there is nothing else", () => {
    const kept = frames(["first", "bookmark", "bookmark", "bookmark", "best", ""]);
    thinFrames(kept, 4 * 400, null);
    expect([...kept.keys()]).toEqual([0, 3, 4, 5]);
  });

  it("aren't worth an endless search", () => {
    const kept = frames(["first", "best", ""]);
    thinFrames(kept, 1, null);
    expect(kept.size).toBe(3);
  });
});

it("many messages of a turn change the store once", async () => {
  const { store } = withFrames();
  const seen: number[] = [];
  store.frames.subscribe((frames) => void seen.push(frames.size));
  const inbox = new Inbox(store);
  for (let k = 10; k < 60; k++) inbox.put(decode(encode(...frameOf(k, k))));
  await new Promise((done) => setTimeout(done, 350));
  expect(seen).toEqual([5, 55]);
});

it("a column's role and a target's balance are taken", () => {
  const about = [
    { name: "x", kind: "number", missing: 0, levels: 9, role: "left out" },
    {
      name: "y",
      kind: "text",
      missing: 0,
      levels: 2,
      role: "target",
      balance: [
        ["no", 3],
        ["yes", 4],
      ],
    },
  ];
  const { about: columns } = data({ type: "data", header: { type: "data", about }, arrays: new Map() });
  expect(columns.map((each) => each.role)).toEqual(["left out", "target"]);
  expect(columns.map((each) => each.balance)).toEqual([null, about[1]!.balance]);
});
