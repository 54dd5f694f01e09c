/** Arithmetic as it travels: a tree of numbers and operations, which can be computed again and written down. */

/** A number with the symbol that it stands for, where it has one. */
export interface Leaf {
  v: number;
  s?: string;
}

export interface Operation {
  op: string;
  of: Expr[];
}

export type Expr = Leaf | Operation;

/** How tightly something holds together; what holds less tightly than its surroundings wants gets brackets. */
const SUM = 1;
const PRODUCT = 2;
const SIGN = 3;
const POWER = 4;
const WHOLE = 5;

interface Rule {
  compute(values: number[]): number;
  /** What is written before and after all operands. */
  before: string;
  after: string;
  /** What stands between two of them, in turn, the last one repeated: after the one, and before the next. */
  between: [after: string, before: string][];
  binds: number;
  /** How tightly each operand must hold to stand without brackets (the last one repeated). */
  wants: number[];
}

const infix = (sign: string, binds: number, wants: number[], compute: Rule["compute"]): Rule => ({
  compute,
  before: "",
  after: "",
  between: [["", `${sign} `]],
  binds,
  wants,
});

const call = (before: string, compute: Rule["compute"], after = ")", between: Rule["between"] = [[",", ""]]): Rule => ({
  compute,
  before,
  after,
  between,
  binds: WHOLE,
  wants: [0],
});

const one = (f: (x: number) => number): Rule["compute"] => {
  return (values) => f(values[0] ?? Number.NaN);
};
const two = (f: (x: number, y: number) => number): Rule["compute"] => {
  return (values) => values.slice(1).reduce(f, values[0] ?? Number.NaN);
};

const RULES: ReadonlyMap<string, Rule> = new Map([
  [
    "+",
    infix(
      "+",
      SUM,
      [SUM],
      two((x, y) => x + y),
    ),
  ],
  [
    "-",
    infix(
      "−",
      SUM,
      [SUM, PRODUCT],
      two((x, y) => x - y),
    ),
  ],
  [
    "*",
    infix(
      "×",
      PRODUCT,
      [PRODUCT, SIGN],
      two((x, y) => x * y),
    ),
  ],
  [
    "/",
    infix(
      "/",
      PRODUCT,
      [PRODUCT, SIGN],
      two((x, y) => x / y),
    ),
  ],
  [
    "neg",
    {
      ...call(
        "−",
        one((x) => -x),
        "",
      ),
      binds: SIGN,
      wants: [POWER],
    },
  ],
  [
    "pow",
    infix(
      "^",
      POWER,
      [WHOLE],
      two((x, y) => x ** y),
    ),
  ],
  ["exp", call("exp(", one(Math.exp))],
  ["expm1", call("(exp(", one(Math.expm1), ") − 1)")],
  ["log", call("ln(", one(Math.log))],
  ["log1p", call("ln(1 + ", one(Math.log1p))],
  ["sqrt", call("√(", one(Math.sqrt))],
  ["abs", call("|", one(Math.abs), "|")],
  ["tanh", call("tanh(", one(Math.tanh))],
  ["max", call("max(", (values) => Math.max(...values))],
  ["min", call("min(", (values) => Math.min(...values))],
  [
    "where_positive",
    call("(if ", ([test = Number.NaN, then = Number.NaN, other = Number.NaN]) => (test > 0 ? then : other), ")", [
      [" > 0:", ""],
      [";", "else "],
    ]),
  ],
]);

/** The names of every operation that can be computed and written. */
export const OPERATIONS: readonly string[] = [...RULES.keys()];

export function isLeaf(expression: Expr): expression is Leaf {
  return "v" in expression;
}

function rule(operation: string): Rule {
  const found = RULES.get(operation);
  if (found === undefined) throw new Error(`the page can't compute the operation "${operation}"`);
  return found;
}

/** The value, from the leaves up. */
export function evaluate(expression: Expr): number {
  return isLeaf(expression) ? expression.v : rule(expression.op).compute(expression.of.map(evaluate));
}

/** An operand with the signs and brackets that hold on to it; between operands a line may break. */
export interface Part {
  expression: Expr;
  before: string;
  after: string;
  /** Whether it comes first, so that a minus sign of its own can't follow another sign. */
  leads: boolean;
}

/** How an operation is written; `leads` as in a part. */
export function parts(operation: Operation, leads = true): Part[] {
  const { before, between, after, wants } = rule(operation.op);
  const last = operation.of.length - 1;
  const gap = (i: number) => between[i] ?? between[between.length - 1] ?? ["", ""];
  return operation.of.map((expression, i) => {
    const wanted = wants[i] ?? wants[wants.length - 1] ?? 0;
    const first = wanted === 0 || (i === 0 && leads && before === "");
    const brackets = binds(expression, first) < wanted;
    return {
      expression,
      before: (i === 0 ? before : gap(i - 1)[1]) + (brackets ? "(" : ""),
      after: (brackets ? ")" : "") + (i === last ? after : gap(i)[0]),
      leads: first || brackets,
    };
  });
}

/** A negative number is a sign and a number, unless it comes first: 2 × (−3), but −3 × 2. */
function binds(expression: Expr, first: boolean): number {
  if (!isLeaf(expression)) return !first && expression.op === "neg" ? SUM / 2 : rule(expression.op).binds;
  if (expression.v < 0) return first ? SIGN : SUM / 2;
  return /e/.test(String(expression.v)) ? PRODUCT : WHOLE;
}

/** The expression as plain text. */
export function toText(expression: Expr, leads = true): string {
  if (isLeaf(expression)) return significant(expression.v);
  return parts(expression, leads)
    .map((part) => part.before + toText(part.expression, part.leads) + part.after)
    .join(" ");
}

const RAISED = new Map([..."0123456789-"].map((each, i) => [each, [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁻"][i] ?? each]));

/** What is smaller is written with a power of ten. */
const SMALL = 1e-4;

/** A number for people: so many significant digits, no zeros at the end, a real minus sign. */
export function significant(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "undefined";
  const tiny = value !== 0 && Math.abs(value) < SMALL;
  const [mantissa = "", exponent] = (tiny ? value.toExponential(digits - 1) : value.toPrecision(digits)).split("e");
  const short = (mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa).replace("-", "−");
  if (exponent === undefined) return short;
  const power = [...exponent.replace("+", "")].map((each) => RAISED.get(each) ?? each).join("");
  return `${short}×10${power}`;
}

/** Every leaf, from left to right. */
export function leaves(expression: Expr): Leaf[] {
  return isLeaf(expression) ? [expression] : expression.of.flatMap(leaves);
}
