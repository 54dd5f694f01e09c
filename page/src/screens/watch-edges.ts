/** What the edges show: the weights of the shown frame, or a gradient or update that the run is asked for. */

import { effect, signal } from "@preact/signals";
import type { Shown, Store } from "../model/store";
import type { Frame } from "../model/types";

const EVERY = 250; // milliseconds between two questions while the page follows the run
const REST = 150; // milliseconds that a scrubbed frame must stay before it is asked about

export interface Answer {
  shown: Shown;
  frame: Frame;
  vector: ArrayLike<number>;
}

export class EdgeValues {
  readonly answer = signal<Answer | null>(null);
  /** Why there is no answer, in words. */
  readonly note = signal("");
  private asking = false;
  private again = false;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly store: Store) {}

  start(): () => void {
    const end = effect(() => this.changed());
    return () => {
      end();
      clearTimeout(this.timer);
    };
  }

  private changed(): void {
    const [shown, frame] = [this.store.shown.value, this.store.frame.value];
    const [connection, follows] = [this.store.connection.value, this.store.follows.value];
    clearTimeout(this.timer);
    if (frame === null) return;
    if (shown === "weight") {
      this.note.value = "";
      this.answer.value = { shown, frame, vector: frame.vector };
      return;
    }
    const last = this.answer.peek();
    if (last?.shown !== shown || last.frame.branch !== frame.branch) this.answer.value = null;
    if (!this.store.source.live || connection !== "live") {
      this.answer.value = null;
      this.note.value = `The ${noun(shown)} is computed by the run, which isn't here; the weights are.`;
      return;
    }
    const wait = follows ? Math.max(0, this.asked + EVERY - performance.now()) : REST;
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    const [shown, frame] = [this.store.shown.peek(), this.store.frame.peek()];
    if (frame === null || shown === "weight") return;
    this.asking = true;
    this.asked = performance.now();
    try {
      const values = shown === "gradient" ? { frame: frame.id, rows: "sample" } : { frame: frame.id };
      const message = await this.store.source.ask(shown, values);
      const vector = message.arrays.get("vector")?.data;
      if (vector !== undefined && this.store.shown.peek() === shown && vector.length === frame.vector.length) {
        this.answer.value = { shown, frame, vector };
        this.note.value = "";
      }
    } catch (error) {
      if (this.store.shown.peek() === shown) this.note.value = error instanceof Error ? error.message : String(error);
    } finally {
      this.asking = false;
      if (this.again) {
        this.again = false;
        this.changed();
      }
    }
  }
}

export function noun(shown: Shown): string {
  return shown === "weight" ? "weight" : shown === "gradient" ? "gradient" : "last update";
}
