/** A button that gives the run a command; where the run wouldn't take it, it says why instead. */

import type { ComponentChildren } from "preact";
import { give, whyNot } from "../model/commands";
import { useStore } from "../model/store";
import { Icon, type IconName } from "./icons";

interface Props {
  name: string;
  /** The command's arguments, at the moment of the click. */
  values?: () => Record<string, unknown>;
  icon?: IconName;
  /** What it does, for the pointer that rests on it; with `bare`, its spoken name too. */
  title: string;
  bare?: boolean;
  primary?: boolean;
  pressed?: boolean;
  children?: ComponentChildren;
}

export function Command({ name, values, icon, title, bare, primary, pressed, children }: Props) {
  const store = useStore();
  const reason = whyNot(store, name);
  return (
    <button
      type="button"
      class={primary ? "primary" : undefined}
      data-command={name}
      aria-disabled={reason === null ? undefined : "true"}
      aria-pressed={pressed}
      aria-label={bare ? title : undefined}
      title={reason ?? title}
      onClick={() => void give(store, name, values?.() ?? {})}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
