/** A film of the run as a GIF: how large, how long, how far it is, and a way out. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { usePalette } from "../draw/palette";
import { save } from "../model/export_code";
import { filmFrames, makeGif } from "../model/gif";
import { useStore } from "../model/store";
import { Picture } from "./exports_picture";

const A_SECOND = 15;

export function Film() {
  const store = useStore();
  const palette = usePalette();
  const size = useSignal(360);
  const seconds = useSignal(6);
  const share = useSignal<number | null>(null);
  const said = useSignal("");
  const cancel = useRef<AbortController | null>(null);
  useEffect(() => () => cancel.current?.abort(), []);
  const most = filmFrames(store.timeline.value, Math.round(A_SECOND * seconds.value)).length;

  async function make(): Promise<void> {
    const [branch, data] = [store.branch.peek(), store.data.peek()];
    if (branch === null || data === null || share.value !== null) return;
    const picture = Picture.of(branch, data, store.sample.peek(), size.value);
    if (picture === null) {
      said.value = "A film of the answer needs two features or more.";
      return;
    }
    const controller = new AbortController();
    const colours = palette.peek(); // a theme changed half-way would need other colours
    cancel.current = controller;
    share.value = 0;
    said.value = "";
    try {
      const bytes = await makeGif({
        frames: filmFrames(store.timeline.peek(), Math.round(A_SECOND * seconds.value)),
        seconds: seconds.value,
        signal: controller.signal,
        draw: (frame) => picture.draw(frame, colours).getImageData(0, 0, picture.canvas.width, picture.canvas.height),
        onProgress: (done) => {
          share.value = done;
        },
      });
      said.value = bytes === null ? "Cancelled." : `Saved as run.gif, ${Math.ceil(bytes.length / 1000)} kB.`;
      if (bytes !== null) save(new Blob([bytes], { type: "image/gif" }), "run.gif");
    } catch (error) {
      said.value = error instanceof Error ? error.message : String(error);
    }
    share.value = null;
  }

  return (
    <fieldset class="film">
      <legend>Film (GIF)</legend>
      <div class="fields">
        <label>
          Size{" "}
          <select value={size.value} onChange={(event) => (size.value = Number(event.currentTarget.value))}>
            {[240, 360, 480, 720].map((each) => (
              <option key={each} value={each}>
                {each} × {each}
              </option>
            ))}
          </select>
        </label>
        <label>
          Length{" "}
          <select value={seconds.value} onChange={(event) => (seconds.value = Number(event.currentTarget.value))}>
            {[3, 6, 10, 20].map((each) => (
              <option key={each} value={each}>
                {each} s
              </option>
            ))}
          </select>
        </label>
        {share.value === null ? (
          <button type="button" disabled={most === 0} onClick={make}>
            Make the film
          </button>
        ) : (
          <button type="button" onClick={() => cancel.current?.abort()}>
            Cancel
          </button>
        )}
      </div>
      {share.value !== null && <progress value={share.value} max={1} aria-label="the film's progress" />}
      <p class="muted" aria-live="polite">
        {said.value || `${most} of the kept frames of this branch.`}
      </p>
    </fieldset>
  );
}
