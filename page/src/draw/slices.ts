/** Long work in short slices, one an animation frame, so that input is answered between them. */

export const SLICE = 8; // milliseconds

export class Slices {
  private work: Generator<void, void> | null = null;
  private waiting = 0;

  constructor(
    private readonly slice: number = SLICE,
    private readonly now: () => number = () => performance.now(),
    private readonly schedule: (go: () => void) => number = (go) => requestAnimationFrame(go),
    private readonly unschedule: (id: number) => void = (id) => cancelAnimationFrame(id),
  ) {}

  get busy(): boolean {
    return this.work !== null;
  }

  /** Begin this; what was under way is given up. */
  run(work: Generator<void, void>): void {
    this.stop();
    this.work = work;
    this.waiting = this.schedule(() => this.turn());
  }

  stop(): void {
    if (this.work !== null) this.unschedule(this.waiting);
    this.work = null;
  }

  private turn(): void {
    const work = this.work;
    const until = this.now() + this.slice;
    while (work !== null && work === this.work) {
      if (work.next().done) {
        if (work === this.work) this.work = null; // its last line may have begun other work
        return;
      }
      if (this.now() >= until) {
        this.waiting = this.schedule(() => this.turn());
        return;
      }
    }
  }
}
