/** The layers' formulas over whole tables, row-major; each is held to NumPy's by golden vectors. */

import { activation } from "./activations";
import { product, type Rows } from "./product";
import type { Network, Settings } from "./types";

/** A layer made ready: computes `count` rows from x into a, which is as long as they need. */
export type Run = (parameters: Float64Array, x: Float64Array, a: Float64Array, count: number) => void;

export interface Layer {
  run: Run;
  /** Multiply-adds a row, about. */
  cost: number;
}

/** Where a layer's parameters lie, and how wide its rows are. */
export interface Room {
  /** The offset of a parameter of this layer in the flat vector. */
  at: (name: string) => number;
  inputs: number;
  outputs: number;
  position: number;
}

type Make = (settings: Settings, room: Room) => Layer;

const rows = (numbers: Float64Array, at: number, stride: number): Rows => ({ numbers, at, stride });
const whole = (value: unknown): number => (typeof value === "number" ? value : 0);
const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

const dense: Make = (settings, room) => {
  const { inputs, outputs } = room;
  const [weight, bias] = [room.at("weight"), room.at("bias")];
  const activate = activation(settings.activation as Settings, outputs);
  return {
    cost: inputs * outputs,
    run: (p, x, a, count) => {
      const [from, to] = [rows(x, 0, inputs), rows(a, 0, outputs)];
      product(p, weight, bias, from, inputs, to, outputs, count);
      activate(a, count * outputs);
    },
  };
};

const groupedDense: Make = (settings, room) => {
  const groups = whole(settings.groups);
  const [inputs, units] = [room.inputs / groups, room.outputs / groups];
  const [weight, bias] = [room.at("weight"), room.at("bias")];
  const activate = activation(settings.activation as Settings, room.outputs);
  return {
    cost: room.inputs * units,
    run: (p, x, a, count) => {
      if (settings.shared === true)
        product(p, weight, bias, rows(x, 0, inputs), inputs, rows(a, 0, units), units, count * groups);
      else
        for (let g = 0; g < groups; g++) {
          const [from, to] = [rows(x, g * inputs, room.inputs), rows(a, g * units, room.outputs)];
          product(p, weight + g * inputs * units, bias + g * units, from, inputs, to, units, count);
        }
      activate(a, count * room.outputs);
    },
  };
};

const members: Make = (settings, room) => {
  const [count_, inputs, scale] = [whole(settings.count), room.inputs, room.at("scale")];
  return {
    cost: room.outputs,
    run: (p, x, a, count) => {
      for (let r = 0; r < count; r++)
        for (let k = 0; k < count_ * inputs; k++)
          a[r * room.outputs + k] = x[r * inputs + (k % inputs)]! * p[scale + k]!;
    },
  };
};

const scale: Make = (_, room) => {
  const [width, at] = [room.inputs, room.at("scale")];
  return {
    cost: width,
    run: (p, x, a, count) => {
      for (let k = 0; k < count * width; k++) a[k] = x[k]! * p[at + (k % width)]!;
    },
  };
};

/** Outside training a = x. */
const dropout: Make = (_, room) => ({
  cost: 0,
  run: (_p, x, a, count) => {
    for (let k = 0; k < count * room.inputs; k++) a[k] = x[k]!;
  },
});

const layerNorm: Make = (settings, room) => {
  const [width, epsilon] = [room.inputs, whole(settings.epsilon)];
  const [scaleAt, shift] = [room.at("scale"), room.at("shift")];
  return {
    cost: 4 * width,
    run: (p, x, a, count) => {
      for (let r = 0; r < count; r++) {
        const row = r * width;
        let mean = 0;
        for (let i = 0; i < width; i++) mean += x[row + i]!;
        mean /= width;
        let variance = 0;
        for (let i = 0; i < width; i++) variance += (x[row + i]! - mean) ** 2;
        const inverse = 1 / Math.sqrt(variance / width + epsilon);
        for (let i = 0; i < width; i++) a[row + i] = (x[row + i]! - mean) * inverse * p[scaleAt + i]! + p[shift + i]!;
      }
    },
  };
};

