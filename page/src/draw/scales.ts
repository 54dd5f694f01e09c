/** Which colours a neuron's map has: chances between classes, a class's own chance, or signed numbers. */

import { isClassification, unscaled } from "../model/points";
import type { Data, Network } from "../model/types";
import { activationOf } from "./columns";
import type { Scale } from "./map";
import type { Palette } from "./palette";

export interface Meaning {
  scale: Scale;
  /** What low and high stand for, for a legend; empty where classes blend. */
  low: string | number;
  high: string | number;
  middle: string | number;
}

/** Activations with ends: everything else is scaled to the largest value that the map has. */
const BOUNDED = new Set(["sigmoid", "tanh", "softmax"]);

/** How a unit's values are coloured. */
export function unitScale(
  palette: Palette,
  network: Network,
  data: Data,
  layer: number,
  unit: number,
  values: ArrayLike<number>,
): Meaning {
  const last = network.layers.length - 1;
  if (layer === last && isClassification(data.task)) {
    const outputs = network.widths[last + 1]! / network.members;
    if (outputs === 1) return chances(palette, data);
    const k = unit % outputs;
    const low = `not ${data.classes[k] ?? `class ${k}`}`;
    const scale: Scale = { kind: "table", table: palette.ownChance[k % palette.ownChance.length]!, low: 0, high: 1 };
    return { scale, low, high: data.classes[k] ?? `class ${k}`, middle: "" };
  }
  if (layer === last && data.task === "regression") return numbers(palette, data);
  const limit = BOUNDED.has(activationOf(network, layer)) ? 1 : Math.max(largest(values), 1e-6);
  return {
    scale: { kind: "table", table: palette.signs, low: -limit, high: limit },
    low: -limit,
    middle: 0,
    high: limit,
  };
}

/** How the answer of the whole network is coloured. */
export function answerScale(palette: Palette, network: Network, data: Data, values: ArrayLike<number>): Meaning {
  const outputs = network.widths[network.widths.length - 1]! / network.members;
  if (isClassification(data.task)) {
    if (outputs === 1) return chances(palette, data);
    return { scale: { kind: "blend", blend: palette.blend, classes: outputs }, low: "", middle: "", high: "" };
  }
  return outputs === 1
    ? numbers(palette, data)
    : unitScale(palette, network, data, network.layers.length - 1, 0, values);
}

function chances(palette: Palette, data: Data): Meaning {
  const scale: Scale = { kind: "table", table: palette.chances, low: 0, high: 1 };
  return { scale, low: data.classes[0] ?? "class 0", middle: "", high: data.classes[1] ?? "class 1" };
}

/** A regression's target from the least to the largest that the rows have: the colours stay as it learns. */
function numbers(palette: Palette, data: Data): Meaning {
  const [low, high] = targetRange(data);
  const scale: Scale = { kind: "table", table: palette.signs, low, high };
  return { scale, low: unscaled(data, low), middle: unscaled(data, (low + high) / 2), high: unscaled(data, high) };
}

const ranges = new WeakMap<Data, readonly [number, number]>();

export function targetRange(data: Data): readonly [number, number] {
  let range = ranges.get(data);
  if (range === undefined) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of data.train.y) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    range = low < high ? [low, high] : low === high ? [low - 1, high + 1] : [-1, 1];
    ranges.set(data, range);
  }
  return range;
}

export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]!);
    if (size > most && Number.isFinite(size)) most = size;
  }
  return most;
}
