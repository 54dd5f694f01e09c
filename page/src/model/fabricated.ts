/** A store without a run, for tests: messages are put in by hand, commands are only written down. */

import { decode, encode } from "./messages";
import { receive } from "./receive";
import { Store } from "./store";
import type { Source, Tensor } from "./types";

export interface Sent {
  name: string;
  values: Record<string, unknown>;
}

export const CONTROLS = "play pause step epoch pace rate stop bookmark control".split(" ");
export const SESSION = "set rewind seed continue restart data edit more recover finish".split(" ");

/** A store that is connected, and the commands that were given. */
export function fabricated(controls: readonly string[] = [...CONTROLS, ...SESSION]): {
  store: Store;
  sent: Sent[];
  put: (header: Record<string, unknown>, arrays?: Record<string, Tensor>) => void;
} {
  const sent: Sent[] = [];
  const source: Source = {
    live: true,
    client: "me",
    start: () => undefined,
    command: async (name, values) => {
      sent.push({ name, values });
      return { ok: true };
    },
    ask: async () => Promise.reject(new Error("nobody answers")),
    upload: async () => ({}),
  };
  const store = new Store(source);
  store.connection.value = "live";
  const put = (header: Record<string, unknown>, arrays: Record<string, Tensor> = {}): void =>
    receive(store, decode(encode(header, arrays)));
  put({ type: "hello", version: 1, title: "moons", controls });
  return { store, sent, put };
}

/** A frame's message. */
export function frameOf(
  id: number,
  step: number,
  more: Record<string, unknown> = {},
): [Record<string, unknown>, Record<string, Tensor>] {
  const header = { type: "frame", id, branch: 0, step, loss: 1 / (1 + step), keep: "", ...more };
  return [header, { vector: { shape: [3], data: new Float32Array(3).fill(step) } }];
}
