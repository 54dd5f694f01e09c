/** The lesson beside the page: a task, what to look at, a check that the page makes itself, a question. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Verdict } from "../lesson/checks";
import { answer, notes, write } from "../lesson/notes";
import { type Field, STEPS, type Step } from "../lesson/steps";
import { useStore } from "../model/store";
import { Numbers } from "./lesson_numbers";
import "./lesson.css";

/** Shown where the run was begun with a lesson. The shell puts it beside every screen. */
export function Lesson() {
  const store = useStore();
  const open = useSignal(true);
  const shown = store.hello.value?.lesson === "moons";
  useEffect(() => {
    if (!shown) return;
    document.documentElement.dataset.lesson = open.value ? "open" : "closed";
    return () => {
      delete document.documentElement.dataset.lesson;
    };
  }, [shown, open.value]);
  useEffect(() => {
    if (store.screen.value === "diagnose" && notes.peek().answers.diagnosed !== "yes" && shown)
      answer("diagnosed", "yes");
  }, [store.screen.value, shown]);
  if (!shown) return null;
  const { step: place, done } = notes.value;
  const step = STEPS[Math.min(place, STEPS.length - 1)] as Step;
  return (
    <aside class="lesson" aria-label="lesson">
      <div class="lesson-head">
        <h2>
          Lesson: {done.length} of {STEPS.length} steps
        </h2>
        <button
          type="button"
          class="quiet"
          aria-expanded={open.value}
          aria-controls="lesson-body"
          onClick={() => {
            open.value = !open.value;
          }}
        >
          {open.value ? "hide" : "show"}
        </button>
      </div>
      {open.value && (
        <div id="lesson-body" class="lesson-body">
          <nav aria-label="steps of the lesson">
            <ol>
              {STEPS.map((each, k) => (
                <li key={each.name}>
                  <button
                    type="button"
                    aria-current={each === step ? "step" : undefined}
                    aria-label={`step ${k + 1}: ${each.title}${done.includes(each.name) ? ", done" : ""}`}
                    title={each.title}
                    onClick={() => write({ step: k })}
                  >
                    {done.includes(each.name) ? "✓" : k + 1}
                  </button>
                </li>
              ))}
            </ol>
          </nav>
          <StepView key={step.name} step={step} place={STEPS.indexOf(step)} />
        </div>
      )}
    </aside>
  );
}

function StepView({ step, place }: { step: Step; place: number }) {
  const store = useStore();
  const busy = useSignal(false);
  const verdict = step.check(store, notes.value.answers);
  const before = notes.value.done.includes(step.name);
  useEffect(() => {
    if (verdict.done && !before) write({ done: [...notes.peek().done, step.name] });
  }, [verdict.done, before, step.name]);

  async function scene(): Promise<void> {
    busy.value = true;
    await step.scene.run(store);
    busy.value = false;
  }

  return (
    <article aria-labelledby="lesson-title">
      <h3 id="lesson-title">
        {place + 1}. {step.title} <span class="muted">({step.minutes} min)</span>
      </h3>
      {step.task.map((text) => (
        <p key={text}>{text}</p>
      ))}
      <p>
        <b>Look at:</b> {step.look}
      </p>
      {step.fields.map((field) => (
        <Entry key={field.name} field={field} />
      ))}
      {step.numbers && <Numbers />}
      <Status verdict={verdict} before={before} />
      <div class="fields">
        <button type="button" disabled={busy.value} onClick={scene}>
          {busy.value ? "Setting the scene …" : step.scene.label}
        </button>
      </div>
      {store.refused.value !== "" && <p class="warn">{store.refused.value}</p>}
      <details>
        <summary>{step.question}</summary>
        <p>{step.answer}</p>
      </details>
      <div class="fields">
        <button type="button" disabled={place === 0} onClick={() => write({ step: place - 1 })}>
          Back
        </button>
        <button
          type="button"
          class={verdict.done || before ? "primary" : ""}
          disabled={place === STEPS.length - 1}
          onClick={() => write({ step: place + 1 })}
        >
          {verdict.done || before ? "Next" : "Skip"}
        </button>
      </div>
    </article>
  );
}

function Status({ verdict, before }: { verdict: Verdict; before: boolean }) {
  const done = verdict.done || before;
  return (
    <p class={`status ${done ? "done" : ""}`}>
      <span aria-hidden="true">{done ? "✓ " : "○ "}</span>
      <span aria-live="polite">{done ? "Done. " : ""}</span>
      {verdict.text}
    </p>
  );
}

function Entry({ field }: { field: Field }) {
  const value = notes.value.answers[field.name] ?? "";
  return (
    <label for={`lesson-${field.name}`}>
      {field.label}
      {field.choices === undefined ? (
        <input
          id={`lesson-${field.name}`}
          value={value}
          onInput={(event) => answer(field.name, event.currentTarget.value)}
        />
      ) : (
        <select
          id={`lesson-${field.name}`}
          value={value}
          onChange={(event) => answer(field.name, event.currentTarget.value)}
        >
          <option value="">choose …</option>
          {field.choices.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}
