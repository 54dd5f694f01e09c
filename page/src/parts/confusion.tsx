/** How many rows of each class were called what; a cell opens its rows, and a row goes to Explain. */

import { useState } from "preact/hooks";
import { accuracy, confusion, decide, truth } from "../model/metrics";
import { useStore } from "../model/store";
import { type Answered, classNames } from "../screens/diagnose_answers";
import { percent, short } from "../screens/diagnose_plot";
import "./confusion.css";

const ROWS = 40;
/** More classes than this would be a wall of cells: those with the most mistakes are shown. */
const CLASSES = 20;

export function Confusion({ answered, threshold }: { answered: Answered; threshold: number }) {
  const [cell, setCell] = useState<[number, number] | null>(null);
  const names = classNames(answered.data, answered.width);
  const actual = truth(answered);
  const called = decide(answered, threshold);
  const counts = confusion(actual, called, names.length);
  const shown = worst(counts, CLASSES);
  const right = accuracy(counts);
  const most = Math.max(1, ...counts.flat());
  const about = answered.width === 1 ? `, at a threshold of ${short(threshold)}` : "";
  return (
    <section class="panel confusion" aria-labelledby="confusion-title">
      <h2 id="confusion-title">What was called what</h2>
      <p>
        <b>{percent(right)}</b> of {answered.count.toLocaleString("en-GB")} rows are right{about}. Choose a cell to see
        its rows.
      </p>
      {shown.length < names.length && (
        <p class="muted">
          The {shown.length} classes with the most mistakes, of {names.length}.
        </p>
      )}
      <div class="scroll">
        <table>
          <caption class="spoken">Confusion matrix: a line for each class, a column for each answer</caption>
          <thead>
            <tr>
              <th scope="col" class="corner">
                is ↓ called →
              </th>
              {shown.map((k) => (
                <th key={k} scope="col">
                  {names[k]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((is) => (
              <tr key={is}>
                <th scope="row">{names[is]}</th>
                {shown.map((said) => {
                  const count = counts[is]?.[said] ?? 0;
                  const chosen = cell?.[0] === is && cell[1] === said;
                  return (
                    <td key={said}>
                      <button
                        type="button"
                        class={`cell ${is === said ? "right" : "wrong"} shade-${Math.ceil((4 * count) / most)}`}
                        aria-pressed={chosen}
                        aria-label={`${count} rows are ${names[is]} and were called ${names[said]}`}
                        onClick={() => setCell(chosen ? null : [is, said])}
                      >
                        {count.toLocaleString("en-GB")}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {cell !== null && (
        <Samples
          answered={answered}
          rows={rowsOf(actual, called, cell)}
          is={names[cell[0]] ?? ""}
          said={names[cell[1]] ?? ""}
        />
      )}
    </section>
  );
}

function Samples(props: { answered: Answered; rows: number[]; is: string; said: string }) {
  const store = useStore();
  const { answered, rows, is, said } = props;
  const { data, width, outputs } = answered;
  const training = answered.part === "train";
  const features = data.features.length;
  return (
    <div class="samples" aria-live="polite">
      <h3>
        {rows.length.toLocaleString("en-GB")} {rows.length === 1 ? "row is" : "rows are"} {is} and called {said}
        {rows.length > ROWS ? `; the first ${ROWS}:` : ""}
      </h3>
      <ul>
        {rows.slice(0, ROWS).map((row) => {
          const values = Array.from(outputs.subarray(row * width, row * width + width));
          const numbers = Array.from(answered.rows.x.subarray(row * features, row * features + Math.min(features, 4)));
          const text = `row ${answered.rows.places[row] ?? row}: ${describe(data.features, numbers)}; output ${values
            .slice(0, 4)
            .map((v) => short(v))
            .join(", ")}`;
          return (
            <li key={row}>
              {training ? (
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={store.sample.value === row}
                  onClick={() => choose(row)}
                >
                  {text}
                </button>
              ) : (
                <span>{text}</span>
              )}
            </li>
          );
        })}
      </ul>
      {training && rows.includes(store.sample.value) && (
        <button type="button" class="primary" onClick={() => explain()}>
          Explain it
        </button>
      )}
      {!training && rows.length > 0 && (
        <p class="muted">Explain works through rows that the network learns from: switch to the training rows.</p>
      )}
    </div>
  );

  function choose(row: number): void {
    store.sample.value = row;
  }

  function explain(): void {
    store.screen.value = "explain";
  }
}

function describe(features: readonly string[], numbers: readonly number[]): string {
  const text = numbers.map((value, k) => `${features[k] ?? `x${k + 1}`} ${short(value)}`).join(", ");
  return features.length > numbers.length ? `${text}, …` : text;
}

function rowsOf(actual: Int32Array, called: Int32Array, [is, said]: [number, number]): number[] {
  const rows: number[] = [];
  for (let row = 0; row < actual.length; row++) if (actual[row] === is && called[row] === said) rows.push(row);
  return rows;
}

/** The classes with the most rows off the diagonal, in their own order. */
export function worst(counts: readonly (readonly number[])[], most: number): number[] {
  const classes = counts.map((_, k) => k);
  if (classes.length <= most) return classes;
  const mistakes = classes.map((k) =>
    classes.reduce((sum, j) => (j === k ? sum : sum + (counts[k]?.[j] ?? 0) + (counts[j]?.[k] ?? 0)), 0),
  );
  return classes
    .sort((a, b) => (mistakes[b] ?? 0) - (mistakes[a] ?? 0))
    .slice(0, most)
    .sort((a, b) => a - b);
}
