/** All that the page knows, as signals: what came from the run, and what the person looks at. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Inbox } from "./receive";
import type { Branch, Connection, Data, Frame, Hello, Message, RunEvent, Series, Source, State } from "./types";

export type Screen = "watch" | "explain" | "diagnose" | "data";
/** What the edges of the diagram show. */
export type Shown = "weight" | "gradient" | "update";

export class Store {
  // from the run
  readonly hello = signal<Hello | null>(null);
  readonly state = signal<State | null>(null);
  readonly connection = signal<Connection>("connecting");
  readonly why = signal("");
  readonly tables = signal<ReadonlyMap<number, Data>>(new Map());
  readonly branches = signal<ReadonlyMap<number, Branch>>(new Map());
  /** Every kept frame, by its number, in the order in which they came to be. */
  readonly frames = signal<ReadonlyMap<number, Frame>>(new Map());
  /** The curves of each branch by name. */
  readonly series = signal<ReadonlyMap<number, ReadonlyMap<string, Series>>>(new Map());
  readonly events = signal<readonly RunEvent[]>([]);

  // what the person looks at
  readonly screen = signal<Screen>("watch");
  /** The branch chosen by hand; null: the one that is being trained. */
  readonly chosenBranch = signal<number | null>(null);
  /** The frame chosen by scrubbing; null: the newest. */
  readonly chosenFrame = signal<number | null>(null);
  /** A neuron; null: the output's first. */
  readonly neuron = signal<{ layer: number; unit: number } | null>(null);
  /** A row of the shown training rows. */
  readonly sample = signal(0);
  readonly shown = signal<Shown>("weight");
  /** What the last command that failed was told, until the next one. */
  readonly refused = signal("");

  readonly branch: ReadonlySignal<Branch | null> = computed(() => {
    const id = this.chosenBranch.value ?? this.state.value?.branch ?? [...this.branches.value.keys()].pop();
    return id === undefined ? null : (this.branches.value.get(id) ?? null);
  });
  readonly data: ReadonlySignal<Data | null> = computed(
    () => this.tables.value.get(this.branch.value?.data ?? -1) ?? null,
  );
  /** The shown branch's frames by step. */
  readonly timeline: ReadonlySignal<readonly Frame[]> = computed(() => {
    const id = this.branch.value?.id;
    return [...this.frames.value.values()]
      .filter((each) => each.branch === id)
      .sort((a, b) => a.step - b.step || a.id - b.id);
  });
  readonly frame: ReadonlySignal<Frame | null> = computed(() => {
    const chosen = this.chosenFrame.value;
    const timeline = this.timeline.value;
    return timeline.find((each) => each.id === chosen) ?? timeline[timeline.length - 1] ?? null;
  });
  /** Whether the page shows the newest frame, and goes on to the next when it comes. */
  readonly follows: ReadonlySignal<boolean> = computed(() => this.chosenFrame.value === null);
  readonly curves: ReadonlySignal<ReadonlyMap<string, Series>> = computed(
    () => this.series.value.get(this.branch.value?.id ?? -1) ?? new Map<string, Series>(),
  );
  /** Whether this page's commands are heard: it has a run, and no other page controls it. */
  readonly controls: ReadonlySignal<boolean> = computed(() => {
    const controller = this.state.value?.controller ?? null;
    return this.connection.value === "live" && (controller === null || controller === this.source.client);
  });

  constructor(readonly source: Source) {}

  start(): void {
    const inbox = new Inbox(this);
    this.source.start(
      (message: Message) => inbox.put(message),
      (connection, why) => {
        this.connection.value = connection;
        this.why.value = why;
      },
    );
  }

  /** Whether the run knows a command at all: one that belongs to a script has fewer. */
  knows(command: string): boolean {
    return this.hello.value?.controls.includes(command) ?? false;
  }

  /** Send a command; what it is refused with goes to `refused`. */
  async command(name: string, values: Record<string, unknown> = {}): Promise<Record<string, unknown> | null> {
    try {
      const answer = await this.source.command(name, values);
      this.refused.value = "";
      return answer;
    } catch (error) {
      this.refused.value = error instanceof Error ? error.message : String(error);
      return null;
    }
  }
}

export type { Signal };

const StoreContext = createContext<Store | null>(null);
export const StoreProvider = StoreContext.Provider;

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) throw new Error("a part of the page stands outside the store");
  return store;
}
