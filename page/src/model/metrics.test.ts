import { describe, expect, it } from "vitest";
import golden from "../../golden/metrics.json";
import * as metrics from "./metrics";
import * as numbers from "./metrics_numbers";

function near(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k] ?? Number.NaN, 12);
  });
}

describe.each(golden.binary)("one class of two, as scikit-learn has it", (expected) => {
  const { scores, positive } = expected;

  it("draws the ROC curve and its area", () => {
    const curve = metrics.rocCurve(scores, positive);
    near(curve?.falsePositiveRate ?? [], expected.rates);
    near(curve?.truePositiveRate ?? [], expected.hits);
    expect(curve?.area).toBeCloseTo(expected.area, 12);
  });

  it("draws precision against recall, and averages it", () => {
    const curve = metrics.precisionRecall(scores, positive);
    near(curve?.precision ?? [], expected.precision);
    near(curve?.recall ?? [], expected.recall);
    expect(curve?.average).toBeCloseTo(expected.average, 12);
  });

  it("counts at a threshold", () => {
    const counts = metrics.countsAt(scores, positive, 0.4);
    expect([
      [counts.trueNegatives, counts.falsePositives],
      [counts.falseNegatives, counts.truePositives],
    ]).toEqual(expected.confusion);
    expect(metrics.recallOf(counts)).toBeCloseTo(
      (expected.confusion[1]?.[1] ?? 0) / positive.filter(Boolean).length,
      12,
    );
  });

  it("compares scores with frequencies, bin by bin", () => {
    const { bins, error } = metrics.reliability(scores, positive);
    near(
      bins.map((bin) => bin.confidence),
      expected.confidence,
    );
    near(
      bins.map((bin) => bin.frequency),
      expected.frequency,
    );
    const rows = bins.reduce((sum, bin) => sum + bin.count, 0);
    expect(rows).toBe(scores.length);
    expect(error).toBeCloseTo(
      bins.reduce((sum, bin) => sum + (bin.count / rows) * Math.abs(bin.frequency - bin.confidence), 0),
      12,
    );
  });
});

describe("many classes", () => {
  const { actual, outputs } = golden.multiclass;
  const targets = actual.flatMap((chosen) => [0, 1, 2].map((k) => (k === chosen ? 1 : 0)));
  const answers = { count: actual.length, width: 3, outputs: Float64Array.from(outputs), targets };

  it("counts them as scikit-learn does", () => {
    const counts = metrics.confusion(metrics.truth(answers), metrics.decide(answers), 3);
    expect(counts).toEqual(golden.multiclass.confusion);
    expect(metrics.accuracy(counts)).toBeCloseTo(golden.multiclass.accuracy, 12);
  });

  it("takes one against the rest", () => {
    golden.multiclass.areas.forEach((area, chosen) => {
      const { scores, positive } = metrics.oneAgainstRest(answers, chosen);
      expect(metrics.rocCurve(scores, positive)?.area).toBeCloseTo(area, 12);
    });
  });

  it("takes the score of the class that is called", () => {
    const { scores, positive } = metrics.topScores(answers);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(1 / 3);
    expect(positive.reduce((sum, each) => sum + each, 0) / actual.length).toBeCloseTo(golden.multiclass.accuracy, 12);
  });
});

describe("a single output", () => {
  const answers = { count: 3, width: 1, outputs: Float64Array.of(0.2, 0.5, 0.9), targets: [0, 1, 0] };

  it("is class 1 from the threshold on", () => {
    expect([...metrics.decide(answers)]).toEqual([0, 1, 1]);
    expect([...metrics.decide(answers, 0.6)]).toEqual([0, 0, 1]);
  });

  it("scores class 0 by what is left", () => {
    const { scores, positive } = metrics.oneAgainstRest(answers, 0);
    near([...scores], [0.8, 0.5, 0.1]);
    expect([...positive]).toEqual([1, 0, 1]);
  });

  it("has no curve where all rows are of one class", () => {
    expect(metrics.rocCurve([0.1, 0.2], [1, 1])).toBeNull();
    expect(metrics.precisionRecall([0.1, 0.2], [0, 0])).toBeNull();
  });
});

describe("numbers", () => {
  const { targets, predictions } = golden.regression;

  it("has the errors of scikit-learn", () => {
    const errors = numbers.errorsOf(targets, predictions);
    expect(errors.rootMeanSquare).toBeCloseTo(golden.regression.root_mean_square, 12);
    expect(errors.meanAbsolute).toBeCloseTo(golden.regression.mean_absolute, 12);
    expect(errors.explained).toBeCloseTo(golden.regression.explained, 12);
    expect(numbers.errorsOf([2, 2], [1, 3]).explained).toBeNull();
  });

  it("has NumPy's histogram", () => {
    const found = numbers.histogram(
      targets.map((target, row) => target - (predictions[row] ?? 0)),
      12,
    );
    expect(found.counts).toEqual(golden.regression.counts);
    near(found.edges, golden.regression.edges);
    expect(numbers.histogram([3, 3], 2).counts).toEqual([0, 2]);
  });
});

describe("the gap between two losses", () => {
  const series = (steps: number[], values: number[]) => ({
    steps: Float64Array.from(steps),
    values: Float64Array.from(values),
  });

  it("averages the updates of the epoch before each validation", () => {
    const loss = series([0, 1, 2, 3, 4], [1, 0.8, 0.6, 0.4, 0.3]);
    const found = numbers.gaps(loss, series([2, 4], [0.9, 0.8]), 2);
    near([...found.values], [0.9 - 0.7, 0.8 - 0.35]);
  });

  it("takes the last loss before it where the curve was thinned", () => {
    const found = numbers.gaps(series([0, 10], [1, 0.5]), series([5, 10], [2, 1]), 1);
    near([...found.values], [1, 0.5]);
  });
});
