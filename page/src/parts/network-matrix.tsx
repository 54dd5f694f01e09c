/** Whole weight matrices as heat maps, for layers of which the diagram shows only the top neurons. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { type Column, INPUT } from "../draw/columns";
import { MOST_CARDS, MOST_TILES } from "../draw/layout";
import { paintMap } from "../draw/map";
import { shrunk } from "../draw/matrix";
import { columnName, unitName } from "../draw/names";
import { count, exact, four } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { largest } from "../draw/scales";
import { place, surface, usePainting, useWidth } from "../draw/surface";
import { useStore } from "../model/store";
import { noun } from "../screens/watch-edges";
import type { Score, View } from "../screens/watch-view";

const CELLS = 256;
const HEIGHT = 120;

export function Matrices({ view }: { view: View }) {
  const columns = view.columns.value;
  const wide = columns
    .map((each, k) => ({ each, k }))
    .filter(({ each, k }) => each.weights !== null && k > 0 && many(each, columns[k - 1]!));
  const hidden = columns.some((each) => each.layer !== INPUT && each.count > MOST_TILES);
  if (wide.length === 0) return null;
  return (
    <details class="twin matrices" open={hidden}>
      <summary>Whole weight matrices</summary>
      {hidden && (
        <label class="small">
          Shown neurons of wide layers: largest{" "}
          <select
            value={view.score.value}
            onChange={(event) => {
              view.score.value = event.currentTarget.value as Score;
            }}
          >
            <option value="outgoing">outgoing weights, Σ |w|</option>
            <option value="variance">variance of the activation</option>
          </select>
        </label>
      )}
      {wide.map(({ each, k }) => (
        <Matrix key={`${each.layer}`} view={view} column={each} at={k} />
      ))}
    </details>
  );
}

/** Whether a matrix is too large for its edges to tell of it. */
function many(column: Column, before: Column): boolean {
  return column.count > MOST_CARDS || before.count > MOST_CARDS;
}

function Matrix({ view, column, at }: { view: View; column: Column; at: number }) {
  const store = useStore();
  const palette = usePalette();
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const over = useSignal<{ from: number; to: number } | null>(null);
  const weights = column.weights!;
  const answer = view.edges.answer.value;
  const [columns, data] = [view.columns.value, store.data.value];
  // inputs run across and units down, so that a wide first layer makes a wide picture
  const start = weights.place.offset;

  usePainting(() => {
    const [now, colours] = [view.edges.answer.value, palette.value];
    if (now === null || width === 0) return null;
    return () => {
      const context = canvas.current === null ? null : surface(canvas.current, width, HEIGHT);
      if (context === null) return;
      const picture = shrunk(now.vector, start, weights.inputs, weights.units, CELLS);
      const limit = Math.max(largest(picture.values), 1e-12);
      const scale = { kind: "table", table: colours.signs, low: -limit, high: limit } as const;
      paintMap(
        context,
        picture.values,
        picture.columns,
        picture.rows,
        scale,
        { x: 0, y: 0, width, height: HEIGHT },
        false,
      );
    };
  }, [width, weights]);

  if (data === null) return null;
  const point = (event: PointerEvent): void => {
    const [x, y] = place(event);
    const from = Math.floor((y / HEIGHT) * weights.inputs);
    const to = Math.floor((x / width) * weights.units);
    const inside = from >= 0 && to >= 0 && from < weights.inputs && to < weights.units;
    over.value = inside ? { from, to } : null;
  };
  const hit = over.value;
  const kind = noun(store.shown.value);
  const group = weights.groups > 1 && !weights.shared ? ", first member" : "";
  const name = `${columnName(columns, at - 1)} to ${columnName(columns, at)}`;
  const index = hit === null ? -1 : start + hit.from * weights.units + hit.to;
  return (
    <figure class="matrix">
      <figcaption class="small">
        <strong>{name}</strong>{" "}
        <span class="muted">
          {kind}s, {count(weights.inputs)} down × {count(weights.units)} across{group}
          {answer !== null &&
            `, largest ${four(largest(subarray(answer.vector, start, weights.inputs * weights.units)))}`}
          {Math.max(weights.inputs, weights.units) > CELLS && "; each cell shows the largest of its block"}
        </span>
      </figcaption>
      <div
        ref={box}
        class="network-canvas"
        onPointerMove={point}
        onPointerLeave={() => {
          over.value = null;
        }}
      >
        <canvas ref={canvas} role="img" aria-label={`Heat map of the ${kind}s from ${name}`} />
      </div>
      <p class="small number matrix-reading">
        {hit !== null &&
          answer !== null &&
          `${unitName(columns, data, columns[at - 1]!.layer, hit.from)} to ${unitName(columns, data, column.layer, hit.to)}: ${exact(answer.vector[index]!)}`}
      </p>
    </figure>
  );
}

function subarray(values: ArrayLike<number>, start: number, length: number): ArrayLike<number> {
  return values instanceof Float32Array
    ? values.subarray(start, start + length)
    : Array.from(values).slice(start, start + length);
}
