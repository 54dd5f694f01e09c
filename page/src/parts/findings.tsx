/** What is wrong with the run, or may well be, in words: each with its evidence and a thing to try. */

import { effect, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { count } from "../draw/numbers";
import { type Store, useStore } from "../model/store";
import "./findings.css";

interface Finding {
  name: string;
  evidence: string;
  remedy: string;
}

/** Evidence is written to follow a colon; here it stands alone. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A diagnosis reads the whole table, so that it isn't asked for at every frame. */
const PAUSE = 2500;

export class Doctor {
  readonly found = signal<{ step: number; findings: Finding[] } | null>(null);
  readonly trouble = signal("");
  private asked = -1;
  private busy = false;
  private ended = false;
  private refused = "";

  constructor(private readonly store: Store) {}

  start(): () => void {
    this.ended = false;
    const leave = effect(() => {
      if (this.store.frame.value !== null) void this.ask();
    });
    return () => {
      this.ended = true;
      leave();
    };
  }

  async ask(): Promise<void> {
    const frame = this.store.frame.peek();
    if (frame === null || frame.id === this.asked || this.busy || this.ended) return;
    if (!this.store.source.live) {
      this.trouble.value = "A diagnosis is made by the program that trains; this page is a saved one.";
      return;
    }
    this.busy = true;
    this.asked = frame.id;
    try {
      const { header } = await this.store.source.ask("diagnosis", { frame: frame.id });
      this.found.value = { step: Number(header.step ?? frame.step), findings: header.findings as Finding[] };
      this.trouble.value = "";
      this.refused = "";
    } catch (error) {
      this.refused = error instanceof Error ? error.message : String(error);
    }
    setTimeout(() => {
      this.busy = false;
      // while frames come in, one may be dropped before it is asked about: the next is as good
      if (this.refused !== "" && this.store.frame.peek()?.id === frame.id) this.trouble.value = this.refused;
      void this.ask();
    }, PAUSE);
  }
}

export function Findings() {
  const store = useStore();
  const [doctor] = useState(() => new Doctor(store));
  useEffect(() => doctor.start(), [doctor]);
  const found = doctor.found.value;
  return (
    <section class="panel whole findings" aria-labelledby="findings-title">
      <h2 id="findings-title">Findings</h2>
      {doctor.trouble.value !== "" && <p class="muted">{doctor.trouble.value}</p>}
      {found === null && doctor.trouble.value === "" && <p class="muted">Asking the run …</p>}
      {found !== null && (
        <>
          <p class="muted">
            After {count(found.step)} updates{found.findings.length === 0 ? ", nothing was found wrong." : ":"}
          </p>
          <ul>
            {found.findings.map((each) => (
              <li key={each.name + each.evidence}>
                <h3>{each.name}</h3>
                <p>{sentence(each.evidence)}</p>
                <p>
                  <b>To try:</b> {each.remedy}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
