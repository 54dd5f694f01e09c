import { describe, expect, it } from "vitest";
import { continueHere, give, scaleRate, shownFrame, togglePlay, whyNot } from "./commands";
import { CONTROLS, fabricated, frameOf } from "./fabricated";

function run(phase = "running", controls?: string[]) {
  const made = fabricated(controls);
  made.put({ type: "branch", id: 0, parent: null });
  made.put({ type: "state", phase, branch: 0, step: 20, rate: 0.25 });
  for (let k = 0; k < 3; k++) made.put(...frameOf(k, 10 * k));
  return made;
}

describe("a command is refused in words", () => {
  it("where the run doesn't know it", async () => {
    const { store, sent } = run("running", CONTROLS);
    expect(whyNot(store, "rewind")).toContain("belongs to a script");
    expect(whyNot(store, "play")).toBeNull();
    expect(await give(store, "rewind")).toBe(false);
    expect(sent).toEqual([]);
    expect(store.refused.value).toContain("belongs to a script");
  });

  it("where another page controls, all but taking control", () => {
    const { store, put } = run();
    put({ type: "state", phase: "running", branch: 0, controller: "another" });
    expect(whyNot(store, "play")).toContain("take control first");
    expect(whyNot(store, "control")).toBeNull();
    put({ type: "state", phase: "running", branch: 0, controller: "me" });
    expect(whyNot(store, "play")).toBeNull();
  });

  it.each([
    ["lost", "can't be reached"],
    ["offline", "saved run"],
    ["refused", "isn't let in"],
    ["connecting", "can't be reached"],
  ] as const)("while the connection is %s", (connection, words) => {
    const { store } = run();
    store.connection.value = connection;
    expect(whyNot(store, "play")).toContain(words);
  });

  it("after it diverged: to train on from there, but not to go back", () => {
    const { store } = run("diverged");
    expect(whyNot(store, "play")).toContain("diverged");
    expect(whyNot(store, "recover")).toBeNull();
    expect(whyNot(store, "rewind")).toBeNull();
  });

  it("after a script's run has finished; a session's goes on", () => {
    expect(whyNot(run("finished", CONTROLS).store, "play")).toContain("finished");
    expect(whyNot(run("finished").store, "play")).toBeNull();
    expect(whyNot(run("closed").store, "rewind")).toContain("closed");
  });
});

describe("a command that is given", () => {
  it("plays or pauses by what the run does", async () => {
    const running = run();
    await togglePlay(running.store);
    expect(running.sent).toEqual([{ name: "pause", values: {} }]);
    const paused = run("paused");
    await togglePlay(paused.store);
    expect(paused.sent[0]?.name).toBe("play");
  });

  it("makes the page follow where it leads", async () => {
    const { store } = run();
    store.chosenFrame.value = 1;
    await give(store, "bookmark", { frame: shownFrame(store) });
    expect(store.chosenFrame.value).toBe(1);
    await continueHere(store);
    expect(store.chosenFrame.value).toBeNull();
  });

  it("continues from the frame that is shown", async () => {
    const { store, sent } = run();
    store.chosenFrame.value = 1;
    await continueHere(store);
    expect(sent).toEqual([{ name: "continue", values: { frame: 1 } }]);
  });

  it("changes the rate by a factor, without a tail of digits", async () => {
    const { store, sent } = run();
    await scaleRate(store, 1.25);
    expect(sent).toEqual([{ name: "rate", values: { value: 0.3125 } }]);
  });
});
