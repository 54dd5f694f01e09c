import { describe, expect, it } from "vitest";
import { fabricated } from "./fabricated";
import { applyShared, describeShared, encodeShared, linkOf, readLink, type Shared, sharedOf } from "./share";
import type { Branch, Data } from "./types";

const dense = (units: number, activation = "tanh") => ({
  type: "layer.dense",
  units,
  activation: { type: `activation.${activation}` },
});
const branch = {
  network: { layers: [dense(8), { type: "layer.dropout", rate: 0.2 }, dense(1, "sigmoid")] },
  loss: { type: "loss.binary_cross_entropy" },
  optimizer: { type: "optimizer.adam", rate: 0.01 },
  batchSize: 32,
  l1: 0,
  l2: 0.01,
} as unknown as Branch;
const data = {
  source: { kind: "dataset", name: "moons", n_rows: 200, noise: null, seed: 3, validation: 0.25 },
} as unknown as Data;
const place = { origin: "http://127.0.0.1:4000", pathname: "/" };

describe("a link with settings", () => {
  it("comes back as it went", () => {
    const shared = sharedOf(branch, data, 0.05);
    const link = linkOf(shared, place);
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:4000\/#settings=[\w-]+$/);
    expect(readLink(link)).toEqual(shared);
    expect(shared).toMatchObject({ hidden: [{ units: 8, activation: "tanh" }], dropout: 0.2, rate: 0.05 });
  });

  it("never holds data or a token", () => {
    const own = { source: { kind: "table", file: "secret.csv", target: "salary", upload: "u1" } } as unknown as Data;
    const text = JSON.stringify(readLink(linkOf(sharedOf(branch, own, 0.05), place)));
    expect(text).not.toMatch(/secret|salary|u1|token/);
    const drawn = { source: { kind: "points", x: [[1, 2]], y: [0] } } as unknown as Data;
    expect(sharedOf(branch, drawn, 1).data).toBeUndefined();
  });

  it("leaves layers out that no editor makes", () => {
    const odd = { ...branch, network: { layers: [{ type: "layer.layer_norm" }, dense(1)] } } as unknown as Branch;
    expect(sharedOf(odd, data, 1).hidden).toBeUndefined();
  });

  it("is refused where it isn't one", () => {
    expect(readLink("http://127.0.0.1:4000/")).toBeNull();
    expect(readLink("#settings=%%%")).toBeNull();
    const long = { rate: 1, more: "A".repeat(5000) } as unknown as Shared;
    expect(readLink(`#settings=${encodeShared(long)}`)).toBeNull();
    expect(readLink(`#settings=${encodeShared({ hidden: [{ units: 1e9, activation: "tanh" }] })}`)).toBeNull();
    expect(readLink(`#settings=${encodeShared({ hidden: [{ units: 4, activation: "<img>" }] })}`)).toBeNull();
    const sly = { rate: -1, loss: "<script>", extra: "x" } as unknown as Shared;
    expect(readLink(`#settings=${encodeShared(sly)}`)).toEqual({});
  });

  it("is done in order: data, settings, rate, network", async () => {
    const { store, sent } = fabricated();
    const shared = sharedOf(branch, data, 0.05);
    expect(await applyShared(store, shared)).toBe(true);
    expect(sent.map((each) => each.name)).toEqual(["data", "set", "rate", "restart"]);
    expect(sent[1]?.values).toEqual({ optimizer: "adam", batch_size: 32, l1: 0, l2: 0.01 });
    expect(describeShared(shared).join("; ")).toContain("200 rows of moons; hidden layers: 8 tanh");
  });

  it("isn't done to a run that belongs to a script", async () => {
    const { store, sent } = fabricated(["play", "pause"]);
    expect(await applyShared(store, sharedOf(branch, data, 0.05))).toBe(false);
    expect(sent).toEqual([]);
    expect(store.refused.value).toContain("script");
  });
});
