/** What travels from a run to the page; the wire's contract is in docs/decisions. */

export type Settings = { type: string; [name: string]: unknown };

export interface Hello {
  version: number;
  title: string;
  controls: string[];
  optimizers: string[];
  activations: string[];
  losses: string[];
  datasets: string[];
  lesson: string | null;
}

export type Task = "binary" | "multiclass" | "regression" | "multi";

/** Rows of a table, one after another. */
export interface Rows {
  count: number;
  x: Float32Array;
  y: Float32Array;
  /** Each row's place in the whole table. */
  places: Int32Array;
}

export interface Column {
  name: string;
  kind: string;
  missing: number;
  levels: number;
  /** "feature", "target", "left out" (it says nothing, or only names rows) or "not chosen"; empty where nobody says; of a file not chosen from yet, none. */
  role?: string;
  /** Of a target with classes: each class and its rows. */
  balance?: [string, number][] | null;
}

export interface Data {
  id: number;
  name: string;
  task: Task;
  features: string[];
  classes: string[];
  target: string;
  nRows: number;
  nValidation: number;
  source: { kind: string; [name: string]: unknown };
  image: [number, number] | null;
  scale: { mean: number; deviation: number } | null;
  about: Column[];
  train: Rows;
  validation: Rows;
}

export interface Place {
  name: string;
  offset: number;
  shape: number[];
}

export interface Network {
  nInputs: number;
  /** Columns before the first layer and after each. */
  widths: number[];
  members: number;
  layers: Settings[];
  layout: Place[];
}

export interface Branch {
  id: number;
  parent: number | null;
  fromStep: number;
  data: number;
  network: Network;
  loss: Settings;
  optimizer: Settings;
  schedule: string;
  rate: number;
  l1: number;
  l2: number;
  clip: string | null;
  batchSize: number | null;
  seed: number;
  engine: string;
  perEpoch: number;
  totalSteps: number;
  dtype: string;
  metrics: string[];
}

export type Keep = "" | "first" | "best" | "command" | "bookmark" | "diverged";

/** The parameters as they were after `step` updates. */
export interface Frame {
  id: number;
  branch: number;
  step: number;
  loss: number | null;
  keep: Keep;
  vector: Float32Array;
}

export interface Series {
  steps: Float64Array;
  values: Float64Array;
}

export type Phase = "waiting" | "running" | "paused" | "finished" | "diverged" | "closed";

export interface State {
  phase: Phase;
  branch: number;
  step: number;
  totalSteps: number;
  perEpoch: number;
  rate: number;
  pace: number | null;
  framesPerSecond: number;
  /** Whether frames come more seldom than asked for, so that training isn't held up. */
  slowed: boolean;
  overhead: number;
  stepsPerSecond: number;
  reason: string;
  diverged: { tensor: string; step: number; message: string; largestGradient: number | null } | null;
  controller: string | null;
}

export interface RunEvent {
  branch: number;
  step: number;
  text: string;
  kind: "command" | "note";
}

/** An array as it came, with its shape. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

export interface Message {
  type: string;
  header: Record<string, unknown>;
  arrays: Map<string, Tensor>;
}

/** Where messages come from and commands go to: a server, a notebook's kernel, or a file that has all and answers nothing. */
export interface Source {
  /** Whether commands and questions have somebody to go to. */
  readonly live: boolean;
  readonly client: string;
  start(onMessage: (message: Message) => void, onConnection: (connection: Connection, why: string) => void): void;
  /** Post a command; rejects with a sentence for people. */
  command(name: string, values: Record<string, unknown>): Promise<Record<string, unknown>>;
  ask(what: string, values: Record<string, unknown>): Promise<Message>;
  upload(file: File): Promise<Record<string, unknown>>;
}

export type Connection = "connecting" | "live" | "lost" | "refused" | "offline";
