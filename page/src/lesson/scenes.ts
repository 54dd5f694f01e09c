/** Scenes for those who skip: the commands that bring the run to where a step begins. */

import { effect } from "@preact/signals";
import { give, whyNot } from "../model/commands";
import type { Store } from "../model/store";

export type Scene = (store: Store) => Promise<boolean>;

/** Wait until something holds; false if it doesn't within so many milliseconds. */
export function until(holds: () => boolean, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    let leave: () => void = () => undefined;
    const end = (result: boolean) => {
      clearTimeout(timer);
      queueMicrotask(() => leave()); // the effect may still be running for the first time
      resolve(result);
    };
    const timer = setTimeout(() => end(false), milliseconds);
    leave = effect(() => {
      if (holds()) end(true);
    });
  });
}

/** How long the page's picture of a run may lag behind the run, in milliseconds. */
const LAG = 3000;

async function inTurn(store: Store, ...commands: [string, Record<string, unknown>?][]): Promise<boolean> {
  for (const [name, values] of commands) {
    // a command is answered before its state arrives: after a rewind the page may still believe that the run diverged
    if (!(await until(() => whyNot(store, name) === null, LAG))) return give(store, name, values ?? {});
    if (!(await give(store, name, values ?? {}))) return false;
  }
  return true;
}

/** Begin a branch by a command, standing still, and wait until the page shows it. */
async function begun(store: Store, name: string, values: Record<string, unknown> = {}): Promise<boolean> {
  const before = store.state.peek()?.branch;
  store.neuron.value = null; // the map shows the whole network's answer again
  if (!(await inTurn(store, ["pause"], [name, values]))) return false;
  return until(() => store.state.value?.branch !== before, LAG);
}

export const hidden = (...units: number[]) => ({
  hidden: units.map((each) => ({ units: each, activation: "leaky_relu" })),
});

export const fewNoisy = { kind: "dataset", name: "moons", n_rows: 40, noise: 0.4, seed: 0, validation: 0.25 };

const USUAL = { value: 0.25 };
const SLOWLY = { steps_per_second: 150 };
/** Slow enough for a frame of each update. */
const ONE_BY_ONE = { steps_per_second: 2 };

/** Begin with these hidden layers, at the usual rate, slowly enough to watch. */
export function begin(...units: number[]): Scene {
  return async (store) =>
    (await begun(store, "restart", hidden(...units))) && inTurn(store, ["rate", USUAL], ["pace", SLOWLY], ["play"]);
}

export const predict: Scene = async (store) =>
  (await begun(store, "rewind")) && inTurn(store, ["pace", { steps_per_second: 30 }]);

/** One frame after some training, standing still. */
export const stillStand: Scene = (store) => give(store, "pause");

export const RATES = [0.001, 0.25, 10] as const;
const RACE = 300;

/** The same first weights at three rates, one after another. */
export const race: Scene = async (store) => {
  if (!(await begun(store, "restart", hidden(16, 16)))) return false;
  for (const [k, rate] of RATES.entries()) {
    if (k > 0 && !(await begun(store, "rewind"))) return false;
    const pace = rate > 1 ? ONE_BY_ONE : SLOWLY; // it breaks within ten updates, which are there to be gone back over
    if (!(await inTurn(store, ["rate", { value: rate }], ["pace", pace], ["play"]))) return false;
    const ended = () => (store.state.value?.step ?? 0) >= RACE || store.state.value?.phase === "diverged";
    if (!(await until(ended, 20_000))) return false;
    if (store.state.value?.phase === "running" && !(await give(store, "pause"))) return false;
  }
  return give(store, "pace", SLOWLY); // what is begun by hand from here isn't as slow
};

export const overfit: Scene = async (store) =>
  (await begun(store, "data", { source: fewNoisy })) &&
  (await begun(store, "restart", hidden(32, 32))) &&
  inTurn(store, ["rate", USUAL], ["pace", { steps_per_second: 500 }], ["play"]);
