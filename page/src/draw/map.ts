/** Numbers on a grid as a picture. */

import { type Blend, packed, shade, type Table } from "./colours";

/** How a map's numbers become colours. */
export type Scale =
  | { kind: "table"; table: Table; low: number; high: number }
  | { kind: "blend"; blend: Blend; classes: number };

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

let scratch: CanvasRenderingContext2D | null = null;
let image: ImageData | null = null; // of the last size: a diagram paints many maps of one size, one after another

function scratchOf(columns: number, rows: number): CanvasRenderingContext2D | null {
  scratch ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  // exactly as large as the map: beside it an older map's pixels would shine through at the smoothed edge
  if (scratch !== null && (scratch.canvas.width !== columns || scratch.canvas.height !== rows)) {
    scratch.canvas.width = columns;
    scratch.canvas.height = rows;
  }
  return scratch;
}

/** Fill packed pixels with the colours of the values (row-major, the top row first). */
export function pixels(values: ArrayLike<number>, cells: number, scale: Scale, into: Uint32Array): void {
  if (scale.kind === "table") {
    const { table, low, high } = scale;
    for (let k = 0; k < cells; k++) into[k] = table[shade(values[k] as number, low, high)] as number;
  } else {
    for (let k = 0; k < cells; k++) into[k] = packed(scale.blend.colour(values, k * scale.classes, scale.classes));
  }
}

/** Paint a grid of values into a box; smooth unless its cells are things of their own, as pixels or weights are. */
export function paintMap(
  context: CanvasRenderingContext2D,
  values: ArrayLike<number>,
  columns: number,
  rows: number,
  scale: Scale,
  box: Box,
  smooth = true,
): void {
  const target = scratchOf(columns, rows);
  if (target === null || columns * rows === 0) return;
  if (image === null || image.width !== columns || image.height !== rows) image = new ImageData(columns, rows);
  pixels(values, columns * rows, scale, new Uint32Array(image.data.buffer));
  target.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "low"; // bilinear: "medium" makes mipmaps of every card
  context.drawImage(target.canvas, 0, 0, columns, rows, box.x, box.y, box.width, box.height);
}
