/** Pictures take turns, in an animation frame as many as are quick: together they would take longer than a frame may. */

/** Milliseconds after which no other turn begins. Pixels are made after it, where no clock of ours sees it: so it is short. */
export const TURN = 3;

export class Turns {
  private readonly waiting = new Set<() => void>(); // in the order in which they came
  private asked = 0;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly schedule: (go: () => void) => number = (go) => requestAnimationFrame(go),
    private readonly unschedule: (id: number) => void = (id) => cancelAnimationFrame(id),
  ) {}

  /** Do this when its turn comes; what waits already keeps its place. */
  add(job: () => void): void {
    this.waiting.add(job);
    if (this.asked === 0) this.asked = this.schedule(this.turn);
  }

  drop(job: () => void): void {
    this.waiting.delete(job);
    if (this.waiting.size > 0) return;
    this.unschedule(this.asked);
    this.asked = 0;
  }

  private readonly turn = (): void => {
    this.asked = this.schedule(this.turn); // first of all, in case that a job fails
    const until = this.now() + TURN;
    for (const job of [...this.waiting]) {
      if (!this.waiting.delete(job)) continue; // another has dropped it
      job();
      if (this.now() >= until) break;
    }
    if (this.waiting.size > 0) return;
    this.unschedule(this.asked);
    this.asked = 0;
  };
}

/** The page's. */
export const turns = new Turns();
