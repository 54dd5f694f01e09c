/** A notebook's kernel, behind the port that the widget hands to this frame. */

import { decode } from "../model/messages";
import type { Connection, Message, Source } from "../model/types";

/** What the widget sends down the port: a turn of messages, or an answer to one request. */
type Down =
  | { type: "messages"; buffers: ArrayBuffer[] }
  | ({ type: "answer"; client: string; id: number; buffers: ArrayBuffer[] } & (
      | { ok: true; values: Record<string, unknown> }
      | { ok: false; error: string }
    ));

interface Waiting {
  resolve(values: Record<string, unknown>, buffers: ArrayBuffer[]): void;
  reject(error: Error): void;
  clock: ReturnType<typeof setTimeout>;
}

const PATIENCE = 4000; // milliseconds
const BUSY =
  "The kernel is busy, so it hasn't answered yet. It hears this page between cells; some kernels at any time.";
const FILES = "In a notebook, read the file in Python and give its rows to watch(...).";

export class WidgetSource implements Source {
  readonly live = true;
  readonly client = Math.random().toString(36).slice(2); // no secret, and needs no secure context
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private port: MessagePort | null = null;

  constructor(private readonly frame: Window = window) {}

  start(onMessage: (message: Message) => void, onConnection: (connection: Connection, why: string) => void): void {
    onConnection("connecting", "");
    const take = (event: MessageEvent): void => {
      const port = event.ports[0];
      if (event.source !== this.frame.parent || event.data !== "clearprop" || port === undefined) return;
      this.frame.removeEventListener("message", take);
      this.port = port;
      port.onmessage = ({ data }: MessageEvent<Down>) => {
        if (data.type === "answer") this.settle(data);
        else for (const buffer of data.buffers) onMessage(decode(new Uint8Array(buffer)));
      };
      onConnection("live", "");
    };
    this.frame.addEventListener("message", take);
  }

  command(name: string, values: Record<string, unknown>): Promise<Record<string, unknown>> {
    return this.request({ type: "command", name, values }, (answer) => answer);
  }

  ask(what: string, values: Record<string, unknown>): Promise<Message> {
    return this.request({ type: "ask", name: what, values }, (_, buffers) => decode(new Uint8Array(buffers[0] ?? [])));
  }

  upload(): Promise<Record<string, unknown>> {
    return Promise.reject(new Error(FILES));
  }

  private request<T>(
    content: Record<string, unknown>,
    read: (values: Record<string, unknown>, buffers: ArrayBuffer[]) => T,
  ): Promise<T> {
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      const clock = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(BUSY));
      }, PATIENCE);
      this.waiting.set(id, { clock, reject, resolve: (values, buffers) => resolve(read(values, buffers)) });
      this.port?.postMessage({ ...content, client: this.client, id });
    });
  }

  private settle(answer: Exclude<Down, { type: "messages" }>): void {
    const waiting = this.waiting.get(answer.id);
    if (waiting === undefined || answer.client !== this.client) return; // too late, as was said; or another view's
    this.waiting.delete(answer.id);
    clearTimeout(waiting.clock);
    try {
      if (!answer.ok) throw new Error(answer.error);
      waiting.resolve(answer.values, answer.buffers);
    } catch (error) {
      waiting.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
