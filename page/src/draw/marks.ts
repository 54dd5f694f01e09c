/** Points: colour and shape say the class, filled or ring whether it was trained on. */

import { css, type Rgb } from "./colours";
import { traceShape } from "./shapes";

export interface Look {
  fill: Rgb;
  /** The outline. */
  edge: Rgb;
}

/** Draw one point. */
export function mark(
  context: CanvasRenderingContext2D,
  shape: number,
  x: number,
  y: number,
  r: number,
  look: Look,
  ring: boolean,
  strength = 1,
): void {
  context.globalAlpha = 0.25 + 0.75 * strength;
  context.lineJoin = "round";
  traceShape(context, shape, x, y, r);
  if (ring) {
    context.strokeStyle = css(look.edge);
    context.lineWidth = 3.4;
    context.stroke();
    context.strokeStyle = css(look.fill);
    context.lineWidth = 1.8;
    context.stroke();
  } else {
    context.strokeStyle = css(look.edge);
    context.lineWidth = 1.8;
    context.stroke();
    context.fillStyle = css(look.fill);
    context.fill();
  }
  context.globalAlpha = 1;
}
