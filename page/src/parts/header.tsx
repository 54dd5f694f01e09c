/** The top line: whose run, at which step, with what loss, in what phase. */

import { useComputed } from "@preact/signals";
import { count, four } from "../draw/numbers";
import { helpOpen } from "../model/keys";
import { valueAt } from "../model/series";
import { useStore } from "../model/store";
import { theme, toggleTheme } from "../model/theme";
import type { Data } from "../model/types";
import { Icon } from "./icons";
import { phaseWords } from "./phase";
import "./header.css";

export function Header() {
  const store = useStore();
  const { hello, state, frame, branch, connection, follows } = store;
  const loss = useComputed(
    () => frame.value?.loss ?? valueAt(store.curves.value.get("loss"), frame.value?.step ?? -1)?.value ?? null,
  );
  const title = useComputed(() => titleOf(hello.value?.title ?? "", store.tables.value, store.data.value));
  const step = frame.value?.step ?? (branch.value === null ? null : (state.value?.step ?? null));
  const perEpoch = branch.value?.perEpoch ?? 0;
  return (
    <header class="header">
      <h1 class="title">
        <span class="brand">Clearprop</span>
        {title.value !== "" && <span class="run-title">{title.value}</span>}
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

/** A title that somebody has given stays; one that is only the first data's name follows the shown branch's data. */
export function titleOf(title: string, tables: ReadonlyMap<number, Data>, shown: Data | null): string {
  const first = tables.get(Math.min(...tables.keys()));
  return shown !== null && (title === "" || title === first?.name) ? shown.name : title;
}
