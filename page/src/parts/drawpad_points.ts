/** Points drawn by hand, with the way back. */

import { computed, signal } from "@preact/signals";

export interface DrawnPoint {
  x: number;
  y: number;
  label: number;
}

/** Both axes go from −EDGE to EDGE. */
export const EDGE = 2;
/** Classes that can be drawn, and points that the run takes. */
export const CLASSES = 8;
export const MOST_POINTS = 20_000;

const KEPT = 200; // steps that can be taken back

export class DrawnPoints {
  readonly points = signal<readonly DrawnPoint[]>([]);
  /** The class that is drawn next. */
  readonly label = signal(0);
  readonly canUndo = computed(() => this.before.value.length > 0);
  /** Points of each class. */
  readonly counts = computed(() => {
    const counts = new Array<number>(CLASSES).fill(0);
    for (const point of this.points.value) counts[point.label] = (counts[point.label] ?? 0) + 1;
    return counts;
  });
  private readonly before = signal<readonly (readonly DrawnPoint[])[]>([]);

  /** From here on the next changes are one step of undo. */
  begin(): void {
    this.before.value = [...this.before.value, this.points.value].slice(-KEPT);
  }

  /** Add a point of the chosen class; places are rounded to thousandths and kept on the pad. */
  add(x: number, y: number): void {
    if (this.points.value.length >= MOST_POINTS) return;
    this.points.value = [...this.points.value, { x: onPad(x), y: onPad(y), label: this.label.value }];
  }

  /** Take away the point nearest to a place, if it is within reach; says which. */
  erase(x: number, y: number, reach: number): DrawnPoint | null {
    let nearest: DrawnPoint | null = null;
    let least = reach;
    for (const point of this.points.value) {
      const distance = Math.hypot(point.x - x, point.y - y);
      if (distance <= least) [nearest, least] = [point, distance];
    }
    if (nearest !== null) this.points.value = this.points.value.filter((point) => point !== nearest);
    return nearest;
  }

  clear(): void {
    if (this.points.value.length === 0) return;
    this.begin();
    this.points.value = [];
  }

  undo(): void {
    const last = this.before.value[this.before.value.length - 1];
    if (last === undefined) return;
    this.points.value = last;
    this.before.value = this.before.value.slice(0, -1);
  }

  /** What the run is told, with the labels in a row from 0 where some classes have no point. */
  source(): { x: [number, number][]; y: number[] } {
    const used = this.counts.value.flatMap((count, label) => (count > 0 ? [label] : []));
    return {
      x: this.points.value.map((point) => [point.x, point.y]),
      y: this.points.value.map((point) => used.indexOf(point.label)),
    };
  }
}

function onPad(value: number): number {
  return Math.round(1000 * Math.max(-EDGE, Math.min(EDGE, value))) / 1000;
}
