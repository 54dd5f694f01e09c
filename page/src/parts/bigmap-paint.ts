/** The big map's two layers: what the network says beneath, and the points and axes above, which change seldom. */

import { type Axes, paintAxes } from "../draw/axes";
import { css } from "../draw/colours";
import { contour, lead } from "../draw/contour";
import { looksOf } from "../draw/looks";
import { paintMap } from "../draw/map";
import { mark } from "../draw/marks";
import { ticks } from "../draw/numbers";
import { classColour, type Palette } from "../draw/palette";
import type { Meaning } from "../draw/scales";
import { targetRange } from "../draw/scales";
import { isClassification, type Point, unscaled } from "../model/points";
import type { Data } from "../model/types";

/** A neuron's, or the network's, values all over the plane. */
export interface Field {
  values: ArrayLike<number>;
  columns: number;
  rows: number;
  /** Values side by side in each cell: the classes' probabilities. */
  depth: number;
  meaning: Meaning;
  /** Levels along which a line is drawn; of classes the borders between them. */
  levels: readonly number[];
}

export function paintField(context: CanvasRenderingContext2D, field: Field, axes: Axes, palette: Palette): void {
  const { values, columns, rows } = field;
  paintMap(context, values, columns, rows, field.meaning.scale, axes.box, true);
  context.save();
  context.beginPath();
  context.rect(axes.box.x, axes.box.y, axes.box.width, axes.box.height);
  context.clip();
  context.lineWidth = 1.5;
  context.strokeStyle = css(palette.ink, 0.7);
  const [wide, high] = [axes.box.width / columns, axes.box.height / rows];
  const lines =
    field.depth > 1
      ? Array.from({ length: field.depth }, (_, k) =>
          contour(lead(values, columns * rows, field.depth, k), columns, rows, 0),
        )
      : field.levels.map((level) => contour(values, columns, rows, level));
  context.beginPath();
  for (const line of lines) {
    for (let k = 0; k < line.length; k += 4) {
      context.moveTo(axes.box.x + (line[k]! + 0.5) * wide, axes.box.y + (line[k + 1]! + 0.5) * high);
      context.lineTo(axes.box.x + (line[k + 2]! + 0.5) * wide, axes.box.y + (line[k + 3]! + 0.5) * high);
    }
  }
  context.stroke();
  context.restore();
}

/** Where lines of equal height are drawn on a regression's map. */
export function heights(data: Data): number[] {
  const [low, high] = targetRange(data);
  const scale = data.scale ?? { mean: 0, deviation: 1 };
  return ticks(unscaled(data, low), unscaled(data, high), 6).map((each) => (each - scale.mean) / scale.deviation);
}

/** Answers along one feature: a line for each output. */
export function paintLines(
  context: CanvasRenderingContext2D,
  field: Field,
  axes: Axes,
  palette: Palette,
  height: (value: number) => number,
): void {
  const { values, columns, depth } = field;
  context.save();
  context.beginPath();
  context.rect(axes.box.x, axes.box.y, axes.box.width, axes.box.height);
  context.clip();
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  for (let k = 0; k < depth; k++) {
    context.strokeStyle = css(depth > 1 ? classColour(palette, k) : palette.accent);
    context.setLineDash(depth > 1 && k % 2 === 1 ? [8, 3] : []);
    context.beginPath();
    for (let i = 0; i < columns; i++) {
      const x = axes.box.x + ((i + 0.5) / columns) * axes.box.width;
      context.lineTo(x, axes.screen(0, height(values[i * depth + k]!))[1]);
    }
    context.stroke();
  }
  context.setLineDash([]);
  context.restore();
}

export interface Over {
  axes: Axes;
  labels: readonly [string, string];
  points: readonly Point[];
  selected: Point | null;
  palette: Palette;
  data: Data;
}

/** Points above the map, validation as rings; the selected one in a circle of its own. */
export function paintOver(
  context: CanvasRenderingContext2D,
  { axes, labels, points, selected, palette, data }: Over,
): void {
  context.save();
  context.beginPath();
  context.rect(axes.box.x, axes.box.y, axes.box.width, axes.box.height);
  context.clip();
  const classes = isClassification(data.task);
  const r = points.length > 600 ? 2.4 : points.length > 250 ? 3.2 : 4;
  const lookOf = looksOf(data, palette);
  for (const point of points) {
    const [x, y] = axes.screen(point.u, point.v);
    const look = lookOf(point.label, point.target);
    mark(context, classes ? point.label : 0, x, y, r, look, point.validation, point.strength);
  }
  if (selected !== null) {
    const [x, y] = axes.screen(selected.u, selected.v);
    context.lineWidth = 2;
    context.strokeStyle = css(palette.ink);
    context.beginPath();
    context.arc(x, y, r + 6, 0, 2 * Math.PI);
    context.stroke();
  }
  context.restore();
  paintAxes(context, axes, labels, palette);
}
