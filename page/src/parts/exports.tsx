/** Take the run along: pictures, a film, a report, the recording, the code, a link. */

import { useComputed, useSignal } from "@preact/signals";
import { usePalette } from "../draw/palette";
import { askCode, askFile, RECORDING, REPORT, save } from "../model/export_code";
import { type Store, useStore } from "../model/store";
import { Code } from "./exports_code";
import { Film } from "./exports_film";
import { Picture } from "./exports_picture";
import { Share } from "./exports_share";
import "./exports.css";

const PICTURE = 1200;

export function Exports() {
  const store = useStore();
  const palette = usePalette();
  const said = useSignal("");
  const code = useSignal<string | null>(null);
  const busy = useSignal("");
  const live = store.source.live;
  const offline = live ? "" : "The program that trains makes this; this page is a saved one.";
  const ready = useComputed(
    () => store.frame.value !== null && store.data.value !== null && store.branch.value !== null,
  );

  async function run(name: string, work: () => Promise<string>): Promise<void> {
    if (busy.value !== "") return;
    busy.value = name;
    said.value = "";
    try {
      said.value = await work();
    } catch (error) {
      said.value = error instanceof Error ? error.message : String(error);
    }
    busy.value = "";
  }

  const button = (name: string, work: () => Promise<string>, blocked = "") => (
    <button
      type="button"
      disabled={busy.value !== "" || blocked !== "" || !ready.value}
      title={blocked}
      onClick={() => run(name, work)}
    >
      {busy.value === name ? `${name} …` : name}
    </button>
  );

  return (
    <section class="panel whole exports" aria-labelledby="exports-title">
      <h2 id="exports-title">Take it along</h2>
      <div class="fields">
        {button("Picture (PNG)", () => savePicture(store, palette.value))}
        {button("Report (HTML)", () => asked(store, REPORT), offline)}
        {button("Recording (safetensors)", () => asked(store, RECORDING), offline)}
        {button(
          "Python code",
          async () => {
            const id = store.branch.peek()?.id;
            if (id !== undefined) code.value = await askCode(store, id);
            return "";
          },
          offline,
        )}
      </div>
      <p class="muted" aria-live="polite">
        {said.value}
      </p>
      {code.value !== null && (
        <Code
          text={code.value}
          onClose={() => {
            code.value = null;
          }}
        />
      )}
      <div class="plots">
        <Film />
        <Share />
      </div>
    </section>
  );
}

async function asked(store: Store, file: typeof REPORT | typeof RECORDING): Promise<string> {
  await askFile(store, file);
  return `Saved as ${file.name}.`;
}

async function savePicture(store: Store, palette: Parameters<Picture["draw"]>[1]): Promise<string> {
  const [branch, data, frame] = [store.branch.peek(), store.data.peek(), store.frame.peek()];
  if (branch === null || data === null || frame === null) return "";
  const picture = Picture.of(branch, data, store.sample.peek(), PICTURE);
  if (picture === null) return "A picture of the answer needs two features or more.";
  picture.draw(frame, palette);
  const blob = await new Promise<Blob | null>((resolve) => picture.canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("the browser couldn't make the picture");
  save(blob, `step-${frame.step}.png`);
  return `Saved as step-${frame.step}.png.`;
}
