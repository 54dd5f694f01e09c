/** The page's keys. Those of a part in focus (a slider, a text box, a dialog) go first. */

import { signal } from "@preact/signals";
import { continueHere, give, newSeed, scaleRate, shownFrame, togglePlay } from "./commands";
import { move, showFirst, showNewest } from "./history";
import type { Screen, Store } from "./store";

export const helpOpen = signal(false);
/** Single keys can be switched off, for those whose voice or hand would press them by chance. */
export const keysOn = signal(true);

export const SCREENS: readonly { id: Screen; name: string }[] = [
  { id: "watch", name: "Watch" },
  { id: "explain", name: "Explain" },
  { id: "diagnose", name: "Diagnose" },
  { id: "data", name: "Data" },
];

export interface Key {
  keys: readonly string[];
  /** As printed in the help. */
  label: string;
  what: string;
  act: (store: Store, key: string) => void;
}

export const KEYS: readonly Key[] = [
  { keys: [" "], label: "Space", what: "play or pause", act: (store) => void togglePlay(store) },
  { keys: ["."], label: ".", what: "one update", act: (store) => void give(store, "step") },
  { keys: [">"], label: ">", what: "one epoch", act: (store) => void give(store, "epoch") },
  { keys: [","], label: ",", what: "back one frame", act: (store) => move(store, -1) },
  { keys: ["Home"], label: "Home", what: "first frame", act: showFirst },
  { keys: ["End"], label: "End", what: "newest frame, and follow", act: showNewest },
  {
    keys: ["[", "]"],
    label: "[ ]",
    what: "learning rate ÷ or × 1.25",
    act: (store, key) => void scaleRate(store, key === "]" ? 1.25 : 0.8),
  },
  { keys: ["r"], label: "R", what: "rewind to the same first weights", act: (store) => void give(store, "rewind") },
  { keys: ["n"], label: "N", what: "new first weights", act: (store) => void newSeed(store) },
  { keys: ["c"], label: "C", what: "continue from the shown frame", act: (store) => void continueHere(store) },
  {
    keys: ["b"],
    label: "B",
    what: "set or remove a bookmark",
    act: (store) => void give(store, "bookmark", { frame: shownFrame(store) }),
  },
  {
    keys: SCREENS.map((_, i) => String(i + 1)),
    label: `1–${SCREENS.length}`,
    what: "screens",
    act: (store, key) => {
      store.screen.value = SCREENS[Number(key) - 1]!.id;
    },
  },
  {
    keys: ["e"],
    label: "E",
    what: "explain this update",
    act: (store) => {
      store.screen.value = "explain";
    },
  },
  {
    keys: ["?"],
    label: "?",
    what: "this help",
    act: () => {
      helpOpen.value = true;
    },
  },
];

/** Keys that the part in focus has a use for itself. */
function taken(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (
    target.closest("input:not([type='range']), textarea, select, [contenteditable], dialog, [data-own-keys]") !== null
  )
    return true;
  if (key === " ") return target.closest("button, a, summary, input, [role='button'], [role='tab']") !== null;
  return (key === "Home" || key === "End") && target.closest("input, [role='slider'], [role='tablist']") !== null;
}

/** Do what a key press asks for; returns whether it was one of the page's. */
export function press(store: Store, event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const key = KEYS.find((each) => each.keys.includes(name));
  if (key === undefined || taken(event.target, name)) return false;
  if (!keysOn.value && name.length === 1 && name !== " ") return false;
  if (event.repeat && [" ", "r", "n", "b", "c"].includes(name)) return true; // a key held down is one wish
  key.act(store, name);
  return true;
}

export function listenToKeys(store: Store): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (press(store, event)) event.preventDefault();
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}
