/** The data at the left: what it is, how its classes are balanced, what is shown, and which row is picked. */

import { count, exact, four } from "../draw/numbers";
import { balance, className, isClassification, isScaled, labelOf, outputsOf, unscaled } from "../model/points";
import { useStore } from "../model/store";
import type { Data } from "../model/types";
import { Mark } from "../parts/classkey";
import type { View } from "./watch-view";

const MOST_FEATURES = 12;
const MOST_CLASSES = 12;

export function DataPanel({ view }: { view: View }) {
  const store = useStore();
  const data = store.data.value;
  if (data === null) return null;
  const shown = data.train.count;
  return (
    <section class="panel" aria-labelledby="watch-data-title">
      <h2 id="watch-data-title">{data.name}</h2>
      <dl class="watch-facts small">
        <dt>target</dt>
        <dd>{data.target || "—"}</dd>
        <dt>training</dt>
        <dd class="number">
          {count(data.nRows)}
          {shown < data.nRows && " "}
          {shown < data.nRows && <span class="muted">({count(shown)} shown)</span>}
        </dd>
        <dt>validation</dt>
        <dd class="number">{data.nValidation === 0 ? "none held out" : count(data.nValidation)}</dd>
      </dl>
      {isClassification(data.task) ? <Balance data={data} /> : <Spread data={data} />}
      <Sample data={data} view={view} />
    </section>
  );
}

function Balance({ data }: { data: Data }) {
  const counts = balance(data, data.train);
  const total = Math.max(1, data.train.count);
  const most = Math.max(...counts, 1);
  return (
    <>
      <h3>Class balance</h3>
      <ul class="watch-balance small">
        {counts.slice(0, MOST_CLASSES).map((many, k) => (
          <li key={className(data, k)}>
            <Mark shape={k} />
            <span>{className(data, k)}</span>
            <span class="number">
              {count(many)} · {((100 * many) / total).toFixed(0)} %
            </span>
            <span class="watch-bar" aria-hidden="true">
              <span class={`watch-bar-fill class-${k % 8}`} style={{ width: `${(100 * many) / most}%` }} />
            </span>
          </li>
        ))}
        {counts.length > MOST_CLASSES && <li class="muted">{counts.length - MOST_CLASSES} more classes</li>}
      </ul>
    </>
  );
}

function Spread({ data }: { data: Data }) {
  const outputs = outputsOf(data);
  const values = Array.from({ length: data.train.count }, (_, i) => unscaled(data, data.train.y[i * outputs]!)).sort(
    (a, b) => a - b,
  );
  if (values.length === 0) return null;
  const at = (share: number): string => four(values[Math.round(share * (values.length - 1))]!);
  return (
    <>
      <h3>{data.target || "Target"}</h3>
      <dl class="watch-facts small">
        <dt>least</dt>
        <dd class="number">{at(0)}</dd>
        <dt>median</dt>
        <dd class="number">{at(0.5)}</dd>
        <dt>largest</dt>
        <dd class="number">{at(1)}</dd>
      </dl>
    </>
  );
}

/** The picked row: by its number, by its neighbours, or by a click on the map. */
function Sample({ data, view }: { data: Data; view: View }) {
  const store = useStore();
  const n = data.train.count;
  if (n === 0) return null;
  const row = Math.min(store.sample.value, n - 1);
  const pick = (next: number): void => {
    store.sample.value = Math.max(0, Math.min(n - 1, next));
  };
  const columns = data.features.length;
  const outputs = outputsOf(data);
  const x = data.train.x.subarray(row * columns, (row + 1) * columns);
  const forward = view.reader.value;
  const frame = store.frame.value;
  const fits = forward !== null && frame !== null && forward.network === store.branch.value?.network;
  const answer = fits && frame.branch === store.branch.value?.id ? forward.outputs(frame.vector, x, 1) : null;
  return (
    <>
      <h3>Sample</h3>
      <div class="watch-sample">
        <button type="button" aria-label="Previous sample" disabled={row === 0} onClick={() => pick(row - 1)}>
          ‹
        </button>
        <input
          type="number"
          aria-label={`Sample, 1 to ${n}`}
          min={1}
          max={n}
          value={row + 1}
          onChange={(event) => pick(Math.round(Number(event.currentTarget.value)) - 1)}
        />
        <button type="button" aria-label="Next sample" disabled={row === n - 1} onClick={() => pick(row + 1)}>
          ›
        </button>
      </div>
      <dl class="watch-facts small">
        {data.image === null &&
          data.features.slice(0, MOST_FEATURES).map((name, j) => [
            <dt key={name}>{name}</dt>,
            <dd key={`${name} value`} class="number" title={exact(x[j]!)}>
              {four(x[j]!)}
            </dd>,
          ])}
        <dt>{data.target || "target"}</dt>
        <dd class="number">{said(data, data.train.y, row * outputs, outputs, false)}</dd>
        {answer !== null && (
          <>
            <dt>predicted</dt>
            <dd class="number">{said(data, answer, 0, answer.length, true)}</dd>
          </>
        )}
      </dl>
      {data.features.some((_, j) => isScaled(data, j)) && (
        <p class="muted small">Numbers are scaled, as the network gets them.</p>
      )}
      {columns > MOST_FEATURES && data.image === null && <p class="muted small">and {columns - MOST_FEATURES} more</p>}
    </>
  );
}

function said(data: Data, y: ArrayLike<number>, at: number, outputs: number, sure: boolean): string {
  if (!isClassification(data.task)) return four(unscaled(data, y[at]!));
  const k = labelOf(y, at, outputs);
  const chance = outputs === 1 ? (k === 1 ? y[at]! : 1 - y[at]!) : y[at + k]!;
  return sure ? `${className(data, k)} (${(100 * chance).toFixed(1)}\u00a0%)` : className(data, k);
}
