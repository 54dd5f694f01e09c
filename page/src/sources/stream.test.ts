import { beforeEach, describe, expect, it } from "vitest";
import { encode } from "../model/messages";
import type { Connection, Message } from "../model/types";
import { StreamSource } from "./stream";

/** An answer of the stream: its messages in pieces of seven bytes, then the line ends. */
function streamed(...ids: number[]): Response {
  const bytes = new Uint8Array(ids.flatMap((id) => [...encode({ type: "frame", id })]));
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  return new Response(body, { status: 200 });
}

const error = (status: number, text: string): Response => new Response(JSON.stringify({ error: text }), { status });

interface Seen {
  requests: string[];
  bodies: string[];
  connections: [Connection, string][];
  ids: unknown[];
  pauses: number[];
}

/** Let a source meet a server that gives these answers one after another; ends when they are used up. */
async function meet(token: string | null, answers: (Response | Error)[]): Promise<Seen> {
  const seen: Seen = { requests: [], bodies: [], connections: [], ids: [], pauses: [] };
  await new Promise<void>((done) => {
    const request = async (path: unknown, init?: RequestInit): Promise<Response> => {
      const answer = answers.shift();
      if (answer === undefined) {
        done();
        return new Promise(() => undefined);
      }
      seen.requests.push(String(path));
      if (typeof init?.body === "string") seen.bodies.push(init.body);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const wait = async (milliseconds: number): Promise<void> => void seen.pauses.push(milliseconds);
    new StreamSource("me", token, request as typeof fetch, wait).start(
      (message: Message) => void seen.ids.push(message.header.id),
      (connection, why) => {
        seen.connections.push([connection, why]);
        if (connection === "refused") done();
      },
    );
  });
  return seen;
}

describe("the stream", () => {
  it("is opened with the token first, which is used once", async () => {
    const seen = await meet("secret", [new Response("{}"), streamed(1, 2), streamed(3)]);
    expect(seen.requests).toEqual(["session", "stream?client=me", "stream?client=me"]);
    expect(seen.bodies).toEqual(['{"token":"secret"}']);
    expect(seen.ids).toEqual([1, 2, 3]);
  });

  it("is opened without one after a reload", async () => {
    const seen = await meet(null, [streamed(1)]);
    expect(seen.requests).toEqual(["stream?client=me"]);
    expect(seen.connections.slice(0, 2)).toEqual([
      ["connecting", ""],
      ["live", ""],
    ]);
  });

  it("opens with a used token where this browser is known", async () => {
    const seen = await meet("used", [error(403, "This link was used."), streamed(1), streamed(2)]);
    expect(seen.ids).toEqual([1, 2]);
    expect(seen.requests.filter((path) => path === "session").length).toBe(1);
  });

  it("says why this page isn't let in, and doesn't try again", async () => {
    const seen = await meet("used", [error(403, "This link was used."), error(401, "No session.")]);
    expect(seen.connections.at(-1)).toEqual(["refused", "This link was used."]);
    expect(seen.pauses).toEqual([]);
    const reloaded = await meet(null, [error(401, "No session.")]);
    expect(reloaded.connections.at(-1)).toEqual(["refused", "No session."]);
  });

  it("is tried again, each time later, up to five seconds; and at once after it came back", async () => {
    const gone = () => new TypeError("Failed to fetch");
    const seen = await meet(null, [gone(), gone(), gone(), gone(), gone(), gone(), streamed(1), gone()]);
    expect(seen.pauses).toEqual([500, 1000, 2000, 4000, 5000, 5000, 500, 1000]);
    expect(seen.connections.filter(([connection]) => connection === "live").length).toBe(1);
    expect(seen.connections[1]).toEqual(["lost", ""]);
  });

  it("that is full is tried again, with the server's sentence", async () => {
    const seen = await meet(null, [error(503, "Too many pages watch this run."), streamed(1)]);
    expect(seen.connections[1]).toEqual(["lost", "Too many pages watch this run."]);
    expect(seen.ids).toEqual([1]);
  });
});

describe("a command", () => {
  const source = (answer: Response | Error, bodies: string[] = []) =>
    new StreamSource("me", null, (async (_path: unknown, init?: RequestInit) => {
      bodies.push(String(init?.body));
      if (answer instanceof Error) throw answer;
      return answer;
    }) as typeof fetch);

  it("says who gives it", async () => {
    const bodies: string[] = [];
    const answer = await source(new Response('{"ok":true,"branch":2}'), bodies).command("rate", { value: 0.1 });
    expect(answer).toEqual({ ok: true, branch: 2 });
    expect(JSON.parse(bodies[0]!)).toEqual({ client: "me", name: "rate", value: 0.1 });
  });

  it("that is refused rejects with the sentence", async () => {
    await expect(source(error(400, "A rate must be above 0.")).command("rate", {})).rejects.toThrow("above 0");
    await expect(source(new Response("?", { status: 500 })).command("rate", {})).rejects.toThrow("status 500");
    await expect(source(new TypeError("Failed to fetch")).command("play", {})).rejects.toThrow("can't be reached");
  });

  it("isn't needed to ask: an answer is a message", async () => {
    const bytes = encode({ type: "gradient" }, { vector: { shape: [2], data: Float32Array.of(1, 2) } });
    const message = await source(new Response(bytes as Uint8Array<ArrayBuffer>)).ask("gradient", { frame: 1 });
    expect([...(message.arrays.get("vector")?.data ?? [])]).toEqual([1, 2]);
  });
});

describe("this page's source", () => {
  beforeEach(() => sessionStorage.clear());

  it("takes the token out of the address, and leaves settings there", () => {
    history.replaceState(null, "", "/#token=abc&settings=xyz");
    StreamSource.here();
    expect(location.hash).toBe("#settings=xyz");
    history.replaceState(null, "", "/#token=abc");
    StreamSource.here();
    expect(location.href).not.toContain("#");
  });

  it("keeps its name over a reload, but doesn't share it with a tab that copies the storage", () => {
    const { client } = StreamSource.here();
    const other = StreamSource.here().client;
    expect(other).not.toBe(client);
    dispatchEvent(new Event("pagehide"));
    const kept = sessionStorage.getItem("clearprop.client");
    expect([client, other]).toContain(kept);
    expect(StreamSource.here().client).toBe(kept);
    expect(sessionStorage.length).toBe(0);
  });
});
