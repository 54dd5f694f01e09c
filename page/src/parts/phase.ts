/** A phase in words. */

import type { Connection, Phase, State } from "../model/types";

const WORDS: Record<Phase, string> = {
  waiting: "waiting",
  running: "running",
  paused: "paused",
  finished: "finished",
  diverged: "diverged",
  closed: "closed",
};

export function phaseWords(connection: Connection, state: State | null, live: boolean): string {
  if (connection === "offline" || !live) return "saved run";
  if (connection === "refused") return "not let in";
  if (connection === "lost") return "disconnected";
  if (connection === "connecting") return "connecting";
  return state === null ? "waiting" : (WORDS[state.phase] ?? state.phase);
}
