/** Per layer: how large weights, gradients and outputs are, how fast they move, and which units no longer learn. */

import type { Figures, LayerRow, LayerWatch } from "../screens/diagnose_layers";
import { percent, short } from "../screens/diagnose_plot";

const MOST = 60;

export function LayerTable({ layers }: { layers: LayerWatch }) {
  const now = layers.now.value;
  return (
    <section class="panel whole" aria-labelledby="layers-title">
      <h2 id="layers-title">Layer by layer</h2>
      {layers.trouble.value !== "" && <p class="muted">{layers.trouble.value}</p>}
      {now === null ? (
        layers.trouble.value === "" && <p class="muted">Asking the run …</p>
      ) : (
        <>
          <p class="muted">
            After {short(now.step)} updates, over {short(now.rows)} rows. An update usually moves weights by about a
            thousandth of their size (0.001); far more is wild, far less is slow.
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section class="scroll" tabIndex={0} aria-label="layers">
            <table>
              <thead>
                <tr>
                  <th scope="col">layer</th>
                  <th scope="col" class="number">
                    weights: mean ± deviation
                  </th>
                  <th scope="col" class="number">
                    norm
                  </th>
                  <th scope="col" class="number">
                    gradient: mean ± deviation
                  </th>
                  <th scope="col" class="number">
                    norm
                  </th>
                  <th scope="col" class="number">
                    outputs: mean ± deviation
                  </th>
                  <th scope="col" class="number">
                    update ÷ weights
                  </th>
                  <th scope="col" class="number">
                    stuck units
                  </th>
                </tr>
              </thead>
              <tbody>
                {now.layers.slice(0, MOST).map((row) => (
                  <Row key={row.layer} row={row} />
                ))}
              </tbody>
            </table>
          </section>
          {now.layers.length > MOST && (
            <p class="muted">
              The first {MOST} of {now.layers.length} layers.
            </p>
          )}
        </>
      )}
    </section>
  );
}

function Row({ row }: { row: LayerRow }) {
  return (
    <tr>
      <th scope="row">
        {row.layer}: {row.name} {row.activation_name}
      </th>
      <td class="number">{around(row.weight)}</td>
      <td class="number">{short(row.weight?.norm)}</td>
      <td class="number">{around(row.gradient)}</td>
      <td class="number">{short(row.gradient?.norm)}</td>
      <td class="number">{around(row.activation)}</td>
      <td class={`number ${speed(row.update_ratio) === "" ? "" : "warn"}`}>
        {short(row.update_ratio)}
        {speed(row.update_ratio)}
      </td>
      <td class="number">{stuck(row)}</td>
    </tr>
  );
}

function around(figures: Figures | null): string {
  return figures === null ? "–" : `${short(figures.mean)} ± ${short(figures.deviation)}`;
}

export function speed(ratio: number | null): string {
  if (ratio === null) return "";
  return ratio > 0.1 ? " (wild)" : ratio > 0 && ratio < 1e-5 ? " (slow)" : "";
}

export function stuck({ dead, saturated }: LayerRow): string {
  if (dead !== null) return dead === 0 ? "none dead" : `${percent(dead)} dead`;
  if (saturated !== null) return saturated === 0 ? "none saturated" : `${percent(saturated)} saturated`;
  return "–";
}
