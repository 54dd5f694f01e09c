/** A pad to draw points on: by mouse or finger, or by a cursor that the arrow keys move. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { count } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { shapeName, shapePath } from "../draw/shapes";
import { paintPad } from "./drawpad_paint";
import { CLASSES, type DrawnPoints, EDGE } from "./drawpad_points";
import { sharp } from "./drawpad_sharp";
import "./drawpad.css";

const STEP = 0.1; // of an arrow key; with Shift five times that
const REACH = 0.15; // of the eraser, in the pad's units
const APART = 14; // pixels between the points of a stroke

export function DrawPad({ pad }: { pad: DrawnPoints }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const cursor = useSignal<[number, number] | null>(null);
  const erases = useSignal(false);
  const told = useSignal("");
  const stroke = useRef<[number, number] | null>(null);
  const palette = usePalette().value;

  useEffect(() => {
    const ready = canvas.current === null ? null : sharp(canvas.current);
    if (ready !== null) paintPad(ready, palette, pad.points.value, cursor.value, pad.label.value);
  });

  const erase = (x: number, y: number) => {
    pad.begin();
    const gone = pad.erase(x, y, REACH);
    told.value = gone === null ? "No point is near enough to be taken away." : `Taken away: ${name(gone.label)}.`;
    if (gone === null) pad.undo();
  };
  const add = (x: number, y: number) => {
    pad.add(x, y);
    told.value = `${name(pad.label.value)} added; ${count(pad.points.value.length)} points.`;
  };
  const choose = (label: number) => {
    pad.label.value = label;
    erases.value = false;
    told.value = `Drawing ${name(label)}.`;
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || canvas.current === null) return;
    const [x, y] = placeOf(event, canvas.current);
    cursor.value = null;
    if (event.shiftKey || erases.value) return erase(x, y);
    canvas.current.setPointerCapture(event.pointerId);
    stroke.current = [event.offsetX, event.offsetY];
    pad.begin();
    add(x, y);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (stroke.current === null || canvas.current === null) return;
    const [x, y] = stroke.current;
    if (Math.hypot(event.offsetX - x, event.offsetY - y) < APART) return;
    stroke.current = [event.offsetX, event.offsetY];
    add(...placeOf(event, canvas.current));
  };
  const onPointerUp = () => {
    stroke.current = null;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const [x, y] = cursor.value ?? [0, 0];
    const by = moves[event.key];
    if (by !== undefined) {
      const step = event.shiftKey ? 5 * STEP : STEP;
      cursor.value = [limited(x + by[0] * step), limited(y + by[1] * step)];
      told.value = `${cursor.value[0]}, ${cursor.value[1]}`.replaceAll("-", "−");
    } else if (event.key === "Enter" || event.key === " ") {
      cursor.value = [x, y];
      if (erases.value) erase(x, y);
      else {
        pad.begin();
        add(x, y);
      }
    } else if (event.key === "Delete" || event.key === "Backspace") erase(x, y);
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) pad.undo();
    else if (/^[1-8]$/.test(event.key) && !event.ctrlKey && !event.metaKey) choose(Number(event.key) - 1);
    else return;
    // here these keys draw; the page's own meaning of them stays outside
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="drawpad">
      <fieldset class="drawpad-classes" aria-label="Class to draw">
        {Array.from({ length: CLASSES }, (_, label) => (
          <button
            key={label}
            type="button"
            aria-pressed={pad.label.value === label && !erases.value}
            onClick={() => choose(label)}
          >
            <Mark label={label} /> {label + 1}
            <span class="spoken"> ({shapeName(label)})</span>
          </button>
        ))}
        <button
          type="button"
          aria-pressed={erases.value}
          onClick={() => {
            erases.value = !erases.value;
          }}
        >
          Eraser
        </button>
      </fieldset>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it has keys of its own, as an application has */}
      <canvas
        ref={canvas}
        class={erases.value ? "drawpad-canvas erases" : "drawpad-canvas"}
        tabIndex={0}
        role="application"
        aria-label={`Pad with ${pad.points.value.length} points, both axes from −${EDGE} to ${EDGE}`}
        aria-describedby="drawpad-keys"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (canvas.current?.matches(":focus-visible")) cursor.value ??= [0, 0];
        }}
        onBlur={() => {
          cursor.value = null;
        }}
      />
      <p id="drawpad-keys" class="muted">
        Click or drag adds points, Shift and click takes one away. By keys: arrows move (Shift further), Enter adds,
        Delete takes away, 1–8 choose the class, Ctrl+Z undoes.
      </p>
      <p class="drawpad-told" aria-live="polite">
        {told}
      </p>
    </div>
  );
}

const name = (label: number) => `class ${label + 1}`;
const limited = (value: number) => Math.round(10 * Math.max(-EDGE, Math.min(EDGE, value))) / 10;

/** Where on the pad an event is, in the pad's units. */
function placeOf(event: PointerEvent, canvas: HTMLCanvasElement): [number, number] {
  const { clientWidth: width, clientHeight: height } = canvas;
  return [EDGE * ((2 * event.offsetX) / width - 1), EDGE * (1 - (2 * event.offsetY) / height)];
}

/** A class's mark, as on the pad. */
export function Mark({ label }: { label: number }) {
  return (
    <svg class={`class-mark class-${label % CLASSES}`} viewBox="-7 -7 14 14" aria-hidden="true">
      <path d={shapePath(label, 4.6)} />
    </svg>
  );
}
