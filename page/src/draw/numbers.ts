/** Numbers as people read them. */

const MINUS = "−";
// made once: a formatter costs more than a thousand numbers
const FOUR = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 4 });
const WHOLE = new Intl.NumberFormat("en-GB");

/** Four significant digits, with a real minus sign. */
export function four(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) {
    return value
      .toExponential(3)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e")
      .replaceAll("-", MINUS);
  }
  return FOUR.format(value).replace("-", MINUS);
}

/** The shortest decimal that means exactly this float32. */
export function exact(value: number): string {
  if (!Number.isFinite(value)) return "not finite";
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return String(short).replaceAll("-", MINUS);
  }
  return String(Number(value.toPrecision(9))).replaceAll("-", MINUS);
}

/** So many significant digits, without zeros at the end. */
export function digits(value: number, many: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(many))).replaceAll("-", MINUS) : "not finite";
}

export function count(value: number): string {
  return WHOLE.format(value);
}

/** A share, as percent with one decimal; what is there at all isn't 0. */
export function percent(share: number): string {
  return share > 0 && share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;
}

/** So many of something: 1 row, 2 rows. */
export function several(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Round numbers within low … high, about as many as asked for. */
export function ticks(low: number, high: number, about = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const rough = span / Math.max(1, about);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10);
  const found: number[] = [];
  for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

/** Ticks as text, all with the same number of decimals. */
export function tickText(values: readonly number[]): string[] {
  const step = values.length > 1 ? Math.abs((values[1] as number) - (values[0] as number)) : 1;
  const size = Math.max(...values.map(Math.abs), 0);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return values.map(four);
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return values.map((each) => (each === 0 ? 0 : each).toFixed(decimals).replace("-", MINUS));
}
