/** What a pupil has written and where they are; it outlives a reload, not the tab. */

import { signal } from "@preact/signals";

export interface Notes {
  step: number;
  answers: Record<string, string>;
  /** Steps that have been done once: what came after may look different again. */
  done: string[];
}

const KEY = "clearprop.lesson";
const NOTHING: Notes = { step: 0, answers: {}, done: [] };

function read(): Notes {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Notes>) };
  } catch {
    return NOTHING; // no storage in this browser, or not ours
  }
}

export const notes = signal<Notes>(read());

export function write(changes: Partial<Notes>): void {
  notes.value = { ...notes.value, ...changes };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(notes.value));
  } catch {
    // it lasts until the page is left
  }
}

export function answer(name: string, text: string): void {
  write({ answers: { ...notes.value.answers, [name]: text } });
}
