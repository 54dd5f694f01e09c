/** The same update as NumPy code, to be run somewhere else. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export function CopyCode({ code, note }: { code: string; note: string }) {
  const told = useSignal("");
  const shown = useSignal(false);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (shown.value) area.current?.select();
  }, [shown.value]);

  if (code === "") return note === "" ? null : <p class="muted">{note}</p>;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      told.value = "Copied.";
      shown.value = false;
    } catch {
      told.value = "The browser doesn't let this page copy: the code is marked below, copy it from there.";
      shown.value = true;
    }
  };
  return (
    <div class="copy-code">
      <button type="button" onClick={copy}>
        Copy as NumPy code
      </button>{" "}
      <span class="muted" aria-live="polite">
        {told}
      </span>
      {shown.value && <textarea ref={area} aria-label="NumPy code of this update" readOnly rows={12} value={code} />}
    </div>
  );
}
