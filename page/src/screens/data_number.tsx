/** A number typed exactly, that says why it can't be used where it can't. */

import { type Signal, useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { count } from "../draw/numbers";

interface Props<Value extends number | null> {
  label: string;
  value: Signal<Value>;
  least: number;
  most: number;
  whole?: boolean;
  /** What an empty box means, where it may be empty. */
  empty?: null extends Value ? string : never;
}

export function NumberBox<Value extends number | null>({ label, value, least, most, whole, empty }: Props<Value>) {
  const wrong = useSignal("");
  const id = useId();
  const onChange = (event: Event & { currentTarget: HTMLInputElement }) => {
    const typed = event.currentTarget.value.trim().replace(",", ".");
    const number = Number(typed);
    const none = typed === "" && empty !== undefined;
    if (none || (typed !== "" && number >= least && number <= most && (!whole || Number.isInteger(number)))) {
      wrong.value = "";
      value.value = (none ? null : number) as Value; // null only where `empty` allows it
    } else wrong.value = `A ${whole ? "whole " : ""}number from ${count(least)} to ${count(most)}, please.`;
  };
  return (
    <div class="data-number">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        size={8}
        value={value.value === null ? "" : String(value.value)}
        placeholder={empty}
        aria-invalid={wrong.value !== ""}
        aria-describedby={`${id}-wrong`}
        onChange={onChange}
      />
      <small id={`${id}-wrong`} class="warn" aria-live="polite">
        {wrong}
      </small>
    </div>
  );
}
