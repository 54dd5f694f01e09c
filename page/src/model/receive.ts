/** Messages into the store's signals, many at once: what a frame of the screen can't show isn't shown. */

import { batch } from "@preact/signals";
import * as parse from "./parse";
import { Rhythm } from "./rhythm";
import { EMPTY, extended } from "./series";
import type { Store } from "./store";
import type { Frame, Keep, Message, Series } from "./types";

/** Parameter vectors kept here; a server keeps its own, so what falls out is only a coarser scrubber. */
const MOST_FRAME_BYTES = 64 * 2 ** 20;
/** In a hidden tab there are no animation frames. */
const HIDDEN_PAUSE = 250;
const TICK = 16; // milliseconds of an animation frame

/** Collects messages and hands them on in an animation frame, no sooner after the last ones than the page can show. */
export class Inbox {
  private waiting: Message[] = [];
  private readonly rhythm = new Rhythm();
  private watching = 0;

  constructor(private readonly store: Store) {}

  put(message: Message): void {
    this.waiting.push(message);
    if (this.waiting.length > 1) return;
    if (typeof requestAnimationFrame === "undefined" || document.hidden) setTimeout(this.empty, HIDDEN_PAUSE);
    else {
      this.ask();
      setTimeout(this.empty, HIDDEN_PAUSE); // the tab may be hidden before that
    }
  }

  private ask(): void {
    cancelAnimationFrame(this.watching);
    this.watching = requestAnimationFrame((now) => {
      const more = this.rhythm.frame(now);
      if (this.waiting.length > 0 && this.rhythm.wait(now) < TICK / 2) {
        this.rhythm.show(now);
        this.empty();
        this.ask();
      } else if (more || this.waiting.length > 0) this.ask();
    });
  }

  private readonly empty = (): void => {
    const messages = this.waiting;
    if (messages.length === 0) return;
    this.waiting = [];
    receiveAll(this.store, messages);
  };
}

export function receive(store: Store, message: Message): void {
  receiveAll(store, [message]);
}

export function receiveAll(store: Store, messages: readonly Message[]): void {
  batch(() => {
    const draft = new Draft(store);
    for (const message of messages) draft.take(message);
    draft.finish();
  });
}

/** The store's maps, copied once for all messages of a turn. */
class Draft {
  private frames: Map<number, Frame> | null = null;
  private series: Map<number, Map<string, Series>> | null = null;

  constructor(private readonly store: Store) {}

  take(message: Message): void {
    const { store } = this;
    switch (message.type) {
      case "hello": {
        const hello = parse.hello(message);
        if (store.hello.value !== null && store.hello.value.title !== hello.title) this.forget();
        store.hello.value = hello;
        break;
      }
      case "data": {
        const data = parse.data(message);
        store.tables.value = new Map(store.tables.value).set(data.id, data);
        break;
      }
      case "branch": {
        const branch = parse.branch(message);
        store.branches.value = new Map(store.branches.value).set(branch.id, branch);
        break;
      }
      case "frame": {
        const frame = parse.frame(message);
        this.frame().set(frame.id, frame);
        break;
      }
      case "keep": {
        const frame = this.frame().get(Number(message.header.id));
        if (frame) this.frame().set(frame.id, { ...frame, keep: String(message.header.keep) as Keep });
        break;
      }
      case "dropped":
        for (const id of message.header.frames as number[]) this.frame().delete(id);
        break;
      case "series":
        this.extend(message);
        break;
      case "state":
        store.state.value = parse.state(message);
        break;
      case "event": {
        const event = parse.event(message);
        const known = store.events.value.some(
          (each) => each.branch === event.branch && each.step === event.step && each.text === event.text,
        );
        // after a lost connection the run tells all again
        if (!known) store.events.value = [...store.events.value, event];
        break;
      }
      default: // a newer run may tell more than this page knows
    }
  }

  finish(): void {
    const { store } = this;
    if (this.series !== null) store.series.value = this.series;
    if (this.frames === null) return;
    const chosen = store.chosenFrame.value;
    const before = chosen === null ? undefined : store.frames.value.get(chosen);
    thinFrames(this.frames, MOST_FRAME_BYTES, chosen);
    store.frames.value = this.frames;
    if (before !== undefined && !this.frames.has(before.id)) store.chosenFrame.value = nearest(this.frames, before);
  }

  private frame(): Map<number, Frame> {
    this.frames ??= new Map(this.store.frames.value);
    return this.frames;
  }

  private extend(message: Message): void {
    const { branch, name, replace } = message.header as { branch: number; name: string; replace?: boolean };
    this.series ??= new Map([...this.store.series.value].map(([id, curves]) => [id, new Map(curves)]));
    const curves = this.series.get(branch) ?? new Map<string, Series>();
    this.series.set(branch, curves);
    const old = replace ? EMPTY : (curves.get(name) ?? EMPTY);
    curves.set(name, extended(old, parse.doubles(message, "steps"), parse.doubles(message, "values")));
  }

  /** Another run answers at this address. */
  private forget(): void {
    const { store } = this;
    this.frames = new Map();
    this.series = new Map();
    store.tables.value = new Map();
    store.branches.value = new Map();
    store.events.value = [];
    store.state.value = null;
    store.chosenBranch.value = store.chosenFrame.value = null;
  }
}

/** Leave out every other frame that nobody asked to keep, until the rest fits; then the oldest of the others, too. */
export function thinFrames(frames: Map<number, Frame>, most: number, chosen: number | null): void {
  const bytes = (): number => [...frames.values()].reduce((sum, each) => sum + each.vector.byteLength, 0);
  const newest = Math.max(...frames.keys());
  const free = (each: Frame): boolean => each.id !== newest && each.id !== chosen;
  while (bytes() > most) {
    const plain = [...frames.values()].filter((each) => each.keep === "" && free(each));
    if (plain.length > 0) {
      for (const each of plain.filter((_, i) => i % 2 === 0)) frames.delete(each.id);
      continue;
    }
    const oldest = [...frames.values()].find((each) => each.keep !== "first" && each.keep !== "best" && free(each));
    if (oldest === undefined) return;
    frames.delete(oldest.id);
  }
}

function nearest(frames: ReadonlyMap<number, Frame>, to: Frame): number | null {
  let best: Frame | null = null;
  for (const each of frames.values()) {
    if (each.branch !== to.branch) continue;
    if (best === null || Math.abs(each.step - to.step) < Math.abs(best.step - to.step)) best = each;
  }
  return best?.id ?? null;
}
