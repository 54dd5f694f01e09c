/** Keys, and how to read the page. */

import { useEffect, useRef } from "preact/hooks";
import { helpOpen, KEYS, keysOn } from "../model/keys";
import "./help.css";

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helpOpen.value && !dialog.current?.open) dialog.current?.showModal();
    if (!helpOpen.value && dialog.current?.open) dialog.current.close();
  }, [helpOpen.value]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => {
        helpOpen.value = false;
      }}
      onClick={(event) => {
        if (event.target === dialog.current) helpOpen.value = false; // beside it
      }}
    >
      <div class="help-text">
        <h2 id="help-title">How to read this page</h2>
        <p>
          Each neuron is a small map of its answer. Lines between neurons are weights: wider means larger; orange and
          solid is positive, blue and dashed is negative. Every number shows exactly when you point at it.
        </p>
        <p>
          The timeline below holds the run's history. Looking back changes nothing; “Continue from here” begins a second
          run at that point, with the same random numbers, and keeps the first.
        </p>
        <h3>Keys</h3>
        <table>
          <tbody>
            {KEYS.map(({ label, what }) => (
              <tr key={label}>
                <th scope="row">
                  {label.split(" ").map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </th>
                <td>{what}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">
                <kbd>arrows</kbd>
              </th>
              <td>from neuron to neuron, with the diagram in focus; along the timeline with it in focus</td>
            </tr>
          </tbody>
        </table>
        <label class="help-switch">
          <input
            type="checkbox"
            checked={keysOn.value}
            onChange={(event) => {
              keysOn.value = event.currentTarget.checked;
            }}
          />
          Single letters and signs act as keys
        </label>
        <button
          type="button"
          class="primary"
          onClick={() => {
            helpOpen.value = false;
          }}
        >
          Close
        </button>
      </div>
    </dialog>
  );
}
