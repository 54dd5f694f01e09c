import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { evaluate } from "../model/expression";
import type { Message } from "../model/types";
import { checked, linesOf, pieces, readWorked, type Spot, spotOf, symbolsOf } from "../model/worked";
import { Outcome, WorkedLines } from "./worked";
import { WorkedPlayer } from "./worked_player";

const line = (
  id: string,
  symbol: string,
  formula: string,
  expression: unknown,
  result: number,
  place: Spot | null,
) => ({
  id,
  symbol,
  formula,
  expression,
  result,
  place,
  note: null,
});
const of = (op: string, ...operands: unknown[]) => ({ op, of: operands });
const n = (v: number, s?: string) => (s === undefined ? { v } : { v, s });
const unit = { layer: 0, unit: 0, input: null };
const z = of("+", of("*", n(0.1 + 0.2, "w₁₁⁽¹⁾"), n(-2, "x₁")), n(0.5, "b₁⁽¹⁾"));
const zResult = (0.1 + 0.2) * -2 + 0.5;
const slope = of("where_positive", n(zResult, "z₁⁽¹⁾"), n(1), n(0.05, "slope"));
const apart = of(
  "/",
  of("abs", of("-", n(0.7, "ΔL/Δw₁₁⁽¹⁾"), n(0.700001, "∂L/∂w₁₁⁽¹⁾"))),
  n(0.700001, "the larger one"),
);
const message: Message = {
  type: "worked",
  arrays: new Map(),
  header: {
    step: 7,
    rate: 0.1,
    loss_before: 0.5,
    loss_after: 0.25,
    batch: { rows: 1, contains_sample: true },
    code: "print(1)",
    groups: [
      {
        name: "forward",
        lines: [
          line("forward-1", "z₁⁽¹⁾", "z₁⁽¹⁾ = Σᵢ wᵢ₁⁽¹⁾ xᵢ + b₁⁽¹⁾", z, zResult, unit),
          line("forward-2", "a₁⁽¹⁾", "a₁⁽¹⁾ = z₁⁽¹⁾²", of("pow", n(zResult, "z₁⁽¹⁾"), n(2)), zResult ** 2, unit),
        ],
      },
      {
        name: "backward",
        lines: [line("backward-1", "f′(z₁⁽¹⁾)", "f′(z₁⁽¹⁾) = 1 where z₁⁽¹⁾ > 0", slope, 0.05, { ...unit, unit: 7 })],
      },
      {
        name: "check",
        lines: [
          line("check-1", "ΔL/Δw₁₁⁽¹⁾", "ΔL/Δw₁₁⁽¹⁾ = …", n(0.7), 0.7, null),
          line("check-2", "difference", "difference = …", apart, 0.000001 / 0.700001, null),
        ],
      },
    ],
  },
};
const worked = readWorked(message);

let place: HTMLElement;
beforeEach(() => {
  place = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  render(null, place);
  place.remove();
});

/** What an element's arithmetic comes to, from nothing but what is in the document. */
function recomputed(element: HTMLElement): number {
  if (element.dataset.value !== undefined) return Number(element.dataset.value);
  const operands = [...element.querySelectorAll<HTMLElement>("[data-op],[data-value]")].filter(
    (each) => each.parentElement?.closest("[data-op]") === element,
  );
  return evaluate({ op: element.dataset.op ?? "", of: operands.map((each) => ({ v: recomputed(each) })) });
}

function shown() {
  const [at, spot, detail] = [signal<string | null>(null), signal<Spot | null>(null), signal("")];
  act(() => {
    render(
      <>
        <WorkedPlayer worked={worked} at={at} detail={detail} />
        <WorkedLines worked={worked} at={at} spot={spot} detail={detail} outputLayer={1} />
      </>,
      place,
    );
  });
  return { at, spot, detail };
}

