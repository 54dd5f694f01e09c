/** What the diagram shows of each neuron at a frame: its map, its bias, its label. */

import { INPUT, placeOf, weightsOf } from "../draw/columns";
import type { Picture } from "../draw/diagram";
import type { Diagram, Seat } from "../draw/layout";
import type { Scale } from "../draw/map";
import type { Palette } from "../draw/palette";
import { largest, unitScale } from "../draw/scales";
import { centre, key, type Maps } from "../model/maps";
import type { Branch, Data, Network } from "../model/types";

type Parts = Pick<Picture, "palette" | "map" | "bias" | "largestBias" | "label" | "labelsRight" | "image">;

export function biasIndex(network: Network, layer: number, unit: number): number {
  if (layer === INPUT) return -1;
  const place = placeOf(network, layer, "bias");
  if (place === null) return -1;
  const size = place.shape.reduce((a, b) => a * b, 1);
  return place.offset + (unit % size); // shared biases repeat, group after group
}

export function biasOf(network: Network, layer: number, unit: number, vector: ArrayLike<number>): number | null {
  const index = biasIndex(network, layer, unit);
  return index < 0 ? null : (vector[index] ?? null);
}

export function pictureOf(from: {
  maps: Maps | null;
  vector: ArrayLike<number> | null;
  palette: Palette;
  diagram: Diagram;
  data: Data;
  branch: Branch;
  sample: number;
}): Parts {
  const { vector, palette, diagram, data, branch } = from;
  const { network } = branch;
  const maps = from.maps?.task.forward.network === network ? from.maps : null; // not an older branch's
  const biases = diagram.stacks.flatMap((stack) =>
    vector === null ? [] : stack.seats.map((seat) => biasOf(network, seat.layer, seat.unit, vector) ?? 0),
  );
  const last = network.layers.length - 1;
  return {
    palette,
    map: (seat) => mapOf(seat, maps, from),
    bias: (seat) => (vector === null ? null : biasOf(network, seat.layer, seat.unit, vector)),
    largestBias: largest(biases),
    label: (seat) => {
      if (seat.layer === INPUT) return data.features[seat.unit] ?? "";
      return seat.layer === last && data.task === "multiclass"
        ? (data.classes[seat.unit % data.classes.length] ?? "")
        : "";
    },
    labelsRight: data.task === "multiclass" && diagram.width >= 560,
    image: data.image === null ? null : imageOf(data, from.sample, palette),
  };
}

function mapOf(
  seat: Seat,
  maps: Maps | null,
  from: { palette: Palette; data: Data; branch: Branch },
): ReturnType<Picture["map"]> {
  const { palette, data, branch } = from;
  if (seat.layer === INPUT) return inputMap(seat.unit, maps, palette);
  if (data.image !== null) {
    const picture = weightImage(branch.network, seat, maps, data.image, palette);
    if (picture !== null) return picture;
  }
  const values = maps?.units.get(key(seat.layer, seat.unit));
  if (maps === null || values === undefined || values.length === 0) return null;
  const { scale } = unitScale(palette, branch.network, data, seat.layer, seat.unit, values);
  return { values, columns: maps.columns, rows: maps.rows, scale, smooth: true };
}

const ramps = new WeakMap<object, Map<number, Float32Array>>(); // of a plane: the inputs don't change as it learns

/** An input's own map: the feature's value all over the plane. */
function inputMap(unit: number, maps: Maps | null, palette: Palette): ReturnType<Picture["map"]> {
  const plane = maps?.task.plane ?? null;
  if (plane === null) return null;
  const side = 16;
  let known = ramps.get(plane);
  if (known === undefined) {
    known = new Map();
    ramps.set(plane, known);
  }
  let values = known.get(unit);
  if (values === undefined) {
    const row = new Float32Array(plane.repeats * plane.nInputs);
    values = new Float32Array(side * side);
    for (let cell = 0; cell < side * side; cell++) {
      const [u, v] = centre(plane, cell, side, side);
      plane.fill(u, v, row, 0);
      values[cell] = row[unit]!;
    }
    known.set(unit, values);
  }
  const limit = Math.max(largest(values), 1e-6);
  return { values, columns: side, rows: side, scale: signed(palette, limit), smooth: true };
}

/** The weights of a first-layer unit as an image of the inputs. */
function weightImage(
  network: Network,
  seat: Seat,
  maps: Maps | null,
  [rows, columns]: readonly [number, number],
  palette: Palette,
): ReturnType<Picture["map"]> {
  const weights = seat.layer === 0 ? weightsOf(network, 0) : null;
  if (weights === null || maps === null || weights.inputs !== rows * columns) return null;
  const { vector } = maps.task.frame;
  const values = new Float32Array(rows * columns);
  const start =
    weights.place.offset +
    (weights.shared ? 0 : Math.floor(seat.unit / weights.units) * weights.inputs * weights.units);
  for (let i = 0; i < values.length; i++) values[i] = vector[start + i * weights.units + (seat.unit % weights.units)]!;
  return { values, columns, rows, scale: signed(palette, Math.max(largest(values), 1e-6)), smooth: false };
}

export function imageOf(data: Data, sample: number, palette: Palette): { values: Float32Array; scale: Scale } {
  const size = data.features.length;
  const start = Math.min(sample, data.train.count - 1) * size;
  return { values: data.train.x.subarray(start, start + size), scale: inkScale(data, palette) };
}

const limits = new WeakMap<Data, readonly [number, number]>();

/** The least and the largest pixel of all shown rows. */
export function pixelRange(data: Data): readonly [number, number] {
  let range = limits.get(data);
  if (range === undefined) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of data.train.x) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    range = high > low ? [low, high] : [0, 1];
    limits.set(data, range);
  }
  return range;
}

/** Ink on paper, in the theme's own. */
export function inkScale(data: Data, palette: Palette): Scale {
  const [low, high] = pixelRange(data);
  return { kind: "table", table: palette.inks, low, high };
}

function signed(palette: Palette, limit: number): Scale {
  return { kind: "table", table: palette.signs, low: -limit, high: limit };
}
