import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, describe, expect, it } from "vitest";
import { CONTROLS, fabricated, frameOf } from "../model/fabricated";
import { type Store, StoreProvider } from "../model/store";
import { Empty } from "./empty";
import { Guard } from "./guard";
import { Notices, PhaseSpoken } from "./states";

const place = document.body.appendChild(document.createElement("div"));
afterEach(() => render(null, place));

function shown(store: Store): string {
  act(() =>
    render(
      <StoreProvider value={store}>
        <Notices />
        <PhaseSpoken />
        {store.branch.value === null && <Empty />}
      </StoreProvider>,
      place,
    ),
  );
  return place.textContent ?? "";
}

const state = (phase: string, more: Record<string, unknown> = {}) => ({
  ...{ type: "state", phase, branch: 0, step: 1200, total_steps: 1200, rate: 4 },
  ...more,
});

function run(phase: string, more: Record<string, unknown> = {}, controls?: string[]) {
  const made = fabricated(controls);
  made.put({ type: "branch", id: 0, parent: null });
  made.put(...frameOf(0, 0));
  made.put(state(phase, more));
  return made;
}

const button = (words: string): HTMLButtonElement =>
  [...place.querySelectorAll("button")].find((each) => each.textContent?.includes(words))!;

describe("the designed states", () => {
  it("a run that diverged names tensor and step, and offers two ways back", async () => {
    const diverged = { tensor: "1.weight", step: 1199, message: "", largest_gradient: 3e9 };
    const { store, sent } = run("diverged", { diverged });
    const text = shown(store);
    expect(text).toContain("diverged at step 1,199: layer 1's weight is no longer finite");
    expect(text).toContain("Run diverged, step 1,200.");
    expect(text).not.toContain("NaN");
    await act(() => button("Back to the last good step").click());
    await act(() => button("Halve the rate and continue").click());
    expect(sent).toEqual([
      { name: "recover", values: { how: "back" } },
      { name: "recover", values: { how: "halve" } },
    ]);
  });

  it("a finished run says why, and trains on where that can be", () => {
    expect(shown(run("finished", { reason: "early stopping" }).store)).toContain("Early stopping.");
    expect(button("Train 1,200 more")).toBeDefined();
    expect(shown(run("finished", {}, CONTROLS).store)).toContain("All 1,200 updates are done.");
    expect(button("Train")).toBeUndefined();
  });

  it("another page's control can be taken", async () => {
    const { store, sent } = run("running", { controller: "another" });
    expect(shown(store)).toContain("Another page controls this run");
    await act(() => button("Take control").click());
    expect(sent.map((each) => each.name)).toEqual(["control"]);
    expect(shown(run("running", { controller: "me" }).store)).not.toContain("Another page");
  });

  it("a lost line says that history still shows", () => {
    const { store } = run("running");
    store.connection.value = "lost";
    expect(shown(store)).toContain("can be looked through");
    expect(shown(store)).toContain("Run disconnected");
  });

  it("a page that isn't let in says how to come in", () => {
    const { store } = fabricated();
    store.connection.value = "refused";
    store.why.value = "this link was used";
    expect(shown(store)).toContain("This page isn't let in. This link was used. A run's link opens it once");
  });

  it("a picture that comes more seldom says why", () => {
    const text = shown(run("running", { slowed: true, overhead: 0.031, frames_per_second: 5 }).store);
    expect(text).toContain("5 times a second");
    expect(text).toContain("takes 3");
    expect(shown(run("running", { slowed: false }).store)).not.toContain("times a second");
  });

  it("nothing yet: three ways to begin, or waiting for a script", async () => {
    const { store, sent } = fabricated();
    expect(shown(store)).toContain("What shall the network learn?");
    expect(place.querySelectorAll(".card").length).toBe(3);
    await act(() => button("Start with moons").click());
    expect(sent[0]?.name).toBe("data");
    button("Open a file").click();
    expect(store.screen.value).toBe("data");
    expect(shown(fabricated(CONTROLS).store)).toContain("Waiting for training to begin");
  });

  it("what a command was refused with can be read and put away", () => {
    const { store } = run("paused");
    store.refused.value = "A rate must be above 0.";
    expect(shown(store)).toContain("A rate must be above 0.");
    act(() => button("Close").click());
    expect(shown(store)).not.toContain("A rate must be");
  });
});

it("a screen that can't be drawn says why", async () => {
  const Broken = (): never => {
    throw new Error("This page can't compute layer 0.");
  };
  await act(() =>
    render(
      <Guard>
        <Broken />
      </Guard>,
      place,
    ),
  );
  expect(place.textContent).toContain("This page can't compute layer 0.");
});
