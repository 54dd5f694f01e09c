import { describe, expect, it } from "vitest";
import { decode, encode, Splitter } from "./messages";

const HEADER = { type: "frame", id: 3, text: "ü, „x“", loss: null };
const ARRAYS = {
  vector: { shape: [3], data: Float32Array.of(1, -2.5, 3e-7) },
  bytes: { shape: [5], data: Uint8Array.of(1, 2, 3, 4, 255) },
  steps: { shape: [2, 1], data: Float64Array.of(Math.PI, 1e300) },
  rows: { shape: [0], data: new Int32Array(0) },
};

describe("a message", () => {
  it("comes back as it was", () => {
    const message = decode(encode(HEADER, ARRAYS));
    expect(message.header).toMatchObject(HEADER);
    for (const [name, tensor] of Object.entries(ARRAYS)) expect(message.arrays.get(name)).toEqual(tensor);
  });

  it("has its arrays at multiples of eight, and lengths little endian", () => {
    const bytes = encode(HEADER, ARRAYS);
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0, true)).toBe(bytes.length - 4);
    const at = 8 + view.getUint32(4, true);
    expect(at % 8).toBe(0);
    expect(view.getFloat32(at + 4, true)).toBe(-2.5);
    expect(bytes.length % 8).toBe(0);
  });

  it("that was cut off is an error", () => {
    const bytes = encode(HEADER, ARRAYS);
    expect(() => decode(bytes.subarray(0, bytes.length - 1))).toThrow("cut off");
    const short = bytes.slice(0, bytes.length - 8);
    new DataView(short.buffer).setUint32(0, short.length - 4, true);
    expect(() => decode(short)).toThrow("cut off");
  });

  it("that stands anywhere in a larger buffer is read all the same", () => {
    const bytes = encode(HEADER, ARRAYS);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(decode(larger.subarray(3)).arrays.get("vector")).toEqual(ARRAYS.vector);
  });
});

describe("a stream", () => {
  const messages = [0, 1, 2, 3].map((id) =>
    encode({ type: "frame", id }, { v: { shape: [id], data: new Float32Array(id) } }),
  );
  const all = new Uint8Array(messages.flatMap((each) => [...each]));

  it.each([1, 2, 3, 5, 7, 64, 1000])("in pieces of %i bytes gives the same messages", (size) => {
    const splitter = new Splitter();
    const found: unknown[] = [];
    for (let at = 0; at < all.length; at += size)
      for (const each of splitter.push(all.subarray(at, at + size))) found.push(each.header.id);
    expect(found).toEqual([0, 1, 2, 3]);
  });

  it("holds a message that is larger than its room at first", () => {
    const long = encode({ type: "frame", id: 9 }, { v: { shape: [50_000], data: new Float32Array(50_000).fill(2) } });
    const splitter = new Splitter();
    expect(splitter.push(long.subarray(0, 100_000))).toEqual([]);
    const [message] = splitter.push(long.subarray(100_000));
    expect(message?.arrays.get("v")?.data.at(-1)).toBe(2);
  });

  it("of something else is an error, not endless waiting", () => {
    expect(() => new Splitter().push(new TextEncoder().encode("<!doctype html>"))).toThrow("isn't a stream");
  });
});
