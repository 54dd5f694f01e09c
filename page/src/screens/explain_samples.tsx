/** Which sample is explained: a list of training rows with what the network says of each, or a point of a small map. */

import { useMemo } from "preact/hooks";
import { count, exact, four } from "../draw/numbers";
import { Forward } from "../model/forward";
import { predictionsOf, targetOf } from "../model/predictions";
import type { Branch, Data, Frame } from "../model/types";
import { SampleMap } from "./explain_map";

/** Rows of the list that are shown, and features of a row. */
const ROWS = 7;
const FEATURES = 4;

export interface SampleProps {
  data: Data;
  branch: Branch;
  frame: Frame;
  sample: number;
  choose: (sample: number) => void;
}

export function Samples(props: SampleProps) {
  const { data, branch, sample, choose } = props;
  const total = data.train.count;
  const forward = useMemo(() => forwardOf(branch), [branch]);
  const step = (to: number) => choose(Math.max(0, Math.min(total - 1, to)));
  if (total === 0) return <p>There is no training row to choose.</p>;
  return (
    <div class="samples">
      {data.features.length > 1 && <SampleMap {...props} forward={forward} />}
      <div class="samples-steps">
        <button type="button" aria-label="Sample before" disabled={sample <= 0} onClick={() => step(sample - 1)}>
          ←
        </button>
        <label>
          Row{" "}
          <input
            type="number"
            min={1}
            max={total}
            value={sample + 1}
            onChange={(event) => {
              const row = Math.round(Number(event.currentTarget.value));
              if (Number.isFinite(row)) step(row - 1);
            }}
          />
        </label>
        <button type="button" aria-label="Next sample" disabled={sample >= total - 1} onClick={() => step(sample + 1)}>
          →
        </button>
        <span class="muted">
          of {count(total)}
          {total < data.nRows && ` shown (of ${count(data.nRows)})`}
        </span>
      </div>
      <Rows {...props} forward={forward} step={step} />
    </div>
  );
}

/** The network in the browser; null where it has a layer that the page doesn't know. */
function forwardOf(branch: Branch): Forward | null {
  try {
    return new Forward(branch.network);
  } catch {
    return null;
  }
}

interface RowsProps extends SampleProps {
  forward: Forward | null;
  step: (to: number) => void;
}

function Rows({ data, frame, sample, forward, step }: RowsProps) {
  const first = Math.max(0, Math.min(sample - Math.floor(ROWS / 2), data.train.count - ROWS));
  const rows = Array.from({ length: Math.min(ROWS, data.train.count) }, (_, i) => first + i);
  const said = forward === null ? [] : predictionsOf(data, data.train, rows, forward, frame.vector);
  const shown = data.features.slice(0, FEATURES);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -ROWS, PageDown: ROWS }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    step(sample + by);
  };
  const more = data.features.length - shown.length;
  return (
    <div class="samples-scroll">
      <table onKeyDown={onKeyDown}>
        <caption class="spoken">Training rows; the arrow keys choose one</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="spoken">Chosen</span>
            </th>
            <th scope="col" title={data.target}>
              {data.target}
            </th>
            <th scope="col">network</th>
            {shown.map((name) => (
              <th key={name} scope="col" class="number" title={name}>
                {name}
              </th>
            ))}
            {more > 0 && <th scope="col">+ {more}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => {
            const target = targetOf(data, data.train, row);
            return (
              <tr key={row} class={row === sample ? "chosen" : ""} onClick={() => step(row)}>
                <td>
                  <input
                    type="radio"
                    name="sample"
                    aria-label={`Row ${row + 1}`}
                    checked={row === sample}
                    onChange={() => step(row)}
                  />
                </td>
                <td title={target.text}>{target.text}</td>
                <td class={said[i] !== undefined && said[i].label !== target.label ? "wrong" : ""}>
                  {said[i]?.text ?? "—"}
                </td>
                {shown.map((name, k) => {
                  const value = data.train.x[row * data.features.length + k] ?? 0;
                  return (
                    <td key={name} class="number" title={exact(value)}>
                      {four(value)}
                    </td>
                  );
                })}
                {more > 0 && <td class="muted">…</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
