/** The selected neuron in numbers: its bias and strongest weights, each editable where the run allows it. */

import { useRef } from "preact/hooks";
import { activationOf, INPUT, indexOf } from "../draw/columns";
import { topOf } from "../draw/layout";
import { unitName } from "../draw/names";
import { exact, four } from "../draw/numbers";
import { spoken } from "../model/spelling";
import { useStore } from "../model/store";
import type { Place } from "../model/types";
import type { View } from "../screens/watch-view";
import { biasIndex } from "./network-picture";
import "./neuron.css";

const MOST = 8;

export function NeuronPanel({ view }: { view: View }) {
  const store = useStore();
  const [data, branch, frame, columns] = [store.data.value, store.branch.value, store.frame.value, view.columns.value];
  const neuron = store.neuron.value;
  if (data === null || branch === null || frame === null || columns.length < 2 || frame.branch !== branch.id)
    return null;
  const { network } = branch;
  const { layer, unit } = neuron ?? { layer: columns[columns.length - 1]!.layer, unit: 0 };
  const place = columns.findIndex((each) => each.layer === layer);
  const [column, before] = [columns[place], columns[place - 1]];
  if (layer === INPUT || column === undefined || before === undefined || unit >= column.count) return null;
  const weights = column.weights;
  const indices = Array.from({ length: before.count }, (_, from) =>
    weights === null ? -1 : indexOf(weights, from, unit),
  );
  const sizes = indices.map((index) => (index < 0 ? -1 : Math.abs(frame.vector[index]!)));
  const linked = indices.filter((index) => index >= 0).length;
  const top = topOf(sizes, Math.min(MOST, linked));
  const bias = biasIndex(network, layer, unit);
  const mean = view.maps.value?.statistics.mean[layer]?.[unit];
  const variance = view.maps.value?.statistics.variance[layer]?.[unit];
  const why = !store.knows("edit")
    ? "This run belongs to a script: its weights aren't edited here."
    : !store.controls.value
      ? "Another page, or none, controls this run."
      : !store.follows.value
        ? "An edit belongs to the newest step: press End first."
        : null;
  return (
    <section class="panel neuron" aria-labelledby="neuron-title" data-part="neuron">
      <h2 id="neuron-title">
        {unitName(columns, data, layer, unit)} <span class="muted">{spoken(activationOf(network, layer))}</span>
      </h2>
      <div class="neuron-weights">
        {column.bias !== null && bias >= 0 && (
          <Value name="bias" index={bias} place={column.bias} value={frame.vector[bias]!} why={why} />
        )}
        {weights !== null &&
          top.map((from) => (
            <Value
              key={from}
              name={`from ${unitName(columns, data, before.layer, from)}`}
              index={indices[from]!}
              place={weights.place}
              value={frame.vector[indices[from]!]!}
              why={why}
            />
          ))}
      </div>
      <p class="muted small number">
        {mean !== undefined &&
          variance !== undefined &&
          `Over the rows its activation is ${four(mean)} ± ${four(Math.sqrt(variance))}. `}
        {linked > top.length && `The ${top.length} largest of ${linked} incoming weights. `}
        {why ?? "Type a value and press Enter to change a weight; the edit is written into the history."}
      </p>
    </section>
  );
}

function Value(props: { name: string; index: number; place: Place; value: number; why: string | null }) {
  const { name, index, place, value, why } = props;
  const store = useStore();
  const input = useRef<HTMLInputElement>(null);
  const typed = useRef(false);
  const text = exact(value).replaceAll("−", "-");
  const send = (): void => {
    const written = input.current?.value.trim() ?? "";
    const next = Number(written.replace(",", ".").replaceAll("−", "-") || Number.NaN);
    if (typed.current && Number.isFinite(next))
      void store.command("edit", { parameter: place.name, index: index - place.offset, value: next });
    else if (typed.current && why === null) store.refused.value = `A weight must be a number; “${written}” isn't.`;
    typed.current = false;
    if (input.current !== null) input.current.value = text;
  };
  return (
    <label class={`neuron-value ${value >= 0 ? "positive" : "negative"}`}>
      <span>{name}</span>
      <input
        ref={input}
        type="text"
        inputMode="decimal"
        // what is being typed stays while the run goes on
        value={typed.current ? undefined : text}
        readOnly={why !== null}
        title={why ?? `${place.name}[${index - place.offset}]`}
        onInput={() => {
          typed.current = true;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") send();
          if (event.key === "Escape") {
            typed.current = false;
            event.currentTarget.value = text;
          }
        }}
        onBlur={() => {
          typed.current = false;
          if (input.current !== null) input.current.value = text;
        }}
      />
    </label>
  );
}
