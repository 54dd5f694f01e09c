/** The network's table twin: the selected layer's neurons, or the largest weights that lead into one of them. */

import { useState } from "preact/hooks";
import { INPUT, indexOf } from "../draw/columns";
import { columnName, unitName } from "../draw/names";
import { count, digits, exact } from "../draw/numbers";
import { useStore } from "../model/store";
import { noun } from "../screens/watch-edges";
import type { View } from "../screens/watch-view";
import { biasOf } from "./network-picture";

const MOST = 32; // rows: the page stays light however wide the layer is

export function NetworkTable({ view }: { view: View }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Neurons as a table</summary>
      {open && <Rows view={view} />}
    </details>
  );
}

function Rows({ view }: { view: View }) {
  const store = useStore();
  const [columns, data, branch] = [view.columns.value, store.data.value, store.branch.value];
  const [answer, maps] = [view.edges.answer.value, view.maps.value];
  if (data === null || branch === null || columns.length < 2) return null;
  const layer = store.neuron.value?.layer ?? columns[columns.length - 1]!.layer;
  const place = columns.findIndex((each) => each.layer === layer);
  const [column, before] = [columns[place], columns[place - 1]];
  if (column === undefined) return null;
  const units = view.units.value[place]?.slice(0, MOST) ?? [];
  const strongest = (unit: number): string => {
    const weights = column.weights;
    if (weights === null || before === undefined || answer === null) return "";
    let [best, value] = [-1, 0];
    for (let from = 0; from < before.count; from++) {
      const index = indexOf(weights, from, unit);
      const weight = index < 0 ? 0 : answer.vector[index]!;
      if (Math.abs(weight) > Math.abs(value)) [best, value] = [from, weight];
    }
    return best < 0 ? "" : `${exact(value)} from ${unitName(columns, data, before.layer, best)}`;
  };
  const kind = noun(store.shown.value);
  const mean = (unit: number): string => {
    const value = maps?.statistics.mean[layer]?.[unit];
    return value === undefined ? "" : digits(value, 6);
  };
  return (
    <div class="twin-table">
      <label>
        Layer{" "}
        <select
          value={String(layer)}
          onChange={(event) => {
            store.neuron.value = { layer: Number(event.currentTarget.value), unit: 0 };
          }}
        >
          {columns.map((each, k) => (
            <option key={each.layer} value={String(each.layer)}>
              {columnName(columns, k)} ({count(each.count)})
            </option>
          ))}
        </select>
      </label>
      <table>
        <thead>
          <tr>
            <th scope="col">neuron</th>
            <th scope="col">bias ({kind})</th>
            <th scope="col">mean activation</th>
            <th scope="col">largest incoming {kind}</th>
          </tr>
        </thead>
        <tbody>
          {units.map((unit) => (
            <tr key={unit}>
              <th scope="row">
                <button
                  type="button"
                  class="quiet"
                  onClick={() => {
                    store.neuron.value = { layer, unit };
                  }}
                >
                  {unitName(columns, data, layer, unit)}
                </button>
              </th>
              <td class="number">
                {layer === INPUT || answer === null ? "" : text(biasOf(branch.network, layer, unit, answer.vector))}
              </td>
              <td class="number">{layer === INPUT ? "" : mean(unit)}</td>
              <td class="number">{strongest(unit)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {column.count > units.length && (
        <p class="muted">{count(column.count - units.length)} more neurons aren't listed.</p>
      )}
    </div>
  );
}

const text = (value: number | null): string => (value === null ? "" : exact(value));
