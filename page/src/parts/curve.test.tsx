import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Line } from "./curve";
import { Curve } from "./curve";

/** Lines of each plot, and of what it was given to draw. */
const plots: { lines: number; drawn: number[] }[] = [];

vi.mock("./curve-plot", async (original) => ({
  ...(await original<object>()),
  moveLine: () => undefined,
  makePlot: (_: unknown, setup: { lines: readonly Line[] }) => {
    const plot = { lines: setup.lines.length, drawn: [] as number[] };
    plots.push(plot);
    return {
      setData: (data: unknown[]) => void plot.drawn.push(data.length - 1),
      redraw: () => undefined,
      destroy: () => undefined,
    };
  },
}));

const place = document.body.appendChild(document.createElement("div"));

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(300);
  plots.length = 0;
});

afterEach(() => {
  render(null, place);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const line = (name: string, last: number): Line => ({
  name,
  series: { steps: Float64Array.of(0, 1), values: Float64Array.of(1, last) },
  tone: "first",
});

const show = (lines: Line[]) => render(<Curve title="loss" lines={lines} log={false} at={null} />, place);

it("a plot is never given more or fewer lines than it was made for", async () => {
  const two = (last: number) => [line("training", last), line("validation", last)];
  await act(() => show(two(0.5)));
  vi.advanceTimersByTime(1000);
  await act(() => show(two(0.4))); // to be drawn in a moment
  const next = [line("run 1", 0.4)]; // meanwhile a run begins anew, with no curve of its own yet
  for (let waited = 0; waited < 300; waited += 5) {
    show(next); // its plot is made only after the next frame
    vi.advanceTimersByTime(5);
  }
  expect(plots.map((each) => each.lines)).toEqual([2, 1]);
  expect(plots[0]?.drawn.length).toBeGreaterThan(0);
  for (const { lines, drawn } of plots) expect(drawn.filter((each) => each !== lines)).toEqual([]);
});
