/** How good predictions are: counts, curves and sums over rows; every one held to scikit-learn's by golden values. */

/** Rows whose answer is known: the network's outputs, count × width, one row after another, and the targets likewise. */
export interface Answers {
  count: number;
  width: number;
  outputs: Float64Array;
  targets: ArrayLike<number>;
}

/** One class of two at a threshold: class 1 where the score is at least that. */
export interface Counts {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

export interface RocCurve {
  falsePositiveRate: number[];
  truePositiveRate: number[];
  thresholds: number[];
  area: number;
}

export interface PrecisionRecall {
  precision: number[];
  recall: number[];
  thresholds: number[];
  average: number;
}

export interface Reliability {
  bins: { from: number; to: number; count: number; confidence: number; frequency: number }[];
  /** Σ count · |frequency − confidence| / rows. */
  error: number;
}

/** The class of each row: the largest output, or with one output whether it is at least the threshold. */
export function decide({ count, width, outputs }: Answers, threshold = 0.5): Int32Array {
  const classes = new Int32Array(count);
  for (let row = 0; row < count; row++)
    classes[row] = width === 1 ? at(outputs, row, threshold) : largest(outputs, row, width);
  return classes;
}

/** The class that the targets say: 0 or 1 of a single column, else the column that is largest. */
export function truth({ count, width, targets }: Answers): Int32Array {
  const classes = new Int32Array(count);
  for (let row = 0; row < count; row++)
    classes[row] = width === 1 ? at(targets, row, 0.5) : largest(targets, row, width);
  return classes;
}

function at(values: ArrayLike<number>, row: number, threshold: number): number {
  return (values[row] ?? 0) >= threshold ? 1 : 0;
}

function largest(values: ArrayLike<number>, row: number, width: number): number {
  let best = 0;
  for (let k = 1; k < width; k++) if ((values[row * width + k] ?? 0) > (values[row * width + best] ?? 0)) best = k;
  return best;
}

/** counts[truth][predicted]. */
export function confusion(actual: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < actual.length; row++) {
    const line = counts[actual[row] ?? 0];
    const place = predicted[row] ?? 0;
    if (line !== undefined) line[place] = (line[place] ?? 0) + 1;
  }
  return counts;
}

export function accuracy(counts: number[][]): number {
  const right = counts.reduce((sum, line, k) => sum + (line[k] ?? 0), 0);
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  return all === 0 ? 0 : right / all;
}

/** One class's scores, and which rows are of it: a column of the outputs against the rest. */
export function oneAgainstRest(answers: Answers, chosen: number): { scores: Float64Array; positive: Uint8Array } {
  const { count, width, outputs } = answers;
  const actual = truth(answers);
  const scores = new Float64Array(count);
  const positive = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const own = outputs[row * width + (width === 1 ? 0 : chosen)] ?? 0;
    scores[row] = width === 1 && chosen === 0 ? 1 - own : own;
    positive[row] = actual[row] === chosen ? 1 : 0;
  }
  return { scores, positive };
}

export function countsAt(scores: ArrayLike<number>, positive: ArrayLike<number>, threshold: number): Counts {
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let row = 0; row < scores.length; row++) {
    const said = (scores[row] ?? 0) >= threshold;
    if (positive[row]) counts[said ? "truePositives" : "falseNegatives"]++;
    else counts[said ? "falsePositives" : "trueNegatives"]++;
  }
  return counts;
}

/** Precision is 1 where nothing is called positive, as scikit-learn's curve has it at its end. */
export function precisionOf({ truePositives, falsePositives }: Counts): number {
  return truePositives + falsePositives === 0 ? 1 : truePositives / (truePositives + falsePositives);
}

export function recallOf({ truePositives, falseNegatives }: Counts): number {
  return truePositives + falseNegatives === 0 ? 0 : truePositives / (truePositives + falseNegatives);
}

