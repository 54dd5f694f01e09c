/** Whether a step of the lesson has been done: read from the store, never by asking the pupil. */

import { four } from "../draw/numbers";
import type { Store } from "../model/store";
import { bestLoss, branchesOf, gapOf, hiddenUnits, rateOf, rowsOf, stepsOf } from "./facts";
import { RATES } from "./scenes";

export interface Verdict {
  done: boolean;
  /** What the page sees, in a sentence. */
  text: string;
}

export type Answers = Readonly<Record<string, string>>;
export type Check = (store: Store, answers: Answers) => Verdict;

const WATCHED = 200;
const TRIED = 500;
/** What no straight line gets below on these moons, and what a bent one does; see docs/lesson.md. */
export const WALL = 0.25;
const GAP = 0.3;
const FEW = 80;
const WORDS = 4;

function written(text: string | undefined, words: number): boolean {
  return (text ?? "").trim().split(/\s+/).filter(Boolean).length >= words;
}

export const predicted: Check = (store, answers) => {
  const most = Math.max(0, ...branchesOf(store).map((branch) => stepsOf(store, branch)));
  if (!answers.prediction) return { done: false, text: "Choose what you expect first." };
  return { done: most >= WATCHED, text: `${four(most)} updates have been watched; ${WATCHED} are enough.` };
};

export const wall: Check = (store) => {
  const straight = branchesOf(store).filter((branch) => hiddenUnits(branch).length === 0);
  if (straight.length === 0) return { done: false, text: "No run without a hidden layer yet." };
  const steps = Math.max(...straight.map((branch) => stepsOf(store, branch)));
  const losses = straight.map((branch) => bestLoss(store, branch)).filter((loss) => loss !== null);
  if (losses.length === 0) return { done: false, text: "A run without a hidden layer is ready: press play." };
  const best = Math.min(...losses);
  const seen = `Without a hidden layer: smallest loss ${four(best)} after ${four(steps)} updates.`;
  if (best <= WALL) return { done: false, text: `${seen} That is below ${WALL}: are these other data?` };
  return {
    done: steps >= TRIED,
    text: steps >= TRIED ? `${seen} It stays above ${WALL}.` : `${seen} Go on to ${TRIED}.`,
  };
};

export const bent: Check = (store, answers) => {
  const deep = branchesOf(store).filter((branch) => hiddenUnits(branch).length > 0);
  const losses = deep.map((branch) => bestLoss(store, branch)).filter((loss) => loss !== null);
  const best = losses.length === 0 ? null : Math.min(...losses);
  const named = ["unit1", "unit2", "unit3"].filter((name) => written(answers[name], 2)).length;
  const seen =
    best === null ? "No update of a network with hidden units yet." : `With hidden units: smallest loss ${four(best)}.`;
  return { done: best !== null && best < WALL && named === 3, text: `${seen} ${named} of 3 units are described.` };
};

/** A number that a pupil wrote: a comma is as good as a point, and so is a true minus sign. */
export function numberOf(text: string | undefined): number | null {
  const value = Number((text ?? "").trim().replace(",", ".").replace("−", "-") || Number.NaN);
  return Number.isFinite(value) ? value : null;
}

export const TOLERANCE = 1e-3;

/** Whether what was written is the number itself, within a thousandth. */
export function isNumber(text: string | undefined, wanted: number): boolean {
  const value = numberOf(text);
  return value !== null && Math.abs(value - wanted) <= TOLERANCE;
}

export const computed: Check = (_store, answers) => {
  const right = ["z", "gradient"].filter((name) => answers[`${name}:right`] === "yes").length;
  return { done: right === 2, text: `${right} of 2 numbers are right.` };
};

export const raced: Check = (store) => {
  const run = branchesOf(store).filter((branch) => stepsOf(store, branch) > 0);
  const seen = RATES.filter((rate) => run.some((branch) => Math.abs(rateOf(store, branch) / rate - 1) < 0.02));
  const text = seen.length === 0 ? "None of the three rates has run yet." : `Rates that have run: ${seen.join(", ")}.`;
  return { done: seen.length === RATES.length && run.length >= RATES.length, text };
};

export const overfitted: Check = (store, answers) => {
  const few = branchesOf(store).filter((branch) => rowsOf(store, branch) > 0 && rowsOf(store, branch) <= FEW);
  const found = few.map((branch) => gapOf(store, branch)).filter((gap) => gap !== null);
  if (found.length === 0) return { done: false, text: `No run on ${FEW} points or fewer, with some held out, yet.` };
  const widest = Math.max(...found);
  const looked = answers.diagnosed === "yes";
  const where = looked ? "" : " Look at it on the Diagnose screen.";
  return { done: widest >= GAP && looked, text: `The gap is ${four(widest)}; ${GAP} is plain to see.${where}` };
};

export const said: Check = (_store, answers) => {
  const count = ["said1", "said2", "said3"].filter((name) => written(answers[name], WORDS)).length;
  return { done: count === 3, text: `${count} of 3 sentences are written.` };
};
