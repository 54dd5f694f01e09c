/** The run's history as a slider: every place is a frame that is kept, marks are what happened. */

import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { count, four } from "../draw/numbers";
import { continueHere, shownFrame, whyNot } from "../model/commands";
import { chooseBranch, markers, move, showNewest } from "../model/history";
import { useStore } from "../model/store";
import type { Branch } from "../model/types";
import { Command } from "./command";
import { Icon } from "./icons";
import { Scrubber } from "./scrubber";
import "./timeline.css";

export function Timeline() {
  const store = useStore();
  const { frame, branch, timeline, events, follows } = store;
  const id = branch.value?.id ?? -1;
  const marks = useMemo(() => markers(timeline.value, events.value, id), [timeline.value, events.value, id]);
  const place = useComputed(() => timeline.value.findIndex((each) => each.id === frame.value?.id));
  const bookmarked = frame.value?.keep === "bookmark";
  const newest = place.value === timeline.value.length - 1;
  const noContinue = whyNot(store, "continue");
  return (
    <section class="timeline" aria-label="History">
      <div class="timeline-row">
        <BranchChooser />
        <div class="timeline-steps">
          <button
            type="button"
            aria-label="Back one frame"
            title="Back one frame (,)"
            disabled={place.value <= 0}
            onClick={() => move(store, -1)}
          >
            <Icon name="back" />
          </button>
          <button
            type="button"
            aria-label="Forward one frame"
            title="Forward one frame"
            disabled={newest}
            onClick={() => move(store, 1)}
          >
            <Icon name="forward" />
          </button>
          <button
            type="button"
            aria-pressed={follows.value}
            title="Show the newest frame, and follow the run (End)"
            onClick={() => {
              store.chosenBranch.value = null;
              showNewest(store);
            }}
          >
            Newest
          </button>
        </div>
        <p class="timeline-text">{frame.value && <Shown frames={timeline.value.length} place={place.value} />}</p>
        <div class="timeline-steps">
          <Command
            name="bookmark"
            icon="bookmark"
            values={() => ({ frame: shownFrame(store) ?? frame.value?.id ?? null })}
            title={bookmarked ? "Remove this bookmark (B)" : "Bookmark this frame (B)"}
            pressed={bookmarked}
            bare
          />
          <button
            type="button"
            class={follows.value ? undefined : "primary"}
            data-command="continue"
            aria-label="Continue from here"
            aria-disabled={noContinue === null ? undefined : "true"}
            title={noContinue ?? "Begin a second run at this frame; the first stays as it is (C)"}
            onClick={() => void continueHere(store)}
          >
            <Icon name="branch" />
            <span>
              Continue<span class="from-here"> from here</span>
            </span>
          </button>
        </div>
      </div>
      <Scrubber marks={marks} />
    </section>
  );
}

function Shown({ frames, place }: { frames: number; place: number }) {
  const { frame } = useStore();
  const { step = 0, loss = null } = frame.value ?? {};
  return (
    <>
      step {count(step)}
      {loss !== null && <span title={`loss ${loss}`}>, loss {four(loss)}</span>}
      <span class="muted frame-count">
        {" "}
        · frame {count(place + 1)} of {count(frames)}
      </span>
    </>
  );
}

/** A branch by its place and where it came from. */
export function branchName(branch: Branch): string {
  const name = `Run ${branch.id + 1}`;
  if (branch.parent === null) return name;
  return branch.fromStep === 0
    ? `${name}, from the start`
    : `${name}, from run ${branch.parent + 1} at ${count(branch.fromStep)}`;
}

function BranchChooser() {
  const store = useStore();
  const branches = [...store.branches.value.values()];
  if (branches.length < 2) return null;
  return (
    <label class="branch-chooser">
      <span class="spoken">Which run</span>
      <select
        value={store.branch.value?.id}
        onChange={(event) => chooseBranch(store, Number(event.currentTarget.value))}
      >
        {branches.map((each) => (
          <option key={each.id} value={each.id}>
            {branchName(each)}
            {each.id === store.state.value?.branch ? " (now)" : ""}
          </option>
        ))}
      </select>
    </label>
  );
}
