import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { encode } from "../model/messages";
import type { Connection, Message } from "../model/types";
import { WidgetSource } from "./widget";

type Sent = { type: string; id: number; client: string; name: string; values: Record<string, unknown> };

/** A port, of which the test holds the other end, and a frame that is handed it. */
function handed(): {
  source: WidgetSource;
  sent: Sent[];
  down: (data: unknown) => void;
  messages: Message[];
  connections: Connection[];
} {
  const sent: Sent[] = [];
  const port = {
    postMessage: (data: Sent) => sent.push(data),
    onmessage: null as ((event: { data: unknown }) => void) | null,
  };
  const listeners = new Set<(event: unknown) => void>();
  const parent = {};
  const frame = {
    parent,
    addEventListener: (_: string, listener: (event: unknown) => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: (event: unknown) => void) => listeners.delete(listener),
  };
  const messages: Message[] = [];
  const connections: Connection[] = [];
  const source = new WidgetSource(frame as unknown as Window);
  source.start(
    (message) => messages.push(message),
    (connection) => connections.push(connection),
  );
  const tell = (event: unknown): void => {
    for (const listener of [...listeners]) listener(event);
  };
  tell({ source: {}, data: "clearprop", ports: [port] }); // somebody else's
  tell({ source: parent, data: "clearprop", ports: [] });
  tell({ source: parent, data: "clearprop", ports: [port] });
  expect(listeners.size).toBe(0);
  return { source, sent, down: (data) => port.onmessage?.({ data }), messages, connections };
}

describe("WidgetSource", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is live once it has its parent's port, and tells what comes through it", () => {
    const { down, messages, connections } = handed();
    expect(connections).toEqual(["connecting", "live"]);
    down({ type: "messages", buffers: [encode({ type: "hello" }).buffer, encode({ type: "state" }).buffer] });
    expect(messages.map((each) => each.type)).toEqual(["hello", "state"]);
  });

  it("matches answers with requests, and leaves other views' alone", async () => {
    const { source, sent, down } = handed();
    const first = source.command("rate", { value: 0.1 });
    const second = source.command("pause", {});
    expect(sent.map(({ type, name }) => [type, name])).toEqual([
      ["command", "rate"],
      ["command", "pause"],
    ]);
    const answer = { type: "answer", client: source.client, buffers: [] };
    down({ ...answer, client: "another", id: 0, ok: true, values: { ok: false } });
    down({ ...answer, id: 1, ok: false, error: "the run has ended" });
    down({ ...answer, id: 0, ok: true, values: { ok: true, step: 5 } });
    await expect(first).resolves.toEqual({ ok: true, step: 5 });
    await expect(second).rejects.toThrow("the run has ended");
  });

  it("decodes the answer to a question", async () => {
    const { source, down } = handed();
    const asked = source.ask("gradient", { frame: 2 });
    const buffers = [encode({ type: "gradient" }).buffer];
    down({ type: "answer", client: source.client, id: 0, ok: true, values: {}, buffers });
    expect((await asked).type).toBe("gradient");
  });

  it("says that the kernel is busy where no answer comes", async () => {
    const { source } = handed();
    const asked = expect(source.command("pause", {})).rejects.toThrow("busy");
    vi.advanceTimersByTime(5000);
    await asked;
    await expect(source.upload()).rejects.toThrow("Python");
  });
});
