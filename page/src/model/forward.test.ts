import { describe, expect, it } from "vitest";
import golden from "../../golden/layers.json";
import { Forward } from "./forward";
import { network as parseNetwork } from "./parse";

interface Case {
  name: string;
  network: Record<string, unknown>;
  vector: number[];
  x: number[];
  layers: number[][];
  outputs: number[];
}

const CASES = golden as unknown as Case[];
const ROWS = 5;

function largestError(found: ArrayLike<number>, expected: readonly number[]): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!) / Math.max(1, Math.abs(value))));
}

describe("the forward pass agrees with NumPy's", () => {
  it.each(CASES)("$name", ({ network, vector, x, layers, outputs }) => {
    const forward = new Forward(parseNetwork(network));
    const [v, rows] = [Float32Array.from(vector), Float32Array.from(x)];
    forward.run(v, rows, ROWS).forEach((a, i) => void expect(largestError(a, layers[i]!)).toBeLessThan(1e-9));
    expect(largestError(forward.outputs(v, rows, ROWS), outputs)).toBeLessThan(1e-9);
  });

  it("for more rows than are computed at a time", () => {
    const { network, vector, x, outputs } = CASES[0]!;
    const forward = new Forward(parseNetwork(network));
    const many = Float32Array.from({ length: 1201 * 15 }, (_, i) => x[i % 15]!);
    const found = forward.outputs(Float32Array.from(vector), many, 1201 * ROWS);
    expect(largestError(found.subarray(1200 * outputs.length), outputs)).toBeLessThan(1e-9);
  });
});

describe("what the page can't compute", () => {
  const { network } = CASES[0]!;
  it("is said in words, for a layer", () => {
    const odd = parseNetwork({ ...network, layers: [{ type: "layer.cube" }] });
    expect(() => new Forward(odd)).toThrow('can\'t compute layer 0, a "cube"');
  });
  it("is said in words, for an activation", () => {
    const layer = { type: "layer.dense", units: 4, activation: { type: "activation.cube" } };
    const odd = parseNetwork({ ...network, layers: [layer] });
    expect(() => new Forward(odd)).toThrow('can\'t compute the activation "cube"');
  });
});

it("sees a vector that was changed in place as another only when it is another array", () => {
  const { network, vector, x } = CASES[0]!;
  const forward = new Forward(parseNetwork(network));
  const [a, b] = [Float32Array.from(vector), Float32Array.from(vector, (value) => 2 * value)];
  const rows = Float32Array.from(x);
  const first = forward.outputs(a, rows, ROWS);
  expect([...forward.outputs(b, rows, ROWS)]).not.toEqual([...first]);
  expect([...forward.outputs(a, rows, ROWS)]).toEqual([...first]);
});
