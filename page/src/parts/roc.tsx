/** One class against the rest: ROC, precision and recall, and what a threshold makes of them. */

import { countsAt, oneAgainstRest, precisionOf, precisionRecall, recallOf, rocCurve } from "../model/metrics";
import { type Answered, classNames } from "../screens/diagnose_answers";
import { type Mark, Plot, percent, short, spread } from "../screens/diagnose_plot";

const UNIT = { from: 0, to: 1 };

export function Roc(props: {
  answered: Answered;
  chosen: number;
  threshold: number;
  onChosen: (chosen: number) => void;
  onThreshold: (threshold: number) => void;
}) {
  const { answered, chosen, threshold } = props;
  const names = classNames(answered.data, answered.width);
  const name = names[chosen] ?? `${chosen}`;
  const { scores, positive } = oneAgainstRest(answered, chosen);
  const roc = rocCurve(scores, positive);
  const recalled = precisionRecall(scores, positive);
  const counts = countsAt(scores, positive, threshold);
  const precision = precisionOf(counts);
  const recall = recallOf(counts);
  const alarms = counts.falsePositives / Math.max(1, counts.falsePositives + counts.trueNegatives);
  return (
    <section class="panel" aria-labelledby="roc-title">
      <h2 id="roc-title">Where to draw the line</h2>
      <div class="fields">
        <label>
          Is it{" "}
          <select value={chosen} onChange={(event) => props.onChosen(Number(event.currentTarget.value))}>
            {names.map((each, k) => (
              <option key={each} value={k}>
                {each}
              </option>
            ))}
          </select>
          ?
        </label>
        <label class="wide">
          Yes from a score of {short(threshold)}
          <input
            type="range"
            min={0}
            max={1}
            step={0.01}
            value={threshold}
            aria-valuetext={`${short(threshold)}: ${percent(recall)} found, ${percent(alarms)} false alarms`}
            onInput={(event) => props.onThreshold(Number(event.currentTarget.value))}
          />
        </label>
      </div>
      <p aria-live="off">
        {counts.truePositives} of {counts.truePositives + counts.falseNegatives} “{name}” are found; of{" "}
        {counts.truePositives + counts.falsePositives} called so, {counts.falsePositives} aren't.
      </p>
      {roc === null || recalled === null ? (
        <p class="muted">All these rows are of one kind, so there is nothing to tell apart.</p>
      ) : (
        <div class="plots">
          <Plot
            title={`ROC of “${name}”`}
            summary={`Area ${short(roc.area)}: 1 is perfect, 0.5 is chance. At the line: ${percent(recall)} found, ${percent(alarms)} false alarms.`}
            x={{ label: "false alarms", ...UNIT }}
            y={{ label: "found", ...UNIT }}
            marks={[
              line([0, 1], [0, 1], "guide"),
              line(roc.falsePositiveRate, roc.truePositiveRate, "one"),
              { kind: "dots", points: [[alarms, recall]], tone: "chosen" },
            ]}
            twin={{
              head: ["from a score of", "false alarms", "found"],
              rows: () =>
                spread(roc.thresholds.map((_, k) => k)).map((k) => [
                  short(roc.thresholds[k]),
                  short(roc.falsePositiveRate[k]),
                  short(roc.truePositiveRate[k]),
                ]),
            }}
          />
          <Plot
            title={`Precision and recall of “${name}”`}
            summary={`Average precision ${short(recalled.average)}. At the line: precision ${short(precision)}, recall ${short(recall)}.`}
            x={{ label: "recall", ...UNIT }}
            y={{ label: "precision", ...UNIT }}
            marks={[
              line(recalled.recall, recalled.precision, "one"),
              { kind: "dots", points: [[recall, precision]], tone: "chosen" },
            ]}
            twin={{
              head: ["from a score of", "recall", "precision"],
              rows: () =>
                spread(recalled.thresholds.map((_, k) => k)).map((k) => [
                  short(recalled.thresholds[k]),
                  short(recalled.recall[k]),
                  short(recalled.precision[k]),
                ]),
            }}
          />
        </div>
      )}
    </section>
  );
}

function line(x: readonly number[], y: readonly number[], tone: string): Mark {
  return { kind: "line", points: x.map((each, k) => [each, y[k] ?? 0] as const), tone };
}
