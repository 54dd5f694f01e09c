/** A weight matrix as a picture with no more cells than there are pixels; of each block the largest value is shown. */

export interface Picture {
  values: Float32Array;
  columns: number;
  rows: number;
  /** Units behind a cell. */
  across: number;
  down: number;
}

/** Shrink `inputs` × `units` values from `start` on to at most `most` cells a side. */
export function shrunk(vector: ArrayLike<number>, start: number, inputs: number, units: number, most: number): Picture {
  const across = Math.max(1, Math.ceil(units / most));
  const down = Math.max(1, Math.ceil(inputs / most));
  const [columns, rows] = [Math.ceil(units / across), Math.ceil(inputs / down)];
  const values = new Float32Array(columns * rows);
  for (let i = 0; i < inputs; i++) {
    const row = Math.floor(i / down) * columns;
    for (let j = 0; j < units; j++) {
      const value = vector[start + i * units + j]!;
      const cell = row + Math.floor(j / across);
      if (Math.abs(value) > Math.abs(values[cell]!)) values[cell] = value;
    }
  }
  return { values, columns, rows, across, down };
}
