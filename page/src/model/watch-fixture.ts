/** Tables and networks for tests. */

import type { Data, Frame, Network, Rows } from "./types";

export function tableOf(features: number, count: number): Data {
  const rows = (many: number, seed: number): Rows => ({
    count: many,
    x: Float32Array.from({ length: many * features }, (_, k) => Math.sin((k + seed) * 12.9898) * (1 + (k % features))),
    y: Float32Array.from({ length: many }, (_, k) => k % 2),
    places: Int32Array.from({ length: many }, (_, k) => k),
  });
  return {
    id: 1,
    name: "table",
    task: "binary",
    features: Array.from({ length: features }, (_, j) => `x${j + 1}`),
    classes: ["no", "yes"],
    target: "answer",
    nRows: count,
    nValidation: 10,
    source: { kind: "arrays" },
    image: null,
    scale: null,
    about: [],
    train: rows(count, 0),
    validation: rows(10, 1000),
  };
}

/** Dense layers, tanh and at last sigmoid. */
export function chainOf(...widths: number[]): Network {
  const layout: Network["layout"] = [];
  let offset = 0;
  const layers = widths.slice(1).map((units, k) => {
    const inputs = widths[k]!;
    layout.push({ name: `${k}.weight`, offset, shape: [inputs, units] });
    layout.push({ name: `${k}.bias`, offset: offset + inputs * units, shape: [units] });
    offset += inputs * units + units;
    const activation = { type: k === widths.length - 2 ? "activation.sigmoid" : "activation.tanh" };
    return { type: "layer.dense", units, activation };
  });
  return { nInputs: widths[0]!, widths, members: 1, layers, layout };
}

export function frameOf(network: Network, id = 1, scale = 1): Frame {
  const size = network.layout.reduce((sum, each) => sum + each.shape.reduce((a, b) => a * b, 1), 0);
  const vector = Float32Array.from({ length: size }, (_, k) => Math.cos(k * 78.233) * scale);
  return { id, branch: 1, step: id, loss: null, keep: "", vector };
}
