import { describe, expect, it } from "vitest";
import { filmFrames, makeGif } from "./gif";
import type { Frame } from "./types";

const frames = (count: number): Frame[] =>
  Array.from({ length: count }, (_, k) => ({
    id: k,
    branch: 0,
    step: 10 * k,
    loss: 1,
    keep: "",
    vector: new Float32Array(1),
  }));

describe("which frames a film shows", () => {
  it("shows all where they are few", () => {
    expect(filmFrames(frames(5), 10).length).toBe(5);
    expect(filmFrames([], 10)).toEqual([]);
  });

  it("keeps the first and the last, in order, and more of the beginning", () => {
    const found = filmFrames(frames(500), 60).map((frame) => frame.step);
    expect(found.length).toBeLessThanOrEqual(60);
    expect([found[0], found[found.length - 1]]).toEqual([0, 4990]);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found.filter((step) => step < 500).length).toBeGreaterThan(found.filter((step) => step > 4490).length);
  });
});

describe("a film", () => {
  const draw = (frame: Frame): ImageData => {
    const data = new Uint8ClampedArray(4 * 16).fill(frame.id * 40);
    return { data, width: 4, height: 4, colorSpace: "srgb" } as ImageData;
  };

  it("is an animated GIF of its size that repeats, and says how far it is", async () => {
    const seen: number[] = [];
    const bytes = await makeGif({
      draw,
      frames: frames(4),
      seconds: 1,
      signal: new AbortController().signal,
      onProgress: (share) => void seen.push(share),
    });
    const text = String.fromCharCode(...(bytes ?? []));
    expect(text.slice(0, 6)).toBe("GIF89a");
    expect([bytes?.[6], bytes?.[8]]).toEqual([4, 4]);
    expect(text).toContain("NETSCAPE2.0");
    expect(text.split("\x21\xf9\x04").length - 1).toBe(4);
    expect(bytes?.[bytes.length - 1]).toBe(0x3b);
    expect(seen).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it("ends when it is cancelled", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    expect(await makeGif({ draw, frames: frames(4), seconds: 1, signal: controller.signal, onProgress })).toBeNull();
  });
});
