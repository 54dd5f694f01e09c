/** Explain: one update of one weight worked through with the real numbers, for one sample. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { count } from "../draw/numbers";
import { Asker } from "../model/asker";
import { denseLayers, weightIndex } from "../model/diagram";
import { type Store, useStore } from "../model/store";
import type { Branch, Data, Frame } from "../model/types";
import { linesOf, type Spot, type Worked } from "../model/worked";
import { Command } from "../parts/command";
import { Minimap } from "../parts/minimap";
import { Outcome, WorkedLines } from "../parts/worked";
import { CopyCode } from "../parts/worked_code";
import { WorkedPlayer } from "../parts/worked_player";
import { Samples } from "./explain_samples";
import "./explain.css";

export function Explain() {
  const store = useStore();
  const [branch, data, frame] = [store.branch.value, store.data.value, store.frame.value];
  if (branch === null || data === null || frame === null) {
    return (
      <Notice title="Nothing to explain yet">
        As soon as a run has begun, one of its updates is worked through here.
      </Notice>
    );
  }
  return <Explained key={branch.id} store={store} branch={branch} data={data} frame={frame} />;
}

function Explained({ store, branch, data, frame }: { store: Store; branch: Branch; data: Data; frame: Frame }) {
  const asker = useMemo(() => new Asker(store.source), [store]);
  const dense = denseLayers(branch.network);
  const choice = useSignal<Spot>(firstSpot(store, branch, dense));
  const at = useSignal<string | null>(null);
  const spot = useSignal<Spot | null>(null);
  const detail = useSignal("");
  const chosen = choice.value;
  const offline = store.connection.value === "offline" || !store.source.live;
  const sample = Math.max(0, Math.min(store.sample.value, data.train.count - 1));

  // in slow motion the numbers stay as they are, even when the run goes on
  const held = at.value !== null;
  useEffect(() => {
    const weight = weightIndex(branch.network, chosen);
    const silent = offline || held || dense.length === 0;
    const row = data.train.places[sample] ?? sample; // the page may have only some of the table's rows
    asker.want(silent ? null : { frame: frame.id, sample: row, layer: chosen.layer, unit: chosen.unit, weight });
  }, [asker, frame.id, sample, chosen, offline, held]);
  useEffect(() => () => asker.stop(), [asker]);

  const choose = (next: Spot) => {
    at.value = null;
    choice.value = next;
    store.neuron.value = { layer: next.layer, unit: next.unit };
  };
  const chooseSample = (row: number) => {
    at.value = null;
    store.sample.value = row;
  };
  const answer = asker.answer.value;
  const worked = answer?.worked ?? null;
  const line = worked === null ? undefined : linesOf(worked).find((each) => each.id === at.value);

  return (
    <div class="explain">
      <div class="explain-choice">
        <section class="panel" aria-labelledby="explain-sample">
          <h2 id="explain-sample">Sample</h2>
          <Samples data={data} branch={branch} frame={frame} sample={sample} choose={chooseSample} />
        </section>
        <section class="panel explain-place" aria-labelledby="explain-place">
          <h2 id="explain-place">Unit and weight</h2>
          <Minimap
            network={branch.network}
            features={data.features}
            chosen={chosen}
            spot={spot.value ?? line?.place ?? null}
            choose={choose}
          />
        </section>
      </div>
      <section class="panel explain-worked" aria-labelledby="explain-worked">
        <h2 id="explain-worked">One update, worked through</h2>
        {offline ? (
          <Offline />
        ) : asker.refused.value !== "" ? (
          <Refused reason={asker.refused.value} again={() => asker.again()} />
        ) : worked === null ? (
          <p class="muted" aria-live="polite">
            Working it out …
          </p>
        ) : (
          <>
            <Which store={store} branch={branch} worked={worked} held={held} />
            <Outcome worked={worked} />
            <WorkedPlayer worked={worked} at={at} detail={detail} />
            <CopyCode code={worked.code} note={worked.codeNote} />
            <WorkedLines
              worked={worked}
              at={at}
              spot={spot}
              detail={detail}
              outputLayer={branch.network.layers.length - 1}
            />
          </>
        )}
      </section>
    </div>
  );
}

/** The neuron that is chosen on the page, if it has weights; else the output's first. */
function firstSpot(store: Store, branch: Branch, dense: readonly number[]): Spot {
  const neuron = store.neuron.peek();
  const fits =
    neuron !== null && dense.includes(neuron.layer) && neuron.unit < (branch.network.widths[neuron.layer + 1] ?? 0);
  return { layer: dense[dense.length - 1] ?? 0, unit: 0, ...(fits ? neuron : {}), input: 0 };
}

/** Which update this is, and whether the run has gone on. */
function Which({ store, branch, worked, held }: { store: Store; branch: Branch; worked: Worked; held: boolean }) {
  const moves = store.state.value?.phase === "running" && store.state.value.branch === branch.id;
  const name = `run ${branch.id + 1}`;
  const sample = worked.batch.containsSample ? "the sample is among them" : "the sample isn't among them";
  return (
    <div class="explain-which">
      <p>
        The update after step {count(worked.step)} of {name}, over a batch of {count(worked.batch.rows)}{" "}
        {worked.batch.rows === 1 ? "row" : "rows"}; {sample}.
        {worked.dtype !== "float64" && " Worked out in float64; the run's own float32 differs in the seventh digit."}
      </p>
      {moves && (
        <p>
          <span class="muted">
            {held
              ? "The run moves on; these numbers stay while slow motion stands on a line."
              : store.follows.value
                ? "The run moves on, and these numbers follow it once a second."
                : "The run moves on; these numbers stay at the step that the timeline shows."}
          </span>{" "}
          <Command name="pause" title="Stop the run between two updates">
            Pause here
          </Command>
        </p>
      )}
    </div>
  );
}

function Offline() {
  return (
    <div class="explain-notice">
      <p>
        <strong>Explain needs the run.</strong>
      </p>
      <p>
        The gradients and the optimiser's memory are worked out in Python by the layers themselves, and a saved page has
        only the weights. Start <code>clearprop play</code>, or call <code>watch(...)</code>, and open the page from
        there.
      </p>
    </div>
  );
}

function Refused({ reason, again }: { reason: string; again: () => void }) {
  return (
    <div class="explain-notice" role="alert">
      <p>
        <strong>This update can't be worked through.</strong>
      </p>
      <p>{reason}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

function Notice({ title, children }: { title: string; children: string }) {
  return (
    <section class="panel explain-notice">
      <h2>{title}</h2>
      <p>{children}</p>
    </section>
  );
}
