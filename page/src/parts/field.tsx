/** Labelled boxes of the settings: a number that is sent when it is done, a choice from names. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { spoken } from "../model/spelling";
import { useStore } from "../model/store";
import "./field.css";

export function Field({ label, title, children }: { label: string; title?: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label class="field" title={title}>
      <span class="field-label">{label}</span>
      {children}
    </label>
  );
}

interface NumberProps {
  label: string;
  value: number | null;
  /** What the empty box means; without it, an empty box isn't an answer. */
  empty?: string;
  least?: number;
  /** What it must stay below. */
  below?: number;
  /** Whether the least value itself is one. */
  above?: boolean;
  whole?: boolean;
  reason: string | null;
  onCommit: (value: number | null) => void;
}

/** A number typed exactly; Enter or leaving the box sends it, Escape takes it back. */
export function NumberField({ label, value, empty, least = 0, below, above, whole, reason, onCommit }: NumberProps) {
  const store = useStore();
  const box = useRef<HTMLInputElement>(null);
  const text = value === null ? "" : String(value);
  useEffect(() => {
    // what the run says wins, unless somebody is typing
    if (box.current !== null && document.activeElement !== box.current) box.current.value = text;
  }, [text]);
  const commit = (): void => {
    const typed = box.current?.value.trim().replace(",", ".") ?? "";
    if (typed === text) return;
    const number = Number(typed);
    if (typed === "" && empty !== undefined) onCommit(null);
    else if (
      typed === "" ||
      !Number.isFinite(number) ||
      number < least ||
      (below !== undefined && number >= below) ||
      (above && number === least) ||
      (whole && number % 1 !== 0)
    ) {
      const bound = `${above ? "above" : "at least"} ${least}${below === undefined ? "" : ` and below ${below}`}`;
      store.refused.value = `${label} must be a ${whole ? "whole " : ""}number, ${bound}; “${typed}” isn't.`;
      if (box.current !== null) box.current.value = text;
    } else onCommit(number);
  };
  return (
    <Field label={label} title={reason ?? undefined}>
      <input
        ref={box}
        type="text"
        inputMode={whole ? "numeric" : "decimal"}
        size={7}
        defaultValue={text}
        placeholder={empty}
        disabled={reason !== null}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
          if (event.key === "Escape") event.currentTarget.value = text;
        }}
      />
    </Field>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  names: readonly string[];
  reason: string | null;
  onChoose: (name: string) => void;
}

export function Choice({ label, value, names, reason, onChoose }: ChoiceProps) {
  const all = names.includes(value) ? names : [value, ...names];
  return (
    <Field label={label} title={reason ?? undefined}>
      <select value={value} disabled={reason !== null} onChange={(event) => onChoose(event.currentTarget.value)}>
        {all.map((each) => (
          <option key={each} value={each}>
            {spoken(each)}
          </option>
        ))}
      </select>
    </Field>
  );
}
