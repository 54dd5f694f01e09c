/** The two directions along which rows differ most. */

export interface Principal {
  mean: Float64Array;
  /** Two unit vectors, at right angles. */
  axes: [Float64Array, Float64Array];
  /** The share of all variance that each of them holds. */
  shares: [number, number];
}

const ROUNDS = 60;
const ENOUGH = 500; // rows: more don't change the picture, and cost time

/**
 * Principal component analysis by power iteration (orthogonal iteration for two vectors).
 *
 * `start` are axes found before, of rows that differ little: with them the picture neither jumps nor turns over.
 */
export function principal(x: ArrayLike<number>, count: number, columns: number, start?: Principal): Principal {
  const stride = Math.max(1, Math.ceil(count / ENOUGH));
  const rows = Math.ceil(count / stride);
  const mean = new Float64Array(columns);
  for (let i = 0; i < count; i += stride) for (let j = 0; j < columns; j++) mean[j]! += x[i * columns + j]! / rows;
  const centred = new Float64Array(rows * columns);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = x[i * stride * columns + j]! - mean[j]!;
      centred[i * columns + j] = value;
      total += (value * value) / rows;
    }
  }
  const known = start !== undefined && start.mean.length === columns;
  const axes = known ? [start.axes[0].slice(), start.axes[1].slice()] : [first(columns, 0), first(columns, 1)];
  const [p, q] = axes as [Float64Array, Float64Array];
  let variances: [number, number] = [0, 0];
  for (let round = 0; round < (known ? 8 : ROUNDS); round++) {
    const a = multiplied(centred, rows, columns, p);
    const b = multiplied(centred, rows, columns, q);
    const along = dot(a, p);
    variances = [Math.max(0, along), Math.max(0, dot(b, q))];
    if (normalise(a)) p.set(a);
    const overlap = dot(b, p);
    for (let j = 0; j < columns; j++) b[j]! -= overlap * p[j]!;
    if (normalise(b)) q.set(b);
    else if (columns > 1) rightAngled(q, p);
  }
  if (!known) for (const axis of [p, q]) positiveFirst(axis);
  const share = (variance: number): number => (total > 0 ? Math.min(1, variance / total) : 0);
  return { mean, axes: [p, q], shares: [share(variances[0]), share(variances[1])] };
}

/** A first guess that no real direction is at right angles to, but for bad luck. */
function first(columns: number, which: number): Float64Array {
  const vector = Float64Array.from({ length: columns }, (_, j) => Math.cos(1 + (which + 1) * 1.7 * (j + 1)));
  normalise(vector);
  return vector;
}

/** Covariance times a vector, without ever making the covariance. */
function multiplied(x: Float64Array, rows: number, columns: number, vector: Float64Array): Float64Array {
  const result = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const at = i * columns;
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += x[at + j]! * vector[j]!;
    sum /= rows;
    for (let j = 0; j < columns; j++) result[j]! += sum * x[at + j]!;
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function normalise(vector: Float64Array): boolean {
  const length = Math.sqrt(dot(vector, vector));
  if (!(length > 1e-12)) return false;
  for (let j = 0; j < vector.length; j++) vector[j]! /= length;
  return true;
}

/** Where the rows lie on one line any direction across it will do. */
function rightAngled(q: Float64Array, p: Float64Array): void {
  const least = p.reduce((best, value, j) => (Math.abs(value) < Math.abs(p[best]!) ? j : best), 0);
  q.fill(0);
  q[least] = 1;
  const overlap = p[least]!;
  for (let j = 0; j < q.length; j++) q[j]! -= overlap * p[j]!;
  normalise(q);
}

/** The largest entry is positive, so that the same rows always give the same picture. */
function positiveFirst(axis: Float64Array): void {
  const largest = axis.reduce((best, value, j) => (Math.abs(value) > Math.abs(axis[best]!) ? j : best), 0);
  if (axis[largest]! < 0) for (let j = 0; j < axis.length; j++) axis[j]! *= -1;
}
