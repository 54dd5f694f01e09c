/** Arithmetic on the page: each number with its symbol beneath it, and its exact value for whoever asks.
 *
 * An operation is an element with `data-op`; its operands are, in order, the elements with `data-op` or `data-value`
 * whose nearest `data-op` above is that one. So a result can be computed again from what is shown. */

import type { ReadonlySignal } from "@preact/signals";
import { useComputed } from "@preact/signals";
import { Fragment } from "preact";
import { type Expr, evaluate, isLeaf, parts, significant } from "../model/expression";
import "./expression.css";

/** The symbol that somebody points at. */
export type Pointed = ReadonlySignal<string | null>;

interface Props {
  expression: Expr;
  pointed: Pointed;
  leads?: boolean;
  /** Signs and brackets that stay with the first and the last number when a line breaks. */
  before?: string;
  after?: string;
}

export function Expression({ expression, pointed, leads = true, before = "", after = "" }: Props) {
  if (isLeaf(expression)) {
    return (
      <span class="glued">
        {before}
        <Operand value={expression.v} symbol={expression.s ?? ""} pointed={pointed} />
        {after}
      </span>
    );
  }
  const [test] = expression.of;
  // of "if … > 0: …; else …" the way that isn't taken is shown paler
  const idle = expression.op !== "where_positive" || test === undefined ? -1 : evaluate(test) > 0 ? 2 : 1;
  const power = expression.op === "pow";
  const all = parts(expression, leads);
  return (
    <span data-op={expression.op}>
      {all.map((part, i) => {
        const last = i === all.length - 1;
        const inner = (
          <Expression
            expression={part.expression}
            pointed={pointed}
            leads={part.leads}
            before={(i === 0 ? before : "") + (power && i > 0 ? "" : part.before)}
            after={part.after + (last && !power ? after : "")}
          />
        );
        if (power && i > 0) return <sup key={i}>{inner}</sup>;
        return (
          <Fragment key={i}>
            {i > 0 && " "}
            {i === idle ? <span class="idle">{inner}</span> : inner}
          </Fragment>
        );
      })}
      {power && after}
    </span>
  );
}

/** A number; with a symbol it can be pointed at, and leads to where it comes from. */
function Operand({ value, symbol, pointed }: { value: number; symbol: string; pointed: Pointed }) {
  const here = usePointed(symbol, pointed);
  if (symbol === "") {
    return (
      <span data-value={String(value)} title={String(value)}>
        {significant(value)}
      </span>
    );
  }
  return (
    <button
      type="button"
      class={here.value ? "operand pointed" : "operand"}
      data-value={String(value)}
      data-symbol={symbol}
      title={`${symbol} = ${value}`}
      tabIndex={-1}
    >
      {significant(value)}
      <small>{symbol}</small>
    </button>
  );
}

/** What a line gives. */
export function Result({ value, symbol, pointed }: { value: number; symbol: string; pointed: Pointed }) {
  const here = usePointed(symbol, pointed);
  return (
    <button
      type="button"
      class={here.value ? "operand result pointed" : "operand result"}
      data-result={String(value)}
      data-symbol={symbol}
      title={`${symbol} = ${value}`}
      tabIndex={-1}
    >
      <span class="spoken">{symbol} = </span>
      {significant(value)}
    </button>
  );
}

/** A symbol within a formula. */
export function Term({ text, pointed }: { text: string; pointed: Pointed }) {
  const here = usePointed(text, pointed);
  return (
    <span class={here.value ? "symbol pointed" : "symbol"} data-symbol={text}>
      {text}
    </span>
  );
}

function usePointed(symbol: string, pointed: Pointed): ReadonlySignal<boolean> {
  return useComputed(() => symbol !== "" && pointed.value === symbol);
}
