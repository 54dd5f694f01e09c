/** The run's own server: one streamed answer down, commands and questions by POST. */

import { decode, Splitter } from "../model/messages";
import type { Connection, Message, Source } from "../model/types";

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
/** The run sends a heartbeat every two seconds; after so long without one, the line is dead. */
const SILENCE = 10_000;
const CLIENT = "clearprop.client";

export class StreamSource implements Source {
  readonly live = true;
  private pause = SHORTEST_PAUSE;

  constructor(
    readonly client: string,
    private token: string | null,
    private readonly request: typeof fetch = (...given) => fetch(...given),
    private readonly wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds)),
  ) {}

  /** The source for this page's address, whose fragment holds the token at first; it is taken out of the address. */
  static here(): StreamSource {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const token = fragment.get("token");
    if (token !== null) {
      fragment.delete("token");
      const rest = fragment.toString();
      history.replaceState(null, "", location.pathname + location.search + (rest && `#${rest}`));
    }
    return new StreamSource(clientId(), token);
  }

  start(onMessage: (message: Message) => void, onConnection: (connection: Connection, why: string) => void): void {
    void this.follow(onMessage, onConnection);
  }

  /** Read the stream for as long as it lasts, again and again; ends only where the server refuses this page. */
  private async follow(
    onMessage: (message: Message) => void,
    onConnection: (connection: Connection, why: string) => void,
  ): Promise<void> {
    onConnection("connecting", "");
    for (;;) {
      let why = "";
      try {
        const answer = await this.open();
        if (answer.status === 401 || answer.status === 403) {
          onConnection("refused", await sentence(answer));
          return;
        }
        if (!answer.ok || answer.body === null) why = await sentence(answer);
        else await this.read(answer.body, onMessage, () => onConnection("live", ""));
      } catch (error) {
        // a browser's own words ("Failed to fetch") say nothing to people
        why = error instanceof TypeError ? "" : String(error instanceof Error ? error.message : error);
      }
      onConnection("lost", why);
      await this.wait(this.pause);
      this.pause = Math.min(2 * this.pause, LONGEST_PAUSE);
    }
  }

  /**
   * Ask for the stream; before the first time exchange the token, rather than run into a 401 that the browser would
   * report as an error. A token that was used up says nothing yet: this browser may have its session from it.
   */
  private async open(): Promise<Response> {
    let session: Response | null = null;
    if (this.token !== null) {
      session = await this.post("session", { token: this.token });
      if (session.ok || session.status === 403) this.token = null;
    }
    const answer = await this.request(`stream?client=${encodeURIComponent(this.client)}`, { cache: "no-store" });
    return answer.status === 401 && session?.ok === false ? session : answer;
  }

  private async read(
    body: ReadableStream<Uint8Array>,
    onMessage: (message: Message) => void,
    onFirst: () => void,
  ): Promise<void> {
    const reader = body.getReader();
    const splitter = new Splitter();
    let first = true;
    let alarm: ReturnType<typeof setTimeout> | undefined;
    try {
      for (;;) {
        alarm = setTimeout(() => void reader.cancel(), SILENCE);
        const { done, value } = await reader.read();
        clearTimeout(alarm);
        if (done) return;
        const messages = splitter.push(value);
        if (first && messages.length > 0) {
          first = false;
          this.pause = SHORTEST_PAUSE;
          onFirst();
        }
        for (const message of messages) onMessage(message);
      }
    } finally {
      clearTimeout(alarm);
      await reader.cancel().catch(() => undefined); // the line is gone already
    }
  }

  async command(name: string, values: Record<string, unknown>): Promise<Record<string, unknown>> {
    const answer = await this.heard(this.post("command", { ...values, client: this.client, name }));
    return (await answer.json()) as Record<string, unknown>;
  }

  async ask(what: string, values: Record<string, unknown>): Promise<Message> {
    const answer = await this.heard(this.post("ask", { ...values, client: this.client, what }));
    const message = decode(new Uint8Array(await answer.arrayBuffer()));
    if (message.type === "refused") throw new Error(String(message.header.error));
    return message;
  }

  async upload(file: File): Promise<Record<string, unknown>> {
    const path = `upload?name=${encodeURIComponent(file.name)}`;
    const type = { "content-type": "application/octet-stream" };
    const answer = await this.heard(this.request(path, { method: "POST", body: file, headers: type }));
    return (await answer.json()) as Record<string, unknown>;
  }

  private post(path: string, values: Record<string, unknown>): Promise<Response> {
    return this.request(path, {
      method: "POST",
      body: JSON.stringify(values),
      headers: { "content-type": "application/json" },
    });
  }

  private async heard(answer: Promise<Response>): Promise<Response> {
    const heard = await answer.catch(() => {
      throw new Error("The run can't be reached just now.");
    });
    if (!heard.ok) throw new Error(await sentence(heard));
    return heard;
  }
}

/** What the server says went wrong. */
async function sentence(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as { error?: unknown };
    if (typeof error === "string" && error !== "") return error;
  } catch {
    // no JSON: its status has to do
  }
  return `The run answered with status ${answer.status}.`;
}

/** One name a tab, which a reload keeps. */
function clientId(): string {
  const made = [...crypto.getRandomValues(new Uint8Array(12))]
    .map((each) => each.toString(16).padStart(2, "0"))
    .join("");
  const id = sessionStorage.getItem(CLIENT) ?? made;
  // a tab that is duplicated copies what lies in its storage: so the name lies there only between two pages
  sessionStorage.removeItem(CLIENT);
  addEventListener("pagehide", () => sessionStorage.setItem(CLIENT, id));
  addEventListener("pageshow", () => sessionStorage.removeItem(CLIENT));
  return id;
}
