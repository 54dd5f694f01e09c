/** Data: what the network learns from, and other data that it could learn from. */

import { whyNot } from "../model/commands";
import { useStore } from "../model/store";
import { CurrentData } from "./data_current";
import { DatasetForm } from "./data_dataset";
import { draftOf, type Kind } from "./data_draft";
import { FileForm } from "./data_file";
import { PointsForm } from "./data_points";
import { Train } from "./data_train";
import "./data.css";

const KINDS: readonly { kind: Kind; name: string }[] = [
  { kind: "dataset", name: "Made up" },
  { kind: "table", name: "Your file" },
  { kind: "points", name: "Drawn by hand" },
];

export function DataScreen() {
  const store = useStore();
  const [data, reason] = [store.data.value, whyNot(store, "data")];
  return (
    <div class="data">
      <section class="panel" aria-labelledby="data-current">
        <h2 id="data-current">{data === null ? "No data yet" : data.name}</h2>
        {data === null ? <p>Nothing is being learnt from at the moment.</p> : <CurrentData data={data} />}
      </section>
      <section class="panel" aria-labelledby="data-other">
        <h2 id="data-other">Learn from other data</h2>
        {reason === null ? <Other /> : <p class="data-reason">{reason}</p>}
      </section>
    </div>
  );
}

function Other() {
  const draft = draftOf(useStore());
  const kind = draft.kind.value;
  return (
    <>
      <fieldset class="data-kinds" aria-label="Where the data come from">
        {KINDS.map((each) => (
          <button
            key={each.kind}
            type="button"
            aria-pressed={each.kind === kind}
            onClick={() => {
              draft.kind.value = each.kind;
              draft.refused.value = "";
            }}
          >
            {each.name}
          </button>
        ))}
      </fieldset>
      {kind === "dataset" ? (
        <DatasetForm draft={draft} />
      ) : kind === "table" ? (
        <FileForm draft={draft} />
      ) : (
        <PointsForm draft={draft} />
      )}
      <Train draft={draft} />
    </>
  );
}
