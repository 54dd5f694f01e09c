/** Points: colour and shape say the class, filled or ring whether it was trained on. */

import { css, type Rgb } from "./colours";

type Trace = (context: CanvasRenderingContext2D, x: number, y: number, r: number) => void;

const polygon =
  (corners: number, turn: number, stretch = 1.2): Trace =>
  (context, x, y, r) => {
    for (let k = 0; k < corners; k++) {
      const angle = turn + (2 * Math.PI * k) / corners;
      context.lineTo(x + r * stretch * Math.cos(angle), y + r * stretch * Math.sin(angle));
    }
    context.closePath();
  };

const star =
  (tips: number): Trace =>
  (context, x, y, r) => {
    for (let k = 0; k < 2 * tips; k++) {
      const angle = -Math.PI / 2 + (Math.PI * k) / tips;
      const length = k % 2 === 0 ? 1.4 * r : 0.6 * r;
      context.lineTo(x + length * Math.cos(angle), y + length * Math.sin(angle));
    }
    context.closePath();
  };

/** Nine shapes, so that with eight colours no pair of both repeats before 72 classes. */
const SHAPES: readonly Trace[] = [
  (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
  polygon(4, Math.PI / 4, 1.25),
  polygon(3, -Math.PI / 2, 1.35),
  polygon(4, 0, 1.3),
  star(5),
  polygon(6, 0, 1.15),
  polygon(3, Math.PI / 2, 1.35),
  polygon(5, -Math.PI / 2, 1.2),
  star(4),
];

export const SHAPE_NAMES = [
  "circle",
  "square",
  "triangle",
  "diamond",
  "star",
  "hexagon",
  "triangle on its tip",
  "pentagon",
  "four-pointed star",
] as const;

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
  const trace = SHAPES[shape % SHAPES.length]!;
  context.lineJoin = "round";
  context.beginPath();
  trace(context, x, y, r);
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
