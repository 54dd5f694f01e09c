/** The columns of a table: their kind, holes and levels; and, where it is to be learnt, which is predicted from which. */

import { useSignal } from "@preact/signals";
import { count, percent } from "../draw/numbers";
import type { Column } from "../model/types";
import "./columns.css";

/** Columns that are shown at a time; a wide table is searched. */
const MOST = 60;

interface Choice {
  target: string | null;
  features: ReadonlySet<string>;
  setTarget: (name: string) => void;
  setFeatures: (names: ReadonlySet<string>) => void;
}

interface Props {
  columns: readonly Column[];
  rows: number;
  /** What is chosen and may be changed; without it the columns are only shown. */
  choice?: Choice;
  /** What is said of a column that is only shown. */
  role?: (name: string) => string;
}

export function Columns({ columns, rows, choice, role }: Props) {
  const searched = useSignal("");
  const wanted = searched.value.trim().toLowerCase();
  const found = columns.filter((column) => column.name.toLowerCase().includes(wanted));
  const shown = found.slice(0, MOST);
  return (
    <div class="columns">
      {columns.length > 20 && (
        <label class="columns-search">
          Find a column{" "}
          <input
            type="search"
            value={searched}
            onInput={(event) => {
              searched.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      {choice && <AllOrNone columns={columns} choice={choice} />}
      <div class="columns-scroll">
        <table>
          <thead>
            <tr>
              {choice && <th scope="col">Use</th>}
              {choice && <th scope="col">Predict</th>}
              <th scope="col">Column</th>
              {role && <th scope="col">Role</th>}
              <th scope="col">Kind</th>
              <th scope="col" class="number">
                Missing
              </th>
              <th scope="col" class="number">
                Levels
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((column) => (
              <tr key={column.name} class={choice?.target === column.name ? "target" : ""}>
                {choice && <Chosen column={column} choice={choice} />}
                <th scope="row" title={column.name}>
                  {column.name}
                </th>
                {role && <td class="role">{role(column.name)}</td>}
                <td>{column.kind}</td>
                <td class={column.missing > 0 ? "number warn" : "number"}>
                  {count(column.missing)}
                  {column.missing > 0 && rows > 0 && <span class="together"> ({percent(column.missing / rows)})</span>}
                </td>
                <td class="number">{count(column.levels)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown.length && (
        <p class="muted">
          {count(found.length - shown.length)} more columns aren't shown; part of a name in the box above finds them.
        </p>
      )}
      {found.length === 0 && <p class="muted">No column's name has “{searched}” in it.</p>}
    </div>
  );
}

function Chosen({ column, choice }: { column: Column; choice: Choice }) {
  const { target, features, setTarget, setFeatures } = choice;
  const toggle = () => {
    const next = new Set(features);
    if (!next.delete(column.name)) next.add(column.name);
    setFeatures(next);
  };
  return (
    <>
      <td>
        <input
          type="checkbox"
          aria-label={`Predict from ${column.name}`}
          checked={features.has(column.name) && target !== column.name}
          disabled={target === column.name}
          onChange={toggle}
        />
      </td>
      <td>
        <input
          type="radio"
          name="target"
          aria-label={`Predict ${column.name}`}
          checked={target === column.name}
          onChange={() => setTarget(column.name)}
        />
      </td>
    </>
  );
}

function AllOrNone({ columns, choice }: { columns: readonly Column[]; choice: Choice }) {
  const usable = columns.filter((column) => column.name !== choice.target);
  const used = usable.filter((column) => choice.features.has(column.name)).length;
  return (
    <p class="columns-all">
      <span aria-live="polite">
        {count(used)} of {count(usable.length)} columns to predict from
      </span>{" "}
      <button type="button" onClick={() => choice.setFeatures(new Set(columns.map((column) => column.name)))}>
        All
      </button>{" "}
      <button type="button" onClick={() => choice.setFeatures(new Set())}>
        None
      </button>
    </p>
  );
}
