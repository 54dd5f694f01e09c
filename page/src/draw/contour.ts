/** The line on a grid along which a value crosses a level (marching squares). */

/** Segments x0, y0, x1, y1, … in cells: the centre of the first cell is (0, 0). */
export function contour(values: ArrayLike<number>, columns: number, rows: number, level: number): number[] {
  const found: number[] = [];
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const k = j * columns + i;
      const a = (values[k] as number) - level;
      const b = (values[k + 1] as number) - level;
      const c = (values[k + columns + 1] as number) - level;
      const d = (values[k + columns] as number) - level;
      const corners = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (c > 0 ? 4 : 0) | (d > 0 ? 8 : 0);
      if (corners === 0 || corners === 15) continue;
      const crossings: number[] = [];
      if (a > 0 !== b > 0) crossings.push(i + a / (a - b), j);
      if (b > 0 !== c > 0) crossings.push(i + 1, j + b / (b - c));
      if (d > 0 !== c > 0) crossings.push(i + d / (d - c), j + 1);
      if (a > 0 !== d > 0) crossings.push(i, j + a / (a - d));
      // at a saddle (four crossings: top, right, bottom, left) the middle decides which corners hang together
      const order = crossings.length < 8 ? [0, 1] : a > 0 === a + b + c + d > 0 ? [0, 1, 2, 3] : [0, 3, 1, 2];
      for (const at of order) found.push(crossings[2 * at] as number, crossings[2 * at + 1] as number);
    }
  }
  return found;
}

/** How far class k leads every other (negative where it doesn't): its zero line is the border of its region. */
export function lead(probabilities: ArrayLike<number>, cells: number, classes: number, k: number): Float64Array {
  const margin = new Float64Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    let other = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      if (c !== k) other = Math.max(other, probabilities[cell * classes + c] as number);
    }
    margin[cell] = (probabilities[cell * classes + k] as number) - other;
  }
  return margin;
}
