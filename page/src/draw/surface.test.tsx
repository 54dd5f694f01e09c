import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usePainting, useSlowPainting } from "./surface";

const [seen, painted] = [signal(0), [] as number[]];
let pause = 0;

function Picture() {
  usePainting(
    () => {
      const now = seen.value;
      return () => void painted.push(now);
    },
    [],
    () => pause,
  );
  return null;
}

beforeEach(async () => {
  vi.useFakeTimers();
  await act(() => render(<Picture />, document.body));
  vi.advanceTimersByTime(50);
  painted.length = 0;
});

afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  pause = 0;
});

it("several changes within a frame are painted once, the newest", () => {
  for (const value of [1, 2, 3]) seen.value = value;
  vi.advanceTimersByTime(50);
  expect(painted).toEqual([3]);
});

it("what may wait is painted later, however often it changes meanwhile", () => {
  pause = 100;
  for (let k = 0; k < 10; k++) {
    seen.value = 10 + k;
    vi.advanceTimersByTime(5);
    pause -= 5;
  }
  expect(painted).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(painted).toEqual([19]);
});

it("nothing is painted once the part has gone", async () => {
  seen.value = 20;
  await act(() => render(null, document.body));
  vi.advanceTimersByTime(50);
  expect(painted).toEqual([]);
});

it("what is painted slowly is painted at once, then no sooner than its pause, and the newest", async () => {
  const slowly: number[] = [];
  function Slow({ value }: { value: number }) {
    useSlowPainting(() => void slowly.push(value), 250, [value]);
    return null;
  }
  const show = (value: number) => act(() => render(<Slow value={value} />, document.body));
  for (let given = 1; given <= 20; given++) {
    await show(given);
    vi.advanceTimersByTime(50);
  }
  expect(slowly[0]).toBe(1);
  expect(slowly.length).toBeGreaterThanOrEqual(4);
  expect(slowly.length).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(300);
  expect(slowly.at(-1)).toBe(20);
  const before = slowly.length;
  await show(20);
  vi.advanceTimersByTime(1000);
  expect(slowly.length).toBe(before); // nothing has changed
});
