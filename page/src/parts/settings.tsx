/** What can be changed while it trains, and what needs a new start: hidden layers and the loss. */

import { signal } from "@preact/signals";
import { give, whyNot } from "../model/commands";
import { shortType } from "../model/spelling";
import { useStore } from "../model/store";
import { Choice, NumberField } from "./field";
import { dropoutOf, Hidden } from "./hidden";
import "./settings.css";

const NO_CLIP = "none";
/** Each with its own limit of 1; a run from a script may have another, which is then named beside them. */
const CLIPS = [NO_CLIP, "clip_value", "clip_norm", "clip_global_norm"];

export const settingsOpen = signal(typeof innerWidth === "undefined" || innerWidth >= 1100);

/** Whether the seldom used ones are seen; null: nobody has said. */
const moreOpen = signal<boolean | null>(null);

export function Settings() {
  const store = useStore();
  const branch = store.branch.value;
  const hello = store.hello.value;
  if (branch === null || hello === null) return null;
  const reason = whyNot(store, "set");
  // what is in use is seen, whether asked for or not
  const more = moreOpen.value ?? (branch.l1 !== 0 || branch.clip !== null || dropoutOf(branch) !== 0);
  const set = (values: Record<string, unknown>): void => void give(store, "set", values);
  return (
    <section id="settings" class="settings" aria-label="Settings" hidden={!settingsOpen.value}>
      <fieldset class="live-settings" title={reason ?? "Changed while it trains"}>
        <legend class="spoken">Changed while it trains</legend>
        <Choice
          label="Optimiser"
          value={shortType(branch.optimizer.type)}
          names={hello.optimizers}
          reason={reason}
          onChoose={(optimizer) => set({ optimizer })}
        />
        <NumberField
          label="Batch"
          value={branch.batchSize}
          empty="all rows"
          least={1}
          whole
          reason={reason}
          onCommit={(batch_size) => set({ batch_size })}
        />
        <NumberField label="L2" value={branch.l2} reason={reason} onCommit={(l2) => set({ l2 })} />
        {more && (
          <>
            <NumberField label="L1" value={branch.l1} reason={reason} onCommit={(l1) => set({ l1 })} />
            <Choice
              label="Clip gradients"
              value={branch.clip ?? NO_CLIP}
              names={CLIPS}
              reason={reason}
              onChoose={(name) => set({ clip: name === NO_CLIP ? null : name })}
            />
          </>
        )}
      </fieldset>
      <Hidden key={branch.id} branch={branch} hello={hello} reason={whyNot(store, "restart")} more={more} />
      <button
        type="button"
        class="quiet"
        aria-expanded={more}
        title="L1, gradient clipping, dropout"
        onClick={() => {
          moreOpen.value = !more;
        }}
      >
        {more ? "Fewer" : "More"}
      </button>
      {reason !== null && !store.knows("set") && <p class="muted settings-reason">{reason}</p>}
    </section>
  );
}
