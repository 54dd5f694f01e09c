/** Data that are made up: which, how many rows, how much noise. */

import { useStore } from "../model/store";
import type { Draft } from "./data_draft";
import { NumberBox } from "./data_number";

const ABOUT: Record<string, string> = {
  moons: "Two half circles, one in the other's arm.",
  circles: "A circle inside another.",
  spirals: "Two arms that wind once around each other.",
  blobs: "Two round clouds that overlap a little.",
  xor: "The second class where exactly one of the two features is positive.",
  checkerboard: "4 × 4 fields of alternating class.",
};

export function DatasetForm({ draft }: { draft: Draft }) {
  const names = useStore().hello.value?.datasets ?? [];
  if (names.length === 0) return <p>This run makes up no data.</p>;
  const name = names.includes(draft.dataset.value) ? draft.dataset.value : (names[0] ?? "");
  if (name !== draft.dataset.peek()) draft.dataset.value = name;
  return (
    <div class="data-form">
      <fieldset class="data-sets">
        <legend>Data set</legend>
        {names.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="dataset"
              checked={each === name}
              onChange={() => {
                draft.dataset.value = each;
              }}
            />{" "}
            <strong>{each}</strong> <span class="muted">{ABOUT[each]}</span>
          </label>
        ))}
      </fieldset>
      <div class="data-numbers">
        <NumberBox label="Rows" value={draft.rows} least={2} most={20_000} whole />
        <NumberBox label="Noise (deviation)" value={draft.noise} least={0} most={10} empty="usual" />
      </div>
    </div>
  );
}
