/** Light or dark: the system's choice until the person makes one. */

import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";
const KEPT = "clearprop.theme";

/** What is shown now; canvases read it, so that they are drawn anew when it changes. */
export const theme = signal<Theme>(first());

function first(): Theme {
  const kept = remembered(KEPT);
  if (kept === "light" || kept === "dark") return kept;
  return typeof matchMedia !== "undefined" && matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  remember(KEPT, theme.value);
}

/** Keep <html data-theme> with the signal, and the signal with the system while the person hasn't chosen. */
export function followTheme(): () => void {
  const end = effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
  const system = matchMedia("(prefers-color-scheme: dark)");
  const changed = (): void => {
    if (remembered(KEPT) === null) theme.value = system.matches ? "dark" : "light";
  };
  system.addEventListener("change", changed);
  return () => {
    end();
    system.removeEventListener("change", changed);
  };
}

/** What a browser kept for this page; null too where it keeps nothing, as for some files. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // then it lasts until the page is closed
  }
}