const periodic: Make = (settings, room) => {
  const { inputs, outputs } = room;
  const chosen = listOf<boolean>(settings.columns);
  const columns = Array.from({ length: inputs }, (_, j) => j).filter((j) => chosen.length === 0 || chosen[j]);
  const [f, q] = [whole(settings.frequencies), whole(settings.units) - 1];
  const [frequency, phase, weight, bias] = [room.at("frequency"), room.at("phase"), room.at("weight"), room.at("bias")];
  const waves = new Float64Array(f);
  return {
    cost: columns.length * f * (q + 8),
    run: (p, x, a, count) => {
      for (let r = 0; r < count; r++) {
        for (let j = 0; j < inputs; j++) a[r * outputs + j] = x[r * inputs + j]!;
        columns.forEach((column, k) => {
          const value = 2 * Math.PI * x[r * inputs + column]!;
          for (let i = 0; i < f; i++) waves[i] = Math.cos(value * p[frequency + k * f + i]! + p[phase + k * f + i]!);
          const to = rows(a, r * outputs + inputs + k * q, q);
          product(p, weight + k * f * q, bias + k * q, rows(waves, 0, f), f, to, q, 1);
        });
      }
    },
  };
};

const piecewiseLinear: Make = (settings, room) => {
  const { inputs, outputs } = room;
  const places = listOf<number[]>(settings.edges).flatMap((edges, column) =>
    edges.length === 0
      ? [{ column, low: 0, inverse: 1, bounded: false }]
      : edges.slice(1).map((high, t) => ({ column, low: edges[t]!, inverse: 1 / (high - edges[t]!), bounded: true })),
  );
  return {
    cost: outputs,
    run: (_p, x, a, count) => {
      for (let r = 0; r < count; r++)
        for (let k = 0; k < places.length; k++) {
          const { column, low, inverse, bounded } = places[k]!;
          const t = (x[r * inputs + column]! - low) * inverse;
          a[r * outputs + k] = bounded ? Math.min(Math.max(t, 0), 1) : t;
        }
    },
  };
};

/** Halves go to the even number, as NumPy rounds. */
function rounded(value: number): number {
  const near = Math.round(value);
  return near - value === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

const embedding: Make = (settings, room) => {
  const { inputs, outputs } = room;
  const [levels, units, weight] = [listOf<number>(settings.levels), whole(settings.units), room.at("weight")];
  const passed = [...levels.keys()].filter((j) => levels[j] === 0);
  const coded = [...levels.keys()].filter((j) => levels[j] !== 0);
  return {
    cost: outputs,
    run: (p, x, a, count) => {
      for (let r = 0; r < count; r++) {
        let at = r * outputs;
        for (const j of passed) a[at++] = x[r * inputs + j]!;
        let table = weight;
        for (const j of coded) {
          const code = rounded(x[r * inputs + j]!);
          const known = code >= 1 && code <= levels[j]!;
          for (let u = 0; u < units; u++) a[at++] = known ? p[table + (code - 1) * units + u]! : 0;
          table += levels[j]! * units;
        }
      }
    },
  };
};

const KINDS: Record<string, Make> = {
  "layer.dense": dense,
  "layer.grouped_dense": groupedDense,
  "layer.members": members,
  "layer.scale": scale,
  "layer.dropout": dropout,
  "layer.layer_norm": layerNorm,
  "layer.periodic": periodic,
  "layer.piecewise_linear": piecewiseLinear,
  "layer.embedding": embedding,
};

/** Make a network's layer ready to run; a kind that isn't known is an error in words. */
export function layerOf(network: Network, position: number): Layer {
  const settings = network.layers[position];
  const make = KINDS[settings?.type ?? ""];
  if (settings === undefined || make === undefined)
    throw new Error(
      `This page can't compute layer ${position}, a "${settings?.type.replace(/^layer\./, "")}": it knows the layers ` +
        "that come with Clearprop. Curves and history still show.",
    );
  const at = (name: string): number => {
    const place = network.layout.find((each) => each.name === `${position}.${name}`);
    if (place === undefined) throw new Error(`The run didn't say where layer ${position}'s ${name} lies.`);
    return place.offset;
  };
  return make(settings, {
    at,
    position,
    inputs: network.widths[position] ?? 0,
    outputs: network.widths[position + 1] ?? 0,
  });
}
