/** How rows look as points: a class by its colour, a number between the colours of the least and the largest. */

import { isClassification, unscaled } from "../model/points";
import type { Data } from "../model/types";
import { mix } from "./colours";
import type { Look } from "./marks";
import { classColour, type Palette } from "./palette";
import { targetRange } from "./scales";

/** The look of a row of this class, or with this target in its own units. */
export function looksOf(data: Data, palette: Palette): (label: number, target: number) => Look {
  const classes = isClassification(data.task);
  const [low, high] = targetRange(data);
  const [least, most] = [unscaled(data, low), unscaled(data, high)];
  // points are light or full of colour and their outlines the opposite, so that they are seen on any ground
  const middle = palette.dark ? mix(palette.panel, palette.ink, 0.85) : palette.panel;
  const edge = classes ? middle : palette.dark ? palette.panel : palette.ink;
  return (label, target) => {
    if (classes) return { fill: classColour(palette, label), edge };
    const share = most > least ? (target - least) / (most - least) : 0.5;
    const fill =
      share < 0.5
        ? mix(classColour(palette, 0), middle, 2 * share)
        : mix(middle, classColour(palette, 1), 2 * share - 1);
    return { fill, edge };
  };
}
