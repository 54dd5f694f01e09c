import { afterEach, describe, expect, it } from "vitest";
import { fabricated, frameOf } from "./fabricated";
import { helpOpen, keysOn, press } from "./keys";

function run() {
  const made = fabricated();
  made.put({ type: "branch", id: 0, parent: null });
  made.put({ type: "state", phase: "paused", branch: 0, step: 20, rate: 0.1 });
  for (let k = 0; k < 3; k++) made.put(...frameOf(k, 10 * k));
  return made;
}

/** Press a key with an element in focus. */
function key(
  store: Parameters<typeof press>[0],
  name: string,
  on: string = "div",
  init: KeyboardEventInit = {},
): boolean {
  const element = document.createElement(on);
  document.body.append(element);
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, ...init });
  Object.defineProperty(event, "target", { value: element });
  return press(store, event);
}

afterEach(() => {
  helpOpen.value = false;
  keysOn.value = true;
});

describe("a key", () => {
  it.each([
    [" ", "play"],
    [".", "step"],
    [">", "epoch"],
    ["r", "rewind"],
    ["R", "rewind"],
    ["n", "seed"],
    ["b", "bookmark"],
    ["c", "continue"],
    ["[", "rate"],
    ["]", "rate"],
  ])("%s gives the command %s", (name, command) => {
    const { store, sent } = run();
    expect(key(store, name)).toBe(true);
    expect(sent.map((each) => each.name)).toEqual([command]);
  });

  it("moves through the history", () => {
    const { store } = run();
    key(store, ",");
    expect(store.frame.value?.step).toBe(10);
    key(store, "Home");
    expect(store.frame.value?.step).toBe(0);
    key(store, "End");
    expect(store.follows.value).toBe(true);
  });

  it("changes the screen and opens the help", () => {
    const { store } = run();
    key(store, "3");
    expect(store.screen.value).toBe("diagnose");
    key(store, "e");
    expect(store.screen.value).toBe("explain");
    key(store, "?");
    expect(helpOpen.value).toBe(true);
  });

  it("is left to who types, and to a button that Space presses", () => {
    const { store, sent } = run();
    expect(key(store, "r", "input")).toBe(false);
    expect(key(store, "r", "textarea")).toBe(false);
    expect(key(store, "r", "select")).toBe(false);
    expect(key(store, " ", "button")).toBe(false);
    expect(key(store, "r", "button")).toBe(true);
    expect(sent.length).toBe(1);
  });

  it("with Ctrl, Alt or the command key is the browser's", () => {
    const { store, sent } = run();
    for (const modifier of ["ctrlKey", "altKey", "metaKey"]) key(store, "r", "div", { [modifier]: true });
    expect(sent).toEqual([]);
  });

  it("held down rewinds once", () => {
    const { store, sent } = run();
    key(store, "r");
    key(store, "r", "div", { repeat: true });
    expect(sent.length).toBe(1);
  });

  it("does nothing once single keys are switched off, but for Space", () => {
    const { store, sent } = run();
    keysOn.value = false;
    expect(key(store, "r")).toBe(false);
    key(store, " ");
    expect(sent.map((each) => each.name)).toEqual(["play"]);
  });
});
