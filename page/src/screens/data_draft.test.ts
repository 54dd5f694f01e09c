import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Store } from "../model/store";
import type { Column, Data, Source } from "../model/types";
import { Draft, draftOf, MOST_BYTES, placeOf, suggested } from "./data_draft";

const column = (name: string, kind = "number", levels = 50, missing = 0): Column => ({ name, kind, levels, missing });
const columns = [column("age"), column("city", "text", 3), column("pay")];

function storeWith(upload: () => Promise<Record<string, unknown>>): Store {
  const silent = { live: true, client: "me", start() {}, command: async () => ({}), ask: async () => never(), upload };
  return new Store(silent as Source);
}
function never(): never {
  throw new Error("not asked here");
}

test("made-up data are asked for by their settings", () => {
  const draft = new Draft();
  draft.noise.value = 0.3;
  expect(draft.source()).toEqual({
    source: { kind: "dataset", name: "moons", n_rows: 400, noise: 0.3, validation: 0.25, seed: 0 },
  });
});

test("points of one class teach nothing", () => {
  const draft = new Draft();
  draft.kind.value = "points";
  draft.pad.add(0, 0);
  expect(draft.source()).toEqual({ why: "Draw points of at least two classes." });
  draft.pad.label.value = 5;
  draft.pad.add(1, 1);
  expect(draft.source()).toMatchObject({ source: { kind: "points", x: [[0, 0], [1, 1]], y: [0, 1] } }); // biome-ignore format: a row
});

test("a file's last column is predicted from all others until somebody says otherwise", async () => {
  const draft = new Draft();
  draft.kind.value = "table";
  expect(draft.source()).toEqual({ why: "Load a file." });
  const store = storeWith(async () => ({ upload: "upload-1", columns, n_rows: 100 }));
  await draft.read(store, new File(["age"], "people.csv"));
  expect(draft.source()).toMatchObject({
    source: {
      kind: "table",
      upload: "upload-1",
      file: "people.csv",
      target: "pay",
      features: ["age", "city"],
      task: null,
    },
  });
  draft.target.value = "age";
  expect(draft.source()).toMatchObject({ source: { target: "age", features: ["city", "pay"] } });
  draft.features.value = new Set(["age"]);
  expect(draft.source()).toEqual({ why: "Choose at least one column to predict from." });
});

test("a bad file keeps what was chosen, and says where it is bad", async () => {
  const draft = new Draft();
  const store = storeWith(async () => {
    throw new Error("people.csv:4:7: expected 3 values, got 2");
  });
  draft.take({ id: "upload-1", file: "before.csv", rows: 9, columns });
  await draft.read(store, new File(["age"], "people.csv"));
  expect([draft.upload.value?.file, draft.reading.value]).toEqual(["before.csv", false]);
  expect(placeOf(draft.bad.value)).toEqual({
    file: "people.csv",
    line: 4,
    column: 7,
    reason: "expected 3 values, got 2",
  });
  expect(placeOf("people.csv: it is empty")).toBeNull();
});

test("a file that is too large isn't sent", async () => {
  let sent = false;
  const store = storeWith(async () => {
    sent = true;
    return {};
  });
  const file = new File([""], "big.csv");
  Object.defineProperty(file, "size", { value: MOST_BYTES + 1 });
  const draft = new Draft();
  await draft.read(store, file);
  expect([sent, draft.bad.value]).toEqual([false, "big.csv has 33 MB; the page takes 32 MB, so take a part of it."]);
});

test("a task is suggested from kind and levels", () => {
  expect(suggested(column("a", "text", 90), 100)).toBe("classification");
  expect(suggested(column("a", "number", 2), 3)).toBe("classification");
  expect(suggested(column("a", "number", 20), 100)).toBe("classification");
  expect(suggested(column("a", "number", 21), 100)).toBe("regression");
  expect(suggested(column("a", "number", 10), 15)).toBe("regression");
});

test("a store keeps its draft", () => {
  const store = storeWith(async () => ({}));
  expect(draftOf(store)).toBe(draftOf(store));
});

test("the file that is learnt from is offered, for another of its columns", () => {
  const store = storeWith(async () => ({}));
  const source = { kind: "table", upload: "upload-3", file: "people.csv", features: ["age"] };
  const data = { source, nRows: 75, nValidation: 25, about: columns, target: "pay" };
  const draft = draftOf(Object.assign(store, { data: signal(data as unknown as Data) }));
  expect(draft.source()).toMatchObject({ source: { upload: "upload-3", target: "pay", features: ["age"] } });
  expect(draft.upload.value?.rows).toBe(100);
  draft.target.value = "city";
  draft.features.value = new Set(["pay"]);
  expect(draft.source()).toMatchObject({ source: { kind: "table", target: "city", features: ["pay"] } });
});
