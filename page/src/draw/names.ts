/** What neurons and weights are called. */

import type { Data } from "../model/types";
import { type Column, INPUT } from "./columns";

/** Such as "hidden 2, unit 5", a feature's name, or a class. */
export function unitName(columns: readonly Column[], data: Data, layer: number, unit: number): string {
  if (layer === INPUT) return data.features[unit] ?? `input ${unit + 1}`;
  const place = columns.findIndex((each) => each.layer === layer);
  const column = columns[place];
  if (column === undefined) return `layer ${layer}, unit ${unit + 1}`;
  if (place < columns.length - 1) return `hidden ${place}, unit ${unit + 1}`;
  if (data.task === "multiclass" && data.classes.length > 0) {
    const k = unit % data.classes.length;
    const member = column.count > data.classes.length ? ` (member ${Math.floor(unit / data.classes.length) + 1})` : "";
    return `output ${data.classes[k]}${member}`;
  }
  if (column.count === 1) return "output";
  return `output, unit ${unit + 1}`;
}

/** The layer's own name in tables and choosers. */
export function columnName(columns: readonly Column[], place: number): string {
  if (place === 0) return "inputs";
  return place === columns.length - 1 ? "output" : `hidden ${place}`;
}
