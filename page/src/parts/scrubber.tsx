/** The slider of the timeline, with the loss behind it and a mark for each event. */

import { useRef } from "preact/hooks";
import { count, four } from "../draw/numbers";
import { surface, useSlowPainting, useWidth } from "../draw/surface";
import { type Marker, move, showFirst, showMarker, showNewest, showStep } from "../model/history";
import { EMPTY, thinned } from "../model/series";
import { useStore } from "../model/store";
import { theme } from "../model/theme";
import type { Series } from "../model/types";

/** More marks than this can't be told apart; the newest stay, and each frame's own words say the rest. */
const MOST_MARKS = 80;

export function Scrubber({ marks }: { marks: readonly Marker[] }) {
  const store = useStore();
  const track = useRef<HTMLDivElement>(null);
  const frames = store.timeline.value;
  const frame = store.frame.value;
  const first = frames[0]?.step ?? 0;
  const last = Math.max(frames[frames.length - 1]?.step ?? 0, first + 1);
  const share = (step: number): number => Math.min(Math.max((step - first) / (last - first), 0), 1);
  const at = (step: number) => ({ left: `${100 * share(step)}%` });
  const here = marks.filter((each) => each.step === frame?.step).map((each) => each.text);
  const words = frame
    ? [`step ${count(frame.step)}`, frame.loss === null ? [] : `loss ${four(frame.loss)}`, here].flat().join(", ")
    : "no frame yet";

  const drag = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box === undefined || (event.type === "pointermove" && event.buttons !== 1)) return;
    if (event.type === "pointerdown") track.current?.setPointerCapture(event.pointerId);
    const part = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    showStep(store, first + part * (last - first));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => move(store, -1),
    ArrowDown: () => move(store, -1),
    ArrowRight: () => move(store, 1),
    ArrowUp: () => move(store, 1),
    PageUp: () => showMarker(store, 1, marks),
    PageDown: () => showMarker(store, -1, marks),
    Home: () => showFirst(store),
    End: () => showNewest(store),
  };

  return (
    <div
      ref={track}
      class="scrubber"
      role="slider"
      tabIndex={0}
      aria-label="Step shown"
      aria-valuemin={first}
      aria-valuemax={last}
      aria-valuenow={frame?.step ?? first}
      aria-valuetext={words}
      title="Drag, or use the arrow keys; Page Up and Page Down go from mark to mark"
      onPointerDown={drag}
      onPointerMove={drag}
      onKeyDown={(event) => {
        const act = keys[event.key];
        if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        act();
        event.preventDefault();
      }}
    >
      <Sparkline series={store.curves.value.get("loss")} first={first} last={last} />
      <div class="scrubber-rail" />
      {marks.slice(-MOST_MARKS).map((each) => (
        <span
          key={`${each.step} ${each.kind} ${each.text}`}
          class={`mark mark-${each.kind}`}
          style={at(each.step)}
          title={`step ${count(each.step)}: ${each.text}`}
        />
      ))}
      {frame && <span class="thumb" style={at(frame.step)} />}
    </div>
  );
}

const EVERY = 250; // milliseconds between two drawings
const POINTS = 700; // a line through more of them looks the same, and takes longer than every map

/** The loss, faint behind the slider; its axis is logarithmic where it spans more than a decade. */
function Sparkline({ series, first, last }: { series: Series | undefined; first: number; last: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [box, width] = useWidth();
  const paint = (): void => {
    if (canvas.current !== null) paintSparkline(canvas.current, thinned(series ?? EMPTY, POINTS), first, last);
  };
  useSlowPainting(paint, EVERY, [series, first, last, width, theme.value]);
  return (
    <div ref={box} class="sparkline" aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

function paintSparkline(element: HTMLCanvasElement, { steps, values }: Series, first: number, last: number): void {
  const { clientWidth: width, clientHeight: height } = element.parentElement!;
  const context = surface(element, width, height);
  if (context === null || steps.length < 2) return;
  context.strokeStyle = getComputedStyle(element).color;
  context.lineWidth = 1;
  const shares = heights(values);
  context.beginPath();
  for (let i = 0; i < shares.length; i++) {
    context.lineTo(((steps[i]! - first) / (last - first)) * width, 2 + (1 - shares[i]!) * (height - 4));
  }
  context.stroke();
}

/** Values as heights from 0 to 1. */
export function heights(values: Float64Array): Float64Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = low > 0 && high / low > 10 ? Math.log : (value: number) => value;
  const [bottom, top] = [scale(low), scale(high)];
  return values.map((value) => (top > bottom ? (scale(value) - bottom) / (top - bottom) : 0.5));
}
