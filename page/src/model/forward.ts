/** The network in the browser: forward passes in float64 from the float32 parameters that travelled. */

import { type Layer, layerOf } from "./layers";
import type { Network } from "./types";

/** Rows computed at a time, so that their activations stay in the processor's cache. */
const ROWS = 128;

export class Forward {
  /** A row's multiply-adds. */
  readonly multiplyAdds: number;
  private readonly layers: Layer[];
  private readonly widths: number[];
  private parameters = new Float64Array(0);
  private vector: Float32Array | null = null;
  private readonly scratch: Float64Array[];

  /** Throws an error in words where a layer or activation isn't one that the page knows. */
  constructor(readonly network: Network) {
    this.widths = network.widths;
    this.layers = network.layers.map((_, position) => layerOf(network, position));
    this.multiplyAdds = this.layers.reduce((sum, each) => sum + each.cost, 0);
    this.scratch = this.widths.map((width) => new Float64Array(width * ROWS));
  }

  /** Every layer's a, row-major; `[0]` is after layer 0. The arrays are new. */
  run(vector: Float32Array, x: Float32Array, count: number): Float64Array[] {
    const p = this.doubles(vector);
    let from = Float64Array.from(x.subarray(0, count * this.network.nInputs));
    return this.layers.map((layer, i) => {
      const a = new Float64Array(count * this.widths[i + 1]!);
      layer.run(p, from, a, count);
      from = a;
      return a;
    });
  }

  /** What the network says, count × outputs: of an ensemble the members' mean. */
  outputs(vector: Float32Array, x: Float32Array, count: number): Float64Array {
    const p = this.doubles(vector);
    const [inputs, wide] = [this.network.nInputs, this.widths[this.widths.length - 1]!];
    const result = new Float64Array((count * wide) / this.network.members);
    for (let begin = 0; begin < count; begin += ROWS) {
      const rows = Math.min(ROWS, count - begin);
      const first = this.scratch[0]!;
      for (let k = 0; k < rows * inputs; k++) first[k] = x[begin * inputs + k]!;
      for (const [i, layer] of this.layers.entries()) layer.run(p, this.scratch[i]!, this.scratch[i + 1]!, rows);
      this.average(this.scratch[this.layers.length]!, rows, result, begin);
    }
    return result;
  }

  private average(outputs: Float64Array, rows: number, into: Float64Array, begin: number): void {
    const { members } = this.network;
    const each = this.widths[this.widths.length - 1]! / members;
    for (let r = 0; r < rows; r++)
      for (let j = 0; j < each; j++) {
        let sum = 0;
        for (let m = 0; m < members; m++) sum += outputs[(r * members + m) * each + j]!;
        into[(begin + r) * each + j] = sum / members;
      }
  }

  /** The parameters as doubles; those of the last vector are at hand. */
  private doubles(vector: Float32Array): Float64Array {
    if (this.vector !== vector) {
      this.parameters = Float64Array.from(vector);
      this.vector = vector;
    }
    return this.parameters;
  }
}
