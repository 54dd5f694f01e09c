/** Where each neuron of the diagram stands: cards, then tiles, then only the top ones. */

import type { Column } from "./columns";

export const MOST_CARDS = 24;
export const MOST_TILES = 100;
export const TOP = 16;

export interface Seat {
  layer: number;
  unit: number;
  x: number; // centre
  y: number;
  size: number;
}

export interface Stack {
  column: Column;
  form: "cards" | "tiles" | "top" | "image";
  seats: Seat[];
  x: number;
  /** What isn't seen, in words; empty where all is. */
  note: string;
  /** Of an image: where it lies. */
  image: { x: number; y: number; size: number; columns: number; rows: number } | null;
}

export interface Diagram {
  width: number;
  height: number;
  stacks: Stack[];
}

const TITLES = 38; // above the cards
const FOOT = 12;
const SHORTEST = 300;
const WIDEST = 58;
const EDGE = 36; // from the middle of an outermost column to the edge of the picture

const formOf = (count: number): Stack["form"] =>
  count <= MOST_CARDS ? "cards" : count <= MOST_TILES ? "tiles" : "top";

/** The places of the largest scores, in the order of the places. */
export function topOf(scores: ArrayLike<number>, many: number): number[] {
  const order = Array.from({ length: scores.length }, (_, k) => k);
  order.sort((a, b) => scores[b]! - scores[a]! || a - b);
  return order.slice(0, many).sort((a, b) => a - b);
}

/** The units of each column that a diagram shows. */
export function shownUnits(columns: readonly Column[], scores: (column: Column) => ArrayLike<number>): number[][] {
  return columns.map((column) =>
    column.count <= MOST_TILES ? Array.from({ length: column.count }, (_, k) => k) : topOf(scores(column), TOP),
  );
}

/** Place the shown units; the inputs of an image are the image. */
export function layOut(
  columns: readonly Column[],
  units: readonly (readonly number[])[],
  image: readonly [number, number] | null,
  width: number,
  labels: { left: number; right: number },
  tallest = 700,
): Diagram {
  const most = Math.max(...columns.map((each, k) => rowsOf(each, units[k]!.length)));
  const height = Math.round(
    Math.min(Math.max(tallest, SHORTEST), Math.max(SHORTEST, TITLES + FOOT + most * (most > 12 ? 38 : 62))),
  );
  const room = width - labels.left - labels.right;
  const gap = room / columns.length;
  const stacks = columns.map((column, k): Stack => {
    const x = columns.length === 1 ? width / 2 : labels.left + EDGE + (k * (room - 2 * EDGE)) / (columns.length - 1);
    const shown = units[k]!;
    const form = k === 0 && image !== null ? "image" : formOf(column.count);
    const hidden = column.count - shown.length;
    const note = hidden > 0 && form !== "image" ? `top ${shown.length} of ${column.count}` : "";
    const middle = TITLES + (height - TITLES - FOOT) / 2;
    if (form === "image" && image !== null) {
      const [rows, across] = image;
      const size = Math.min(gap * 0.72, 132);
      const centre = Math.max(x, size / 2 + 4);
      const cell = size / Math.max(rows, across);
      const [left, top] = [centre - (cell * across) / 2, middle - (cell * rows) / 2];
      const seats = Array.from({ length: column.count }, (_, unit): Seat => {
        const [i, j] = [unit % across, Math.floor(unit / across)];
        return { layer: column.layer, unit, x: left + (i + 0.5) * cell, y: top + (j + 0.5) * cell, size: cell };
      });
      return { column, form, seats, x: centre, note, image: { x: left, y: top, size: cell, columns: across, rows } };
    }
    const across = form === "tiles" ? tilesAcross(shown.length) : 1;
    const rows = Math.ceil(shown.length / across);
    const pitch = Math.min((height - TITLES - FOOT) / rows, WIDEST + 14, (gap * 0.8) / across + 8);
    const size = Math.max(6, Math.min(WIDEST, pitch - (pitch > 44 ? 10 : pitch > 24 ? 8 : 4), (gap * 0.62) / across));
    const step = across > 1 ? size + 3 : pitch;
    const seats = shown.map((unit, place): Seat => {
      const [i, j] = [place % across, Math.floor(place / across)];
      return {
        layer: column.layer,
        unit,
        x: x + (i - (across - 1) / 2) * step,
        y: middle + (j - (rows - 1) / 2) * step,
        size,
      };
    });
    return { column, form, seats, x, note, image: null };
  });
  return { width, height, stacks };
}

function tilesAcross(count: number): number {
  return count <= 48 ? 3 : count <= 64 ? 4 : 5;
}

function rowsOf(column: Column, shown: number): number {
  return formOf(column.count) === "tiles" ? Math.min(10, Math.ceil(shown / tilesAcross(shown))) : shown;
}

/** The neuron at a place of the diagram. */
export function seatAt(diagram: Diagram, x: number, y: number): Seat | null {
  for (const stack of diagram.stacks) {
    for (const seat of stack.seats) {
      const reach = seat.size / 2 + 1;
      if (Math.abs(seat.x - x) <= reach && Math.abs(seat.y - y) <= reach) return seat;
    }
  }
  return null;
}

export function seatOf(diagram: Diagram, layer: number, unit: number): Seat | null {
  return diagram.stacks.find((each) => each.column.layer === layer)?.seats.find((each) => each.unit === unit) ?? null;
}

/** The neuron that an arrow key leads to; the same where there is none further on. */
export function neighbour(diagram: Diagram, from: Seat, key: string): Seat {
  const at = diagram.stacks.findIndex((each) => each.column.layer === from.layer);
  const stack = diagram.stacks[at];
  if (stack === undefined) return from;
  const row = stack.seats.findIndex((each) => each.unit === from.unit);
  if (key === "ArrowDown") return stack.seats[row + 1] ?? from;
  if (key === "ArrowUp") return stack.seats[row - 1] ?? from;
  const beside = diagram.stacks[at + (key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0)];
  if (beside === undefined || beside === stack) return from;
  return beside.seats.reduce((best, each) => (apart(each, from) < apart(best, from) ? each : best), beside.seats[0]!);
}

const apart = (a: Seat, b: Seat): number => Math.abs(a.y - b.y);
