/** A picture of what the network says, with the points: one frame of a run, as large as one likes. */

import { css } from "../draw/colours";
import { looksOf } from "../draw/looks";
import { paintMap } from "../draw/map";
import { mark } from "../draw/marks";
import { four } from "../draw/numbers";
import type { Palette } from "../draw/palette";
import { answerScale } from "../draw/scales";
import { Forward } from "../model/forward";
import { truth } from "../model/metrics";
import { firstChoice, makePlane, type Plane } from "../model/plane";
import { isClassification, unscaled } from "../model/points";
import type { Branch, Data, Frame } from "../model/types";

const CELLS = 160;
const BUDGET = 20e6;
/** A picture of this many pixels a side has points of this radius. */
const USUAL = 420;
const SIZE = 3.2;

/** Draws frames of one branch into a square canvas; null where its data have no plane to draw. */
export class Picture {
  readonly canvas = document.createElement("canvas");
  private readonly forward: Forward;
  private readonly plane: Plane;
  private readonly inputs: Float32Array;
  private readonly cells: number;

  static of(branch: Branch, data: Data, sample: number, size: number): Picture | null {
    const plane = makePlane(data, firstChoice(data), sample);
    return plane === null || plane.line ? null : new Picture(branch, data, plane, size);
  }

  private constructor(
    private readonly branch: Branch,
    private readonly data: Data,
    plane: Plane,
    private readonly size: number,
  ) {
    this.plane = plane;
    this.forward = new Forward(branch.network);
    this.canvas.width = this.canvas.height = size;
    this.cells = Math.max(
      16,
      Math.min(CELLS, Math.floor(Math.sqrt(BUDGET / (this.forward.multiplyAdds * plane.repeats)))),
    );
    this.inputs = this.grid();
  }

  /** Draw a frame, with its step and loss below. */
  draw(frame: Frame, palette: Palette): CanvasRenderingContext2D {
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("this browser can't draw pictures");
    const { size, cells, branch, data } = this;
    const band = Math.max(18, Math.round(size / 16));
    const box = { x: 0, y: 0, width: size, height: size - band };
    const values = this.values(frame);
    paintMap(context, values, cells, cells, answerScale(palette, branch.network, data, values).scale, box);
    this.points(context, palette, box);
    context.fillStyle = css(palette.panel);
    context.fillRect(0, size - band, size, band);
    context.fillStyle = css(palette.ink);
    context.font = `${Math.round(band * 0.6)}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.textAlign = "left";
    const loss = frame.loss === null ? "" : `, loss ${four(frame.loss)}`;
    context.fillText(`step ${four(frame.step)}${loss}`, band / 3, size - band / 2, size - band);
    return context;
  }

  private grid(): Float32Array {
    const { plane, cells } = this;
    const [[left, right], [bottom, top]] = plane.ranges;
    const inputs = new Float32Array(cells * cells * plane.repeats * plane.nInputs);
    for (let cell = 0; cell < cells * cells; cell++) {
      const u = left + (((cell % cells) + 0.5) / cells) * (right - left);
      const v = top - ((Math.floor(cell / cells) + 0.5) / cells) * (top - bottom);
      plane.fill(u, v, inputs, cell * plane.repeats * plane.nInputs);
    }
    return inputs;
  }

  private values(frame: Frame): Float64Array {
    const { cells, plane } = this;
    const all = this.forward.outputs(frame.vector, this.inputs, cells * cells * plane.repeats);
    if (plane.repeats === 1) return all;
    const width = all.length / (cells * cells * plane.repeats);
    const means = new Float64Array(cells * cells * width);
    for (let k = 0; k < all.length; k++) {
      const cell = Math.floor(k / (width * plane.repeats));
      const place = cell * width + (k % width);
      means[place] = (means[place] ?? 0) + (all[k] ?? 0) / plane.repeats;
    }
    return means;
  }

  private points(context: CanvasRenderingContext2D, palette: Palette, box: { width: number; height: number }): void {
    const { data, plane, size } = this;
    const [[left, right], [bottom, top]] = plane.ranges;
    const scale = Math.max(1, size / USUAL); // so that outlines grow with a large picture
    context.save();
    context.scale(scale, scale);
    const classes = isClassification(data.task);
    const lookOf = looksOf(data, palette);
    for (const [rows, ring] of [
      [data.train, false],
      [data.validation, true],
    ] as const) {
      if (rows.count === 0) continue;
      const width = rows.y.length / rows.count;
      const actual = truth({ count: rows.count, width, outputs: new Float64Array(0), targets: rows.y });
      for (let row = 0; row < rows.count; row++) {
        const [u, v] = plane.project(rows.x, row * plane.nInputs);
        const x = ((u - left) / (right - left)) * box.width;
        const y = ((top - v) / (top - bottom)) * box.height;
        const k = classes ? (actual[row] ?? 0) : 0;
        const look = lookOf(k, unscaled(data, rows.y[row * width] ?? 0));
        mark(context, k, x / scale, y / scale, SIZE, look, ring);
      }
    }
    context.restore();
  }
}
