/** The wire's snake_case headers as the page's types. What is missing gets the value that says the least. */

import type {
  Branch,
  Column,
  Data,
  Frame,
  Hello,
  Keep,
  Message,
  Network,
  Phase,
  Place,
  RunEvent,
  Settings,
  State,
} from "./types";

type Header = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const numberOrNull = (value: unknown): number | null => (typeof value === "number" ? value : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown): string[] => list(value).map(String);
const numbers = (value: unknown): number[] => list(value).map(Number);
const header = (value: unknown): Header => (typeof value === "object" && value !== null ? (value as Header) : {});
const settings = (value: unknown): Settings => ({ type: "", ...header(value) });

function floats(message: Message, name: string): Float32Array {
  const data = message.arrays.get(name)?.data;
  return data instanceof Float32Array ? data : Float32Array.from(data ?? []);
}

const LARGEST = 3.4028234663852886e38;

/** In a run that diverges weights may outgrow float32; what arrives as infinite is shown at the edge, and finite. */
function bounded(vector: Float32Array): Float32Array {
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!;
    if (!Number.isFinite(value)) vector[i] = value > 0 ? LARGEST : value < 0 ? -LARGEST : 0;
  }
  return vector;
}

export function doubles(message: Message, name: string): Float64Array {
  const data = message.arrays.get(name)?.data;
  return data instanceof Float64Array ? data : Float64Array.from(data ?? []);
}

export function hello({ header: h }: Message): Hello {
  return {
    version: number(h.version),
    title: text(h.title),
    controls: texts(h.controls),
    optimizers: texts(h.optimizers),
    activations: texts(h.activations),
    losses: texts(h.losses),
    datasets: texts(h.datasets),
    lesson: textOrNull(h.lesson),
  };
}

export function data(message: Message): Data {
  const h = message.header;
  const rows = (suffix: string) => ({
    count: message.arrays.get(`x${suffix}`)?.shape[0] ?? 0,
    x: floats(message, `x${suffix}`),
    y: floats(message, `y${suffix}`),
    places: Int32Array.from(message.arrays.get(`rows${suffix}`)?.data ?? []),
  });
  const image = numbers(h.image);
  const scale = h.scale === null || h.scale === undefined ? null : header(h.scale);
  return {
    id: number(h.id),
    name: text(h.name),
    task: h.task as Data["task"],
    features: texts(h.features),
    classes: texts(h.classes),
    target: text(h.target),
    nRows: number(h.n_rows),
    nValidation: number(h.n_validation),
    source: { kind: "", ...header(h.source) },
    image: image.length === 2 ? [image[0]!, image[1]!] : null,
    scale: scale && { mean: number(scale.mean), deviation: number(scale.deviation) },
    about: list(h.about).map((each): Column => {
      const column = header(each);
      return {
        name: text(column.name),
        kind: text(column.kind),
        missing: number(column.missing),
        levels: number(column.levels),
        role: text(column.role),
        balance: Array.isArray(column.balance)
          ? column.balance.map((pair): [string, number] => [String(list(pair)[0]), number(list(pair)[1])])
          : null,
      };
    }),
    train: rows(""),
    validation: rows("_validation"),
  };
}

export function network(h: Record<string, unknown>): Network {
  return {
    nInputs: number(h.n_inputs),
    widths: numbers(h.widths),
    members: number(h.members) || 1,
    layers: list(h.layers).map(settings),
    layout: list(h.layout).map((each): Place => {
      const place = header(each);
      return { name: text(place.name), offset: number(place.offset), shape: numbers(place.shape) };
    }),
  };
}

export function branch({ header: h }: Message): Branch {
  return {
    id: number(h.id),
    parent: numberOrNull(h.parent),
    fromStep: number(h.from_step),
    data: number(h.data),
    network: network(header(h.network)),
    loss: settings(h.loss),
    optimizer: settings(h.optimizer),
    schedule: text(h.schedule),
    rate: number(h.rate),
    l1: number(h.l1),
    l2: number(h.l2),
    clip: textOrNull(h.clip),
    batchSize: numberOrNull(h.batch_size),
    seed: number(h.seed),
    engine: text(h.engine),
    perEpoch: number(h.per_epoch),
    totalSteps: number(h.total_steps),
    dtype: text(h.dtype),
    metrics: texts(h.metrics),
  };
}

export function frame(message: Message): Frame {
  const h = message.header;
  return {
    id: number(h.id),
    branch: number(h.branch),
    step: number(h.step),
    loss: numberOrNull(h.loss),
    keep: text(h.keep) as Keep,
    vector: bounded(floats(message, "vector")),
  };
}

export function state({ header: h }: Message): State {
  const diverged = h.diverged === null || h.diverged === undefined ? null : header(h.diverged);
  return {
    phase: text(h.phase) as Phase,
    branch: number(h.branch),
    step: number(h.step),
    totalSteps: number(h.total_steps),
    perEpoch: number(h.per_epoch),
    rate: number(h.rate),
    pace: numberOrNull(h.pace),
    framesPerSecond: number(h.frames_per_second),
    slowed: h.slowed === true,
    overhead: number(h.overhead),
    stepsPerSecond: number(h.steps_per_second),
    reason: text(h.reason),
    diverged: diverged && {
      tensor: text(diverged.tensor),
      step: number(diverged.step),
      message: text(diverged.message),
      largestGradient: numberOrNull(diverged.largest_gradient),
    },
    controller: textOrNull(h.controller),
  };
}

export function event({ header: h }: Message): RunEvent {
  return {
    branch: number(h.branch),
    step: number(h.step),
    text: text(h.text),
    kind: h.kind === "command" ? "command" : "note",
  };
}
