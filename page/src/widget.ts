/**
 * The notebook widget (anywidget): a frame with the page in it, and a port between that frame and the kernel.
 *
 * A frame, because the page has keys, colours and a look of its own, which must not reach into the notebook. All turns are
 * kept here, so that a second view of the widget sees everything although the kernel sent it once.
 */

interface Model {
  get(name: string): unknown;
  on(event: "msg:custom", listener: (content: Content, buffers: DataView[]) => void): void;
  off(event: "msg:custom", listener: (content: Content, buffers: DataView[]) => void): void;
  send(content: Record<string, unknown>): void;
}

type Content =
  | { type: "messages"; turn: number; fresh: boolean }
  | { type: "at"; turn: number }
  | { type: "answer"; client: string; id: number; ok: boolean; [name: string]: unknown };

/** What came down for one model, and the ports of its views. */
class Run {
  private turns: ArrayBuffer[][] = [];
  private readonly ports = new Set<MessagePort>();
  private readonly restarts = new Set<() => void>();

  constructor(private readonly model: Model) {}

  readonly hear = (content: Content, views: DataView[]): void => {
    const buffers = views.map((view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    if (content.type === "messages") this.take(content, buffers as ArrayBuffer[]);
    else if (content.type === "at") {
      if (content.turn !== this.turns.length) this.model.send({ type: "again" });
    } else for (const port of this.ports) port.postMessage({ ...content, buffers });
  };

  private take({ turn, fresh }: { turn: number; fresh: boolean }, buffers: ArrayBuffer[]): void {
    if (fresh) {
      const seen = this.turns.length > 0;
      this.turns = [];
      if (seen) for (const restart of [...this.restarts]) restart();
    }
    if (turn !== this.turns.length) return; // some came before anybody listened; "at" finds that, and asks again
    this.turns.push(buffers);
    for (const port of this.ports) port.postMessage({ type: "messages", buffers });
  }

  /** Add a view; return what takes it away. */
  view(port: MessagePort, restart: () => void): () => void {
    port.onmessage = ({ data }: MessageEvent<Record<string, unknown>>) => this.model.send(data);
    for (const buffers of this.turns) port.postMessage({ type: "messages", buffers });
    this.ports.add(port);
    this.restarts.add(restart);
    return () => {
      port.close();
      this.ports.delete(port);
      this.restarts.delete(restart);
    };
  }
}

const runs = new WeakMap<Model, Run>();

function initialize({ model }: { model: Model }): () => void {
  const run = new Run(model);
  runs.set(model, run);
  model.on("msg:custom", run.hear);
  model.send({ type: "open" });
  return () => model.off("msg:custom", run.hear);
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const frame = document.createElement("iframe");
  frame.title = "Clearprop: a network while it learns";
  frame.style.cssText = `width: 100%; height: ${Number(model.get("_height")) || 720}px; border: 0; display: block`;
  let leave: () => void = () => {};
  const connect = (): void => {
    leave();
    const channel = new MessageChannel();
    frame.contentWindow?.postMessage("clearprop", "*", [channel.port2]);
    leave = runs.get(model)?.view(channel.port1, restart) ?? leave;
  };
  const restart = (): void => {
    leave();
    leave = () => {};
    frame.srcdoc = String(model.get("_page"));
  };
  frame.addEventListener("load", connect);
  frame.srcdoc = String(model.get("_page"));
  el.replaceChildren(frame);
  return () => leave();
}

export default { initialize, render };
