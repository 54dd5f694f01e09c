/** Draws the newest task first and no task twice; once the picture rests, again and finer. */

import { Slices } from "../draw/slices";
import { BUDGET, compute, costOf, FINE, gridOf, type Maps, QUICK, type Task } from "./maps";

const REST = 160; // milliseconds without a new frame
const FINE_BUDGET = 6 * BUDGET;

export class MapsEngine {
  private running: Task | null = null;
  private fine = false;
  private pending: Task | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly publish: (maps: Maps) => void,
    private readonly slices: Slices = new Slices(),
  ) {}

  request(task: Task): void {
    clearTimeout(this.timer);
    // a picture of the same thing at an older step is finished first: with a slow network there would never be one
    if (
      this.running !== null &&
      !this.fine &&
      this.running.forward === task.forward &&
      this.running.plane === task.plane
    )
      this.pending = task;
    else this.begin(task, false);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.slices.stop();
    this.running = null;
    this.pending = null;
  }

  private begin(task: Task, fine: boolean): void {
    this.running = task;
    this.fine = fine;
    this.pending = null;
    const [side, budget] = fine ? [FINE, FINE_BUDGET] : [QUICK, BUDGET];
    this.slices.run(compute(task, side, budget, (maps) => this.finished(maps)));
  }

  private finished(maps: Maps): void {
    const { task } = maps;
    this.running = null;
    this.publish(maps);
    if (this.pending !== null) this.begin(this.pending, false);
    else if (!this.fine && finer(maps)) this.timer = setTimeout(() => this.begin(task, true), REST);
  }
}

/** Whether a rest would show more. */
function finer({ task, columns }: Maps): boolean {
  const cost = costOf(task.forward, task.widths);
  return gridOf(cost, task.plane, FINE, FINE_BUDGET).columns > 1.2 * columns;
}
