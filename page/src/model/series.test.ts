import { describe, expect, it } from "vitest";
import { EMPTY, extended, MOST_POINTS, thinned, valueAt } from "./series";

const range = (from: number, to: number): Float64Array => Float64Array.from({ length: to - from }, (_, i) => from + i);

describe("a curve that grows", () => {
  it("keeps all points, and what was handed out before doesn't change", () => {
    let series = EMPTY;
    const handed = [];
    for (let k = 0; k < 20; k++) {
      series = extended(series, range(k * 100, k * 100 + 100), range(0, 100));
      handed.push(series);
    }
    expect(series.steps).toEqual(range(0, 2000));
    expect(handed[3]!.steps).toEqual(range(0, 400));
  });

  it("told again from the start, doesn't have points twice", () => {
    const once = extended(EMPTY, range(0, 50), range(0, 50));
    const again = extended(once, range(0, 60), range(0, 60));
    expect(again.steps).toEqual(range(0, 60));
    expect(again.values).toEqual(range(0, 60));
  });

  it("takes points that come late into their places", () => {
    const late = extended(extended(EMPTY, range(5, 8), range(5, 8)), Float64Array.of(2), Float64Array.of(9));
    expect([...late.steps]).toEqual([2, 5, 6, 7]);
    expect([...late.values]).toEqual([9, 5, 6, 7]);
  });

  it("leaves out what isn't finite", () => {
    const series = extended(EMPTY, range(0, 4), Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 2));
    expect([...series.steps]).toEqual([0, 3]);
    expect([...series.values]).toEqual([1, 2]);
  });

  it("loses no spike however long it grows", () => {
    let series = EMPTY;
    const spikes = [3, 7_001, 19_999, 23_456, 59_998];
    for (let at = 0; at < 60_000; at += 500) {
      const steps = range(at, at + 500);
      series = extended(
        series,
        steps,
        steps.map((step) => (spikes.includes(step) ? 1000 + step : Math.sin(step))),
      );
    }
    expect(series.steps.length).toBeLessThanOrEqual(MOST_POINTS);
    for (const spike of spikes) expect(valueAt(series, spike)).toEqual({ step: spike, value: 1000 + spike });
    expect(series.steps[0]).toBe(0);
    expect(series.steps.at(-1)).toBe(59_999);
    expect(series.steps.every((step, i) => i === 0 || step > series.steps[i - 1]!)).toBe(true);
  });
});

it("is thinned to real points with each stretch's smallest and largest", () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => Math.cos(i * 1.7) * i);
  const series = { steps: range(0, 1000), values };
  const thin = thinned(series, 100);
  expect(thin.steps.length).toBeLessThanOrEqual(100);
  thin.steps.forEach((step, i) => void expect(thin.values[i]).toBe(values[step]));
  expect(Math.max(...thin.values)).toBe(Math.max(...values));
  expect(Math.min(...thin.values)).toBe(Math.min(...values));
});

it("says its value at a step, or the last before it", () => {
  const series = { steps: Float64Array.of(0, 10, 20), values: Float64Array.of(5, 6, 7) };
  expect(valueAt(series, -1)).toBeNull();
  expect(valueAt(series, 10)?.value).toBe(6);
  expect(valueAt(series, 19)).toEqual({ step: 10, value: 6 });
  expect(valueAt(undefined, 3)).toBeNull();
});
