/** What the run says of its layers at a frame, and at some frames before it; asked at most once a second. */

import { effect, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { type Store, useStore } from "../model/store";
import type { Frame, Message } from "../model/types";

export interface Figures {
  mean: number | null;
  deviation: number | null;
  norm: number | null;
}

export interface LayerRow {
  layer: number;
  name: string;
  activation_name: string;
  weight: Figures | null;
  gradient: Figures | null;
  activation: Figures;
  update_ratio: number | null;
  dead: number | null;
  saturated: number | null;
}

export interface Layers {
  frame: number;
  branch: number;
  step: number;
  rows: number;
  layers: LayerRow[];
  /** By "0.weight", "0.gradient", "0.activation". */
  histograms: Map<string, { counts: number[]; edges: number[] }>;
}

const SECOND = 1000;
const MOMENTS = 10;
const KEPT = 60;

export function parseLayers({ header, arrays }: Message): Layers {
  const histograms: Layers["histograms"] = new Map();
  for (const [name, { data }] of arrays) {
    const [key, end] = [name.slice(0, name.lastIndexOf(".")), name.slice(name.lastIndexOf(".") + 1)];
    if (end !== "counts") continue;
    histograms.set(key, { counts: Array.from(data), edges: Array.from(arrays.get(`${key}.edges`)?.data ?? []) });
  }
  // the header's fields are named as this interface's: see the ask "layers" in Python
  return { ...(header as unknown as Layers), histograms };
}

/** Frames to know about: the shown one, and others evenly spread over the steps up to it. */
export function moments(timeline: readonly Frame[], shown: Frame, most = MOMENTS): Frame[] {
  const past = timeline.filter((frame) => frame.step <= shown.step && frame.id !== shown.id);
  if (past.length === 0) return [shown];
  const wanted = new Set<Frame>();
  for (let k = 0; k < most - 1; k++) {
    const step = (shown.step * k) / (most - 1);
    wanted.add(past.reduce((best, each) => (Math.abs(each.step - step) < Math.abs(best.step - step) ? each : best)));
  }
  return [shown, ...wanted];
}

export class LayerWatch {
  /** Of the shown frame, or of the last one asked about. */
  readonly now = signal<Layers | null>(null);
  /** Of the shown branch, by step. */
  readonly past = signal<readonly Layers[]>([]);
  readonly trouble = signal("");
  private readonly known = new Map<number, Layers>();
  private readonly refused = new Set<number>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private asking = false;

  constructor(private readonly store: Store) {}

  start(): () => void {
    const leave = effect(() => {
      const frame = this.store.frame.value;
      if (frame !== null) this.show(frame);
    });
    this.timer = setInterval(() => void this.ask(), SECOND);
    void this.ask();
    return () => {
      clearInterval(this.timer);
      leave();
    };
  }

  /** Ask for one frame that isn't known. */
  async ask(): Promise<void> {
    const { store } = this;
    const frame = store.frame.peek();
    if (this.asking || frame === null) return;
    if (!store.source.live) {
      this.trouble.value = "Layers are computed by the program that trains; this page is a saved one.";
      return;
    }
    const wanted = moments(store.timeline.peek(), frame).find(
      (each) => !this.known.has(each.id) && !this.refused.has(each.id),
    );
    if (wanted === undefined || store.connection.peek() !== "live") return;
    this.asking = true;
    try {
      this.known.set(wanted.id, parseLayers(await store.source.ask("layers", { frame: wanted.id })));
      for (const id of [...this.known.keys()].slice(0, Math.max(0, this.known.size - KEPT))) this.known.delete(id);
      this.trouble.value = "";
      this.show(store.frame.peek() ?? frame);
    } catch (error) {
      this.refused.add(wanted.id); // it was dropped meanwhile, or its layers can't be told: not twice
      if (wanted.id === store.frame.peek()?.id && !store.follows.peek())
        this.trouble.value = error instanceof Error ? error.message : String(error);
    }
    this.asking = false;
  }

  private show(frame: Frame): void {
    const own = [...this.known.values()].filter((each) => each.branch === frame.branch && each.step <= frame.step);
    this.past.value = own.sort((a, b) => a.step - b.step);
    this.now.value = this.known.get(frame.id) ?? own[own.length - 1] ?? null;
  }
}

export function useLayers(): LayerWatch {
  const store = useStore();
  const [watch] = useState(() => new LayerWatch(store));
  useEffect(() => watch.start(), [watch]);
  return watch;
}
