/** The pad's picture: a grid, the points, the cursor. */

import { css } from "../draw/colours";
import { classColour, type Palette } from "../draw/palette";
import { traceShape } from "../draw/shapes";
import { type DrawnPoint, EDGE } from "./drawpad_points";
import type { sharp } from "./drawpad_sharp";

type Ready = NonNullable<ReturnType<typeof sharp>>;

export function paintPad(
  { context, width, height }: Ready,
  palette: Palette,
  points: readonly DrawnPoint[],
  cursor: readonly [number, number] | null,
  label: number,
): void {
  const across = (x: number) => (0.5 + x / (2 * EDGE)) * width;
  const down = (y: number) => (0.5 - y / (2 * EDGE)) * height;
  context.fillStyle = css(palette.panel);
  context.fillRect(0, 0, width, height);
  context.lineWidth = 1;
  context.fillStyle = css(palette.muted);
  context.font = "11px system-ui, sans-serif";
  for (let tick = -EDGE; tick <= EDGE; tick++) {
    context.strokeStyle = css(tick === 0 ? palette.muted : palette.line);
    context.beginPath();
    context.moveTo(across(tick), 0);
    context.lineTo(across(tick), height);
    context.moveTo(0, down(tick));
    context.lineTo(width, down(tick));
    context.stroke();
    if (Math.abs(tick) === EDGE) continue;
    const text = String(tick).replace("-", "−");
    context.fillText(text, across(tick) + 4, height - 5);
    if (tick !== 0) context.fillText(text, 4, down(tick) - 4);
  }
  for (const point of points) {
    traceShape(context, point.label, across(point.x), down(point.y), 4);
    context.fillStyle = css(classColour(palette, point.label));
    context.fill();
    context.strokeStyle = css(palette.panel);
    context.stroke();
  }
  if (cursor === null) return;
  const [x, y] = [across(cursor[0]), down(cursor[1])];
  traceShape(context, label, x, y, 4);
  context.strokeStyle = css(classColour(palette, label));
  context.lineWidth = 2;
  context.stroke();
  context.strokeStyle = css(palette.ink);
  context.beginPath();
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(x + 8 * dx, y + 8 * dy);
    context.lineTo(x + 15 * dx, y + 15 * dy);
  }
  context.stroke();
}
