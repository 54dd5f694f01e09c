/** What the page says when things aren't as usual: each state names what happened and what can be done. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count, four } from "../draw/numbers";
import { whyNot } from "../model/commands";
import { showNewest } from "../model/history";
import { useStore } from "../model/store";
import { Command } from "./command";
import { phaseWords } from "./phase";
import "./states.css";

interface NoticeProps {
  name: string;
  strong?: boolean;
  children: ComponentChildren;
  actions?: ComponentChildren;
}

function Notice({ name, strong, children, actions }: NoticeProps) {
  return (
    <div class={strong ? "notice notice-strong" : "notice"} data-state={name}>
      <div class="notice-text">{children}</div>
      {actions && <div class="notice-actions">{actions}</div>}
    </div>
  );
}

/** The states that stand above the screen while they last. */
export function Notices() {
  const store = useStore();
  const connection = store.connection.value;
  const other = connection === "live" && store.branch.value !== null && !store.controls.value;
  return (
    <div class="notices">
      {connection === "lost" && (
        <Notice name="disconnected" strong>
          <strong>The run can't be reached.</strong> What came so far is still here and can be looked through; the page
          tries again by itself. {sentence(store.why.value)}
        </Notice>
      )}
      {connection === "refused" && store.branch.value !== null && <Refused />}
      {other && (
        <Notice
          name="second-tab"
          actions={
            <Command name="control" title="Let this page's buttons control the run">
              Take control
            </Command>
          }
        >
          Another page controls this run; here you can look.
        </Notice>
      )}
      {connection === "live" && <PhaseNotice />}
      {store.refused.value !== "" && (
        <Notice
          name="refused"
          actions={
            <button
              type="button"
              onClick={() => {
                store.refused.value = "";
              }}
            >
              Close
            </button>
          }
        >
          <span role="alert">{store.refused.value}</span>
        </Notice>
      )}
    </div>
  );
}

function PhaseNotice() {
  const store = useStore();
  const state = store.state.value;
  if (state === null || store.branch.value === null) return null;
  if (state.phase === "diverged") return <Diverged />;
  if (state.phase === "finished") return <Finished />;
  if (state.phase === "closed")
    return (
      <Notice name="closed">
        The run has ended, and its program with it. What came is still here and can be looked through.
      </Notice>
    );
  if (state.phase === "running" && state.slowed)
    return (
      <Notice name="slowed">
        <span class="muted">
          Looking takes {Math.max(1, Math.round(100 * state.overhead))}&thinsp;% of the time, so the picture now comes{" "}
          {often(state.framesPerSecond)}. Training goes on at full speed.
        </span>
      </Notice>
    );
  return null;
}

const often = (perSecond: number): string =>
  Math.round(perSecond) <= 1 ? "once a second" : `${Math.round(perSecond)} times a second`;

function Diverged() {
  const store = useStore();
  const diverged = store.state.value?.diverged;
  const frames = store.timeline.value;
  return (
    <Notice
      name="diverged"
      strong
      actions={
        <>
          <Command
            name="recover"
            values={() => ({ how: "back" })}
            title="Go to the last step with a good loss, and wait"
          >
            Back to the last good step
          </Command>
          <Command
            name="recover"
            values={() => ({ how: "halve" })}
            title="Go there, and train on at half the rate"
            primary
          >
            Halve the rate and continue
          </Command>
          {store.frame.value !== frames[frames.length - 1] && (
            <button type="button" onClick={() => showNewest(store)}>
              Show the last finite weights
            </button>
          )}
        </>
      }
    >
      <strong>
        The run diverged
        {diverged ? ` at step ${count(diverged.step)}: ${plain(diverged.tensor)} is no longer finite.` : "."}
      </strong>{" "}
      {diverged?.largestGradient != null && <>The largest gradient before it was {four(diverged.largestGradient)}. </>}
      Training has stopped by itself; the last finite weights are kept. The usual cause is a learning rate that is too
      large
      {store.state.value && store.state.value.rate > 0 ? <> (it is {four(store.state.value.rate)})</> : null}.
    </Notice>
  );
}

/** A tensor as people call it: "2.weight" is layer 2's weight. */
export function plain(tensor: string): string {
  const [, layer, name] = /^(?:gradient of )?(\d+)\.(\w+)$/.exec(tensor) ?? [];
  return layer === undefined ? `the ${tensor || "loss"}` : `layer ${layer}'s ${name}`;
}

function Finished() {
  const store = useStore();
  const { state } = store;
  const { step = 0, totalSteps = 0, reason = "" } = state.value ?? {};
  const why = reason !== "" ? sentence(reason) : step >= totalSteps ? `All ${count(totalSteps)} updates are done.` : "";
  return (
    <Notice
      name="finished"
      actions={
        whyNot(store, "more") === null && (
          <Command name="more" values={() => ({ steps: Math.max(totalSteps, 1) })} title="Train on from here">
            Train {count(Math.max(totalSteps, 1))} more
          </Command>
        )
      }
    >
      <strong>Finished at step {count(step)}.</strong> {why}
    </Notice>
  );
}

/** A server's or a run's reason as a sentence of its own. */
function sentence(text: string): string {
  if (text === "") return "";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

export function Refused() {
  const { why } = useStore();
  return (
    <Notice name="bad-token" strong>
      <strong>This page isn't let in.</strong> {sentence(why.value)} A run's link opens it once in one browser; ask the
      run's own page, or the terminal where it was started, for a fresh one.
    </Notice>
  );
}

/** Announces a change of phase to those who listen, once. */
export function PhaseSpoken() {
  const store = useStore();
  const words = phaseWords(store.connection.value, store.state.value, store.source.live);
  const [said, say] = useState("");
  // the step is read when the phase changes, not followed
  useEffect(() => {
    const step = store.state.value?.step;
    say(step ? `Run ${words}, step ${count(step)}.` : `Run ${words}.`);
  }, [words]);
  return (
    <p class="spoken" aria-live="polite" data-spoken="phase">
      {said}
    </p>
  );
}
