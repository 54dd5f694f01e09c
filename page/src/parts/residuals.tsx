/** What predictions of a number miss by, in the target's units. */

import { errorsOf, histogram } from "../model/metrics_numbers";
import type { Answered } from "../screens/diagnose_answers";
import { extent, Plot, percent, short, spread } from "../screens/diagnose_plot";

export function Residuals({ answered, name }: { answered: Answered; name: string }) {
  const { scale } = answered.data;
  const inUnits = (value: number) => (scale === null ? value : scale.mean + scale.deviation * value);
  const targets = Array.from(answered.targets, inUnits);
  const predictions = Array.from(answered.outputs, inUnits);
  const residuals = targets.map((target, row) => target - (predictions[row] ?? 0));
  const errors = errorsOf(targets, predictions);
  const { edges, counts } = histogram(residuals, 24);
  const step = (edges[1] ?? 1) - (edges[0] ?? 0);
  const ends = extent(predictions);
  const explained =
    errors.explained === null ? "" : ` It explains ${percent(errors.explained)} of how the target varies.`;
  return (
    <section class="panel" aria-labelledby="residuals-title">
      <h2 id="residuals-title">What {name} is missed by</h2>
      <p>
        A prediction is off by <b>{short(errors.meanAbsolute)}</b> on average (root mean square{" "}
        {short(errors.rootMeanSquare)}).{explained}
      </p>
      <div class="plots">
        <Plot
          title="Residual against prediction"
          summary={`Above 0 the network said too little. The mean residual is ${short(errors.mean)}; a bend or a funnel is something that it hasn't learnt.`}
          x={{ label: `predicted ${name}`, ...ends }}
          y={{ label: "target − prediction", ...extent([...residuals, 0]) }}
          marks={[
            {
              kind: "line",
              points: [
                [ends.from, 0],
                [ends.to, 0],
              ],
              tone: "guide",
            },
            {
              kind: "dots",
              points: residuals.map((each, row) => [predictions[row] ?? 0, each] as const),
              tone: "many",
            },
          ]}
          twin={{
            head: ["row", "target", "prediction", "residual"],
            rows: () =>
              spread(
                residuals
                  .map((_, row) => row)
                  .sort((a, b) => Math.abs(residuals[b] ?? 0) - Math.abs(residuals[a] ?? 0))
                  .slice(0, 50),
                50,
              ).map((row) => [
                `${answered.rows.places[row] ?? row}`,
                short(targets[row]),
                short(predictions[row]),
                short(residuals[row]),
              ]),
          }}
        />
        <Plot
          title="How often by how much"
          summary={`Half of the rows are within ${short(middle(residuals.map(Math.abs)))}.`}
          x={{ label: "target − prediction", from: edges[0] ?? 0, to: edges[edges.length - 1] ?? 1 }}
          y={{ label: "rows", from: 0, to: Math.max(1, ...counts) }}
          marks={[
            {
              kind: "bars",
              points: counts.map((count, k) => [(edges[k] ?? 0) + step / 2, count] as const),
              tone: "bar",
              width: step,
            },
          ]}
          twin={{
            head: ["from", "to", "rows"],
            rows: () => counts.map((count, k) => [short(edges[k]), short(edges[k + 1]), `${count}`]),
          }}
        />
      </div>
    </section>
  );
}

function middle(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
