/** A film of a run: some of its frames, drawn one after another into an animated GIF, giving way after each. */

import { applyPalette, GIFEncoder, quantize } from "gifenc";
import type { Frame } from "./types";

/** How long the last picture stands, so that it is seen, in milliseconds. */
const REST = 1500;
const COLOURS = 256;

/**
 * The frames of a film of at most `most` pictures: evenly spread over the logarithm of the steps, for a network learns
 * most at first; the first and the last are among them.
 */
export function filmFrames(timeline: readonly Frame[], most: number): Frame[] {
  const last = timeline[timeline.length - 1];
  const first = timeline[0];
  if (first === undefined || last === undefined || timeline.length <= most) return [...timeline];
  const chosen = new Set<Frame>([first]);
  const [low, high] = [Math.log1p(first.step), Math.log1p(last.step)];
  let place = 0;
  for (let k = 1; k < most - 1; k++) {
    const step = Math.expm1(low + ((high - low) * k) / (most - 1));
    while (place < timeline.length - 1 && (timeline[place]?.step ?? 0) < step) place++;
    chosen.add(timeline[place] as Frame);
  }
  chosen.add(last);
  return [...chosen];
}

export interface Film {
  /** Draws a picture and returns its pixels. */
  draw: (frame: Frame) => ImageData;
  frames: readonly Frame[];
  seconds: number;
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** Encode the film; null if it was cancelled. Its colours are those of its first, middle and last picture. */
export async function makeGif(film: Film): Promise<Uint8Array<ArrayBuffer> | null> {
  const { draw, frames, seconds, onProgress, signal } = film;
  if (frames.length === 0) throw new Error("there are no frames to make a film of");
  const samples = [0, Math.floor(frames.length / 2), frames.length - 1].map((k) => draw(frames[k] as Frame).data);
  const all = new Uint8ClampedArray(samples.reduce((sum, each) => sum + each.length, 0));
  samples.reduce((at, each) => {
    all.set(each, at);
    return at + each.length;
  }, 0);
  const palette = quantize(all, COLOURS);
  const encoder = GIFEncoder();
  const delay = Math.max(20, Math.round((1000 * seconds) / frames.length)); // viewers take less than 20 ms for 100
  for (const [k, frame] of frames.entries()) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted) return null;
    const { data, width, height } = draw(frame);
    const last = k === frames.length - 1;
    encoder.writeFrame(applyPalette(data, palette), width, height, {
      ...(k === 0 ? { palette, repeat: 0 } : {}),
      delay: last ? REST : delay,
    });
    onProgress((k + 1) / frames.length);
  }
  encoder.finish();
  return encoder.bytes();
}
