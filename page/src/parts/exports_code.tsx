/** The Python code that repeats the run, to read and to copy. */

import { useEffect, useRef, useState } from "preact/hooks";

export function Code({ text, onClose }: { text: string; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied.");
    } catch {
      // a page that isn't on a secure origin has no clipboard
      const selection = getSelection();
      if (shown.current !== null) selection?.selectAllChildren(shown.current);
      setSaid("The browser keeps the clipboard to itself; the code is selected: copy it with Ctrl-C or ⌘C.");
    }
  }

  return (
    <dialog class="code" ref={dialog} aria-labelledby="code-title" onClose={onClose}>
      <h2 id="code-title">This run in Python</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre ref={shown} tabIndex={0}>
        {text}
      </pre>
      <div class="fields">
        <button type="button" class="primary" onClick={copy}>
          Copy
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
        <span aria-live="polite">{said}</span>
      </div>
    </dialog>
  );
}