/** The counts above each distinct score, from the largest score down. */
function sweep(scores: ArrayLike<number>, positive: ArrayLike<number>) {
  const order = Array.from({ length: scores.length }, (_, row) => row).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );
  const steps: { threshold: number; hits: number; alarms: number }[] = [];
  let hits = 0;
  let alarms = 0;
  order.forEach((row, k) => {
    if (positive[row]) hits++;
    else alarms++;
    const next = order[k + 1];
    if (next === undefined || scores[next] !== scores[row]) steps.push({ threshold: scores[row] ?? 0, hits, alarms });
  });
  return { steps, hits, alarms };
}

/** Null where all rows are of one kind: there is nothing to tell apart. */
export function rocCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): RocCurve | null {
  const { steps, hits, alarms } = sweep(scores, positive);
  if (hits === 0 || alarms === 0) return null;
  const falsePositiveRate = [0, ...steps.map((step) => step.alarms / alarms)];
  const truePositiveRate = [0, ...steps.map((step) => step.hits / hits)];
  let area = 0;
  for (let k = 1; k < falsePositiveRate.length; k++) {
    const width = (falsePositiveRate[k] ?? 0) - (falsePositiveRate[k - 1] ?? 0);
    area += (width * ((truePositiveRate[k] ?? 0) + (truePositiveRate[k - 1] ?? 0))) / 2;
  }
  return { falsePositiveRate, truePositiveRate, thresholds: [Infinity, ...steps.map((step) => step.threshold)], area };
}

/** From the smallest recall to the largest; average precision Σ (Rₖ − Rₖ₋₁) Pₖ. Null where no row is positive. */
export function precisionRecall(scores: ArrayLike<number>, positive: ArrayLike<number>): PrecisionRecall | null {
  const { steps, hits } = sweep(scores, positive);
  if (hits === 0) return null;
  const precision = [1, ...steps.map((step) => step.hits / (step.hits + step.alarms))];
  const recall = [0, ...steps.map((step) => step.hits / hits)];
  let average = 0;
  for (let k = 1; k < recall.length; k++) average += ((recall[k] ?? 0) - (recall[k - 1] ?? 0)) * (precision[k] ?? 0);
  return { precision, recall, thresholds: [Infinity, ...steps.map((step) => step.threshold)], average };
}

/** Scores in equal bins (from, to] of [0, 1], beside how often they were right; empty bins are left out. */
export function reliability(scores: ArrayLike<number>, positive: ArrayLike<number>, bins = 10): Reliability {
  const sums = Array.from({ length: bins }, () => ({ count: 0, scores: 0, hits: 0 }));
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? 0;
    let place = Math.max(0, Math.min(bins - 1, Math.floor(score * bins)));
    if (place > 0 && score <= place / bins) place--;
    const bin = sums[place];
    if (bin === undefined) continue;
    bin.count++;
    bin.scores += score;
    bin.hits += positive[row] ? 1 : 0;
  }
  let error = 0;
  const found: Reliability["bins"] = [];
  sums.forEach(({ count, scores: sum, hits }, k) => {
    if (count === 0) return;
    error += Math.abs(hits - sum) / scores.length;
    found.push({ from: k / bins, to: (k + 1) / bins, count, confidence: sum / count, frequency: hits / count });
  });
  return { bins: found, error };
}

/** The score of the class that is called, and whether the call is right: what a reliability diagram of many classes shows. */
export function topScores(answers: Answers): { scores: Float64Array; positive: Uint8Array } {
  const actual = truth(answers);
  const called = decide(answers);
  const scores = new Float64Array(answers.count);
  const positive = new Uint8Array(answers.count);
  for (let row = 0; row < answers.count; row++) {
    scores[row] = answers.outputs[row * answers.width + (called[row] ?? 0)] ?? 0;
    positive[row] = actual[row] === called[row] ? 1 : 0;
  }
  return { scores, positive };
}
