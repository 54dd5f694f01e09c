/** Curves over steps: exact values under the pointer, markers, a line at the shown step, and a table twin. */

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { count, exact, four } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { useSlowPainting, useWidth } from "../draw/surface";
import { thinned, valueAt } from "../model/series";
import type { Series } from "../model/types";
import { aligned, makePlot, moveLine } from "./curve-plot";
import "uplot/dist/uPlot.min.css";
import "./curve.css";

export interface Line {
  name: string;
  series: Series;
  /** "first" a full line, "second" dashed, "ghost" pale: another branch. */
  tone: "first" | "second" | "ghost";
}

export interface Marker {
  step: number;
  text: string;
}

interface Props {
  /** What the numbers are, such as "loss". */
  title: string;
  lines: readonly Line[];
  log: boolean;
  markers?: readonly Marker[];
  /** The shown step. */
  at: number | null;
  height?: number;
  /** A step was clicked. */
  onPick?: (step: number) => void;
}

const EVERY = 250; // milliseconds: a curve that grows faster isn't read any faster
const POINTS = 1200;

export function Curve({ title, lines, log, markers = [], at, height = 190, onPick }: Props) {
  const [ref, width, box] = useWidth<HTMLDivElement>();
  const palette = usePalette().value;
  const plot = useRef<uPlot | null>(null);
  const made = useRef(""); // the shape of the plot
  const latest = useRef({ markers, at, onPick });
  latest.current = { markers, at, onPick };
  const [over, setOver] = useState<number | null>(null);
  const shape = lines.map((each) => `${each.name}/${each.tone}`).join("|");
  const thin = (): Series[] => lines.map((each) => thinned(each.series, POINTS));

  useEffect(() => {
    if (box === null || width === 0) return;
    made.current = shape;
    plot.current = makePlot(
      box,
      { width, height, log, lines, palette, latest: () => latest.current, hover: setOver },
      aligned(thin(), log),
    );
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [width, height, log, shape, palette]);

  // drawing a noisy curve takes longer than all maps together: not for each frame, and only when it has changed
  useSlowPainting(
    () => {
      // while other lines wait for a plot of their own, this one has no place for them
      if (made.current === shape) plot.current?.setData(aligned(thin(), log));
    },
    EVERY,
    lines.map((each) => each.series),
  );
  useEffect(() => {
    if (plot.current !== null) moveLine(plot.current, at);
  });
  useEffect(() => plot.current?.redraw(false), [markers]);

  const step = over ?? at;
  const values = lines
    .filter((each) => each.tone !== "ghost" || over !== null)
    .map((each) => ({ each, value: step === null ? null : valueAt(each.series, step) }));
  const near = markers.filter((each) => over !== null && each.step === nearestStep(markers, over, lines));
  return (
    <figure class="curve" data-part="curve">
      <div ref={ref} class="curve-plot" aria-hidden="true" />
      <figcaption class="curve-reading number" data-step={step ?? ""}>
        {step !== null && <span>step {count(step)}</span>}
        {values.map(({ each, value }) =>
          value == null ? null : (
            <span
              key={each.name}
              class={`curve-${each.tone}`}
              data-name={each.name}
              data-value={value.value}
              title={exactDouble(value.value)}
            >
              <i aria-hidden="true" /> {each.name} {over === null ? four(value.value) : exactDouble(value.value)}
            </span>
          ),
        )}
        {near.map((each) => (
          <span key={each.text}>▲ {each.text}</span>
        ))}
      </figcaption>
      <CurveTable title={title} lines={lines} />
    </figure>
  );
}

const exactDouble = (value: number): string => String(Number(value.toPrecision(10)));

/** The marker that the pointer means: the nearest, within a fiftieth of the curve. */
function nearestStep(markers: readonly Marker[], over: number, lines: readonly Line[]): number | null {
  const reach = Math.max(1, ...lines.map((each) => each.series.steps[each.series.steps.length - 1] ?? 0)) / 50;
  let best: number | null = null;
  for (const { step } of markers) {
    if (Math.abs(step - over) <= reach && (best === null || Math.abs(step - over) < Math.abs(best - over))) best = step;
  }
  return best;
}

const ROWS = 12;

function CurveTable({ title, lines }: { title: string; lines: readonly Line[] }) {
  const [open, setOpen] = useState(false);
  const first = lines[0]?.series;
  if (first === undefined || first.steps.length === 0) return null;
  const places = Array.from({ length: Math.min(ROWS, first.steps.length) }, (_, k) =>
    Math.round((k * (first.steps.length - 1)) / Math.max(1, Math.min(ROWS, first.steps.length) - 1)),
  );
  return (
    <details class="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title} as a table</summary>
      {open && (
        <div class="twin-table">
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">
                  step
                </th>
                {lines.map((each) => (
                  <th scope="col" class="number" key={each.name}>
                    {each.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {places.map((place) => (
                <tr key={place}>
                  <th scope="row" class="number">
                    {count(first.steps[place]!)}
                  </th>
                  {lines.map((each) => {
                    const value = valueAt(each.series, first.steps[place]!)?.value;
                    return (
                      <td class="number" key={each.name} title={value === undefined ? "" : exact(value)}>
                        {value === undefined ? "" : four(value)}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
