/** What trains: play, one update, one epoch, the pace, the learning rate, from the start again. */

import { useRef } from "preact/hooks";
import { four } from "../draw/numbers";
import { give, rateNow, scaleRate, whyNot } from "../model/commands";
import { useStore } from "../model/store";
import { Command } from "./command";
import { NumberField } from "./field";
import { Icon } from "./icons";
import { FASTEST, paceAt, paceText, placeOf } from "./pace";
import { settingsOpen } from "./settings";
import "./controls.css";

export function Controls() {
  const store = useStore();
  const running = store.state.value?.phase === "running";
  return (
    <div class="controls" role="toolbar" aria-label="Training">
      <div class="group">
        <Command
          name={running ? "pause" : "play"}
          icon={running ? "pause" : "play"}
          title={running ? "Pause (Space)" : "Play (Space)"}
          primary
        >
          <span class="play-word">{running ? "Pause" : "Play"}</span>
        </Command>
        <Command name="step" icon="step" title="One update (.)">
          Update
        </Command>
        <Command name="epoch" icon="epoch" title="One epoch: every row once (>)">
          Epoch
        </Command>
      </div>
      <Pace />
      <Rate />
      <div class="group">
        <Command name="rewind" icon="rewind" title="Rewind: the same first weights again (R)" bare />
        <Command name="seed" values={() => ({ seed: null })} icon="dice" title="New first weights (N)" bare />
        <Command name="finish" icon="stop" title="Finish: end training, and keep what was learnt" bare />
        <button
          type="button"
          class="settings-button"
          aria-expanded={settingsOpen.value}
          aria-controls="settings"
          title="Optimiser, batch size, L1, L2, clipping, hidden layers, dropout, loss"
          onClick={() => {
            settingsOpen.value = !settingsOpen.value;
          }}
        >
          <Icon name="sliders" />
          <span class="settings-word">Settings</span>
        </button>
      </div>
    </div>
  );
}

/** A slider from one update a second to as fast as it goes; sent at most ten times a second while it is drawn. */
function Pace() {
  const store = useStore();
  const pace = store.state.value?.pace ?? null;
  const reason = whyNot(store, "pace");
  const waiting = useRef<ReturnType<typeof setTimeout> | null>(null);
  const wanted = useRef<number | null>(null);
  const send = (place: number): void => {
    wanted.current = paceAt(place);
    waiting.current ??= setTimeout(() => {
      waiting.current = null;
      void give(store, "pace", { steps_per_second: wanted.current });
    }, 100);
  };
  return (
    <label class="pace" title={reason ?? "How many updates a second"}>
      <span class="muted">Pace</span>
      <input
        type="range"
        min={0}
        max={FASTEST}
        step={1}
        value={placeOf(pace)}
        disabled={reason !== null}
        aria-label="Pace"
        aria-valuetext={paceText(pace)}
        onInput={(event) => send(Number(event.currentTarget.value))}
      />
      <output class="pace-text">{paceText(pace)}</output>
    </label>
  );
}

function Rate() {
  const store = useStore();
  const rate = rateNow(store);
  const reason = whyNot(store, "rate");
  const button = (factor: number, sign: string, title: string) => (
    <button
      type="button"
      class="rate-button"
      aria-disabled={reason === null ? undefined : "true"}
      aria-label={title}
      title={reason ?? title}
      onClick={() => void scaleRate(store, factor)}
    >
      {sign}
    </button>
  );
  return (
    <div class="group rate" title={reason ?? (rate === null ? undefined : `The next update's rate: ${rate}`)}>
      <NumberField
        label="Rate"
        value={rate === null ? null : Number(rate.toPrecision(6))}
        above
        reason={reason}
        onCommit={(value) => void give(store, "rate", { value })}
      />
      {button(0.8, "÷", "Learning rate divided by 1.25 ([)")}
      {button(1.25, "×", "Learning rate times 1.25 (])")}
      <span class="spoken" aria-live="polite">
        {rate === null ? "" : `learning rate ${four(rate)}`}
      </span>
    </div>
  );
}
