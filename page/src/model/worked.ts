/** One update worked through: the answer to the question "worked", made ready to be shown. */

import { type Expr, type Leaf, leaves } from "./expression";
import type { Message } from "./types";

/** A place in the network: a unit, or with `input` one of its weights. */
export interface Spot {
  layer: number;
  unit: number;
  input: number | null;
}

/** One result: what it is called, by which rule it comes, the numbers, and what they give. */
export interface Line {
  id: string;
  symbol: string;
  formula: string;
  expression: Expr;
  result: number;
  place: Spot | null;
  note: string;
}

export interface Group {
  name: string;
  lines: Line[];
}

export interface Worked {
  step: number;
  rate: number;
  lossBefore: number;
  /** null: the update makes it infinite. */
  lossAfter: number | null;
  batch: { rows: number; containsSample: boolean };
  groups: Group[];
  /** NumPy code that does the same; where it isn't offered, why. */
  code: string;
  codeNote: string;
  /** What the run itself computes in; the lines are worked out in float64. */
  dtype: string;
}

const TITLES: Record<string, string> = {
  forward: "Forward",
  loss: "Loss",
  backward: "Backward",
  update: "Update",
  check: "Check",
};

const ABOUT: Record<string, string> = {
  forward: "From the inputs to the output, one unit after the other.",
  loss: "How wrong the output is for this sample.",
  backward: "From the loss back to each weight: how much the loss changes with it.",
  update: "How the optimiser moves the weight against its gradient.",
  check: "The same gradient without any calculus, and the loss after the update.",
};

export function titleOf(group: string): string {
  return TITLES[group] ?? group;
}

export function aboutOf(group: string): string {
  return ABOUT[group] ?? "";
}

/** Read the answer; the wire's names become the page's. */
export function readWorked(message: Message): Worked {
  const header = message.header as {
    step: number;
    rate: number;
    loss_before: number;
    loss_after: number | null;
    batch: { rows: number; contains_sample: boolean };
    groups: { name: string; lines: (Omit<Line, "note"> & { note?: string | null })[] }[];
    code?: string | null;
    code_note?: string | null;
    dtype?: string;
  };
  return {
    step: header.step,
    rate: header.rate,
    lossBefore: header.loss_before,
    lossAfter: header.loss_after,
    batch: { rows: header.batch.rows, containsSample: header.batch.contains_sample },
    groups: header.groups.map(({ name, lines }) => ({
      name,
      lines: lines.map((line) => ({ ...line, note: line.note ?? "" })),
    })),
    code: header.code ?? "",
    codeNote: header.code_note ?? "",
    dtype: header.dtype ?? "float64",
  };
}

export function linesOf(worked: Worked): Line[] {
  return worked.groups.flatMap((group) => group.lines);
}

/** The line that each symbol comes from. */
export function sources(worked: Worked): ReadonlyMap<string, Line> {
  return new Map(linesOf(worked).map((line) => [line.symbol, line]));
}

/** The gradient of the chosen weight beside its finite difference, and how far apart they are. */
export function checked(worked: Worked): { gradient: Leaf; difference: Line; apart: Line } | null {
  const lines = worked.groups.find((group) => group.name === "check")?.lines ?? [];
  const difference = lines.find((line) => line.symbol.startsWith("ΔL/Δ"));
  const apart = lines.find((line) => line.symbol === "difference");
  if (difference === undefined || apart === undefined) return null;
  const gradient = leaves(apart.expression).find((leaf) => leaf.s !== difference.symbol);
  return gradient === undefined ? null : { gradient, difference, apart };
}

const LOW = "₀₁₂₃₄₅₆₇₈₉";
const HIGH = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const NAMED = new RegExp(`^(?:∂[ℓL]/∂|ΔL/Δ|f′\\()?(?:new )?([wbzagŷx])([${LOW},]+)(?:⁽([${HIGH}]+)⁾)?`, "u");

/** Where in the network a symbol belongs: w₂₃⁽¹⁾ is the first layer's weight from its input 2 to its unit 3. */
export function spotOf(symbol: string, outputLayer: number): Spot | null {
  const found = NAMED.exec(symbol);
  if (found === null) return null;
  const [, name, places = "", high] = found;
  const layer = high === undefined ? (name === "x" ? -1 : name === "ŷ" ? outputLayer : null) : digits(high, HIGH) - 1;
  if (layer === null) return null;
  if (!/[wg]/.test(name ?? "")) return { layer, unit: digits(places, LOW) - 1, input: null };
  const [input, unit] = places.includes(",") ? places.split(",") : [...places];
  if (input === undefined || unit === undefined) return null;
  return { layer, unit: digits(unit, LOW) - 1, input: digits(input, LOW) - 1 };
}

function digits(text: string, of: string): number {
  return Number([...text].map((each) => [...of].indexOf(each)).join(""));
}

/** Every symbol that is the name of a number somewhere: of a result or of an operand. */
export function symbolsOf(worked: Worked): ReadonlySet<string> {
  const lines = linesOf(worked);
  const operands = lines.flatMap((line) => leaves(line.expression).flatMap((leaf) => leaf.s ?? []));
  return new Set([...lines.map((line) => line.symbol), ...operands]);
}

/** A formula cut where its symbols are: the longest that fits, and never within a longer word. */
export function pieces(formula: string, symbols: ReadonlySet<string>): { text: string; symbol: boolean }[] {
  const known = [...symbols].filter((each) => each !== "").sort((a, b) => b.length - a.length);
  if (known.length === 0) return [{ text: formula, symbol: false }];
  const any = known.map((each) => each.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&")).join("|");
  const cut = new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])(${any})(?![\\p{L}\\p{N}\\p{M}⁽₍])`, "u");
  return formula
    .split(cut)
    .map((text, i) => ({ text, symbol: i % 2 === 1 }))
    .filter((each) => each.text !== "");
}
