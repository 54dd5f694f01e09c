/** The loss below the map: this branch, the other branches as ghosts, and what happened on the way. */

import { useMemo } from "preact/hooks";
import { useRoom } from "../draw/surface";
import { useStore } from "../model/store";
import type { Frame } from "../model/types";
import { Curve, type Line } from "../parts/curve";
import type { View } from "./watch-view";

const MOST_GHOSTS = 6;
const HEIGHT = 124; // beside the network, where map and loss share what is seen

export function Loss({ view }: { view: View }) {
  const store = useStore();
  const [curves, branch, frame, all] = [store.curves.value, store.branch.value, store.frame.value, store.series.value];
  const events = store.events.value;
  const room = useRoom();
  const lines: Line[] = [];
  const train = curves.get("loss");
  const validation = curves.get("validation_loss");
  if (train !== undefined) lines.push({ name: "training", series: train, tone: "first" });
  if (validation !== undefined) lines.push({ name: "validation", series: validation, tone: "second" });
  for (const [id, other] of [...all].slice(-MOST_GHOSTS)) {
    const loss = other.get("loss");
    if (id !== branch?.id && loss !== undefined) {
      lines.push({ name: `run ${id + 1}`, series: loss, tone: "ghost" });
    }
  }
  const markers = useMemo(() => events.filter((each) => each.branch === branch?.id), [events, branch?.id]);
  return (
    <section class="panel watch-loss" aria-labelledby="loss-title">
      <div class="bigmap-head">
        <h2 id="loss-title">Loss</h2>
        <label class="small">
          <input
            type="checkbox"
            checked={view.log.value}
            onChange={(event) => {
              view.log.value = event.currentTarget.checked;
            }}
          />{" "}
          logarithmic
        </label>
      </div>
      {lines.length === 0 ? (
        <p class="muted">The loss appears with the first update.</p>
      ) : (
        <Curve
          title="Loss"
          lines={lines}
          log={view.log.value}
          markers={markers}
          at={frame?.step ?? null}
          height={room === 0 ? 190 : HEIGHT}
          onPick={(step) => {
            const nearest = nearestFrame(store.timeline.peek(), step);
            if (nearest !== null) store.chosenFrame.value = nearest.id;
          }}
        />
      )}
    </section>
  );
}

/** The kept frame nearest to a step. */
export function nearestFrame(timeline: readonly Frame[], step: number): Frame | null {
  let best: Frame | null = null;
  for (const frame of timeline) {
    if (best === null || Math.abs(frame.step - step) < Math.abs(best.step - step)) best = frame;
  }
  return best;
}
