/** Long work in short slices, each in a turn of its own, so that input is answered between them. */

import { turns } from "./turns";

export const SLICE = 8; // milliseconds

export class Slices {
  private work: Generator<void, void> | null = null;

  constructor(
    private readonly slice: number = SLICE,
    private readonly now: () => number = () => performance.now(),
    private readonly schedule: (go: () => void) => void = (go) => turns.add(go),
    private readonly unschedule: (go: () => void) => void = (go) => turns.drop(go),
  ) {}

  get busy(): boolean {
    return this.work !== null;
  }

  /** Begin this; what was under way is given up. */
  run(work: Generator<void, void>): void {
    this.stop();
    this.work = work;
    this.schedule(this.turn);
  }

  stop(): void {
    if (this.work !== null) this.unschedule(this.turn);
    this.work = null;
  }

  private readonly turn = (): void => {
    const work = this.work;
    const until = this.now() + this.slice;
    while (work !== null && work === this.work) {
      if (work.next().done) {
        if (work === this.work) this.work = null; // its last line may have begun other work
        return;
      }
      if (this.now() >= until) {
        this.schedule(this.turn);
        return;
      }
    }
  };
}
