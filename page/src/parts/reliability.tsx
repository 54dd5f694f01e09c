/** Whether a score of 0.8 is right 8 times in 10. */

import { oneAgainstRest, reliability, topScores } from "../model/metrics";
import { type Answered, classNames } from "../screens/diagnose_answers";
import { Plot, percent, short } from "../screens/diagnose_plot";

export function Calibration({ answered }: { answered: Answered }) {
  const names = classNames(answered.data, answered.width);
  const two = answered.width === 1;
  const { scores, positive } = two ? oneAgainstRest(answered, 1) : topScores(answered);
  const outside = scores.some((score) => score < 0 || score > 1);
  const { bins, error } = reliability(scores, positive);
  const said = two ? `score of “${names[1]}”` : "score of the class that is called";
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  if (outside) {
    return (
      <section class="panel">
        <h2>Can the scores be trusted?</h2>
        <p class="muted">These outputs aren't shares between 0 and 1, so they can't be read as probabilities.</p>
      </section>
    );
  }
  return (
    <section class="panel">
      <h2>Can the scores be trusted?</h2>
      <div class="plots">
        <Plot
          title="Reliability"
          summary={`Expected calibration error ${percent(error)}: on average the score is that far from how often it is right.`}
          x={{ label: said, from: 0, to: 1 }}
          y={{ label: "how often it is so", from: 0, to: 1 }}
          marks={[
            {
              kind: "line",
              points: [
                [0, 0],
                [1, 1],
              ],
              tone: "guide",
            },
            { kind: "line", points: bins.map((bin) => [bin.confidence, bin.frequency] as const), tone: "one" },
            { kind: "dots", points: bins.map((bin) => [bin.confidence, bin.frequency] as const), tone: "single" },
          ]}
          twin={{
            head: ["scores", "rows", "mean score", "how often so"],
            rows: () =>
              bins.map((bin) => [
                `${short(bin.from)} to ${short(bin.to)}`,
                `${bin.count}`,
                short(bin.confidence),
                short(bin.frequency),
              ]),
          }}
        />
        <Plot
          title="How many rows have which score"
          summary={`${answered.count.toLocaleString("en-GB")} rows; points of few rows say little.`}
          x={{ label: said, from: 0, to: 1 }}
          y={{ label: "rows", from: 0, to: most }}
          marks={[
            {
              kind: "bars",
              points: bins.map((bin) => [(bin.from + bin.to) / 2, bin.count] as const),
              tone: "bar",
              width: 0.1,
            },
          ]}
          twin={{
            head: ["scores", "rows"],
            rows: () => bins.map((bin) => [`${short(bin.from)} to ${short(bin.to)}`, `${bin.count}`]),
          }}
        />
      </div>
    </section>
  );
}
