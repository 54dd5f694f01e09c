import { describe, expect, it } from "vitest";
import { encode } from "../model/messages";
import type { Connection, Message } from "../model/types";
import { bytesOf, ReportSource } from "./report";

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

describe("bytesOf", () => {
  it("gives the bytes back, whatever their number", () => {
    for (const length of [0, 1, 2, 3, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 37) % 256);
      expect(bytesOf(`\n${base64(bytes)}\n`)).toEqual(bytes);
    }
  });

  it("goes across pieces", () => {
    const piece = "AQID".repeat(65536);
    const bytes = bytesOf(`${piece}BAUG`);
    expect(bytes.length).toBe(3 * 65537);
    expect([...bytes.slice(-6)]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

function opened(text: string): { messages: Message[]; connections: Connection[] } {
  const messages: Message[] = [];
  const connections: Connection[] = [];
  new ReportSource(text).start(
    (message) => messages.push(message),
    (connection) => connections.push(connection),
  );
  return { messages, connections };
}

describe("ReportSource", () => {
  const frame = encode(
    { type: "frame", id: 3, branch: 0, step: 7, loss: 0.5, keep: "" },
    { vector: { shape: [2], data: new Float32Array([1, -2]) } },
  );

  it("tells all messages, then that nobody is there", () => {
    const { messages, connections } = opened(base64(new Uint8Array([...encode({ type: "hello" }), ...frame])));
    expect(messages.map((each) => each.type)).toEqual(["hello", "frame"]);
    expect(messages[1]?.arrays.get("vector")?.data).toEqual(new Float32Array([1, -2]));
    expect(connections).toEqual(["offline"]);
  });

  it("says that a damaged file is damaged", () => {
    expect(opened(base64(new Uint8Array(64).fill(255))).connections).toEqual(["refused"]);
    expect(opened("no base64 at all!").connections).toEqual(["refused"]);
  });

  it("refuses commands and questions in words", async () => {
    const source = new ReportSource("");
    await expect(source.command()).rejects.toThrow("saved report");
    await expect(source.ask()).rejects.toThrow("Python");
    await expect(source.upload()).rejects.toThrow("saved report");
  });
});
