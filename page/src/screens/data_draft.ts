/** Other data that somebody is choosing, kept while they look at another screen. */

import { signal } from "@preact/signals";
import type { Store } from "../model/store";
import type { Column, Data } from "../model/types";
import { DrawnPoints } from "../parts/drawpad_points";

export type Kind = "dataset" | "table" | "points";

/** A file as the server has read it. */
export interface Upload {
  id: string;
  file: string;
  rows: number;
  columns: Column[];
}

export type TableTask = "classification" | "regression";

export const MOST_BYTES = 32 * 2 ** 20;

export class Draft {
  readonly kind = signal<Kind>("dataset");
  /** The share of rows held out. */
  readonly validation = signal(0.25);
  readonly seed = signal(0);
  // made up
  readonly dataset = signal("moons");
  readonly rows = signal(400);
  /** null: what suits the data set. */
  readonly noise = signal<number | null>(null);
  // a file
  readonly upload = signal<Upload | null>(null);
  readonly target = signal<string | null>(null);
  readonly features = signal<ReadonlySet<string>>(new Set());
  /** null: what the target's values suggest. */
  readonly task = signal<TableTask | null>(null);
  /** Why a file couldn't be read. */
  readonly bad = signal("");
  readonly reading = signal(false);
  // drawn by hand
  readonly pad = new DrawnPoints();
  /** What the run said to the data, where it refused them. */
  readonly refused = signal("");

  /** Send a file to be read; what is wrong with it is kept as a sentence. */
  async read(store: Store, file: File): Promise<void> {
    this.bad.value = "";
    this.refused.value = "";
    if (file.size > MOST_BYTES) {
      this.bad.value = `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB; the page takes 32 MB, so take a part of it.`;
      return;
    }
    this.reading.value = true;
    try {
      this.take(uploaded(await store.source.upload(file), file.name));
    } catch (error) {
      this.bad.value = error instanceof Error ? error.message : String(error);
    }
    this.reading.value = false;
  }

  /** A file that has been read: its last column is what is usually asked for. */
  take(upload: Upload): void {
    this.upload.value = upload;
    this.target.value = upload.columns[upload.columns.length - 1]?.name ?? null;
    this.features.value = new Set(upload.columns.map((column) => column.name));
    this.task.value = null;
  }

  /** The file that is learnt from already, so that another column of it can be chosen. */
  begin(data: Data): void {
    const { kind, upload, file, features } = data.source;
    if (kind !== "table" || typeof upload !== "string") return;
    this.kind.value = "table";
    this.take({ id: upload, file: String(file), rows: data.nRows + data.nValidation, columns: data.about });
    this.target.value = data.target;
    if (Array.isArray(features)) this.features.value = new Set([...features.map(String), data.target]);
  }

  /** What the run is asked to learn, or why it can't be asked yet. */
  source(): { source: Record<string, unknown> } | { why: string } {
    const shared = { validation: this.validation.value, seed: this.seed.value };
    if (this.kind.value === "dataset") {
      const [name, n_rows, noise] = [this.dataset.value, this.rows.value, this.noise.value];
      return { source: { kind: "dataset", name, n_rows, noise, ...shared } };
    }
    if (this.kind.value === "points") {
      const classes = this.pad.counts.value.filter((count) => count > 0).length;
      if (classes < 2) return { why: "Draw points of at least two classes." };
      return { source: { kind: "points", ...this.pad.source(), ...shared } };
    }
    const [upload, target] = [this.upload.value, this.target.value];
    if (upload === null) return { why: "Load a file." };
    if (target === null) return { why: "Choose the column to predict." };
    const features = upload.columns.flatMap(({ name }) =>
      name !== target && this.features.value.has(name) ? name : [],
    );
    if (features.length === 0) return { why: "Choose at least one column to predict from." };
    const task = this.task.value;
    return { source: { kind: "table", upload: upload.id, file: upload.file, target, features, task, ...shared } };
  }
}

const drafts = new WeakMap<Store, Draft>();

export function draftOf(store: Store): Draft {
  const known = drafts.get(store);
  if (known !== undefined) return known;
  const draft = new Draft();
  if (store.data.value !== null) draft.begin(store.data.value);
  drafts.set(store, draft);
  return draft;
}

/** The server's answer to a file. */
function uploaded(answer: Record<string, unknown>, file: string): Upload {
  const { upload, columns, n_rows } = answer as { upload: string; columns: Column[]; n_rows: number };
  return { id: upload, file, rows: n_rows, columns };
}

/** What the values of a target suggest, as far as the page knows them. */
export function suggested(column: Column | undefined, rows: number): TableTask {
  if (column === undefined || column.kind !== "number") return "classification";
  return column.levels <= 2 || column.levels <= Math.min(20, rows / 2) ? "classification" : "regression";
}

/** Where in a file something is wrong, as the reader says it: file:line:column: reason. */
export function placeOf(sentence: string): { file: string; line: number; column: number; reason: string } | null {
  const found = /^(.+?):(\d+):(\d+): (.+)$/s.exec(sentence);
  if (found === null) return null;
  const [, file = "", line, column, reason = ""] = found;
  return { file, line: Number(line), column: Number(column), reason };
}
