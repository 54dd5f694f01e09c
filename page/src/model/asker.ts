/** Asks for a worked update when what is looked at changes, but never two at once, and seldom while a run moves. */

import { signal } from "@preact/signals";
import type { Source } from "./types";
import { readWorked, type Worked } from "./worked";

export interface Question {
  frame: number;
  sample: number;
  layer: number;
  unit: number;
  weight: number | null;
}

/** Between two answers to the same choice, as frames come in; and after another choice. Milliseconds. */
export const FOLLOWING = 1000;
export const CHOOSING = 100;

export class Asker {
  readonly answer = signal<{ question: Question; worked: Worked } | null>(null);
  /** Why there is no answer, in a sentence. */
  readonly refused = signal("");
  private wanted: Question | null = null;
  private asked: Question | null = null;
  private at = Number.NEGATIVE_INFINITY;
  private clock: ReturnType<typeof setTimeout> | null = null;
  private busy = false;

  constructor(
    private readonly source: Pick<Source, "ask">,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is looked at now; null: nothing new is to be asked. */
  want(question: Question | null): void {
    this.wanted = question;
    this.stop();
    if (question === null || this.busy || same(question, this.asked)) return;
    const pause = sameChoice(question, this.asked) ? FOLLOWING : CHOOSING;
    this.clock = setTimeout(() => this.send(question), Math.max(0, this.at + pause - this.now()));
  }

  /** Ask once more what was refused. */
  again(): void {
    this.asked = null;
    this.want(this.wanted);
  }

  /** Nothing more is asked. */
  stop(): void {
    if (this.clock !== null) clearTimeout(this.clock);
    this.clock = null;
  }

  private async send(question: Question): Promise<void> {
    this.clock = null;
    this.busy = true;
    this.asked = question;
    this.at = this.now();
    try {
      const worked = readWorked(await this.source.ask("worked", { ...question }));
      this.answer.value = { question, worked };
      this.refused.value = "";
    } catch (error) {
      this.refused.value = error instanceof Error ? error.message : String(error);
    }
    this.busy = false;
    this.want(this.wanted);
  }
}

function sameChoice(a: Question, b: Question | null): boolean {
  return b !== null && a.sample === b.sample && a.layer === b.layer && a.unit === b.unit && a.weight === b.weight;
}

function same(a: Question, b: Question | null): boolean {
  return sameChoice(a, b) && a.frame === b?.frame;
}
