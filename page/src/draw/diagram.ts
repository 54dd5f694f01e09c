/** The network as a picture: a card for each neuron with its map and its bias, above the lines. */

import { css, type Rgb } from "./colours";
import { INPUT } from "./columns";
import type { Edge } from "./edges";
import type { Diagram, Seat, Stack } from "./layout";
import { paintMap, type Scale } from "./map";
import type { Palette } from "./palette";

export interface Picture {
  palette: Palette;
  /** A neuron's map; null where there is none (yet). */
  map: (
    seat: Seat,
  ) => { values: ArrayLike<number>; columns: number; rows: number; scale: Scale; smooth: boolean } | null;
  bias: (seat: Seat) => number | null;
  largestBias: number;
  /** Text beside a neuron: a feature to the left, a class to the right. */
  label: (seat: Seat) => string;
  labelsRight: boolean;
  selected: Seat | null;
  hovered: Seat | Edge | null;
  /** The pixels of an image that goes in. */
  image: { values: ArrayLike<number>; scale: Scale } | null;
}

const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const SMALL = "11px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** The upper layer: titles and cards. */
export function paintCards(context: CanvasRenderingContext2D, diagram: Diagram, picture: Picture): void {
  for (const stack of diagram.stacks) {
    paintTitle(context, stack, diagram, picture.palette);
    if (stack.form === "image") paintImage(context, stack, picture);
    else for (const seat of stack.seats) paintSeat(context, seat, stack, picture);
  }
}

function paintTitle(context: CanvasRenderingContext2D, stack: Stack, diagram: Diagram, palette: Palette): void {
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.font = FONT;
  context.fillStyle = css(palette.ink);
  const room = Math.min((diagram.width / diagram.stacks.length) * 0.98, 2 * Math.min(stack.x, diagram.width - stack.x));
  context.fillText(shortened(context, stack.column.title, room), stack.x, 14);
  context.font = SMALL;
  context.fillStyle = css(palette.muted);
  const { between, count } = stack.column;
  const note = stack.note !== "" ? stack.note : `${count}${between === "" ? "" : ` · after ${between}`}`;
  context.fillText(shortened(context, note, room), stack.x, 29);
}

function paintImage(context: CanvasRenderingContext2D, stack: Stack, { image, palette, selected }: Picture): void {
  const place = stack.image;
  if (place === null) return;
  const box = { x: place.x, y: place.y, width: place.size * place.columns, height: place.size * place.rows };
  if (image !== null) paintMap(context, image.values, place.columns, place.rows, image.scale, box, false);
  context.lineWidth = 1;
  context.strokeStyle = css(palette.muted);
  context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
  if (selected !== null && selected.layer === INPUT) outline(context, selected, css(palette.focus), 2);
}

function paintSeat(context: CanvasRenderingContext2D, seat: Seat, stack: Stack, picture: Picture): void {
  const { palette } = picture;
  const half = seat.size / 2;
  const box = { x: seat.x - half, y: seat.y - half, width: seat.size, height: seat.size };
  const radius = seat.size > 34 ? 5 : 1;
  const map = picture.map(seat);
  // round corners are cut only where they are seen: a clip for each of a hundred tiles takes longer than their maps
  const cut = seat.size > 34;
  context.save();
  context.fillStyle = css(palette.panel);
  context.beginPath();
  if (cut) context.roundRect(box.x, box.y, box.width, box.height, radius);
  else context.rect(box.x, box.y, box.width, box.height);
  context.fill();
  if (cut) context.clip();
  if (map !== null) paintMap(context, map.values, map.columns, map.rows, map.scale, box, map.smooth);
  context.restore();
  const chosen = picture.selected === seat;
  outline(context, seat, css(chosen ? palette.focus : palette.muted, chosen ? 1 : 0.75), chosen ? 3 : 1, radius);
  if (picture.hovered === seat) outline(context, seat, css(palette.ink), 2, radius);
  const bias = picture.bias(seat);
  if (bias !== null && seat.size >= 12) paintBias(context, seat, bias, picture);
  const text = picture.label(seat);
  if (text === "" || stack.form === "tiles") return;
  context.font = SMALL;
  context.fillStyle = css(palette.ink);
  context.textBaseline = "middle";
  if (seat.layer === INPUT) {
    context.textAlign = "right";
    context.fillText(shortened(context, text, box.x - 8), box.x - 6, seat.y);
  } else if (picture.labelsRight) {
    context.textAlign = "left";
    context.fillText(shortened(context, text, 84), box.x + box.width + 6, seat.y);
  }
}

/** A bar under the card from its middle: to the right a positive bias, to the left, dashed, a negative one. */
function paintBias(
  context: CanvasRenderingContext2D,
  seat: Seat,
  bias: number,
  { palette, largestBias }: Picture,
): void {
  const share = largestBias > 0 ? Math.max(-1, Math.min(1, bias / largestBias)) : 0;
  const y = Math.round(seat.y + seat.size / 2) + (seat.size > 24 ? 4.5 : 2.5);
  const colour: Rgb = bias >= 0 ? palette.positive : palette.negative;
  context.lineWidth = seat.size > 24 ? 3 : 2;
  context.strokeStyle = css(colour);
  context.setLineDash(bias >= 0 ? [] : [4, 2]);
  context.beginPath();
  context.moveTo(seat.x, y);
  context.lineTo(seat.x + (share * seat.size) / 2, y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = css(palette.muted);
  context.fillRect(Math.round(seat.x) - 0.5, y - 2.5, 1, 5);
}

function outline(context: CanvasRenderingContext2D, seat: Seat, style: string, width: number, radius = 2): void {
  const reach = seat.size / 2 + width / 2 - 0.5;
  context.lineWidth = width;
  context.strokeStyle = style;
  context.beginPath();
  context.roundRect(seat.x - reach, seat.y - reach, 2 * reach, 2 * reach, radius + width / 2);
  context.stroke();
}

/** As much of a text as there is room for. */
export function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let end = text.length - 1;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end--;
  return `${text.slice(0, end)}…`;
}
