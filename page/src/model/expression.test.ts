import { describe, expect, test } from "vitest";
import { type Expr, evaluate, leaves, OPERATIONS, significant, toText } from "./expression";

const n = (v: number, s?: string): Expr => (s === undefined ? { v } : { v, s });
const of = (op: string, ...operands: Expr[]): Expr => ({ op, of: operands });

// operation, operands, what it gives (worked out by hand or to 16 digits elsewhere), how it is written
const CASES: [string, number[], number, string][] = [
  ["+", [1, 2, -3.5], -0.5, "1 + 2 + (−3.5)"],
  ["-", [1, 2, 4], -5, "1 − 2 − 4"],
  ["*", [-2, 3, -0.5], 3, "−2 × 3 × (−0.5)"],
  ["/", [1, -4], -0.25, "1 / (−4)"],
  ["neg", [3], -3, "−3"],
  ["pow", [-2, 3], -8, "(−2) ^ 3"],
  ["exp", [1], Math.E, "exp(1)"],
  ["expm1", [1e-10], 1.00000000005e-10, "(exp(1×10⁻¹⁰) − 1)"],
  ["log", [10], Math.LN10, "ln(10)"],
  ["log1p", [1e-10], 9.9999999995e-11, "ln(1 + 1×10⁻¹⁰)"],
  ["sqrt", [2], Math.SQRT2, "√(2)"],
  ["abs", [-2.5], 2.5, "|−2.5|"],
  ["tanh", [0.5], 0.4621171572600098, "tanh(0.5)"],
  ["max", [-1, 3, 2], 3, "max(−1, 3, 2)"],
  ["min", [-1, 3, 2], -1, "min(−1, 3, 2)"],
  ["where_positive", [0, 5, 7], 7, "(if 0 > 0: 5; else 7)"],
];

describe("an operation", () => {
  test.each(CASES)("%s is computed and written", (op, values, result, text) => {
    const expression = of(op, ...values.map((each) => n(each)));
    const got = evaluate(expression);
    expect(Math.abs(got - result)).toBeLessThanOrEqual(
      1e-15 * Math.max(1, Math.abs(result)) * (result < 1e-9 ? 1e-9 : 1),
    );
    expect(toText(expression)).toBe(text);
  });

  test("every one is in the table above", () => {
    expect([...OPERATIONS].sort()).toEqual(CASES.map(([op]) => op).sort());
  });

  test("where_positive takes the first where it is positive", () => {
    expect(evaluate(of("where_positive", n(1e-9), n(5), n(7)))).toBe(5);
  });

  test("one that isn't known says so", () => {
    expect(() => evaluate(of("dot", n(1)))).toThrow('can\'t compute the operation "dot"');
  });
});

describe("brackets", () => {
  const sum = of("+", n(1), n(2));
  test.each([
    [of("*", n(3), sum), "3 × (1 + 2)"],
    [of("*", sum, n(3)), "(1 + 2) × 3"],
    [of("-", n(3), sum), "3 − (1 + 2)"],
    [of("-", sum, n(3)), "1 + 2 − 3"],
    [of("+", n(3), of("*", n(4), n(5))), "3 + 4 × 5"],
    [of("/", n(1), of("*", n(2), n(3))), "1 / (2 × 3)"],
    [of("/", of("*", n(2), n(3)), n(4)), "2 × 3 / 4"],
    [of("neg", of("*", n(2), n(3))), "−(2 × 3)"],
    [of("+", n(1), of("*", n(-2), n(3))), "1 + (−2) × 3"],
    [of("+", of("*", n(-2), n(3)), n(1)), "−2 × 3 + 1"],
    [of("*", n(2), of("+", n(-2), n(3))), "2 × (−2 + 3)"],
    [of("max", n(1), of("*", n(-2), n(3))), "max(1, −2 × 3)"],
    [of("neg", n(-2)), "−(−2)"],
    [of("+", n(1), of("neg", n(2))), "1 + (−2)"],
    [of("pow", sum, n(2)), "(1 + 2) ^ 2"],
    [of("pow", n(1e-9), n(2)), "(1×10⁻⁹) ^ 2"],
    [of("exp", of("neg", n(-2))), "exp(−(−2))"],
    [of("sqrt", sum), "√(1 + 2)"],
  ] as [Expr, string][])("%# %o", (expression, text) => {
    expect(toText(expression)).toBe(text);
  });
});

test("leaves come from left to right, with their symbols", () => {
  const z = of("+", of("*", n(0.5, "w₁"), n(-2, "x₁")), n(1));
  expect(leaves(z).map((each) => each.s)).toEqual(["w₁", "x₁", undefined]);
});

test.each([
  [0, "0"],
  [1, "1"],
  [-0.123456789, "−0.123457"],
  [1234567, "1.23457×10⁶"],
  [0.00000001234, "1.234×10⁻⁸"],
  [100000, "100000"],
  [0.0000014, "1.4×10⁻⁶"],
  [0.00012345, "0.00012345"],
  [Number.POSITIVE_INFINITY, "∞"],
  [Number.NaN, "undefined"],
])("%d is written %s", (value, text) => {
  expect(significant(value)).toBe(text);
});
