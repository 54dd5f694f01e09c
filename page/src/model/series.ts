/** Curves that grow: points by step, thinned by the smallest and largest of each stretch, so that no spike is lost. */

import type { Series } from "./types";

/** A curve with more points than this is thinned to half of it. */
export const MOST_POINTS = 20_000;
export const EMPTY: Series = { steps: new Float64Array(0), values: new Float64Array(0) };

/** Return the series with further points; steps that it has already are replaced, values that aren't finite left out. */
export function extended(series: Series, steps: Float64Array, values: Float64Array): Series {
  let { steps: newSteps, values: newValues } = finite(steps, values);
  if (newSteps.length === 0) return series;
  const last = series.steps[series.steps.length - 1];
  let old = series;
  if (last !== undefined && newSteps[0]! <= last) {
    ({ steps: newSteps, values: newValues } = merged(series, newSteps, newValues));
    old = EMPTY;
  }
  const joined = {
    steps: appended(old.steps, newSteps),
    values: appended(old.values, newValues),
  };
  return joined.steps.length > MOST_POINTS ? thinned(joined, MOST_POINTS / 2) : joined;
}

/**
 * Return at most `most` points of the series, all real ones: first, last, and of each stretch between them the smallest
 * and the largest value in their order.
 */
export function thinned(series: Series, most: number): Series {
  const n = series.steps.length;
  if (n <= most) return series;
  const stretches = Math.max(1, Math.floor((most - 2) / 2));
  const places: number[] = [0];
  for (let k = 0; k < stretches; k++) {
    const begin = 1 + Math.floor((k * (n - 2)) / stretches);
    const end = 1 + Math.floor(((k + 1) * (n - 2)) / stretches);
    let low = begin;
    let high = begin;
    for (let i = begin; i < end; i++) {
      if (series.values[i]! < series.values[low]!) low = i;
      if (series.values[i]! > series.values[high]!) high = i;
    }
    if (end > begin) places.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  places.push(n - 1);
  return {
    steps: Float64Array.from(places, (i) => series.steps[i]!),
    values: Float64Array.from(places, (i) => series.values[i]!),
  };
}

/** Return the value at a step, or the last before it; null before the first. */
export function valueAt(series: Series | undefined, step: number): { step: number; value: number } | null {
  if (series === undefined) return null;
  let low = 0;
  let high = series.steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (series.steps[middle]! <= step) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : { step: series.steps[low - 1]!, value: series.values[low - 1]! };
}

/** Append into the spare room behind `old`, if its buffer has any; views handed out earlier don't see the new numbers. */
function appended(old: Float64Array, more: Float64Array): Float64Array {
  const length = old.length + more.length;
  let buffer = old.buffer as ArrayBuffer;
  if (buffer.byteLength < 8 * length) {
    buffer = new ArrayBuffer(8 * Math.max(256, 2 * length));
    new Float64Array(buffer).set(old);
  }
  new Float64Array(buffer).set(more, old.length);
  return new Float64Array(buffer, 0, length);
}

function finite(steps: Float64Array, values: Float64Array): Series {
  if (values.every(Number.isFinite)) return { steps, values };
  const places = [...values.keys()].filter((i) => Number.isFinite(values[i]));
  return { steps: Float64Array.from(places, (i) => steps[i]!), values: Float64Array.from(places, (i) => values[i]!) };
}

function merged(series: Series, steps: Float64Array, values: Float64Array): Series {
  const all = new Map<number, number>();
  series.steps.forEach((step, i) => void all.set(step, series.values[i]!));
  steps.forEach((step, i) => void all.set(step, values[i]!));
  const points = [...all].sort((a, b) => a[0] - b[0]);
  return {
    steps: Float64Array.from(points, ([step]) => step),
    values: Float64Array.from(points, ([, value]) => value),
  };
}
