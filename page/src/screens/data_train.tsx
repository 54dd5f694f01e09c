/** What all other data share: how many rows are held out, the seed, and the button. */

import { useSignal } from "@preact/signals";
import { give } from "../model/commands";
import { useStore } from "../model/store";
import type { Draft } from "./data_draft";
import { NumberBox } from "./data_number";

export function Train({ draft }: { draft: Draft }) {
  const store = useStore();
  const busy = useSignal(false);
  const ready = draft.source();
  const why = "why" in ready ? ready.why : "";
  const percent = Math.round(100 * draft.validation.value);
  const train = async () => {
    if (!("source" in ready) || busy.value) return;
    busy.value = true;
    draft.refused.value = "";
    const done = await give(store, "data", { source: ready.source });
    if (done) {
      store.sample.value = 0;
      store.neuron.value = null;
    } else {
      // it is told here, beside what has to be changed, and not above the page as well
      draft.refused.value = store.refused.value;
      store.refused.value = "";
    }
    busy.value = false;
  };
  return (
    <div class="data-train">
      <div class="data-numbers">
        <label class="data-share">
          <span>Held out</span>
          <input
            type="range"
            min={0}
            max={90}
            step={5}
            value={percent}
            aria-valuetext={`${percent} percent of the rows`}
            onInput={(event) => {
              draft.validation.value = Number(event.currentTarget.value) / 100;
            }}
          />
          <output>{percent} %</output>
        </label>
        <NumberBox label="Seed" value={draft.seed} least={0} most={4_294_967_295} whole />
      </div>
      <p class="data-buttons">
        <button type="button" class="primary" disabled={why !== "" || busy.value} onClick={train}>
          {busy.value ? "Beginning …" : "Train on this"}
        </button>
        <span class="muted">{why || "Makes a new branch; the run until now stays beside it."}</span>
      </p>
      {draft.refused.value !== "" && (
        <p class="data-bad" role="alert">
          {draft.refused}
        </p>
      )}
    </div>
  );
}
