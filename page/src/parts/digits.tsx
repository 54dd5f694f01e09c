/** A pad to draw an image on, with what the network says of it at once. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { css } from "../draw/colours";
import { paintMap } from "../draw/map";
import { four } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { place, surface, usePainting } from "../draw/surface";
import { className, isClassification, unscaled } from "../model/points";
import { useStore } from "../model/store";
import type { Data } from "../model/types";
import type { View } from "../screens/watch-view";
import { brush } from "./digits-brush";
import { inkScale, pixelRange } from "./network-picture";
import "./digits.css";

const SIDE = 168;
const MOST = 10;

export function DigitPad({ data, view }: { data: Data; view: View }) {
  const store = useStore();
  const palette = usePalette();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [rows, columns] = data.image ?? [1, 1];
  const [low, high] = pixelRange(data);
  const drawing = useSignal<Float32Array>(new Float32Array(rows * columns).fill(low));
  const cursor = useSignal<{ i: number; j: number } | null>(null);
  const erase = useSignal(false);
  const cell = SIDE / Math.max(rows, columns);
  const image = drawing.value.length === rows * columns ? drawing.value : new Float32Array(rows * columns).fill(low);

  usePainting(() => {
    const [colours, at] = [palette.value, cursor.value];
    const pixels = drawing.value.length === rows * columns ? drawing.value : image;
    return () => {
      const context = canvas.current === null ? null : surface(canvas.current, cell * columns, cell * rows);
      if (context === null) return;
      paintMap(
        context,
        pixels,
        columns,
        rows,
        inkScale(data, colours),
        { x: 0, y: 0, width: cell * columns, height: cell * rows },
        false,
      );
      if (at === null) return;
      context.lineWidth = 2;
      context.strokeStyle = css(colours.focus);
      context.strokeRect(at.i * cell + 1, at.j * cell + 1, cell - 2, cell - 2);
    };
  }, [data, rows, columns]);

  const draw = (x: number, y: number, clear: boolean): void => {
    drawing.value = brush(image, columns, rows, x / cell, y / cell, clear ? low : high);
  };
  const keys = (event: KeyboardEvent): void => {
    const at = cursor.peek() ?? { i: Math.floor(columns / 2), j: Math.floor(rows / 2) };
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = moves[event.key];
    if (move !== undefined) {
      cursor.value = {
        i: Math.max(0, Math.min(columns - 1, at.i + move[0])),
        j: Math.max(0, Math.min(rows - 1, at.j + move[1])),
      };
    } else if (event.key === " " || event.key === "Enter") draw((at.i + 0.5) * cell, (at.j + 0.5) * cell, erase.peek());
    else return;
    event.preventDefault();
  };
  const moved = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const [x, y] = place(event);
    draw(x, y, erase.peek() || event.shiftKey);
  };
  const sample = Math.min(store.sample.value, data.train.count - 1) * rows * columns;
  return (
    <section class="panel digits" aria-labelledby="digits-title" data-part="digits">
      <h2 id="digits-title">Draw</h2>
      <div
        class="digits-pad"
        role="application"
        aria-label="Drawing pad. The arrow keys move the pen, Space draws."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the pen, Space draws
        tabIndex={0}
        data-own-keys=""
        onKeyDown={keys}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          moved(event);
        }}
        onPointerMove={moved}
        onBlur={() => {
          cursor.value = null;
        }}
      >
        <canvas ref={canvas} />
      </div>
      <div class="digits-tools">
        <button
          type="button"
          aria-pressed={erase.value}
          onClick={() => {
            erase.value = !erase.value;
          }}
        >
          Eraser
        </button>
        <button
          type="button"
          onClick={() => {
            drawing.value = new Float32Array(rows * columns).fill(low);
          }}
        >
          Clear
        </button>
        <button
          type="button"
          onClick={() => {
            drawing.value = data.train.x.slice(sample, sample + rows * columns);
          }}
        >
          Take the sample
        </button>
      </div>
      <Predictions data={data} view={view} image={image} />
    </section>
  );
}

function Predictions({ data, view, image }: { data: Data; view: View; image: Float32Array }) {
  const store = useStore();
  const [forward, frame] = [view.reader.value, store.frame.value];
  if (forward === null || frame === null || forward.network !== store.branch.value?.network) return null;
  if (frame.branch !== store.branch.value.id) return null;
  const answer = forward.outputs(frame.vector, image, 1);
  if (!isClassification(data.task)) return <p class="number">{four(unscaled(data, answer[0]!))}</p>;
  const chances = answer.length === 1 ? [1 - answer[0]!, answer[0]!] : [...answer];
  const best = chances.indexOf(Math.max(...chances));
  return (
    <>
      <p>
        It says <strong>{className(data, best)}</strong>.
      </p>
      <ul class="digits-chances small">
        {chances.slice(0, MOST).map((chance, k) => (
          <li key={className(data, k)}>
            <span>{className(data, k)}</span>
            <meter
              min={0}
              max={1}
              value={chance}
              aria-label={`${className(data, k)}: ${(100 * chance).toFixed(1)} percent`}
            />
            <span class="number" title={String(chance)}>
              {(100 * chance).toFixed(1)} %
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
