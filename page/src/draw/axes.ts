/** A frame with ticks around a picture, and the way from its units to pixels and back. */

import type { Range } from "../model/plane";
import { css } from "./colours";
import { shortened } from "./diagram";
import type { Box } from "./map";
import { ticks, tickText } from "./numbers";
import type { Palette } from "./palette";

const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export class Axes {
  constructor(
    readonly box: Box,
    readonly horizontal: Range,
    readonly vertical: Range,
  ) {}

  /** The pixel of a place. */
  screen = (u: number, v: number): [number, number] => {
    const [left, right] = this.horizontal;
    const [bottom, top] = this.vertical;
    return [
      this.box.x + ((u - left) / (right - left)) * this.box.width,
      this.box.y + ((top - v) / (top - bottom)) * this.box.height,
    ];
  };

  /** The place of a pixel; null outside the picture. */
  place(x: number, y: number): [number, number] | null {
    const { box, horizontal, vertical } = this;
    const [across, down] = [(x - box.x) / box.width, (y - box.y) / box.height];
    if (across < 0 || across > 1 || down < 0 || down > 1) return null;
    return [horizontal[0] + across * (horizontal[1] - horizontal[0]), vertical[1] - down * (vertical[1] - vertical[0])];
  }
}

export function paintAxes(
  context: CanvasRenderingContext2D,
  axes: Axes,
  labels: readonly [string, string],
  palette: Palette,
): void {
  const { box } = axes;
  context.strokeStyle = css(palette.muted);
  context.lineWidth = 1;
  context.setLineDash([]);
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  context.font = FONT;
  context.fillStyle = css(palette.muted);
  const across = ticks(axes.horizontal[0], axes.horizontal[1], box.width / 70);
  const acrossText = tickText(across);
  context.textAlign = "center";
  context.textBaseline = "top";
  context.beginPath();
  across.forEach((value, k) => {
    const [x] = axes.screen(value, axes.vertical[0]);
    context.moveTo(x, box.y + box.height + 1);
    context.lineTo(x, box.y + box.height + 5);
    context.fillText(acrossText[k]!, x, box.y + box.height + 7);
  });
  const up = ticks(axes.vertical[0], axes.vertical[1], box.height / 48);
  const upText = tickText(up);
  context.textAlign = "right";
  context.textBaseline = "middle";
  up.forEach((value, k) => {
    const [, y] = axes.screen(axes.horizontal[0], value);
    context.moveTo(box.x - 1, y);
    context.lineTo(box.x - 5, y);
    context.fillText(upText[k]!, box.x - 7, y);
  });
  context.stroke();
  context.fillStyle = css(palette.ink);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(shortened(context, labels[0], box.width), box.x + box.width / 2, box.y + box.height + 34);
  context.save();
  context.translate(box.x - 40, box.y + box.height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(shortened(context, labels[1], box.height), 0, 0);
  context.restore();
}
