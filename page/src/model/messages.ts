/**
 * One message: `u32 bytes after this | u32 header length | header JSON | arrays`, little endian, arrays at multiples of 8.
 * A stream, an answer, a report and a notebook all speak it.
 */

import type { Message, Tensor } from "./types";

type Dtype = "f4" | "f8" | "i4" | "u1";
const KINDS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array };
/** Longer ones aren't ours: what arrives is no stream of messages. */
const MOST_BYTES = 2 ** 28;

const padded = (bytes: number): number => (bytes + 7) & ~7;

function isEntry(value: unknown): value is { name: string; dtype: Dtype; shape: number[] } {
  const entry = value as { name?: unknown; dtype?: unknown; shape?: unknown } | null;
  return typeof entry?.name === "string" && String(entry.dtype) in KINDS && Array.isArray(entry.shape);
}

/** Read one whole message. Its arrays are copies: nothing keeps the bytes alive. */
export function decode(bytes: Uint8Array): Message {
  if (bytes.byteLength < 8) throw new Error("a message has at least 8 bytes");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(4, true);
  if (view.getUint32(0, true) + 4 !== bytes.byteLength || 8 + length > bytes.byteLength)
    throw new Error("a message was cut off");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
  const arrays = new Map<string, Tensor>();
  let at = padded(8 + length);
  for (const entry of Array.isArray(header.arrays) ? header.arrays : []) {
    if (!isEntry(entry)) throw new Error("a message describes an array in an unknown way");
    const Kind = KINDS[entry.dtype];
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const size = count * Kind.BYTES_PER_ELEMENT;
    if (at + size > bytes.byteLength) throw new Error("a message was cut off");
    const start = bytes.byteOffset + at;
    arrays.set(entry.name, {
      shape: entry.shape,
      data: new Kind(bytes.buffer.slice(start, start + size) as ArrayBuffer),
    });
    at += padded(size);
  }
  return { type: String(header.type), header, arrays };
}

/** Write a message; the way back of `decode`. */
export function encode(header: Record<string, unknown>, arrays: Record<string, Tensor> = {}): Uint8Array {
  const entries = Object.entries(arrays).map(([name, { shape, data }]) => {
    const dtype = (Object.keys(KINDS) as Dtype[]).find((each) => data instanceof KINDS[each]);
    return { name, dtype, shape };
  });
  let json = new TextEncoder().encode(JSON.stringify({ ...header, arrays: entries }));
  const spaces = padded(8 + json.length) - 8 - json.length;
  json = new Uint8Array([...json, ...new Array<number>(spaces).fill(32)]);
  const sizes = Object.values(arrays).map(({ data }) => padded(data.byteLength));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 8 + json.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4, true);
  view.setUint32(4, json.length, true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  Object.values(arrays).forEach(({ data }, i) => {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += sizes[i] ?? 0;
  });
  return bytes;
}

/** Cuts a stream of bytes, in whatever pieces it comes, into messages. */
export class Splitter {
  private kept = new Uint8Array(1 << 16);
  private length = 0;

  /** Take the next piece, and return the messages that it completed. */
  push(piece: Uint8Array): Message[] {
    if (this.length + piece.length > this.kept.length) {
      const larger = new Uint8Array(Math.max(2 * this.kept.length, this.length + piece.length));
      larger.set(this.kept.subarray(0, this.length));
      this.kept = larger;
    }
    this.kept.set(piece, this.length);
    this.length += piece.length;
    const messages: Message[] = [];
    const view = new DataView(this.kept.buffer);
    let at = 0;
    while (this.length - at >= 4) {
      const size = view.getUint32(at, true) + 4;
      if (size < 8 || size > MOST_BYTES) throw new Error("what arrived isn't a stream of messages");
      if (this.length - at < size) break;
      messages.push(decode(this.kept.subarray(at, at + size)));
      at += size;
    }
    this.kept.copyWithin(0, at, this.length);
    this.length -= at;
    return messages;
  }
}
