/** The hidden layers and the loss, edited as a draft; a new start makes them the run's, the old run stays as it was. */

import { useState } from "preact/hooks";
import { give } from "../model/commands";
import { shortType, spoken } from "../model/spelling";
import { useStore } from "../model/store";
import type { Branch, Hello, Settings } from "../model/types";
import { Choice, NumberField } from "./field";

export interface HiddenLayer {
  units: number;
  activation: string;
}

const MOST_LAYERS = 8;
const MOST_UNITS = 1024;

/** A branch's hidden layers: all dense ones but the last. */
export function hiddenOf(branch: Branch): HiddenLayer[] {
  return branch.network.layers
    .filter((each) => /dense$/.test(each.type))
    .slice(0, -1)
    .map((each) => ({ units: Number(each.units), activation: shortType((each.activation as Settings).type) }));
}

/** The share of units that dropout leaves out after each hidden layer; 0 where there is none. */
export function dropoutOf(branch: Branch): number {
  const found = branch.network.layers.find((each) => shortType(each.type) === "dropout");
  return Number(found?.rate ?? 0);
}

interface Props {
  branch: Branch;
  hello: Hello;
  reason: string | null;
  /** Whether dropout is shown. */
  more: boolean;
}

export function Hidden({ branch, hello, reason, more }: Props) {
  const store = useStore();
  const now = hiddenOf(branch);
  const lossNow = shortType(branch.loss.type);
  const dropoutNow = dropoutOf(branch);
  const [draft, change] = useState(now);
  const [dropout, drop] = useState(dropoutNow);
  const [loss, chooseLoss] = useState(lossNow);
  const changed = JSON.stringify(draft) !== JSON.stringify(now) || loss !== lossNow || dropout !== dropoutNow;
  const edit = (place: number, values: Partial<HiddenLayer>): void =>
    change(draft.map((each, i) => (i === place ? { ...each, ...values } : each)));
  const last = draft[draft.length - 1] ?? { units: 8, activation: "leaky_relu" };
  const disabled = reason !== null;
  return (
    <fieldset class="hidden-layers" title={reason ?? "Needs a new start; the old run stays beside it"}>
      <legend class="spoken">By a new start</legend>
      <span class="field-label">Hidden layers</span>
      {draft.map((layer, i) => (
        // a layer is its place
        <span key={i} class="hidden-layer">
          <input
            type="number"
            min={1}
            max={MOST_UNITS}
            value={layer.units}
            disabled={disabled}
            aria-label={`Units of hidden layer ${i + 1}`}
            onInput={(event) => {
              const units = Math.round(event.currentTarget.valueAsNumber);
              if (units >= 1 && units <= MOST_UNITS) edit(i, { units });
            }}
          />
          <select
            value={layer.activation}
            disabled={disabled}
            aria-label={`Activation of hidden layer ${i + 1}`}
            onChange={(event) => edit(i, { activation: event.currentTarget.value })}
          >
            {[...new Set([layer.activation, ...hello.activations])].map((each) => (
              <option key={each} value={each}>
                {spoken(each)}
              </option>
            ))}
          </select>
        </span>
      ))}
      {draft.length === 0 && <span class="muted">none</span>}
      <button
        type="button"
        class="small"
        disabled={disabled || draft.length >= MOST_LAYERS}
        aria-label="One hidden layer more"
        onClick={() => change([...draft, last])}
      >
        +
      </button>
      <button
        type="button"
        class="small"
        disabled={disabled || draft.length === 0}
        aria-label="One hidden layer fewer"
        onClick={() => change(draft.slice(0, -1))}
      >
        −
      </button>
      {more && (
        <NumberField label="Dropout" value={dropout} below={1} reason={reason} onCommit={(share) => drop(share ?? 0)} />
      )}
      <Choice label="Loss" value={loss} names={hello.losses} reason={reason} onChoose={chooseLoss} />
      {changed && (
        <>
          <button
            type="button"
            class="primary"
            data-command="restart"
            onClick={() =>
              void give(store, "restart", { hidden: draft, dropout, ...(loss === lossNow ? {} : { loss }) })
            }
          >
            Start anew
          </button>
          <button
            type="button"
            onClick={() => {
              change(now);
              drop(dropoutNow);
              chooseLoss(lossNow);
            }}
          >
            Undo
          </button>
        </>
      )}
    </fieldset>
  );
}
