/** A small chart with axes, drawn with one path a curve, with a summary for the ear and a table with the same numbers. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { four, ticks, tickText } from "../draw/numbers";
import "./diagnose_plot.css";

export interface Axis {
  label: string;
  from: number;
  to: number;
  /** The values are logarithms to base 10; labels say the numbers. */
  log?: boolean;
}

export interface Mark {
  /** "line" joins the points, "dots" don't, "bars" stand on the x axis and are `width` wide in its units. */
  kind: "line" | "dots" | "bars";
  points: readonly (readonly [number, number])[];
  /** A class of diagnose_plot.css: its colour, and whether it is dashed. */
  tone: string;
  width?: number;
}

export interface Twin {
  head: readonly string[];
  rows: () => readonly (readonly string[])[];
}

const WIDTH = 270;
const HEIGHT = 200;
const LEFT = 46;
const BOTTOM = 34;
const TOP = 8;
const RIGHT = 12;

/** A number for people, or what stands for none. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  return Number.isFinite(value) ? four(value) : value > 0 ? "∞" : "−∞";
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Ends with a little air; a single value gets some room on both sides. */
export function extent(values: Iterable<number>): { from: number; to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < from) from = value;
    if (value > to) to = value;
  }
  if (from > to) return { from: 0, to: 1 };
  const room = from === to ? Math.max(0.5, Math.abs(from) / 10) : (to - from) / 20;
  return { from: from - room, to: to + room };
}

export function path(mark: Mark, right: (x: number) => number, down: (y: number) => number, floor: number): string {
  const place = ([x, y]: readonly [number, number]) => `${right(x).toFixed(1)} ${down(y).toFixed(1)}`;
  if (mark.kind === "dots") return mark.points.map((point) => `M${place(point)}h0`).join("");
  if (mark.kind === "line") return mark.points.map((point, k) => `${k === 0 ? "M" : "L"}${place(point)}`).join("");
  const half = (mark.width ?? 0) / 2;
  return mark.points
    .map(([x, y]) => {
      const [a, b, top] = [right(x - half), right(x + half), down(y)];
      return `M${a.toFixed(1)} ${floor.toFixed(1)}V${top.toFixed(1)}H${b.toFixed(1)}V${floor.toFixed(1)}Z`;
    })
    .join("");
}

export function Plot(props: {
  title: string;
  summary: string;
  x: Axis;
  y: Axis;
  marks: readonly Mark[];
  twin: Twin;
  children?: ComponentChildren;
}) {
  const { title, summary, x, y, marks, twin } = props;
  const floor = HEIGHT - BOTTOM;
  const right = (value: number) => LEFT + ((value - x.from) / (x.to - x.from || 1)) * (WIDTH - LEFT - RIGHT);
  const down = (value: number) => floor - ((value - y.from) / (y.to - y.from || 1)) * (floor - TOP);
  const across = ticks(x.from, x.to, 3);
  const up = y.log ? ticks(y.from, y.to, 4).filter(Number.isInteger) : ticks(y.from, y.to, 4);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}. ${summary}`}>
        <path class="grid" d={up.map((k) => `M${LEFT} ${down(k)}H${WIDTH - RIGHT}`).join("")} />
        <path class="axis" d={`M${LEFT} ${TOP}V${floor}H${WIDTH - RIGHT}`} />
        {across.map((k, place) => (
          <text key={`x${k}`} x={right(k)} y={floor + 13} class="tick middle">
            {tickText(across)[place]}
          </text>
        ))}
        {up.map((k, place) => (
          <text key={`y${k}`} x={LEFT - 5} y={down(k) + 4} class="tick end">
            {y.log ? short(10 ** k) : tickText(up)[place]}
          </text>
        ))}
        <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 5} class="name middle">
          {x.label}
        </text>
        <text transform={`translate(11 ${(TOP + floor) / 2}) rotate(-90)`} class="name middle">
          {y.label}
        </text>
        {marks.map((mark) => (
          <path
            key={`${mark.kind} ${mark.tone}`}
            class={`${mark.kind} ${mark.tone}`}
            d={path(mark, right, down, floor)}
          />
        ))}
      </svg>
      <p class="muted">{summary}</p>
      {props.children}
      <TableTwin title={title} twin={twin} />
    </figure>
  );
}

/** The chart's numbers, made only when somebody opens it. */
export function TableTwin({ title, twin }: { title: string; twin: Twin }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        as a table<span class="spoken">: {title}</span>
      </summary>
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section class="scroll" tabIndex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                {twin.head.map((each) => (
                  <th key={each} class="number" scope="col">
                    {each}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {twin.rows().map((line) => (
                <tr key={line.join()}>
                  {line.map((cell, k) => (
                    <td key={twin.head[k]} class="number">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

/** At most so many of a curve's points, evenly spread, both ends among them: for tables. */
export function spread<T>(items: readonly T[], most = 25): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, k) => items[Math.round((k * (items.length - 1)) / (most - 1))] as T);
}
