/** Both losses, and how far apart they are: what is learnt by heart doesn't hold for other rows. */

import { useState } from "preact/hooks";
import { gaps } from "../model/metrics_numbers";
import { thinned, valueAt } from "../model/series";
import { useStore } from "../model/store";
import type { Series } from "../model/types";
import type { Answered } from "./diagnose_answers";
import { extent, type Mark, Plot, short, spread, type Twin } from "./diagnose_plot";

const POINTS = 800;

/** Drawn anew with each new answer: the curves grow thirty times a second, which nobody reads. */
export function Curves({ answered }: { answered: Answered }) {
  const store = useStore();
  const [log, setLog] = useState(false);
  const curves = store.series.peek().get(answered.branch.id);
  const loss = curves?.get("loss");
  const validation = curves?.get("validation_loss");
  if (loss === undefined || loss.steps.length === 0)
    return (
      <section class="panel">
        <h2>Learnt, or learnt by heart?</h2>
        <p class="muted">No update has been done yet.</p>
      </section>
    );
  const gap = validation === undefined ? null : gaps(loss, validation, answered.branch.perEpoch);
  const { step } = answered.frame;
  const steps = { label: "updates", from: 0, to: Math.max(1, loss.steps[loss.steps.length - 1] ?? 1) };
  const shown = log ? (value: number) => Math.log10(Math.max(value, 1e-12)) : (value: number) => value;
  const lines = [line(loss, "one", shown), ...(validation === undefined ? [] : [line(validation, "two", shown)])];
  const heights = lines.flatMap((each) => each.points.map((point) => point[1]));
  const height = { label: "loss", ...extent(log ? heights : [...heights, 0]), log };
  return (
    <section class="panel" aria-labelledby="curves-title">
      <h2 id="curves-title">Learnt, or learnt by heart?</h2>
      <label>
        <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} /> logarithmic
      </label>
      <div class="plots">
        <Plot
          title="Loss"
          summary={`After ${short(step)} updates: training ${short(valueAt(loss, step)?.value)} (line)${validation === undefined ? "" : `, validation ${short(valueAt(validation, step)?.value)} (dashed)`}.`}
          x={steps}
          y={height}
          marks={[...lines, at(step, height)]}
          twin={twin(loss, validation)}
        />
        {gap === null ? (
          <p class="muted">
            No rows are held out, so nobody can see whether it learns by heart. Hold some out on the Data screen.
          </p>
        ) : (
          <Gap gap={gap} validation={validation as Series} step={step} steps={steps} />
        )}
      </div>
    </section>
  );
}

function Gap(props: {
  gap: Series;
  validation: Series;
  step: number;
  steps: { label: string; from: number; to: number };
}) {
  const { gap, validation, step, steps } = props;
  const line_ = line(gap, "one", (value) => value);
  const ends = { label: "validation − training", ...extent([...line_.points.map((point) => point[1]), 0]) };
  const now = valueAt(gap, step)?.value;
  const lowest = validation.values.indexOf(Math.min(...thinned(validation, 5000).values));
  const best = `The validation loss was smallest, ${short(validation.values[lowest])}, after ${short(validation.steps[lowest])} updates.`;
  return (
    <Plot
      title="Generalisation gap"
      summary={`Here it is ${short(now)}. ${best}`}
      x={steps}
      y={ends}
      marks={[
        {
          kind: "line",
          points: [
            [steps.from, 0],
            [steps.to, 0],
          ],
          tone: "guide",
        },
        line_,
        at(step, ends),
      ]}
      twin={{
        head: ["updates", "validation − training"],
        rows: () => spread([...gap.steps.keys()]).map((k) => [short(gap.steps[k]), short(gap.values[k])]),
      }}
    />
  );
}

function line(series: Series, tone: string, shown: (value: number) => number): Mark {
  const { steps, values } = thinned(series, POINTS);
  return { kind: "line", points: Array.from(steps, (step, k) => [step, shown(values[k] ?? 0)] as const), tone };
}

/** The shown frame's place. */
function at(step: number, ends: { from: number; to: number }): Mark {
  return {
    kind: "line",
    points: [
      [step, ends.from],
      [step, ends.to],
    ],
    tone: "guide here",
  };
}

function twin(loss: Series, validation: Series | undefined): Twin {
  return {
    head: ["updates", "training", "validation"],
    rows: () =>
      spread([...loss.steps.keys()]).map((k) => [
        short(loss.steps[k]),
        short(loss.values[k]),
        short(valueAt(validation, loss.steps[k] ?? 0)?.value),
      ]),
  };
}
