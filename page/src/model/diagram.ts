/** A network as a small diagram: which units are drawn, and where. */

import type { Network } from "./types";
import type { Spot } from "./worked";

/** A column of units: the inputs (layer −1), or a layer with weights. Layers that only pass on stand in the one before. */
export interface Column {
  layer: number;
  count: number;
}

export interface Node {
  column: number;
  unit: number;
  x: number;
  y: number;
  /** Units between this and the one drawn below it that aren't drawn. */
  left: number;
}

export const WIDTH = 360;
export const HEIGHT = 200;
const EDGE = 22;
const MOST = 9;
const PASSES_ON = new Set(["layer.dropout", "layer.layer_norm", "layer.scale"]);

export function columnsOf(network: Network): Column[] {
  const columns: Column[] = [{ layer: -1, count: network.nInputs }];
  network.layers.forEach((layer, i) => {
    if (!PASSES_ON.has(layer.type)) columns.push({ layer: i, count: network.widths[i + 1] ?? 0 });
  });
  return columns;
}

/** The column in which a layer's units stand. */
export function columnOf(columns: readonly Column[], layer: number): number {
  return columns.findLastIndex((each) => each.layer <= layer);
}

/** The layers whose arithmetic is units with a weight for each input. */
export function denseLayers(network: Network): number[] {
  return network.layers.flatMap((layer, i) => (layer.type === "layer.dense" ? [i] : []));
}

/** How many inputs a layer has. */
export function fanIn(network: Network, layer: number): number {
  return network.widths[layer] ?? network.nInputs;
}

/** A weight's place within its layer's matrix, row after row. */
export function weightIndex(network: Network, { layer, unit, input }: Spot): number | null {
  return input === null ? null : input * (network.widths[layer + 1] ?? 0) + unit;
}

/** The units that a column draws: the first ones, the last, and those that are asked for. */
function drawn(count: number, asked: readonly number[]): number[] {
  if (count <= MOST) return Array.from({ length: count }, (_, i) => i);
  const units = new Set([...asked.filter((unit) => unit < count), count - 1]);
  for (let unit = 0; units.size < MOST; unit++) units.add(unit);
  return [...units].sort((a, b) => a - b);
}

/** Every unit that is drawn; those of the spots are among them. */
export function nodes(columns: readonly Column[], spots: readonly (Spot | null)[]): Node[] {
  const asked: [number, number][] = spots.flatMap((spot) => {
    if (spot === null) return [];
    const column = columnOf(columns, spot.layer);
    const unit: [number, number] = [column, spot.unit];
    return spot.input === null ? [unit] : [unit, [column - 1, spot.input] as [number, number]];
  });
  return columns.flatMap(({ count }, column) => {
    const units = drawn(
      count,
      asked.flatMap(([where, unit]) => (where === column ? [unit] : [])),
    );
    const x = EDGE + (column * (WIDTH - 2 * EDGE)) / Math.max(1, columns.length - 1);
    return units.map((unit, i) => ({
      column,
      unit,
      x,
      y: HEIGHT / 2 + (i - (units.length - 1) / 2) * Math.min(26, (HEIGHT - 2 * 14) / Math.max(1, units.length - 1)),
      left: (units[i + 1] ?? unit + 1) - unit - 1,
    }));
  });
}

/** The edges that lead into a column's units, as an SVG path; `unit` and `input` choose among them. */
export function path(placed: readonly Node[], column: number, unit?: number, input?: number): string {
  const ends = placed.filter((each) => each.column === column && (unit === undefined || each.unit === unit));
  const starts = placed.filter((each) => each.column === column - 1 && (input === undefined || each.unit === input));
  return ends.flatMap((to) => starts.map((from) => `M${from.x} ${from.y}L${to.x} ${to.y}`)).join("");
}
