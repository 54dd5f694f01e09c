/** Slow motion: one line after the other, at a pace that is chosen, or by the arrow keys. */

import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { significant, toText } from "../model/expression";
import { linesOf, titleOf, type Worked } from "../model/worked";
import "./worked_player.css";

interface Props {
  worked: Worked;
  /** The line at which it stands; null: it isn't used. */
  at: Signal<string | null>;
  /** What is said of a number that is pointed at. */
  detail: ReadonlySignal<string>;
}

export function WorkedPlayer({ worked, at, detail }: Props) {
  const plays = useSignal(false);
  const seconds = useSignal(3);
  const lines = linesOf(worked);
  const index = lines.findIndex((line) => line.id === at.value);
  const line = lines[index];
  const group = worked.groups.find((each) => each.lines.some((other) => other.id === line?.id));

  const go = (place: number) => {
    at.value = lines[Math.max(0, Math.min(lines.length - 1, place))]?.id ?? null;
  };
  useEffect(() => {
    if (!plays.value) return;
    if (index >= lines.length - 1) {
      plays.value = false;
      return;
    }
    const clock = setTimeout(() => go(index + 1), index < 0 ? 0 : seconds.value * 1000);
    return () => clearTimeout(clock);
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const slider = event.target instanceof HTMLInputElement;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => go(index - 1),
      ArrowRight: () => go(index + 1),
      Home: () => go(0),
      End: () => go(lines.length - 1),
    };
    const step = steps[event.key];
    if (step === undefined || slider) return;
    event.preventDefault();
    event.stopPropagation();
    plays.value = false;
    step();
  };
  const start = () => {
    if (!plays.value && index >= lines.length - 1) go(0);
    plays.value = !plays.value;
  };
  const leave = () => {
    plays.value = false;
    at.value = null;
  };

  return (
    <fieldset class="player" aria-label="Slow motion" onKeyDown={onKeyDown}>
      <div class="player-buttons">
        <button
          type="button"
          aria-label="Line before"
          title="Line before (←)"
          disabled={index <= 0}
          onClick={() => go(index - 1)}
        >
          ←
        </button>
        <button type="button" class="primary" onClick={start}>
          {plays.value ? "Hold" : "Slow motion"}
        </button>
        <button
          type="button"
          aria-label="Next line"
          title="Next line (→)"
          disabled={index >= lines.length - 1}
          onClick={() => go(index + 1)}
        >
          →
        </button>
        <label class="player-pace">
          <span>a line each</span>
          <input
            type="range"
            min={0.5}
            max={8}
            step={0.5}
            value={seconds}
            aria-valuetext={`${seconds.value} seconds a line`}
            onInput={(event) => {
              seconds.value = Number(event.currentTarget.value);
            }}
          />
          <span class="number">{seconds.value.toFixed(1)} s</span>
        </label>
        {line !== undefined && (
          <button type="button" class="quiet" onClick={leave}>
            Leave
          </button>
        )}
      </div>
      <p class="player-line" aria-live="polite">
        {detail.value !== "" ? (
          detail
        ) : line === undefined ? (
          <span class="muted">
            Slow motion walks through the {lines.length} lines; ← and → step by hand. Point at a number to see all its
            digits and where it comes from; among the numbers the arrow keys move, and Enter goes to the source.
          </span>
        ) : (
          <>
            <span class="muted">
              {titleOf(group?.name ?? "")}, line {index + 1} of {lines.length}:
            </span>{" "}
            {line.formula} = {toText(line.expression)} = <strong>{significant(line.result)}</strong>
          </>
        )}
      </p>
    </fieldset>
  );
}
