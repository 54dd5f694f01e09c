/** A soft round brush on an image of few pixels. */

/** The image with a dab at (x, y) in pixels; a large image gets a pen two pixels wide, a small one a single pixel. */
export function brush(
  image: Float32Array,
  columns: number,
  rows: number,
  x: number,
  y: number,
  ink: number,
): Float32Array<ArrayBuffer> {
  const next = new Float32Array(image);
  const radius = Math.max(0.75, columns / 18);
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const distance = Math.hypot(i + 0.5 - x, j + 0.5 - y);
      const share = Math.max(0, Math.min(1, radius + 0.5 - distance));
      if (share === 0) continue;
      const at = j * columns + i;
      const wanted = next[at]! + share * (ink - next[at]!);
      // a second dab beside the first mustn't wash it out, nor go past the ink
      next[at] = Math.abs(ink - wanted) < Math.abs(ink - next[at]!) ? wanted : next[at]!;
    }
  }
  return next;
}
