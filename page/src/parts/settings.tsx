/** What can be changed while it trains, and what needs a new start: hidden layers and the loss. */

import { signal } from "@preact/signals";
import { give, whyNot } from "../model/commands";
import { useStore } from "../model/store";
import { Choice, NumberField, shortType } from "./field";
import { Hidden } from "./hidden";
import "./settings.css";

export const settingsOpen = signal(typeof innerWidth === "undefined" || innerWidth >= 1100);

export function Settings() {
  const store = useStore();
  const branch = store.branch.value;
  const hello = store.hello.value;
  if (branch === null || hello === null) return null;
  const reason = whyNot(store, "set");
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
      </fieldset>
      <Hidden key={branch.id} branch={branch} hello={hello} reason={whyNot(store, "restart")} />
      {reason !== null && !store.knows("set") && <p class="muted settings-reason">{reason}</p>}
    </section>
  );
}
