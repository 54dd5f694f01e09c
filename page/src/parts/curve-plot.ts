/** uPlot, set up for curves over steps. */

import uPlot from "uplot";
import { css } from "../draw/colours";
import { four } from "../draw/numbers";
import type { Palette } from "../draw/palette";
import type { Series } from "../model/types";
import type { Line, Marker } from "./curve";

interface Setup {
  width: number;
  height: number;
  log: boolean;
  lines: readonly Line[];
  palette: Palette;
  /** What changes without a new plot. */
  latest: () => { markers: readonly Marker[]; at: number | null; onPick?: ((step: number) => void) | undefined };
  hover: (step: number | null) => void;
}

/** All lines on one axis of steps; where a line has no point it goes straight on. */
export function aligned(series: readonly Series[], log: boolean): uPlot.AlignedData {
  const tables = series.map(
    (each): uPlot.AlignedData => [
      Array.from(each.steps),
      // a logarithmic axis has no place for 0 and less
      Array.from(each.values, (value) => (log && !(value > 0) ? null : value)),
    ],
  );
  return tables.length === 0 ? [[], []] : tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export function makePlot(target: HTMLElement, setup: Setup, data: uPlot.AlignedData): uPlot {
  const { palette, lines, log } = setup;
  const axis = {
    stroke: css(palette.muted),
    font: FONT,
    grid: { stroke: css(palette.line), width: 1 },
    ticks: { show: false },
  };
  const looks = {
    first: { stroke: css(palette.accent), width: 1, dash: [] as number[] },
    second: { stroke: css(palette.second), width: 1.8, dash: [7, 4] },
    ghost: { stroke: css(palette.muted, 0.55), width: 1.2, dash: [2, 3] },
  };
  return new uPlot(
    {
      width: setup.width,
      height: setup.height,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(0, low ?? 0), Math.max(1, high ?? 1)] },
        y: { distr: log ? 3 : 1, range: log ? undefined : (_, low, high) => linear(low, high) },
      },
      axes: [
        { ...axis, size: 26, values: (_, splits) => splits.map((each) => (each % 1 === 0 ? short(each) : "")) },
        { ...axis, size: 50, values: (_, splits) => splits.map((each) => (each === null ? "" : four(each))) },
      ],
      series: [
        {},
        ...lines.map((each) => ({ label: each.name, spanGaps: true, points: { show: false }, ...looks[each.tone] })),
      ],
      hooks: {
        draw: [(plot) => overlay(plot, setup)],
        setCursor: [
          (plot) => {
            const at = plot.cursor.idx;
            const step =
              plot.cursor.left !== undefined && plot.cursor.left >= 0 && at != null ? plot.data[0][at] : undefined;
            setup.hover(step ?? null);
          },
        ],
        setScale: [(plot) => moveLine(plot, setup.latest().at)],
        ready: [
          (plot) => {
            const line = document.createElement("div");
            line.className = "curve-at";
            plot.over.append(line);
            moveLine(plot, setup.latest().at);
            plot.over.addEventListener("click", () => {
              const left = plot.cursor.left ?? -1;
              if (left >= 0) setup.latest().onPick?.(Math.max(0, Math.round(plot.posToVal(left, "x"))));
            });
          },
        ],
      },
    },
    data,
    target,
  );
}

/** The y axis starts at zero, for what falls shall be seen to fall to it. */
function linear(low: number | null, high: number | null): [number, number] {
  const [from, to] = [Math.min(0, low ?? 0), high ?? 1];
  return [from, to > from ? to + 0.04 * (to - from) : from + 1];
}

const short = (step: number): string => (step >= 10_000 ? `${four(step / 1000)}k` : four(step));

/** Markers as small triangles at the foot. */
function overlay(plot: uPlot, { palette, latest }: Setup): void {
  const { markers } = latest();
  const { ctx, bbox } = plot;
  const ratio = window.devicePixelRatio || 1;
  const x = (step: number): number => plot.valToPos(step, "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = css(palette.warn);
  for (const { step } of markers) {
    const [left, foot, size] = [x(step), bbox.top + bbox.height, 5 * ratio];
    ctx.beginPath();
    ctx.moveTo(left, foot - 1.7 * size);
    ctx.lineTo(left + size, foot);
    ctx.lineTo(left - size, foot);
    ctx.fill();
  }
  ctx.restore();
}

/** Put the line at the shown step: an element of its own, so that it moves without the curve being drawn again. */
export function moveLine(plot: uPlot, at: number | null): void {
  const line = plot.over.querySelector<HTMLElement>(".curve-at");
  if (line === null) return;
  const x = at === null ? Number.NaN : plot.valToPos(at, "x");
  line.hidden = !(x >= 0 && x <= plot.bbox.width / devicePixelRatio); // not clientWidth: asking that lays the page out
  if (!line.hidden) line.style.transform = `translateX(${x}px)`;
}
