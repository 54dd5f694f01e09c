/** A small map to choose a sample on: two features, the network's answer beneath the training points. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { css } from "../draw/colours";
import { paintMap, type Scale } from "../draw/map";
import { classColour, type Palette, usePalette } from "../draw/palette";
import { traceShape } from "../draw/shapes";
import type { Forward } from "../model/forward";
import { isClassification, nearest, type Point, pointsOf } from "../model/points";
import type { Data } from "../model/types";
import { sharp } from "../parts/drawpad_sharp";
import type { SampleProps } from "./explain_samples";

const CELLS = 40;
/** Multiply-adds that a picture of this size may cost. */
const MOST = 10e6;
const REACH = 14; // pixels

export function SampleMap({ data, frame, sample, choose, forward }: SampleProps & { forward: Forward | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const axes = useSignal<[number, number]>([0, 1]);
  const palette = usePalette().value;
  const [a, b] = axes.value;
  const ranges = [rangeOf(data, a), rangeOf(data, b)] as const;
  const points = pointsOf(
    data,
    data.train,
    false,
    (row) => [at(data, row, a), at(data, row, b)],
    undefined,
    500,
    sample,
  );

  const screen = (u: number, v: number): readonly [number, number] => {
    const { clientWidth: width = 0, clientHeight: height = 0 } = canvas.current ?? {};
    return [share(u, ranges[0]) * width, (1 - share(v, ranges[1])) * height];
  };
  useEffect(() => {
    const ready = canvas.current === null ? null : sharp(canvas.current);
    if (ready === null) return;
    const { context, width, height } = ready;
    context.fillStyle = css(palette.panel);
    context.fillRect(0, 0, width, height);
    const map = forward === null ? null : answers(forward, frame.vector, data, sample, axes.value, ranges);
    if (map !== null) {
      paintMap(context, map.values, CELLS, CELLS, scaleOf(data, palette, map), { x: 0, y: 0, width, height });
    }
    for (const point of points) drawPoint(context, point, screen, palette, data, point.row === sample);
  });

  const onClick = (event: MouseEvent) => {
    const found = nearest(points, event.offsetX, event.offsetY, screen, REACH);
    if (found !== null) choose(found.row);
  };
  const names = data.features;
  return (
    <>
      <canvas
        ref={canvas}
        class="samples-map"
        role="img"
        aria-label={`Training rows over ${names[a]} and ${names[b]}; the list beneath has the same rows`}
        onClick={onClick}
      />
      {names.length > 2 && (
        <div class="samples-axes">
          {([0, 1] as const).map((axis) => (
            <label key={axis}>
              {axis === 0 ? "Across " : "Up "}
              <select
                value={String(axes.value[axis])}
                onChange={(event) => {
                  const feature = Number(event.currentTarget.value);
                  axes.value = axis === 0 ? [feature, b] : [a, feature];
                }}
              >
                {names.slice(0, 100).map((name, i) => (
                  <option key={name} value={String(i)}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          ))}
          <span class="muted">The other features are those of the chosen row.</span>
        </div>
      )}
    </>
  );
}

type Range = readonly [number, number];

function at(data: Data, row: number, feature: number): number {
  return data.train.x[row * data.features.length + feature] ?? 0;
}

function rangeOf(data: Data, feature: number): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < data.train.count; row++) {
    const value = at(data, row, feature);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = 0.08 * (high - low) || 1;
  return [low - margin, high + margin];
}

const share = (value: number, [low, high]: Range) => (value - low) / (high - low);

interface Answers {
  values: Float64Array;
  outputs: number;
}

/** What the network says over the two features, the others as in the chosen row; null where it would cost too much. */
function answers(
  forward: Forward,
  vector: Float32Array,
  data: Data,
  sample: number,
  axes: Range,
  ranges: readonly [Range, Range],
): Answers | null {
  if (forward.multiplyAdds * CELLS * CELLS > MOST) return null;
  const width = data.features.length;
  const x = new Float32Array(CELLS * CELLS * width);
  const row = data.train.x.subarray(sample * width, (sample + 1) * width);
  for (let cell = 0; cell < CELLS * CELLS; cell++) {
    x.set(row, cell * width);
    ranges.forEach(([low, high], k) => {
      const place = k === 0 ? (cell % CELLS) + 0.5 : CELLS - Math.floor(cell / CELLS) - 0.5;
      x[cell * width + (axes[k] ?? 0)] = low + (place / CELLS) * (high - low);
    });
  }
  const values = forward.outputs(vector, x, CELLS * CELLS);
  return { values, outputs: values.length / (CELLS * CELLS) };
}

function scaleOf(data: Data, palette: Palette, { values, outputs }: Answers): Scale {
  if (data.task === "multiclass" && outputs > 1) return { kind: "blend", blend: palette.blend, classes: outputs };
  if (data.task === "binary") return { kind: "table", table: palette.chances, low: 0, high: 1 };
  const limit = values.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-9);
  return { kind: "table", table: palette.signs, low: -limit, high: limit };
}

function drawPoint(
  context: CanvasRenderingContext2D,
  point: Point,
  screen: (u: number, v: number) => readonly [number, number],
  palette: Palette,
  data: Data,
  chosen: boolean,
): void {
  const [x, y] = screen(point.u, point.v);
  traceShape(context, isClassification(data.task) ? point.label : 0, x, y, chosen ? 5.4 : 3.1);
  context.fillStyle = css(isClassification(data.task) ? classColour(palette, point.label) : palette.muted);
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = css(palette.panel);
  context.stroke();
  if (!chosen) return;
  context.beginPath();
  context.arc(x, y, 10, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = css(palette.ink);
  context.stroke();
}
