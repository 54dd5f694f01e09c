/** What a network says about rows, in words. */

import { four } from "../draw/numbers";
import type { Forward } from "./forward";
import { className, isClassification, labelOf, outputsOf, unscaled } from "./points";
import type { Data, Rows } from "./types";

/** A class with its name, or a number with none. */
export interface Said {
  text: string;
  label: number | null;
}

/** A row's target: its class, or its number in the target's own units. */
export function targetOf(data: Data, rows: Rows, row: number): Said {
  return said(data, rows.y, row * outputsOf(data), outputsOf(data), false);
}

/** The network's answers to some rows: the class with its probability, or the number. */
export function predictionsOf(
  data: Data,
  rows: Rows,
  wanted: readonly number[],
  forward: Forward,
  vector: Float32Array,
): Said[] {
  const width = data.features.length;
  const x = new Float32Array(wanted.length * width);
  wanted.forEach((row, i) => {
    x.set(rows.x.subarray(row * width, (row + 1) * width), i * width);
  });
  const answers = forward.outputs(vector, x, wanted.length);
  const outputs = answers.length / Math.max(1, wanted.length);
  return wanted.map((_, i) => said(data, answers, i * outputs, outputs, true));
}

function said(data: Data, values: ArrayLike<number>, at: number, outputs: number, chance: boolean): Said {
  if (isClassification(data.task)) {
    const label = labelOf(values, at, outputs);
    const first = values[at] ?? 0;
    const share = outputs > 1 ? (values[at + label] ?? 0) : label === 1 ? first : 1 - first;
    return { label, text: className(data, label) + (chance ? ` (${(100 * share).toFixed(1)} %)` : "") };
  }
  const numbers = Array.from({ length: outputs }, (_, k) => four(unscaled(data, values[at + k] ?? 0)));
  return { label: null, text: numbers.join(", ") };
}
