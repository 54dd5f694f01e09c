/** The big map in words and numbers: the value under the pointer, the legend, what is left out, and a table. */

import { useEffect, useRef, useState } from "preact/hooks";
import { paintMap } from "../draw/map";
import { count, exact, four } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { surface } from "../draw/surface";
import { className, isClassification, labelOf, unscaled } from "../model/points";
import { useStore } from "../model/store";
import type { Branch, Data } from "../model/types";
import type { View } from "../screens/watch-view";
import type { Cursor } from "./bigmap";
import { fieldOf, isAnswer, marksOf, type Neuron, valuesAt } from "./bigmap-field";
import { ClassKey, Mark, SideKey } from "./classkey";

/** What a value means, in words. */
function said(values: ArrayLike<number>, neuron: Neuron, branch: Branch, data: Data, number = four): string {
  const output = isAnswer(neuron, branch) || neuron?.layer === branch.network.layers.length - 1;
  if (output && data.task === "regression") return number(unscaled(data, values[0]!));
  if (output && data.task === "multiclass" && values.length > 1) {
    const best = labelOf(values, 0, values.length);
    return `${className(data, best)} ${number(values[best]!)}`;
  }
  return number(values[0]!);
}

export function Reading({ view, cursor }: { view: View; cursor: { value: Cursor | null } }) {
  const store = useStore();
  const [forward, at, frame] = [view.reader.value, cursor.value, store.frame.value];
  const [branch, data, neuron, plane] = [store.branch.value, store.data.value, store.neuron.value, view.plane.value];
  if (at === null || branch === null || data === null || frame === null) {
    return <p class="bigmap-reading muted">Point at the map to read a value.</p>;
  }
  const values =
    plane === null || forward === null ? null : valuesAt(plane, forward, frame, neuron, branch, at.u, at.v);
  const { point } = at;
  const target = point === null ? "" : isClassification(data.task) ? className(data, point.target) : four(point.target);
  const precise = (value: number): string => String(Number(value.toPrecision(9)));
  return (
    <p
      class="bigmap-reading number"
      aria-live="polite"
      data-part="reading"
      data-u={at.u}
      data-v={at.v}
      data-value={values?.[0] ?? ""}
    >
      {plane !== null && `${plane.labels[0]} ${four(at.u)}${plane.line ? "" : `, ${plane.labels[1]} ${four(at.v)}`}: `}
      {values !== null && <strong title={precise(values[0]!)}>{said(values, neuron, branch, data, precise)}</strong>}
      {point !== null && ` · ${point.validation ? "validation" : "training"} row ${point.row + 1}: ${target}`}
    </p>
  );
}

export function MapLegend({ view }: { view: View }) {
  const store = useStore();
  const palette = usePalette();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [maps, data, branch] = [view.maps.value, store.data.value, store.branch.value];
  const [neuron, colours] = [store.neuron.value, palette.value];
  const field = maps === null || data === null || branch === null ? null : fieldOf(maps, neuron, branch, data, colours);
  const scale = field?.meaning.scale;
  const bar = scale?.kind === "table" && view.plane.value?.line !== true ? scale : null;
  useEffect(() => {
    const context = bar === null || canvas.current === null ? null : surface(canvas.current, 80, 10);
    if (context === null) return;
    const ramp = Float32Array.from({ length: 80 }, (_, k) => k / 79);
    paintMap(
      context,
      ramp,
      80,
      1,
      { kind: "table", table: bar!.table, low: 0, high: 1 },
      { x: 0, y: 0, width: 80, height: 10 },
    );
  }, [bar?.table]);
  if (data === null) return null;
  const chances = bar?.table === colours.chances && isClassification(data.task) && field?.meaning.middle === "";
  const marks = field === null ? [] : marksOf(field.meaning, four);
  return (
    <div class="bigmap-legend">
      {bar !== null && (
        <span class="bigmap-bar" data-part="legend">
          {chances && <Mark shape={0} />}
          <span>{marks[0]}</span>
          <canvas ref={canvas} />
          {chances && <Mark shape={1} />}
          <span>{marks[2]}</span>
        </span>
      )}
      {isClassification(data.task) && !chances && <ClassKey data={data} />}
      <SideKey data={data} view={view} />
    </div>
  );
}

/** What this picture leaves out: never silently. */
export function MapNotes({ view }: { view: View }) {
  const store = useStore();
  const [maps, data, plane, choice] = [view.maps.value, store.data.value, view.plane.value, view.choice.value];
  const failed = view.forward.value;
  if (typeof failed === "string") return <p class="warn small">{failed}</p>;
  if (data === null) return null;
  const notes: string[] = [];
  if (plane !== null && data.features.length > 2) notes.push(plane.text);
  if (choice?.kind === "units")
    notes.push(
      "The rows as this layer sees them. Not every place is one that inputs can reach, so there are points only.",
    );
  const apart = maps?.task.plane === plane ? (maps?.disagreement ?? null) : null;
  if (apart !== null) {
    notes.push(
      isClassification(data.task)
        ? `For ${(100 * apart).toFixed(1)} % of the rows the picture shows another class at their place than the model predicts.`
        : `At the rows' places picture and model differ by ${four(apart * (data.scale?.deviation ?? 1))} (RMSE).`,
    );
  }
  if (maps?.coarse) notes.push(`A coarse map of ${maps.columns} × ${maps.rows} places, for this network is large.`);
  return notes.length === 0 ? null : <p class="muted small">{notes.join(" ")}</p>;
}

const PLACES = 5;

/** The map's table twin: its value at five by five places. */
export function MapTable({ view }: { view: View }) {
  const [open, setOpen] = useState(false);
  if (view.plane.value === null) return null;
  return (
    <details class="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Map as a table</summary>
      {open && <Table view={view} />}
    </details>
  );
}

function Table({ view }: { view: View }) {
  const store = useStore();
  const [forward, plane, branch] = [view.reader.value, view.plane.value, store.branch.value];
  const [data, frame, neuron] = [store.data.value, store.frame.value, store.neuron.value];
  if (forward === null || plane === null || branch === null || data === null || frame === null) return null;
  const places = ([low, high]: readonly [number, number]): number[] =>
    Array.from({ length: PLACES }, (_, k) => low + ((k + 0.5) / PLACES) * (high - low));
  const across = places(plane.ranges[0]);
  const up = plane.line ? [0] : places(plane.ranges[1]).reverse();
  return (
    <div class="twin-table">
      <table>
        <caption class="muted small">
          {plane.labels[0]} across{plane.line ? "" : `, ${plane.labels[1]} down`}, at step {count(frame.step)}
        </caption>
        <thead>
          <tr>
            {!plane.line && <td />}
            {across.map((u) => (
              <th scope="col" class="number" key={u}>
                {four(u)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {up.map((v) => (
            <tr key={v}>
              {!plane.line && (
                <th scope="row" class="number">
                  {four(v)}
                </th>
              )}
              {across.map((u) => {
                const values = valuesAt(plane, forward, frame, neuron, branch, u, v);
                return (
                  <td class="number" key={u} title={values === null ? "" : exact(values[0]!)}>
                    {values === null ? "" : said(values, neuron, branch, data)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
