/** What can be asked of the run, and why not where it can't. */

import type { Store } from "./store";

/** Commands that train, and so need a run that can go on. */
const TRAINING = new Set(["play", "step", "epoch"]);
/** They say nothing about training: anybody may give them. */
const ANYBODY = new Set(["control"]);
/** After these the page shows the branch and frame that they lead to. */
const LEADING = new Set(["play", "step", "epoch", "rewind", "seed", "continue", "restart", "data", "recover", "more"]);

/** Why the run wouldn't take a command now, in a sentence; null: it would. Reads signals. */
export function whyNot(store: Store, name: string): string | null {
  const connection = store.connection.value;
  if (connection === "offline" || !store.source.live) return "This is a saved run: it can be looked at, not trained.";
  if (connection === "refused") return "This page isn't let in; open the run's own link.";
  if (connection !== "live") return "The run can't be reached just now.";
  if (!store.knows(name))
    return "This run belongs to a script, which decides that; start it with watch(…) or “clearprop play” to change it here.";
  if (!store.controls.value && !ANYBODY.has(name)) return "Another page controls this run; take control first.";
  const phase = store.state.value?.phase;
  if (phase === "closed") return "The run has been closed.";
  if (TRAINING.has(name)) {
    if (phase === "diverged") return "The run diverged; go back to finite weights first.";
    if (phase === "finished" && !store.knows("more")) return "The run has finished.";
  }
  return null;
}

/** Give a command unless the run wouldn't take it; what it leads to is then shown. */
export async function give(store: Store, name: string, values: Record<string, unknown> = {}): Promise<boolean> {
  const reason = whyNot(store, name);
  if (reason !== null) {
    store.refused.value = reason;
    return false;
  }
  const answer = await store.command(name, values);
  if (answer !== null && LEADING.has(name)) store.chosenBranch.value = store.chosenFrame.value = null;
  return answer !== null;
}

export function togglePlay(store: Store): Promise<boolean> {
  return give(store, store.state.value?.phase === "running" ? "pause" : "play");
}

/** The rate of the next update. */
export function rateNow(store: Store): number | null {
  return store.state.value?.rate ?? store.branch.value?.rate ?? null;
}

/** Multiply the rate, to the four significant digits that are shown. */
export function scaleRate(store: Store, factor: number): Promise<boolean> {
  const rate = rateNow(store);
  return rate === null
    ? Promise.resolve(false)
    : give(store, "rate", { value: Number((rate * factor).toPrecision(4)) });
}

/** The frame that is shown, as a command's argument: null is the run's present step. */
export function shownFrame(store: Store): number | null {
  return store.follows.value ? null : (store.frame.value?.id ?? null);
}

export function newSeed(store: Store): Promise<boolean> {
  return give(store, "seed", { seed: null });
}

export function continueHere(store: Store): Promise<boolean> {
  const frame = store.frame.value;
  return frame === null ? Promise.resolve(false) : give(store, "continue", { frame: frame.id });
}
