/** The data that the shown branch learns from: what they are, what is held out, their balance, columns and first rows. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { count, exact, four, several } from "../draw/numbers";
import { targetOf } from "../model/predictions";
import type { Data, Rows } from "../model/types";
import { Balance } from "../parts/balance";
import { Columns } from "../parts/columns";

const TASKS = {
  binary: "two classes",
  regression: "a number",
  multi: "several numbers",
} as const;

const FIRST = 10;
const FEATURES = 8;

export function CurrentData({ data }: { data: Data }) {
  const share = (100 * data.nValidation) / Math.max(1, data.nRows + data.nValidation);
  return (
    <>
      <dl class="data-facts">
        <Fact name="predicts">
          {data.target}: {data.task === "multiclass" ? `${count(data.classes.length)} classes` : TASKS[data.task]}
        </Fact>
        <Fact name="from">
          {several(data.features.length, "feature")}
          {data.image && ` (pictures of ${data.image[0]} × ${data.image[1]})`}
        </Fact>
        <Fact name="rows to learn from">{count(data.nRows)}</Fact>
        <Fact name="held out">
          {data.nValidation === 0 ? "none" : `${count(data.nValidation)} (${share.toFixed(0)} %)`}
        </Fact>
      </dl>
      <p class="muted">
        {data.nValidation === 0
          ? "No rows are held out, so nothing here says how well the network does on rows it hasn't seen."
          : "Rows held out are never learnt from: the loss over them says how well the network does on new rows."}
      </p>
      <h3>Balance</h3>
      <Balance data={data} />
      {data.about.length > 0 && (
        <>
          <h3>Columns</h3>
          <Columns columns={data.about} rows={data.nRows + data.nValidation} role={(name) => roleOf(data, name)} />
        </>
      )}
      <h3>First rows</h3>
      <FirstRows data={data} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What a column of the table is for. */
function roleOf(data: Data, name: string): string {
  const role = data.about.find((each) => each.name === name)?.role ?? "";
  return role === "left out" ? "left out: the same in every row, or only names rows" : role;
}

function FirstRows({ data }: { data: Data }) {
  const held = useSignal(false);
  const rows = held.value ? data.validation : data.train;
  const shown = data.features.slice(0, FEATURES);
  const more = data.features.length - shown.length;
  return (
    <>
      <p class="data-first">
        {data.validation.count > 0 && (
          <label>
            <input
              type="checkbox"
              checked={held}
              onChange={(event) => {
                held.value = event.currentTarget.checked;
              }}
            />{" "}
            show those held out
          </label>
        )}
        <span class="muted">
          As the network gets them: text as columns of 0 and 1, numbers of a file scaled
          {more > 0 && `; ${count(more)} more not shown`}.
        </span>
      </p>
      <div class="data-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Row</th>
              {shown.map((name) => (
                <th key={name} scope="col" class="number" title={name}>
                  {name}
                </th>
              ))}
              <th scope="col" title={data.target}>
                {data.target}
              </th>
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: Math.min(FIRST, rows.count) }, (_, row) => (
              <Row key={row} data={data} rows={rows} row={row} shown={shown} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ data, rows, row, shown }: { data: Data; rows: Rows; row: number; shown: readonly string[] }) {
  return (
    <tr>
      <th scope="row">{count((rows.places[row] ?? row) + 1)}</th>
      {shown.map((name, k) => {
        const value = rows.x[row * data.features.length + k] ?? 0;
        return (
          <td key={name} class="number" title={exact(value)}>
            {four(value)}
          </td>
        );
      })}
      <td>{targetOf(data, rows, row).text}</td>
    </tr>
  );
}
