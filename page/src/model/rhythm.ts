/** How often the page shows what is new: as often as the browser can without missing its own frames. */

/** Milliseconds from one picture to the next, at least and at most. */
export const SHORTEST = 40;
export const LONGEST = 160;
const LATE = 30; // from one animation frame to the next: one was missed
const SLOWER = 1.15;
const FASTER = 0.985; // so that in the long run one picture in ten is late, and one animation frame in fifty

export class Rhythm {
  /** The present pause. */
  pause = SHORTEST;
  private shown = Number.NEGATIVE_INFINITY;
  private before = 0;
  private late = false;

  /** How long the next picture should wait. */
  wait(now: number): number {
    return Math.max(0, this.shown + this.pause - now);
  }

  /** A picture is shown: what its animation frames did decides about the pause to the next but one. */
  show(now: number): void {
    this.pause = Math.min(LONGEST, Math.max(SHORTEST, this.pause * (this.late ? SLOWER : FASTER)));
    this.late = false;
    this.shown = now;
    this.before = now;
  }

  /** An animation frame after it; returns whether the next one tells something, too. */
  frame(now: number): boolean {
    if (now - this.before > LATE) this.late = true;
    this.before = now;
    return now - this.shown < LONGEST;
  }
}
