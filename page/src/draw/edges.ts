/** Which weights the diagram draws, and how: width = size, colour and dash = sign. */

import { indexOf } from "./columns";
import type { Diagram, Seat } from "./layout";

export const MOST_EDGES = 400;

export interface Edge {
  from: Seat;
  to: Seat;
  /** The layer whose weight it is, and its place in the parameter vector. */
  layer: number;
  index: number;
  value: number;
}

/**
 * The largest values between seats that are seen, `most` at most; `hidden` says how many were left out.
 *
 * Each pair of columns has the same share of them, and what one doesn't need goes to the others: wide first layers have
 * many weights, and would leave the rest of the picture empty.
 */
export function chooseEdges(
  diagram: Diagram,
  vector: ArrayLike<number>,
  most: number = MOST_EDGES,
): { edges: Edge[]; hidden: number } {
  const pairs = diagram.stacks.map((_, k) => edgesInto(diagram, k, vector)).sort((a, b) => a.length - b.length);
  const all = pairs.reduce((sum, each) => sum + each.length, 0);
  let left = most;
  const chosen = pairs.flatMap((pair, k) => {
    const share = Math.floor(left / (pairs.length - k));
    const kept =
      pair.length <= share ? pair : pair.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, share);
    left -= kept.length;
    return kept;
  });
  // the largest last, so that they lie above the others
  return { edges: chosen.sort((a, b) => Math.abs(a.value) - Math.abs(b.value)), hidden: all - chosen.length };
}

/** All edges that lead into a stack from the one before it. */
function edgesInto(diagram: Diagram, k: number, vector: ArrayLike<number>): Edge[] {
  const [before, stack] = [diagram.stacks[k - 1], diagram.stacks[k]!];
  const weights = stack.column.weights;
  if (weights === null || before === undefined) return [];
  const found: Edge[] = [];
  for (const from of before.seats) {
    for (const to of stack.seats) {
      const index = indexOf(weights, from.unit, to.unit);
      const value = index < 0 ? 0 : vector[index]!;
      if (value !== 0 && Number.isFinite(value)) found.push({ from, to, layer: weights.layer, index, value });
    }
  }
  return found;
}

/** The four points of an edge's Bézier curve. */
export function curveOf({ from, to }: Edge): readonly [number, number, number, number, number, number, number, number] {
  const [x0, x1] = [from.x + from.size / 2, to.x - to.size / 2];
  const bend = (x1 - x0) * 0.45;
  return [x0, from.y, x0 + bend, from.y, x1 - bend, to.y, x1, to.y];
}

/** Line width of a value, given the largest one that is drawn. */
export function widthOf(value: number, largest: number): number {
  return largest > 0 ? 0.6 + 5.4 * Math.min(1, Math.abs(value) / largest) : 0.6;
}

/** The edge at a place, within `reach` pixels of its curve. */
export function edgeAt(edges: readonly Edge[], x: number, y: number, reach = 5): Edge | null {
  let best: Edge | null = null;
  let least = reach * reach;
  for (const edge of edges) {
    const [x0, y0, x1, y1, x2, y2, x3, y3] = curveOf(edge);
    if (x < x0 - reach || x > x3 + reach) continue;
    // x grows evenly enough along the curve that a few places around its share of the way are all that can be near
    for (let k = 0; k <= 24; k++) {
      const t = k / 24;
      const s = 1 - t;
      const [a, b, c, d] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
      const distance = (a * x0 + b * x1 + c * x2 + d * x3 - x) ** 2 + (a * y0 + b * y1 + c * y2 + d * y3 - y) ** 2;
      if (distance < least) {
        least = distance;
        best = edge;
      }
    }
  }
  return best;
}
