/** How weights, gradients and outputs of each layer are spread, at some moments of the run one above the other. */

import { useState } from "preact/hooks";
import type { Layers, LayerWatch } from "../screens/diagnose_layers";
import { short, TableTwin } from "../screens/diagnose_plot";
import "./histograms.css";

const KINDS = [
  { kind: "weight", title: "weights" },
  { kind: "gradient", title: "gradients" },
  { kind: "activation", title: "outputs" },
] as const;
const LAYERS = 4;
const RIDGES = 10;
const WIDTH = 240;
const STEP = 13;
const PEAK = 30;

export function Histograms({ layers }: { layers: LayerWatch }) {
  const [first, setFirst] = useState(0);
  const past = layers.past.value.slice(-RIDGES);
  const last = past[past.length - 1];
  if (last === undefined) return null;
  const shown = last.layers.slice(first, first + LAYERS);
  return (
    <section class="panel whole histograms" aria-labelledby="histograms-title">
      <h2 id="histograms-title">How they are spread, over time</h2>
      <p class="muted">
        Each ridge is a moment of the run: the first behind, the newest in front, after{" "}
        {past.map((each) => short(each.step)).join(", ")} updates. More moments come while you look.
      </p>
      {last.layers.length > LAYERS && (
        <label>
          Layers from{" "}
          <select value={first} onChange={(event) => setFirst(Number(event.currentTarget.value))}>
            {last.layers
              .filter((_, k) => k % LAYERS === 0)
              .map((row) => (
                <option key={row.layer} value={row.layer}>
                  {row.layer}
                </option>
              ))}
          </select>{" "}
          of {last.layers.length}
        </label>
      )}
      <div class="ridges">
        {shown.flatMap((row) =>
          KINDS.map(({ kind, title }) => (
            <Ridge
              key={`${row.layer}.${kind}`}
              name={`${row.layer}.${kind}`}
              title={`${title} of layer ${row.layer}`}
              past={past}
            />
          )),
        )}
      </div>
    </section>
  );
}

function Ridge({ name, title, past }: { name: string; title: string; past: readonly Layers[] }) {
  const found = past.flatMap((each) => {
    const histogram = each.histograms.get(name);
    return histogram === undefined ? [] : [{ step: each.step, ...histogram }];
  });
  const newest = found[found.length - 1];
  if (newest === undefined) return null;
  const low = Math.min(...found.map((each) => each.edges[0] ?? 0));
  const high = Math.max(...found.map((each) => each.edges[each.edges.length - 1] ?? 1));
  const height = PEAK + STEP * found.length + 18;
  const middle = heaviest(newest);
  return (
    <figure class="ridge">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={`${title}: now from ${short(newest.edges[0])} to ${short(newest.edges[newest.edges.length - 1])}, most of them near ${short(middle)}`}
      >
        {found.map((each, k) => (
          <path
            key={each.step}
            class={k === found.length - 1 ? "newest" : ""}
            d={ridge(each, low, high, PEAK + STEP * (k + 1))}
          />
        ))}
        <text x={1} y={height - 4}>
          {short(low)}
        </text>
        <text x={WIDTH - 1} y={height - 4} class="end">
          {short(high)}
        </text>
      </svg>
      <TableTwin
        title={title}
        twin={{
          head: ["from", "to", "how many now"],
          rows: () => newest.counts.map((count, k) => [short(newest.edges[k]), short(newest.edges[k + 1]), `${count}`]),
        }}
      />
    </figure>
  );
}

/** A histogram's outline above its own floor, as high as its fullest bin asks. */
export function ridge(
  { counts, edges }: { counts: readonly number[]; edges: readonly number[] },
  low: number,
  high: number,
  floor: number,
): string {
  const most = Math.max(1, ...counts);
  const right = (value: number) => (((value - low) / (high - low || 1)) * WIDTH).toFixed(1);
  const tops = counts.map((count, k) => {
    const top = (floor - (PEAK * count) / most).toFixed(1);
    return `L${right(edges[k] ?? low)} ${top}L${right(edges[k + 1] ?? high)} ${top}`;
  });
  return `M${right(edges[0] ?? low)} ${floor}${tops.join("")}L${right(edges[edges.length - 1] ?? high)} ${floor}Z`;
}

function heaviest({ counts, edges }: { counts: readonly number[]; edges: readonly number[] }): number {
  const bin = counts.indexOf(Math.max(...counts));
  return ((edges[bin] ?? 0) + (edges[bin + 1] ?? 0)) / 2;
}
