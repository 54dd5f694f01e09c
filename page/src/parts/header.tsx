/** The top line: whose run, at which step, with what loss, in what phase. */

import { useComputed } from "@preact/signals";
import { count, four } from "../draw/numbers";
import { helpOpen } from "../model/keys";
import { valueAt } from "../model/series";
import { useStore } from "../model/store";
import { theme, toggleTheme } from "../model/theme";
import { Icon } from "./icons";
import { phaseWords } from "./phase";
import "./header.css";

export function Header() {
  const store = useStore();
  const { hello, state, frame, branch, connection, follows } = store;
  const loss = useComputed(
    () => frame.value?.loss ?? valueAt(store.curves.value.get("loss"), frame.value?.step ?? -1)?.value ?? null,
  );
  const step = frame.value?.step ?? state.value?.step ?? null;
  const perEpoch = branch.value?.perEpoch ?? 0;
  return (
    <header class="header">
      <h1 class="title">
        <span class="brand">Clearprop</span>
        {hello.value?.title && <span class="run-title">{hello.value.title}</span>}
      </h1>
      <dl class="figures">
        <div title={follows.value ? "The newest frame" : "The frame chosen on the timeline"}>
          <dt>step</dt>
          <dd data-step={step ?? ""}>{step === null ? "–" : count(step)}</dd>
        </div>
        {perEpoch > 1 && step !== null && (
          <div class="epoch">
            <dt>epoch</dt>
            <dd>{count(Math.floor(step / perEpoch))}</dd>
          </div>
        )}
        <div title={loss.value === null ? undefined : `loss ${loss.value}`}>
          <dt>loss</dt>
          <dd data-loss={loss.value ?? ""}>{loss.value === null ? "–" : four(loss.value)}</dd>
        </div>
      </dl>
      <span class={`phase phase-${connection.value === "live" ? (state.value?.phase ?? "waiting") : connection.value}`}>
        {phaseWords(connection.value, state.value, store.source.live)}
      </span>
      <div class="header-buttons">
        <button
          type="button"
          class="quiet"
          onClick={toggleTheme}
          aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"}
          title={theme.value === "dark" ? "Light colours" : "Dark colours"}
        >
          <Icon name="theme" />
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Help and keys"
          title="Help and keys (?)"
          onClick={() => {
            helpOpen.value = true;
          }}
        >
          ?
        </button>
      </div>
    </header>
  );
}
