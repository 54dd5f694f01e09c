/** The network's answers for the shown rows, computed in slices so that the page goes on answering its person. */

import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { Forward } from "../model/forward";
import type { Answers } from "../model/metrics";
import type { Store } from "../model/store";
import { useStore } from "../model/store";
import type { Branch, Data, Frame, Rows } from "../model/types";

export type Part = "train" | "validation";

export interface Answered extends Answers {
  frame: Frame;
  branch: Branch;
  data: Data;
  part: Part;
  rows: Rows;
}

/** Multiply-adds a slice: some 8 ms of a common machine. */
const SLICE = 2_000_000;
/** At the soonest so many milliseconds after the last: what is read needn't change thirty times a second. */
const PAUSE = 150;

export class Answerer {
  readonly part: Signal<Part>;
  readonly trouble = signal("");
  private readonly found = signal<Answered | null>(null);
  private busy = false;
  private stale = false;
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private forward: { branch: Branch; network: Forward } | null = null;

  constructor(private readonly store: Store) {
    this.part = signal<Part>((store.data.peek()?.validation.count ?? 0) > 0 ? "validation" : "train");
  }

  get answered(): ReadonlySignal<Answered | null> {
    return this.found;
  }

  /** Follow the shown frame until the returned function is called. */
  start(): () => void {
    this.ended = false;
    const leave = effect(() => {
      // read, so that a change of any of them calls this again
      const wanted = [this.store.frame.value, this.store.data.value, this.part.value];
      if (wanted[0] !== null) this.ask();
    });
    return () => {
      this.ended = true;
      clearTimeout(this.timer);
      leave();
    };
  }

  private ask(): void {
    if (this.busy) {
      this.stale = true;
      return;
    }
    this.busy = true;
    this.stale = false;
    const begun = performance.now();
    void this.compute().then(() => {
      const wait = Math.max(PAUSE, 2 * (performance.now() - begun));
      this.timer = setTimeout(() => {
        this.busy = false;
        if (this.stale && !this.ended) this.ask();
      }, wait);
    });
  }

  private async compute(): Promise<void> {
    const frame = this.store.frame.peek();
    const branch = this.store.branch.peek();
    const data = this.store.data.peek();
    if (frame === null || branch === null || data === null || frame.branch !== branch.id) return;
    const part: Part = this.part.peek() === "validation" && data.validation.count > 0 ? "validation" : "train";
    const rows = part === "train" ? data.train : data.validation;
    try {
      if (this.forward?.branch !== branch) this.forward = { branch, network: new Forward(branch.network) };
      const { network } = this.forward;
      const width = rows.count === 0 ? 1 : rows.y.length / rows.count;
      const outputs = new Float64Array(rows.count * width);
      const inputs = branch.network.nInputs;
      const length = Math.max(1, Math.floor(SLICE / Math.max(1, network.multiplyAdds)));
      for (let from = 0; from < rows.count; from += length) {
        const count = Math.min(length, rows.count - from);
        const x = rows.x.subarray(from * inputs, (from + count) * inputs);
        outputs.set(network.outputs(frame.vector, x, count).subarray(0, count * width), from * width);
        if (from + count < rows.count) await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.ended) return;
      }
      this.trouble.value = "";
      this.found.value = { frame, branch, data, part, rows, count: rows.count, width, outputs, targets: rows.y };
    } catch (error) {
      this.trouble.value = error instanceof Error ? error.message : String(error);
    }
  }
}

/** The answers for as long as a component is shown. */
export function useAnswerer(): Answerer {
  const store = useStore();
  const [answerer] = useState(() => new Answerer(store));
  useEffect(() => answerer.start(), [answerer]);
  return answerer;
}

/** A single output's column as a table of its own: what "several outputs" are looked at by. */
export function columnOf(answered: Answered, column: number): Answered {
  const { count, width, outputs, targets } = answered;
  const one = new Float64Array(count);
  const wanted = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    one[row] = outputs[row * width + column] ?? 0;
    wanted[row] = targets[row * width + column] ?? 0;
  }
  return { ...answered, width: 1, outputs: one, targets: wanted };
}

/** Whether a column of targets holds two classes: nothing but 0 and 1. */
export function isYesNo(targets: ArrayLike<number>): boolean {
  for (let row = 0; row < targets.length; row++) if (targets[row] !== 0 && targets[row] !== 1) return false;
  return targets.length > 0;
}

/** The names of the two, or more, classes. */
export function classNames(data: Data, width: number): string[] {
  const count = Math.max(2, width);
  return Array.from({ length: count }, (_, k) => data.classes[k] ?? `${k}`);
}
