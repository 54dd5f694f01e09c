/** A saved report: all messages lie in the file itself, and nobody answers. */

import { Splitter } from "../model/messages";
import type { Connection, Message, Source } from "../model/types";

export const RECORDING = "recording";
const NOBODY = "This is a saved report: it shows the whole run, but what needs Python needs the run itself.";
const PIECE = 4 * 65536; // characters of base64 decoded at a time: a multiple of 4

/** Turn base64 into bytes, piece by piece, so that no text of the whole size is made. */
export function bytesOf(base64: string): Uint8Array {
  const text = base64.trim();
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  for (let start = 0; start < text.length; start += PIECE) {
    const piece = atob(text.slice(start, start + PIECE));
    for (let i = 0; i < piece.length; i++) bytes[at++] = piece.charCodeAt(i);
  }
  return bytes;
}

export class ReportSource implements Source {
  readonly live = false;
  readonly client = "report";

  constructor(private readonly base64: string) {}

  start(onMessage: (message: Message) => void, onConnection: (connection: Connection, why: string) => void): void {
    try {
      for (const message of new Splitter().push(bytesOf(this.base64))) onMessage(message);
      onConnection("offline", "");
    } catch {
      onConnection("refused", "This report is damaged: a part of it is missing. Make it again with clearprop report.");
    }
  }

  command(): Promise<Record<string, unknown>> {
    return Promise.reject(new Error(NOBODY));
  }

  ask(): Promise<Message> {
    return Promise.reject(new Error(NOBODY));
  }

  upload(): Promise<Record<string, unknown>> {
    return Promise.reject(new Error(NOBODY));
  }
}
