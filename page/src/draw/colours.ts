/** Colours between colours, in OKLab, where equal steps look equal. */

export type Rgb = readonly [number, number, number];
export type Lab = readonly [number, number, number];
/** 256 colours, each packed as an ImageData holds it (little endian: 0xAABBGGRR). */
export type Table = Uint32Array;

const SIZE = 256;

function linear(channel: number): number {
  const c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

function encoded(c: number): number {
  const value = c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055;
  return Math.min(255, Math.max(0, Math.round(255 * value)));
}

export function toLab([red, green, blue]: Rgb): Lab {
  const r = linear(red);
  const g = linear(green);
  const b = linear(blue);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

export function toRgb([lightness, a, b]: Lab): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** The colour a share of the way from one to the other. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return toRgb(between(toLab(from), toLab(to), share));
}

function between(from: Lab, to: Lab, share: number): Lab {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}

export function packed([red, green, blue]: Rgb): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return alpha === 1 ? `rgb(${red} ${green} ${blue})` : `rgb(${red} ${green} ${blue} / ${alpha})`;
}

/** A table through equally spaced colours. */
export function table(...stops: readonly Rgb[]): Table {
  const labs = stops.map(toLab);
  const colours = new Uint32Array(SIZE);
  for (let k = 0; k < SIZE; k++) {
    const at = (k / (SIZE - 1)) * (labs.length - 1);
    const left = Math.min(Math.floor(at), labs.length - 2);
    colours[k] = packed(toRgb(between(labs[left] as Lab, labs[left + 1] as Lab, at - left)));
  }
  return colours;
}

/** The place of a value in a table that spans low … high; outside it the nearest end. */
export function shade(value: number, low: number, high: number): number {
  const at = Math.round(((value - low) / (high - low)) * (SIZE - 1));
  return Math.max(0, Math.min(SIZE - 1, at));
}

/** Classes mixed by their probabilities; what is undecided turns grey by itself. */
export class Blend {
  private readonly labs: readonly Lab[];
  constructor(classes: readonly Rgb[]) {
    this.labs = classes.map(toLab);
  }

  /** The colour of `classes` probabilities from `at` on; with more classes than colours, the colours repeat. */
  colour(probabilities: ArrayLike<number>, at: number, classes: number): Rgb {
    let lightness = 0;
    let a = 0;
    let b = 0;
    let total = 0;
    for (let k = 0; k < classes; k++) {
      const share = Math.max(0, probabilities[at + k] ?? 0);
      const lab = this.labs[k % this.labs.length] as Lab;
      lightness += share * lab[0];
      a += share * lab[1];
      b += share * lab[2];
      total += share;
    }
    return total > 0 ? toRgb([lightness / total, a / total, b / total]) : toRgb([0.6, 0, 0]);
  }
}
