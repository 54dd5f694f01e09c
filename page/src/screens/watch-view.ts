/** What the Watch screen looks at, and what is computed for it; kept while another screen is shown. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type Column, columnsOf, INPUT, outgoing } from "../draw/columns";
import { MOST_TILES, shownUnits } from "../draw/layout";
import { Forward } from "../model/forward";
import type { Maps, Task } from "../model/maps";
import { MapsEngine } from "../model/maps-engine";
import { type Choice, firstChoice, makePlane, type Plane } from "../model/plane";
import type { Store } from "../model/store";
import type { Branch, Data, Frame } from "../model/types";
import { EdgeValues } from "./watch-edges";

export type Score = "outgoing" | "variance";

const RANK_EVERY = 1000; // milliseconds: the chosen neurons of wide layers don't change places faster

export class View {
  /** The picture chosen by hand; undefined: what suits the data. */
  readonly picked = signal<Choice | null | undefined>(undefined);
  readonly score = signal<Score>("outgoing");
  readonly log = signal(false);
  readonly showTrain = signal(true);
  readonly showValidation = signal(true);
  readonly maps = signal<Maps | null>(null);
  readonly edges: EdgeValues;

  /** The forward pass, or why there is none, in words. */
  readonly forward: ReadonlySignal<Forward | string | null>;
  /** Another one for single rows at the newest frame: each keeps the parameters of one frame ready, the maps an older. */
  readonly reader: ReadonlySignal<Forward | null>;
  readonly choice: ReadonlySignal<Choice | null>;
  readonly plane: ReadonlySignal<Plane | null>;
  /** The plane of the neurons' cards: the big map's, or beside a layer's space the one that suits the data. */
  private readonly cards: ReadonlySignal<Plane | null>;
  readonly columns: ReadonlySignal<readonly Column[]>;
  /** Shown units of each column. */
  readonly units = signal<readonly (readonly number[])[]>([]);
  private readonly engine = new MapsEngine((maps) => {
    this.maps.value = maps;
  });
  private ranked = 0;
  private rankedFor: unknown = null;

  constructor(private readonly store: Store) {
    this.edges = new EdgeValues(store);
    const network = computed(() => store.branch.value?.network ?? null);
    this.forward = computed(() => {
      if (network.value === null) return null;
      try {
        return new Forward(network.value);
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    });
    this.reader = computed(() =>
      this.forward.value instanceof Forward ? new Forward(this.forward.value.network) : null,
    );
    this.columns = computed(() => (network.value === null ? [] : columnsOf(network.value)));
    this.choice = computed(() => {
      const data = store.data.value;
      if (data === null) return null;
      const picked = this.picked.value;
      return picked !== undefined && suits(picked, data, store.branch.value) ? picked : firstChoice(data);
    });
    const cardChoice = computed(() => {
      const [choice, data] = [this.choice.value, store.data.value];
      return choice?.kind === "units" && data !== null ? firstChoice(data) : choice;
    });
    const sample = computed(() => (cardChoice.value?.kind === "slice" ? store.sample.value : 0));
    this.cards = computed(() => {
      const data = store.data.value;
      return data === null ? null : makePlane(data, cardChoice.value, sample.value);
    });
    this.plane = computed(() => (this.choice.value?.kind === "units" ? null : this.cards.value));
  }

  /** Compute for as long as the screen is shown; returns what ends it. */
  start(): () => void {
    const ends = [
      effect(() => this.rank()),
      effect(() => {
        const task = this.task();
        if (task !== null) this.engine.request(task);
      }),
      this.edges.start(),
    ];
    return () => {
      for (const end of ends) end();
      this.engine.stop();
    };
  }

  private task(): Task | null {
    const [branch, data, frame, forward] = [
      this.store.branch.value,
      this.store.data.value,
      this.store.frame.value,
      this.forward.value,
    ];
    const [plane, choice, units, columns] = [this.cards.value, this.choice.value, this.units.value, this.columns.value];
    if (branch === null || data === null || frame === null || !(forward instanceof Forward)) return null;
    if (frame.branch !== branch.id || units.length !== columns.length || !fits(branch, data, frame)) return null;
    const wanted = new Map(columns.map((column, k) => [column.layer, units[k]!] as const));
    wanted.delete(INPUT);
    const chosen = this.store.neuron.value;
    if (chosen !== null && chosen.layer !== INPUT && chosen.layer < branch.network.layers.length) {
      const list = wanted.get(chosen.layer) ?? [];
      if (!list.includes(chosen.unit)) wanted.set(chosen.layer, [...list, chosen.unit]);
    }
    const cloud = choice?.kind === "units" ? choice.layer : null;
    const { widths, members } = branch.network;
    return { frame, forward, widths, members, data, plane, units: wanted, cloud };
  }

  /** Which units stand for a layer too wide to show. */
  private rank(): void {
    const [columns, score, frame] = [this.columns.value, this.score.value, this.store.frame.value];
    const wide = columns.some((each) => each.count > MOST_TILES);
    const why = `${this.store.branch.value?.id} ${score} ${wide ? this.store.chosenFrame.value : null}`;
    const now = performance.now();
    if (why === this.rankedFor && (!wide || now - this.ranked < RANK_EVERY)) return;
    if (frame === null) return;
    this.ranked = now;
    this.rankedFor = why;
    this.units.value = shownUnits(columns, (column) => {
      const variance = this.maps.peek()?.statistics.variance[column.layer];
      if (score === "variance" && variance?.length === column.count) return variance;
      const next = columns[columns.indexOf(column) + 1];
      return outgoing(next?.weights ?? null, frame.vector, column.count);
    });
  }
}

/** Whether what came belongs together; a table that is still under way doesn't. */
function fits(branch: Branch, data: Data, frame: Frame): boolean {
  const size = branch.network.layout.reduce((sum, each) => sum + each.shape.reduce((a, b) => a * b, 1), 0);
  return branch.network.nInputs === data.features.length && frame.vector.length === size && data.train.count > 0;
}

function suits(choice: Choice | null, data: Data, branch: Branch | null): boolean {
  if (choice === null) return data.features.length <= 2;
  if (choice.kind === "units") return branch !== null && choice.layer < branch.network.layers.length;
  if (data.features.length <= 2) return false;
  if (choice.kind === "dependence-line") return choice.feature < data.features.length;
  return choice.kind === "pca" || choice.features.every((each) => each < data.features.length);
}

const views = new WeakMap<Store, View>();

export function viewOf(store: Store): View {
  let view = views.get(store);
  if (view === undefined) {
    view = new View(store);
    views.set(store, view);
  }
  return view;
}
