/** Somebody's own file: brought by a button or dropped, then which column is predicted from which. */

import { useSignal } from "@preact/signals";
import { count, several } from "../draw/numbers";
import { useStore } from "../model/store";
import { Columns } from "../parts/columns";
import { type Draft, placeOf, suggested, type TableTask, type Upload } from "./data_draft";

export function FileForm({ draft }: { draft: Draft }) {
  const upload = draft.upload.value;
  return (
    <div class="data-form">
      <Bring draft={draft} />
      <BadFile sentence={draft.bad.value} />
      {upload !== null && <Chosen draft={draft} upload={upload} />}
    </div>
  );
}

function Bring({ draft }: { draft: Draft }) {
  const store = useStore();
  const over = useSignal(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined && !draft.reading.value) void draft.read(store, file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button inside is the first
    <div
      class={over.value ? "data-drop over" : "data-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        take(event.dataTransfer?.files);
      }}
    >
      <label>
        <span>Drop a CSV or Parquet file here, or choose one</span>
        <input
          type="file"
          accept=".csv,.tsv,.txt,.parquet,.pq"
          onChange={(event) => {
            take(event.currentTarget.files);
            event.currentTarget.value = ""; // so that the same file, mended, can be chosen again
          }}
        />
      </label>
      <p class="muted" aria-live="polite">
        {draft.reading.value ? "Reading it …" : "Up to 32 MB. It goes to the run on this computer and nowhere else."}
      </p>
    </div>
  );
}

/** What is wrong with a file, and where. */
function BadFile({ sentence }: { sentence: string }) {
  if (sentence === "") return null;
  const place = placeOf(sentence);
  return (
    <div class="data-bad" role="alert">
      <p>
        <strong>This file can't be read.</strong>
      </p>
      {place === null ? (
        <p>{sentence}</p>
      ) : (
        <dl class="data-facts">
          <div>
            <dt>file</dt>
            <dd>{place.file}</dd>
          </div>
          <div>
            <dt>row</dt>
            <dd>{count(place.line)}</dd>
          </div>
          <div>
            <dt>character</dt>
            <dd>{count(place.column)}</dd>
          </div>
          <div class="wide">
            <dt>what is wrong</dt>
            <dd>{place.reason}</dd>
          </div>
        </dl>
      )}
      <p class="muted">Mend it there and choose the file again; what is being learnt isn't touched.</p>
    </div>
  );
}

function Chosen({ draft, upload }: { draft: Draft; upload: Upload }) {
  const target = upload.columns.find((column) => column.name === draft.target.value);
  const usual = suggested(target, upload.rows);
  return (
    <>
      <p aria-live="polite">
        <strong>{upload.file}</strong>: {several(upload.rows, "row")}, {several(upload.columns.length, "column")}.
      </p>
      <Columns
        columns={upload.columns}
        rows={upload.rows}
        choice={{
          target: draft.target.value,
          features: draft.features.value,
          setTarget: (name) => {
            draft.target.value = name;
            draft.task.value = null;
          },
          setFeatures: (names) => {
            draft.features.value = names;
          },
        }}
      />
      {target !== undefined && target.missing > 0 && (
        <p class="warn">
          {target.name} has no value in {count(target.missing)} rows, and what is to be predicted must have one: take
          these rows out of the file, or predict another column.
        </p>
      )}
      <label class="data-task">
        Predict{" "}
        <select
          value={draft.task.value ?? ""}
          onChange={(event) => {
            draft.task.value = (event.currentTarget.value || null) as TableTask | null; // the options' own values
          }}
        >
          <option value="">as its values suggest (likely {usual === "regression" ? "a number" : "classes"})</option>
          <option value="classification">classes</option>
          <option value="regression" disabled={target !== undefined && target.kind !== "number"}>
            a number
          </option>
        </select>
      </label>
    </>
  );
}
