/** The page before there is a run: three ways to begin, or what is waited for. */

import { useStore } from "../model/store";
import { Command } from "./command";
import { Refused } from "./states";

/** Nothing to show yet: why, or three ways to begin. */
export function Empty() {
  const store = useStore();
  const connection = store.connection.value;
  if (connection === "refused")
    return (
      <section class="empty">
        <Refused />
      </section>
    );
  if (connection === "lost") return null;
  if (connection !== "live" || store.hello.value === null)
    return (
      <section class="empty" data-state="connecting">
        <p class="muted">{connection === "offline" ? "Reading the saved run…" : "Connecting to the run…"}</p>
      </section>
    );
  if (!store.knows("data"))
    return (
      <section class="empty" data-state="waiting">
        <h2>Waiting for training to begin</h2>
        <p class="muted">The script has opened this page, and hasn't begun to train yet. It shows here by itself.</p>
      </section>
    );
  return <Beginnings />;
}

const MOONS = { kind: "dataset", name: "moons", n_rows: 300, noise: 0.2, seed: 0, validation: 0.3 };

function Beginnings() {
  const store = useStore();
  return (
    <section class="empty" data-state="empty">
      <h2>What shall the network learn?</h2>
      <div class="cards">
        <div class="panel card">
          <h3>Two moons</h3>
          <p>Made-up points in two classes that no straight line divides. The quickest way to see a network learn.</p>
          <Command name="data" values={() => ({ source: MOONS })} title="Train on two moons" primary>
            Start with moons
          </Command>
        </div>
        <div class="panel card">
          <h3>Your table</h3>
          <p>A CSV or Parquet file: choose what to predict and from which columns. It stays on this computer.</p>
          <button
            type="button"
            onClick={() => {
              store.screen.value = "data";
            }}
          >
            Open a file
          </button>
        </div>
        <div class="panel card">
          <h3>Your script</h3>
          <p>Any training of yours can be watched here:</p>
          <pre>
            <code>train(…, callbacks=[Live()])</code>
          </pre>
        </div>
      </div>
    </section>
  );
}
