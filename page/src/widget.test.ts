import { describe, expect, it } from "vitest";
import widget from "./widget";

type Listener = (content: Record<string, unknown>, buffers: DataView[]) => void;

/** A notebook's model of the widget, whose kernel the test plays. */
function model() {
  const sent: Record<string, unknown>[] = [];
  const listeners = new Set<Listener>();
  return {
    sent,
    listeners,
    get: (name: string) => (name === "_page" ? "<!doctype html><title>page</title>" : 400),
    on: (_: string, listener: Listener) => listeners.add(listener),
    off: (_: string, listener: Listener) => listeners.delete(listener),
    send: (content: Record<string, unknown>) => sent.push(content),
    hear: (content: Record<string, unknown>, ...bytes: number[][]) => {
      for (const listener of listeners)
        listener(
          content,
          bytes.map((each) => new DataView(Uint8Array.from(each).buffer)),
        );
    },
  };
}

/** Render a view; return what comes out at its frame's end. */
function view(of: ReturnType<typeof model>) {
  const el = document.createElement("div");
  const remove = widget.render({ model: of as never, el });
  const frame = el.querySelector("iframe") as HTMLIFrameElement;
  const got: Record<string, unknown>[] = [];
  const contentWindow = {
    postMessage: (_: string, __: string, [port]: [MessagePort]) => {
      port.onmessage = ({ data }) => got.push(data);
    },
  };
  Object.defineProperty(frame, "contentWindow", { value: contentWindow });
  frame.dispatchEvent(new Event("load"));
  return { frame, got, remove };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const bytes = (got: Record<string, unknown>[]) =>
  got.map(({ buffers }) => (buffers as ArrayBuffer[]).map((each) => [...new Uint8Array(each)]));

describe("the widget", () => {
  it("asks how far the kernel is, and shows every turn to every view", async () => {
    const one = model();
    const leave = widget.initialize({ model: one as never });
    expect(one.sent).toEqual([{ type: "open" }]);
    one.hear({ type: "messages", turn: 0, fresh: true }, [1, 2], [3]);
    const first = view(one);
    one.hear({ type: "messages", turn: 1, fresh: false }, [4]);
    const second = view(one);
    await settled();
    expect(bytes(first.got)).toEqual([[[1, 2], [3]], [[4]]]);
    expect(bytes(second.got)).toEqual(bytes(first.got));
    one.hear({ type: "at", turn: 2 });
    expect(one.sent.length).toBe(1); // nothing is missing
    first.remove();
    leave();
    expect(one.listeners.size).toBe(0);
  });

  it("asks for everything again where a turn is missing, and begins anew with it", async () => {
    const one = model();
    widget.initialize({ model: one as never });
    one.hear({ type: "messages", turn: 3, fresh: false }, [9]); // it came too late for 0 to 2
    one.hear({ type: "at", turn: 4 });
    expect(one.sent[1]).toEqual({ type: "again" });
    one.hear({ type: "messages", turn: 0, fresh: true }, [7]);
    const late = view(one);
    await settled();
    expect(bytes(late.got)).toEqual([[[7]]]);
    one.hear({ type: "messages", turn: 0, fresh: true }, [8]);
    late.frame.dispatchEvent(new Event("load")); // its page is loaded afresh
    await settled();
    expect(bytes(late.got)).toEqual([[[7]], [[8]]]);
  });

  it("hands commands up and answers down", async () => {
    const one = model();
    widget.initialize({ model: one as never });
    const { got } = view(one);
    one.hear({ type: "answer", client: "a", id: 1, ok: true, values: {} });
    await settled();
    expect(got).toEqual([{ type: "answer", client: "a", id: 1, ok: true, values: {}, buffers: [] }]);
  });
});
