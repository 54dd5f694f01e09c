/** What the run gives away on request: a report, its recording, and the Python code that repeats it. */

import type { Store } from "./store";

export const REPORT = { what: "report", array: "html", name: "run.html", type: "text/html" } as const;
export const RECORDING = {
  what: "recording",
  array: "file",
  name: "run.safetensors",
  type: "application/octet-stream",
} as const;

/** The Python code that repeats a branch. */
export async function askCode(store: Store, branch: number): Promise<string> {
  const { header } = await store.source.ask("code", { branch });
  return String(header.text ?? "");
}

/** Ask for a file and hand it to the person. */
export async function askFile(store: Store, file: typeof REPORT | typeof RECORDING): Promise<void> {
  const { arrays } = await store.source.ask(file.what, {});
  const found = arrays.get(file.array);
  if (found === undefined) throw new Error(`the run's answer held no ${file.array}`);
  save(new Blob([Uint8Array.from(found.data)], { type: file.type }), file.name);
}

/** Let the browser save a file, as if a link to it had been clicked. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // at once, and some browsers save nothing
}
