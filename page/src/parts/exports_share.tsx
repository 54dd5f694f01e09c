/** A link with this run's settings; and a link of somebody else's, agreed to before it is done. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { whyNot } from "../model/commands";
import { applyShared, describeShared, linkOf, readLink, type Shared, sharedOf } from "../model/share";
import { useStore } from "../model/store";

export function Share() {
  const store = useStore();
  const said = useSignal("");
  const pasted = useSignal("");
  const [branch, data] = [store.branch.value, store.data.value];
  if (branch === null || data === null) return null;
  const link = linkOf(sharedOf(branch, data, store.state.value?.rate ?? branch.rate));
  const found = readLink(pasted.value);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(link);
      said.value = "Copied. It holds settings only: no rows, and nothing that lets anybody in.";
    } catch {
      said.value = "The browser keeps the clipboard to itself; select the link and copy it.";
    }
  }

  return (
    <fieldset class="share">
      <legend>Link with these settings</legend>
      <div class="fields">
        <input
          class="wide"
          readOnly
          value={link}
          aria-label="link with these settings"
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" onClick={copy}>
          Copy
        </button>
      </div>
      <p class="muted" aria-live="polite">
        {said.value || "Somebody else opens it in their own page, or pastes it here into theirs."}
      </p>
      <label>
        A link that you were given{" "}
        <input
          class="wide"
          value={pasted.value}
          onInput={(event) => {
            pasted.value = event.currentTarget.value;
          }}
        />
      </label>
      {pasted.value !== "" && found === null && <p class="warn">This link holds no settings.</p>}
      {found !== null && (
        <Agree
          shared={found}
          onDone={() => {
            pasted.value = "";
          }}
        />
      )}
    </fieldset>
  );
}

/** What a page that was opened with such a link asks first. The shell shows it above every screen. */
export function SharedSettings() {
  const found = useSignal<Shared | null>(null);
  useEffect(() => {
    const look = () => {
      const shared = readLink(location.hash);
      if (shared === null) return;
      found.value = shared;
      history.replaceState(null, "", location.pathname + location.search); // asked once
    };
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, [found]);
  const store = useStore();
  if (found.value === null || store.branch.value === null) return null;
  return (
    <section class="panel shared-settings" aria-label="a link's settings">
      <Agree
        shared={found.value}
        onDone={() => {
          found.value = null;
        }}
      />
    </section>
  );
}

function Agree({ shared, onDone }: { shared: Shared; onDone: () => void }) {
  const store = useStore();
  const blocked = whyNot(store, "restart");
  return (
    <div class="agree">
      <p>The link says: {describeShared(shared).join("; ")}. Begin a new branch with that?</p>
      <div class="fields">
        <button
          type="button"
          class="primary"
          disabled={blocked !== null}
          title={blocked ?? ""}
          onClick={async () => {
            if (await applyShared(store, shared)) onDone();
          }}
        >
          Begin it
        </button>
        <button type="button" onClick={onDone}>
          Leave it
        </button>
      </div>
      {blocked !== null && <p class="muted">{blocked}</p>}
      {store.refused.value !== "" && <p class="warn">{store.refused.value}</p>}
    </div>
  );
}
