/** One update worked through, line by line: rule, numbers, result; what is pointed at shows where it comes from. */

import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { significant } from "../model/expression";
import {
  aboutOf,
  checked,
  type Line,
  pieces,
  type Spot,
  sources,
  spotOf,
  symbolsOf,
  titleOf,
  type Worked,
} from "../model/worked";
import { Expression, type Pointed, Result, Term } from "./expression";
import "./worked.css";

interface Props {
  worked: Worked;
  /** The line at which slow motion stands. */
  at: ReadonlySignal<string | null>;
  /** Where in the network is what somebody points at. */
  spot: Signal<Spot | null>;
  /** What is said of it. */
  detail: Signal<string>;
  /** The layer whose results are called ŷ. */
  outputLayer: number;
}

export function WorkedLines({ worked, at, spot, detail, outputLayer }: Props) {
  const pointed = useSignal<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const symbols = useMemo(() => symbolsOf(worked), [worked]);
  const origin = useMemo(() => sources(worked), [worked]);

  // of all the numbers one is reached by Tab, the others by the arrows from there
  useEffect(() => {
    if (!list.current?.querySelector('.operand[tabindex="0"]'))
      list.current?.querySelector<HTMLElement>(".operand")?.setAttribute("tabindex", "0");
  }, [worked]);

  const point = (target: EventTarget | null) => {
    const element = target instanceof Element ? target.closest<HTMLElement>("[data-symbol]") : null;
    const symbol = element?.dataset.symbol ?? null;
    pointed.value = symbol;
    const line = symbol === null ? undefined : origin.get(symbol);
    spot.value = line?.place ?? (symbol === null ? null : spotOf(symbol, outputLayer));
    const exact = element?.dataset.value ?? element?.dataset.result;
    detail.value = symbol === null ? "" : describe(symbol, exact, line);
  };
  const leave = () => point(document.activeElement?.closest(".lines") === list.current ? document.activeElement : null);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears what happens to the buttons inside
    <div
      class="lines"
      ref={list}
      onPointerOver={(event) => point(event.target)}
      onPointerLeave={leave}
      onFocusIn={(event) => focusIn(event.target, list.current, point)}
      onFocusOut={() => point(null)}
      onClick={(event) => jump(event.target, list.current, origin)}
      onKeyDown={(event) => walk(event, list.current)}
    >
      {worked.groups.map((group) => (
        <section key={group.name} aria-labelledby={`group-${group.name}`} data-group={group.name}>
          <h3 id={`group-${group.name}`}>{titleOf(group.name)}</h3>
          <p class="muted">{aboutOf(group.name)}</p>
          <ol>
            {group.lines.map((line) => (
              <OneLine key={line.id} line={line} symbols={symbols} pointed={pointed} at={at} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

interface LineProps {
  line: Line;
  symbols: ReadonlySet<string>;
  pointed: Pointed;
  at: ReadonlySignal<string | null>;
}

function OneLine({ line, symbols, pointed, at }: LineProps) {
  const now = at.value === line.id;
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!now) return;
    const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? true;
    place.current?.scrollIntoView?.({ block: "center", behavior: still ? "auto" : "smooth" });
  }, [now]);
  const classes = ["line", now ? "now" : "", pointed.value === line.symbol ? "source" : ""];
  return (
    <li
      class={classes.filter(Boolean).join(" ")}
      data-line={line.id}
      aria-current={now ? "step" : undefined}
      ref={place}
    >
      <p class="formula">
        {pieces(line.formula, symbols).map((each, i) =>
          each.symbol ? <Term key={i} text={each.text} pointed={pointed} /> : each.text,
        )}
      </p>
      <p class="numbers">
        <span class="equals">= </span>
        <Expression expression={line.expression} pointed={pointed} />
      </p>
      <p class="gives">
        <span class="equals">= </span>
        <Result value={line.result} symbol={line.symbol} pointed={pointed} />
      </p>
      {line.note !== "" && <p class="muted note">{line.note}</p>}
    </li>
  );
}

function describe(symbol: string, exact: string | undefined, line: Line | undefined): string {
  const value = exact ?? (line === undefined ? "" : String(line.result));
  const from = line === undefined ? "" : `, from ${line.formula}`;
  return value === "" ? symbol : `${symbol} = ${value}${from}`;
}

/** The number that has the focus is the one that Tab comes back to. */
function focusIn(
  target: EventTarget | null,
  list: HTMLElement | null,
  point: (target: EventTarget | null) => void,
): void {
  if (!(target instanceof HTMLElement)) return;
  if (target.classList.contains("operand")) {
    for (const each of list?.querySelectorAll('.operand[tabindex="0"]') ?? []) each.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
  }
  point(target);
}

/** To the line where a number comes from. */
function jump(target: EventTarget | null, list: HTMLElement | null, origin: ReadonlyMap<string, Line>): void {
  const symbol = target instanceof Element ? target.closest<HTMLElement>("[data-symbol]")?.dataset.symbol : undefined;
  const line = symbol === undefined ? undefined : origin.get(symbol);
  if (line === undefined) return;
  const place = [...(list?.querySelectorAll<HTMLElement>("[data-line]") ?? [])].find(
    (each) => each.dataset.line === line.id,
  );
  place?.querySelector<HTMLElement>(".operand.result")?.focus();
}

/** ← → within a line, ↑ ↓ from line to line, Home and End to the first and last line. */
function walk(event: KeyboardEvent, list: HTMLElement | null): void {
  const here = event.target instanceof Element ? event.target.closest(".operand") : null;
  const line = here?.closest("[data-line]");
  if (!here || !line || !list) return;
  const within = [...line.querySelectorAll<HTMLElement>(".operand")];
  const results = [...list.querySelectorAll<HTMLElement>(".operand.result")];
  const row = results.findIndex((each) => line.contains(each));
  const next: Record<string, HTMLElement | undefined> = {
    ArrowLeft: within[within.indexOf(here as HTMLElement) - 1],
    ArrowRight: within[within.indexOf(here as HTMLElement) + 1],
    ArrowUp: results[row - 1],
    ArrowDown: results[row + 1],
    Home: results[0],
    End: results[results.length - 1],
  };
  if (!(event.key in next)) return;
  event.preventDefault();
  event.stopPropagation();
  next[event.key]?.focus();
}

/** The loss of the batch before and after the update, and the gradient beside its check. */
export function Outcome({ worked }: { worked: Worked }) {
  const change = worked.lossAfter === null ? null : worked.lossAfter - worked.lossBefore;
  const check = checked(worked);
  return (
    <dl class="outcome">
      <Figure name="loss of the batch before" value={worked.lossBefore} />
      {worked.lossAfter === null ? (
        <p>This update makes the loss larger than any number.</p>
      ) : (
        <Figure name="after this update" value={worked.lossAfter} />
      )}
      {change !== null && <Figure name="change" value={change} sign={change > 0 ? "+" : ""} />}
      {check !== null && (
        <>
          <Figure name={`gradient ${check.gradient.s ?? ""}`} value={check.gradient.v} />
          <Figure name="by finite difference" value={check.difference.result} />
          <Figure name="relative difference" value={check.apart.result} digits={2} />
        </>
      )}
    </dl>
  );
}

/** A number that is read at a glance; its digits are there for whoever asks. */
function Figure({
  name,
  value,
  digits = 6,
  sign = "",
}: {
  name: string;
  value: number;
  digits?: number;
  sign?: string;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd title={String(value)}>{sign + significant(value, digits)}</dd>
    </div>
  );
}
