/** A link that holds a run's settings, so that somebody else's page can begin the same; never its data or its token. */

import { give } from "./commands";
import type { Store } from "./store";
import type { Branch, Data, Settings } from "./types";

/** The settings of a run whose layers are what the page's own editor can make. */
export interface Shared {
  hidden?: { units: number; activation: string }[];
  dropout?: number;
  loss?: string;
  optimizer?: string;
  rate?: number;
  batch_size?: number | null;
  l1?: number;
  l2?: number;
  /** Only of a made-up table. */
  data?: { kind: "dataset"; name: string; n_rows: number; noise: number | null; seed: number; validation: number };
}

const KEY = "settings";
const LONGEST = 4000;
const NAME = /^[a-z0-9_]{1,40}$/;

function kindOf(settings: Settings | undefined): string {
  return settings === undefined ? "" : settings.type.slice(settings.type.indexOf(".") + 1);
}

/** What of a run a link holds; layers that no link can hold are left out, and so the other page keeps its own. */
export function sharedOf(branch: Branch, data: Data, rate: number): Shared {
  const shared: Shared = {
    loss: kindOf(branch.loss),
    optimizer: kindOf(branch.optimizer),
    rate,
    batch_size: branch.batchSize,
    l1: branch.l1,
    l2: branch.l2,
  };
  const dense = branch.network.layers.filter((layer) => kindOf(layer) === "dense");
  const dropout = branch.network.layers.filter((layer) => kindOf(layer) === "dropout");
  if (dense.length + dropout.length === branch.network.layers.length) {
    shared.hidden = dense.slice(0, -1).map((layer) => ({
      units: Number(layer.units),
      activation: kindOf(layer.activation as Settings),
    }));
    if (dropout[0] !== undefined) shared.dropout = Number(dropout[0].rate ?? 0);
  }
  const { source } = data;
  if (source.kind === "dataset") {
    shared.data = {
      kind: "dataset",
      name: String(source.name),
      n_rows: Number(source.n_rows),
      noise: typeof source.noise === "number" ? source.noise : null,
      seed: Number(source.seed ?? 0),
      validation: Number(source.validation ?? 0),
    };
  }
  return shared;
}

export function encodeShared(shared: Shared): string {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function linkOf(shared: Shared, at: Pick<Location, "origin" | "pathname"> = location): string {
  return `${at.origin}${at.pathname}#${KEY}=${encodeShared(shared)}`;
}

/** Read a link, or its fragment. Null where it holds no settings; a link is a stranger's, so each value is checked. */
export function readLink(link: string): Shared | null {
  const text = new URLSearchParams(link.slice(link.indexOf("#") + 1)).get(KEY);
  if (text === null || text.length > LONGEST) return null;
  try {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(raw, (character) => character.charCodeAt(0));
    return checked(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

function checked(value: unknown): Shared | null {
  if (typeof value !== "object" || value === null) return null;
  const given = value as Record<string, unknown>;
  const shared: Shared = {};
  if (Array.isArray(given.hidden)) {
    const hidden = given.hidden.map((each: Record<string, unknown> | null) => ({
      units: Number(each?.units),
      activation: String(each?.activation),
    }));
    const sound = hidden.every(
      ({ units, activation }) => Number.isInteger(units) && units > 0 && units <= 2048 && NAME.test(activation),
    );
    if (!sound || hidden.length > 16) return null;
    shared.hidden = hidden;
  }
  for (const name of ["loss", "optimizer"] as const) {
    const text = given[name];
    if (typeof text === "string" && NAME.test(text)) shared[name] = text;
  }
  for (const name of ["rate", "l1", "l2", "dropout"] as const) {
    const number = given[name];
    if (typeof number === "number" && number >= 0 && Number.isFinite(number)) shared[name] = number;
  }
  if (given.batch_size === null || Number.isInteger(given.batch_size))
    shared.batch_size = given.batch_size as number | null;
  const data = given.data as Record<string, unknown> | undefined;
  if (data?.kind === "dataset" && typeof data.name === "string" && NAME.test(data.name)) {
    shared.data = {
      kind: "dataset",
      name: data.name,
      n_rows: Number(data.n_rows),
      noise: typeof data.noise === "number" ? data.noise : null,
      seed: Number(data.seed ?? 0),
      validation: Number(data.validation ?? 0),
    };
  }
  return shared;
}

/** What a link says, for a person to agree to. */
export function describeShared(shared: Shared): string[] {
  const hidden = shared.hidden?.map(({ units, activation }) => `${units} ${activation}`).join(", ");
  return [
    ...(shared.data === undefined ? [] : [`data: ${shared.data.n_rows} rows of ${shared.data.name}`]),
    ...(hidden === undefined ? [] : [hidden === "" ? "no hidden layer" : `hidden layers: ${hidden}`]),
    ...(shared.loss === undefined ? [] : [`loss: ${shared.loss}`]),
    ...(shared.optimizer === undefined ? [] : [`optimiser: ${shared.optimizer}, rate ${shared.rate ?? "as it is"}`]),
    ...(shared.batch_size === undefined
      ? []
      : [`batches: ${shared.batch_size === null ? "all rows" : shared.batch_size}`]),
    ...(shared.l2 ? [`L2: ${shared.l2}`] : []),
    ...(shared.l1 ? [`L1: ${shared.l1}`] : []),
  ];
}

/** Begin what a link says; stops at the first thing that the run refuses, whose reason is then shown. */
export async function applyShared(store: Store, shared: Shared): Promise<boolean> {
  if (shared.data !== undefined && !(await give(store, "data", { source: shared.data }))) return false;
  const { optimizer, batch_size, l1, l2 } = shared;
  const settings = Object.entries({ optimizer, batch_size, l1, l2 }).filter(([, value]) => value !== undefined);
  if (settings.length > 0 && !(await give(store, "set", Object.fromEntries(settings)))) return false;
  if (shared.rate !== undefined && !(await give(store, "rate", { value: shared.rate }))) return false;
  const { hidden, dropout, loss } = shared;
  return give(store, "restart", {
    ...(hidden === undefined ? {} : { hidden }),
    ...(dropout === undefined ? {} : { dropout }),
    ...(loss === undefined ? {} : { loss }),
  });
}
