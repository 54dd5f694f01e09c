/** How far off predicted numbers are, how numbers are spread, and how far two losses are apart. */

import type { Series } from "./types";

export interface Errors {
  rootMeanSquare: number;
  meanAbsolute: number;
  mean: number;
  /** 1 − Σ r² / Σ (y − ȳ)²; null where every target is the same. */
  explained: number | null;
}

export function errorsOf(targets: ArrayLike<number>, predictions: ArrayLike<number>): Errors {
  const count = targets.length;
  let squares = 0;
  let sizes = 0;
  let sum = 0;
  let mean = 0;
  for (let row = 0; row < count; row++) mean += (targets[row] ?? 0) / count;
  let spread = 0;
  for (let row = 0; row < count; row++) {
    const residual = (targets[row] ?? 0) - (predictions[row] ?? 0);
    squares += residual * residual;
    sizes += Math.abs(residual);
    sum += residual;
    spread += ((targets[row] ?? 0) - mean) ** 2;
  }
  return {
    rootMeanSquare: Math.sqrt(squares / count),
    meanAbsolute: sizes / count,
    mean: sum / count,
    explained: spread > 0 ? 1 - squares / spread : null,
  };
}

export interface Histogram {
  edges: number[];
  counts: number[];
}

/** Counts in equal bins between the smallest and the largest value; the last bin holds its upper edge, as NumPy's does. */
export function histogram(values: ArrayLike<number>, bins = 30): Histogram {
  let least = Infinity;
  let most = -Infinity;
  for (let k = 0; k < values.length; k++) {
    least = Math.min(least, values[k] ?? 0);
    most = Math.max(most, values[k] ?? 0);
  }
  if (!(least < most)) [least, most] = Number.isFinite(least) ? [least - 0.5, least + 0.5] : [0, 1];
  const width = (most - least) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let k = 0; k < values.length; k++) {
    const bin = Math.min(bins - 1, Math.floor(((values[k] ?? 0) - least) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, k) => least + k * width), counts };
}

/** Validation loss less training loss where the validation was done; an epoch's training losses are averaged. */
export function gaps(loss: Series, validation: Series, perEpoch: number): Series {
  const values = new Float64Array(validation.steps.length);
  let from = 0;
  let to = 0;
  validation.steps.forEach((step, k) => {
    while (to < loss.steps.length && (loss.steps[to] ?? 0) <= step) to++;
    while (from < to && (loss.steps[from] ?? 0) <= step - perEpoch) from++;
    let sum = 0;
    for (let i = from; i < to; i++) sum += loss.values[i] ?? 0;
    // a thinned curve may have no point in this very epoch: then the last one before it
    const training = to > from ? sum / (to - from) : (loss.values[Math.max(0, to - 1)] ?? 0);
    values[k] = (validation.values[k] ?? 0) - training;
  });
  return { steps: validation.steps, values };
}
