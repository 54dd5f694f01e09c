/** The theme's colours as numbers, so that canvases follow it; a signal that changes with the theme. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { Blend, mix, type Rgb, type Table, table } from "./colours";

export interface Palette {
  dark: boolean;
  ground: Rgb;
  panel: Rgb;
  ink: Rgb;
  muted: Rgb;
  line: Rgb;
  accent: Rgb;
  focus: Rgb;
  positive: Rgb;
  negative: Rgb;
  /** The second of two curves. */
  second: Rgb;
  warn: Rgb;
  classes: readonly Rgb[];
  /** Probability of the second class of two, 0 … 1. */
  chances: Table;
  /** A signed number, −limit … limit. */
  signs: Table;
  /** A class's own probability, 0 … 1. */
  ownChance: readonly Table[];
  /** Ink on paper, 0 … 1. */
  inks: Table;
  blend: Blend;
}

/** What is drawn where a style sheet isn't there: Okabe and Ito's eight on a light ground. */
const DEFAULTS: Record<string, Rgb> = {
  ground: [250, 250, 248],
  panel: [255, 255, 255],
  ink: [24, 26, 29],
  muted: [92, 98, 106],
  line: [220, 222, 226],
  accent: [0, 114, 178],
  focus: [0, 114, 178],
  positive: [184, 122, 0],
  negative: [0, 114, 178],
  second: [184, 122, 0],
  warn: [213, 94, 0],
  "class-0": [0, 114, 178],
  "class-1": [230, 159, 0],
  "class-2": [0, 158, 115],
  "class-3": [204, 121, 167],
  "class-4": [86, 180, 233],
  "class-5": [213, 94, 0],
  "class-6": [240, 228, 66],
  "class-7": [120, 120, 120],
};

/** Maps are paler than the points on them, so that points are seen on any ground. */
const SOFT = 0.62;

function read(names: readonly string[]): Map<string, Rgb> {
  const found = new Map<string, Rgb>();
  const style = getComputedStyle(document.documentElement);
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  for (const name of names) {
    const text = style.getPropertyValue(`--${name}`).trim();
    if (context === null || text === "") continue;
    context.fillStyle = text; // the browser reads whatever way of writing a colour the style sheet has chosen
    context.fillRect(0, 0, 1, 1);
    const pixel = context.getImageData(0, 0, 1, 1).data;
    found.set(name, [pixel[0] as number, pixel[1] as number, pixel[2] as number]);
  }
  return found;
}

export function makePalette(found: ReadonlyMap<string, Rgb> = new Map()): Palette {
  const of = (name: string): Rgb => found.get(name) ?? (DEFAULTS[name] as Rgb);
  const classes = Array.from({ length: 8 }, (_, k) => of(`class-${k}`));
  const panel = of("panel");
  const soft = (colour: Rgb): Rgb => mix(panel, colour, SOFT);
  const fromBlueToOrange = table(soft(classes[0] as Rgb), mix(panel, of("ink"), 0.04), soft(classes[1] as Rgb));
  return {
    dark: panel[0] + panel[1] + panel[2] < 384,
    ground: of("ground"),
    panel,
    ink: of("ink"),
    muted: of("muted"),
    line: of("line"),
    accent: of("accent"),
    focus: of("focus"),
    positive: of("positive"),
    negative: of("negative"),
    second: of("second"),
    warn: of("warn"),
    classes,
    chances: fromBlueToOrange,
    signs: fromBlueToOrange, // what is positive speaks for class 1
    ownChance: classes.map((colour) => table(mix(panel, of("ink"), 0.04), soft(colour))),
    inks: table(panel, of("ink")),
    blend: new Blend(classes.map(soft)),
  };
}

const current = signal<Palette>(makePalette());
let watched = false;

function refresh(): void {
  current.value = makePalette(read(Object.keys(DEFAULTS)));
}

/** The colours now; read inside an effect or a component it follows the theme. */
export function usePalette(): ReadonlySignal<Palette> {
  if (!watched) {
    watched = true;
    refresh();
    new MutationObserver(refresh).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
  }
  return current;
}

/** The colour of class k; the eight repeat, and the shapes don't repeat at the same time. */
export function classColour(palette: Palette, k: number): Rgb {
  return palette.classes[k % palette.classes.length] as Rgb;
}
