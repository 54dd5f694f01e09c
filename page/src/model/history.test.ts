import { expect, it } from "vitest";
import { fabricated, frameOf } from "./fabricated";
import { chooseBranch, markers, move, nearestFrame, showFirst, showMarker, showNewest, showStep } from "./history";

function run() {
  const { store, put } = fabricated();
  put({ type: "branch", id: 0, parent: null });
  put({ type: "state", phase: "running", branch: 0, step: 90 });
  for (let k = 0; k < 10; k++) put(...frameOf(k, 10 * k, { keep: k === 0 ? "first" : k === 6 ? "bookmark" : "" }));
  put({ type: "event", branch: 0, step: 30, text: "rate 0.1 → 0.2", kind: "command" });
  put({ type: "event", branch: 7, step: 31, text: "elsewhere", kind: "note" });
  return store;
}

it("goes back and forth by frames, and stays within them", () => {
  const store = run();
  move(store, -1);
  expect(store.frame.value?.step).toBe(80);
  move(store, -100);
  expect(store.frame.value?.step).toBe(0);
  move(store, 1);
  expect(store.frame.value?.step).toBe(10);
});

it("follows again at the newest frame of the branch in training", () => {
  const store = run();
  showFirst(store);
  expect(store.follows.value).toBe(false);
  showNewest(store);
  expect(store.follows.value).toBe(true);
  showStep(store, 88);
  expect(store.follows.value).toBe(true);
});

it("finds the frame nearest to a step", () => {
  const frames = run().timeline.value;
  expect(nearestFrame(frames, 14)?.step).toBe(10);
  expect(nearestFrame(frames, 16)?.step).toBe(20);
  expect(nearestFrame(frames, -5)?.step).toBe(0);
  expect(nearestFrame(frames, 1e9)?.step).toBe(90);
  expect(nearestFrame([], 3)).toBeUndefined();
});

it("marks kept frames and this branch's events by step, and goes from mark to mark", () => {
  const store = run();
  const marks = markers(store.timeline.value, store.events.value, 0);
  expect(marks.map((each) => [each.step, each.kind])).toEqual([
    [0, "first"],
    [30, "command"],
    [60, "bookmark"],
  ]);
  showMarker(store, -1, marks);
  expect(store.frame.value?.step).toBe(60);
  showMarker(store, -1, marks);
  expect(store.frame.value?.step).toBe(30);
  showMarker(store, 1, marks);
  expect(store.frame.value?.step).toBe(60);
  showMarker(store, 1, marks);
  expect(store.frame.value?.step).toBe(60);
});

it("shows another branch until the one in training is chosen again", () => {
  const store = run();
  chooseBranch(store, 3);
  expect(store.chosenBranch.value).toBe(3);
  chooseBranch(store, 0);
  expect(store.chosenBranch.value).toBeNull();
});
