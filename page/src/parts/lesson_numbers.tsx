/** Two numbers to compute by hand, and whether they are the run's own. */

import { useSignal } from "@preact/signals";
import { four } from "../draw/numbers";
import { isNumber } from "../lesson/checks";
import type { Exercise } from "../lesson/exercise";
import { exercise } from "../lesson/exercise";
import { answer, notes, write } from "../lesson/notes";
import { useStore } from "../model/store";

export function Numbers() {
  const store = useStore();
  const given = useSignal<Exercise | null>(null);
  const trouble = useSignal("");
  const { answers } = notes.value;

  async function ask(): Promise<void> {
    try {
      given.value = await exercise(store);
      trouble.value = "";
      write({ answers: { ...notes.value.answers, z: "", gradient: "", "z:right": "", "gradient:right": "" } });
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : String(error);
    }
  }

  const entry = (name: "z" | "gradient", label: string, wanted: number) => {
    const text = answers[name] ?? "";
    const right = answers[`${name}:right`] === "yes";
    return (
      <label>
        {label}
        <input
          inputMode="decimal"
          value={text}
          aria-invalid={text !== "" && !right}
          onInput={(event) => {
            answer(name, event.currentTarget.value);
            answer(`${name}:right`, isNumber(event.currentTarget.value, wanted) ? "yes" : "");
          }}
        />
        <span aria-live="polite">{text === "" ? "" : right ? "✓ right" : "not yet"}</span>
      </label>
    );
  };

  return (
    <div class="numbers">
      <button type="button" onClick={ask}>
        {given.value === null ? "Give me the numbers" : "Give me other numbers"}
      </button>
      {trouble.value !== "" && <p class="warn">{trouble.value}</p>}
      {given.value !== null && (
        <>
          <p>The page has chosen them, too: {given.value.about}.</p>
          <dl>
            {given.value.terms.map(({ name, x, w }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  x = {four(x)}, w = {four(w)}
                </dd>
              </div>
            ))}
            <div>
              <dt>bias</dt>
              <dd>b = {four(given.value.bias)}</dd>
            </div>
            <div>
              <dt>error</dt>
              <dd>∂ℓ/∂z = {four(given.value.dz)}</dd>
            </div>
          </dl>
          {entry("z", "z =", given.value.z)}
          {entry("gradient", `gradient of the weight on ${given.value.terms[0]?.name} =`, given.value.gradient)}
        </>
      )}
    </div>
  );
}
