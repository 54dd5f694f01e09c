/** How many rows there are of each class, or of a number in equal ranges: bars that are a table too. */

import { count, four, percent } from "../draw/numbers";
import { balance, className, isClassification, outputsOf, unscaled } from "../model/points";
import type { Data, Rows } from "../model/types";
import { Mark } from "./drawpad";
import "./balance.css";

/** Rows of bars; what there is more of is told as a number. */
const MOST = 20;
const BINS = 8;
/** Classes that the sentence below the bars names. */
const NAMED = 6;

interface Bar {
  name: string;
  /** The class whose mark stands beside it; null where there are no classes. */
  label: number | null;
  rows: number;
  held: number;
}

export function Balance({ data }: { data: Data }) {
  if (data.task === "multi") {
    return <p>Each row has {outputsOf(data)} numbers to predict, so there is no balance to show.</p>;
  }
  const bars = isClassification(data.task) ? ofClasses(data) : ofNumbers(data);
  const [shown, most] = [bars.slice(0, MOST), Math.max(1, ...bars.map((bar) => bar.rows + bar.held))];
  const total = bars.reduce((sum, bar) => sum + bar.rows + bar.held, 0);
  const whole = wholeOf(data);
  // the page may have a part of the rows only, and of those held out another part
  const share = (bar: Bar) =>
    whole === null ? (bar.rows + bar.held) / Math.max(1, total) : (whole.shares.get(bar.name) ?? 0);
  const hasHeld = data.validation.count > 0;
  return (
    <div class="balance">
      <table>
        <caption class="spoken">Rows of each {isClassification(data.task) ? "class" : "range of the target"}</caption>
        <thead>
          <tr>
            <th scope="col">{data.target}</th>
            <th scope="col" class="balance-bar">
              <span class="spoken">Bar</span>
            </th>
            <th scope="col" class="number">
              learn
            </th>
            {hasHeld && (
              <th scope="col" class="number">
                held out
              </th>
            )}
            <th scope="col" class="number">
              share
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((bar) => (
            <tr key={bar.name}>
              <th scope="row" title={bar.name}>
                {bar.label !== null && <Mark label={bar.label} />} {bar.name}
              </th>
              <td class="balance-bar" aria-hidden="true">
                <span
                  class={`balance-fill class-${(bar.label ?? 0) % 8}`}
                  style={{ width: `${(100 * bar.rows) / most}%` }}
                />
                <span
                  class={`balance-fill held class-${(bar.label ?? 0) % 8}`}
                  style={{ width: `${(100 * bar.held) / most}%` }}
                />
              </td>
              <td class="number">{count(bar.rows)}</td>
              {hasHeld && <td class="number">{count(bar.held)}</td>}
              <td class="number">{percent(share(bar))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {bars.length > MOST && <p class="muted">{bars.length - MOST} more classes aren't shown.</p>}
      {data.train.count < data.nRows && (
        <p class="muted">
          Rows to learn from are counted over the {count(data.train.count)} that the page has, of {count(data.nRows)}.
        </p>
      )}
      {whole !== null && <p class="muted">{whole.sentence}</p>}
    </div>
  );
}

/** The classes of the whole table, the most frequent first; null where nobody has counted them. */
export function wholeOf(data: Data): { sentence: string; shares: Map<string, number> } | null {
  const counted = data.about.find((column) => column.role === "target")?.balance ?? [];
  const rows = counted.reduce((sum, [, each]) => sum + each, 0);
  if (rows === 0) return null;
  const sorted = [...counted].sort((a, b) => b[1] - a[1]);
  const named = sorted.slice(0, NAMED).map(([name, each]) => `${name} ${count(each)} (${percent(each / rows)})`);
  const more = sorted.length > NAMED ? `, and ${count(sorted.length - NAMED)} more classes` : "";
  return {
    sentence: `In the whole table: ${named.join(", ")}${more}.`.replaceAll(" %", "\u00a0%"),
    shares: new Map(counted.map(([name, each]) => [name, each / rows])),
  };
}

function ofClasses(data: Data): Bar[] {
  const [rows, held] = [balance(data, data.train), balance(data, data.validation)];
  return rows.map((each, label) => ({ name: className(data, label), label, rows: each, held: held[label] ?? 0 }));
}

/** Counts of a number in equal ranges, in its own units. */
function ofNumbers(data: Data): Bar[] {
  const values = (rows: Rows) => Array.from(rows.y, (each) => unscaled(data, each));
  const [rows, held] = [values(data.train), values(data.validation)];
  const all = [...rows, ...held];
  const low = all.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const high = all.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
  const width = (high - low) / BINS || 1;
  const binOf = (value: number) => Math.min(BINS - 1, Math.floor((value - low) / width));
  return Array.from({ length: BINS }, (_, bin) => ({
    name: `${four(low + bin * width)} to ${four(low + (bin + 1) * width)}`,
    label: null,
    rows: rows.filter((each) => binOf(each) === bin).length,
    held: held.filter((each) => binOf(each) === bin).length,
  }));
}