function press(target: Element | null, key: string) {
  act(() => {
    target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
}

test("every result recomputes from the operands shown beside it", () => {
  shown();
  const lines = [...place.querySelectorAll<HTMLElement>("[data-line]")];
  expect(lines.map((each) => each.dataset.line)).toEqual(linesOf(worked).map((each) => each.id));
  for (const each of lines) {
    const arithmetic = each.querySelector<HTMLElement>(".numbers [data-op], .numbers [data-value]");
    const result = Number(each.querySelector<HTMLElement>("[data-result]")?.dataset.result);
    expect(Math.abs(recomputed(arithmetic as HTMLElement) - result)).toBeLessThanOrEqual(1e-9 * Math.abs(result));
  }
  expect(place.querySelector("[data-line='forward-1'] .numbers")?.textContent).toBe("= 0.3w₁₁⁽¹⁾ × (−2x₁) + 0.5b₁⁽¹⁾");
});

test("what isn't taken of a choice is paler", () => {
  shown();
  expect(place.querySelector("[data-line='backward-1'] .idle")?.textContent).toBe("1;");
});

test("a number that has the focus shows its source, its place and all its digits", () => {
  const { spot, detail } = shown();
  const operand = place.querySelector<HTMLElement>("[data-line='forward-2'] [data-symbol='z₁⁽¹⁾'].operand");
  act(() => operand?.focus());
  expect(spot.value).toEqual(unit);
  expect(detail.value).toBe(`z₁⁽¹⁾ = ${zResult}, from z₁⁽¹⁾ = Σᵢ wᵢ₁⁽¹⁾ xᵢ + b₁⁽¹⁾`);
  expect(place.querySelector(".source")?.getAttribute("data-line")).toBe("forward-1");
  act(() => place.querySelector<HTMLElement>("[data-line='backward-1'] .result")?.focus());
  expect(spot.value).toEqual({ ...unit, unit: 7 }); // the line's own place, before what its name says
  act(() => operand?.click());
  expect(document.activeElement?.getAttribute("data-result")).toBe(String(zResult));
});

test("one number is reached by Tab, the others by the arrows", () => {
  shown();
  const reached = () => [...place.querySelectorAll(".operand[tabindex='0']")];
  expect(reached()).toHaveLength(1);
  act(() => (reached()[0] as HTMLElement).focus());
  press(document.activeElement, "ArrowRight");
  expect(document.activeElement?.getAttribute("data-symbol")).toBe("x₁");
  press(document.activeElement, "ArrowDown");
  expect(document.activeElement?.getAttribute("data-result")).toBe(String(zResult ** 2));
  press(document.activeElement, "End");
  expect(document.activeElement?.closest("[data-line]")?.getAttribute("data-line")).toBe("check-2");
  expect(reached()).toEqual([document.activeElement]);
});

test("slow motion goes line by line with the arrow keys", () => {
  const { at } = shown();
  const player = place.querySelector(".player button.primary");
  press(player, "ArrowRight");
  press(player, "ArrowRight");
  expect(at.value).toBe("forward-2");
  expect(place.querySelector("[aria-current='step']")?.getAttribute("data-line")).toBe("forward-2");
  press(player, "End");
  press(player, "ArrowRight");
  expect(at.value).toBe("check-2");
  press(player, "ArrowLeft");
  expect(at.value).toBe("check-1");
});

test("the loss before and after stands beside the check of the gradient", () => {
  act(() => render(<Outcome worked={worked} />, place));
  const figures = [...place.querySelectorAll("dd")].map((each) => each.textContent);
  expect(figures).toEqual(["0.5", "0.25", "−0.25", "0.700001", "0.7", "1.4×10⁻⁶"]);
  expect(checked({ ...worked, groups: [] })).toBeNull();
});

test("a formula is cut at its symbols, the longest first, never within one", () => {
  const cut = pieces("f′(z₁⁽¹⁾) = z₁ z₁⁽¹⁾ m̂ max(m)", new Set(["z₁⁽¹⁾", "f′(z₁⁽¹⁾)", "z₁", "m", "a", ""]));
  expect(cut.filter((each) => each.symbol).map((each) => each.text)).toEqual(["f′(z₁⁽¹⁾)", "z₁", "z₁⁽¹⁾", "m"]);
  expect(cut.map((each) => each.text).join("")).toBe("f′(z₁⁽¹⁾) = z₁ z₁⁽¹⁾ m̂ max(m)");
  expect(pieces("L before = 1", new Set(["L", "L before"]))[0]?.text).toBe("L before");
  expect(symbolsOf(worked).has("x₁")).toBe(true);
});

test.each([
  ["w₂₃⁽¹⁾", { layer: 0, unit: 2, input: 1 }],
  ["∂L/∂w₁₁,₂⁽³⁾", { layer: 2, unit: 1, input: 10 }],
  ["∂ℓ/∂z₃⁽¹⁾", { layer: 0, unit: 2, input: null }],
  ["b₁₂⁽¹⁰⁾", { layer: 9, unit: 11, input: null }],
  ["x₂", { layer: -1, unit: 1, input: null }],
  ["ŷ₁", { layer: 5, unit: 0, input: null }],
  ["y₁", null],
  ["rate", null],
  ["the other 754", null],
])("%s has its place in the network", (symbol, spot) => {
  expect(spotOf(symbol, 5)).toEqual(spot);
});
