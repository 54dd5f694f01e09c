/** Moving through a branch's frames, and what stands at which of them. */

import type { Store } from "./store";
import type { Frame, RunEvent } from "./types";

export type MarkerKind = "first" | "best" | "bookmark" | "diverged" | "command" | "note";

export interface Marker {
  step: number;
  kind: MarkerKind;
  text: string;
}

const WORDS: Partial<Record<Frame["keep"], string>> = {
  first: "start",
  best: "best so far",
  bookmark: "bookmark",
  diverged: "last finite weights before the run diverged",
};

/** What is worth a mark on the timeline, by step. */
export function markers(frames: readonly Frame[], events: readonly RunEvent[], branch: number): Marker[] {
  const found: Marker[] = [];
  for (const { step, keep } of frames) {
    const text = WORDS[keep];
    if (text !== undefined && keep !== "") found.push({ step, kind: keep, text });
  }
  for (const event of events)
    if (event.branch === branch) found.push({ step: event.step, kind: event.kind, text: event.text });
  return found.sort((a, b) => a.step - b.step);
}

/** Show a frame; the newest means: follow the run. */
export function show(store: Store, frame: Frame | undefined): void {
  if (frame === undefined) return;
  const timeline = store.timeline.value;
  const newest = frame === timeline[timeline.length - 1];
  const trained = store.branch.value?.id === store.state.value?.branch;
  store.chosenFrame.value = newest && trained ? null : frame.id;
}

/** Show the frame so many places on (negative: back) from the one shown; ends at the first and the last. */
export function move(store: Store, places: number): void {
  const timeline = store.timeline.value;
  const now = timeline.findIndex((each) => each.id === store.frame.value?.id);
  show(store, timeline[Math.min(Math.max(now + places, 0), timeline.length - 1)]);
}

export function showFirst(store: Store): void {
  show(store, store.timeline.value[0]);
}

export function showNewest(store: Store): void {
  show(store, store.timeline.value[store.timeline.value.length - 1]);
}

/** Show the frame nearest to a step of the shown branch. */
export function showStep(store: Store, step: number): void {
  show(store, nearestFrame(store.timeline.value, step));
}

/** The frame nearest to a step, among frames in order of steps. */
export function nearestFrame(timeline: readonly Frame[], step: number): Frame | undefined {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeline[middle]!.step < step) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [timeline[low - 1], timeline[low]];
  if (before === undefined || after === undefined) return before ?? after;
  return step - before.step <= after.step - step ? before : after;
}

/** Go to the marker before (−1) or after (1) the shown step. */
export function showMarker(store: Store, direction: -1 | 1, all: readonly Marker[]): void {
  const step = store.frame.value?.step;
  if (step === undefined) return;
  const ahead = all.filter((each) => (each.step - step) * direction > 0);
  const next = direction === 1 ? ahead[0] : ahead[ahead.length - 1];
  if (next !== undefined) showStep(store, next.step);
}

export function chooseBranch(store: Store, id: number): void {
  store.chosenBranch.value = id === store.state.value?.branch ? null : id;
  store.chosenFrame.value = null;
}
