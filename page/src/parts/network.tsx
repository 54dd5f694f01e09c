/** The network: one canvas with a card for each neuron, to point at, to walk by arrow keys, and as a table. */

import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { INPUT } from "../draw/columns";
import { paintCards } from "../draw/diagram";
import { chooseEdges, type Edge, edgeAt, MOST_EDGES } from "../draw/edges";
import { layOut, neighbour, type Seat, seatAt, seatOf } from "../draw/layout";
import { LinesLayer } from "../draw/lines";
import { columnName, unitName } from "../draw/names";
import { count, digits, exact, four } from "../draw/numbers";
import { usePalette } from "../draw/palette";
import { largest } from "../draw/scales";
import { place, surface, usePainting, useRoom, useWidth } from "../draw/surface";
import type { Shown } from "../model/store";
import { useStore } from "../model/store";
import { noun } from "../screens/watch-edges";
import type { View } from "../screens/watch-view";
import { biasOf, pictureOf } from "./network-picture";
import { NetworkTable } from "./network-table";
import "./network.css";

const NARROW = 560;
const TALLEST = 700;
const ABOVE_AND_BELOW = 378; // of the network on a wide screen: what else shall be seen without scrolling
const LINES_EVERY = 250; // milliseconds: nobody sees lines change faster, and drawing them takes long

export function NetworkDiagram({ view }: { view: View }) {
  const store = useStore();
  const palette = usePalette();
  const [box, width] = useWidth<HTMLDivElement>();
  const room = useRoom();
  const under = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const hovered = useMemo(() => signal<Seat | Edge | null>(null), []);
  const announced = useMemo(() => signal(""), []);
  const [columns, units, data, branch] = [view.columns.value, view.units.value, store.data.value, store.branch.value];

  const diagram = useMemo(() => {
    if (data === null || width === 0 || units.length !== columns.length) return null;
    const longest = Math.max(0, ...units[0]!.map((unit) => (data.features[unit] ?? "").length));
    const left = data.image !== null ? 0 : Math.min(width < NARROW ? 48 : 104, 10 + 6.4 * longest);
    const right = width >= NARROW && data.task === "multiclass" ? 72 : 0;
    return layOut(columns, units, data.image, width, { left, right }, room === 0 ? TALLEST : room - ABOVE_AND_BELOW);
  }, [columns, units, data, width, room]);

  const drawn = useRef<{ edges: Edge[]; hidden: number }>({ edges: [], hidden: 0 });
  const last = (branch?.network.layers.length ?? 1) - 1;
  const selected = (): Seat | null => {
    const at = store.neuron.value ?? { layer: last, unit: 0 };
    return diagram === null ? null : seatOf(diagram, at.layer, at.unit);
  };

  const lines = useMemo(() => new LinesLayer(), []);
  useEffect(() => () => lines.stop(), [lines]);
  const painted = useRef<{ at: number; hovered: Seat | Edge | null }>({ at: 0, hovered: null });
  usePainting(
    () => {
      const [answer, colours, canvas, pointed] = [view.edges.answer.value, palette.value, under.current, hovered.value];
      if (canvas === null || diagram === null || branch === null) return null;
      return () => {
        painted.current = { at: performance.now(), hovered: pointed };
        const fits = answer !== null && answer.frame.branch === branch.id;
        drawn.current = fits ? chooseEdges(diagram, answer.vector) : { edges: [], hidden: 0 };
        const { edges } = drawn.current;
        // the edges were chosen anew: what the pointer is on is the one of the same weight
        const lit =
          pointed !== null && "from" in pointed
            ? (edges.find((each) => each.index === pointed.index) ?? null)
            : pointed;
        const most = largest(edges.map((each) => each.value));
        lines.paint(canvas, diagram.width, diagram.height, { palette: colours, edges, largest: most, hovered: lit });
      };
    },
    [diagram, branch],
    () => {
      const soon = hovered.peek() !== painted.current.hovered || !store.follows.peek();
      return soon ? 0 : painted.current.at + LINES_EVERY - performance.now();
    },
  );
  usePainting(() => {
    const [maps, answer, colours, canvas] = [view.maps.value, view.edges.answer.value, palette.value, over.current];
    const [pointed, seat, sample] = [hovered.value, selected(), store.sample.value];
    if (canvas === null || diagram === null || data === null || branch === null) return null;
    return () => {
      const context = surface(canvas, diagram.width, diagram.height);
      if (context === null) return;
      const vector = answer !== null && answer.frame.branch === branch.id ? answer.vector : null;
      const made = pictureOf({ maps, vector, palette: colours, diagram, data, branch, sample });
      paintCards(context, diagram, { ...made, selected: seat, hovered: pointed });
      canvas.dataset.frame = String(maps?.task.frame.id ?? "");
    };
  }, [diagram, data, branch]);

  if (data === null || branch === null) return null;
  const say = (seat: Seat): string => {
    const vector = view.edges.answer.peek()?.vector ?? null;
    const bias = vector === null ? null : biasOf(branch.network, seat.layer, seat.unit, vector);
    const mean = view.maps.peek()?.statistics.mean[seat.layer]?.[seat.unit];
    const parts = [unitName(columns, data, seat.layer, seat.unit)];
    const kind = store.shown.peek();
    if (bias !== null) parts.push(`${kind === "weight" ? "bias" : `bias's ${noun(kind)}`} ${exact(bias)}`);
    if (seat.layer !== INPUT && mean !== undefined) parts.push(`mean activation ${digits(mean, 6)}`);
    return parts.join(" · ");
  };
  const tell = (over: Seat | Edge | null): string => {
    if (over === null) return "";
    if (!("from" in over)) return say(over);
    const value = view.edges.answer.peek()?.vector[over.index] ?? over.value;
    const [from, to] = [over.from, over.to].map((each) => unitName(columns, data, each.layer, each.unit));
    return `${noun(store.shown.peek())} from ${from} to ${to}: ${exact(value)}`;
  };
  const point = (event: PointerEvent): void => {
    if (diagram === null) return;
    const [x, y] = place(event);
    hovered.value = seatAt(diagram, x, y) ?? edgeAt(drawn.current.edges, x, y);
  };
  const choose = (seat: Seat): void => {
    store.neuron.value = { layer: seat.layer, unit: seat.unit };
    announced.value = say(seat);
  };
  const keys = (event: KeyboardEvent): void => {
    const seat = selected();
    if (diagram === null || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    choose(seat === null ? diagram.stacks[diagram.stacks.length - 1]!.seats[0]! : neighbour(diagram, seat, event.key));
  };
  const hidden = drawn.current.hidden;
  const sizes = columns.map((each, k) => `${columnName(columns, k)} ${count(each.count)}`).join(", ");
  return (
    <div class="network" data-part="network">
      <div
        class="network-canvas"
        ref={box}
        role="application"
        aria-label={`Network diagram. Columns of units: ${sizes}. The arrow keys move between neurons.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk from neuron to neuron
        tabIndex={0}
        data-own-keys=""
        onKeyDown={keys}
        onFocus={() => {
          const seat = selected();
          if (seat !== null) announced.value = say(seat);
        }}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => {
          hovered.value = null;
        }}
        onClick={() => {
          const over = hovered.peek();
          if (over !== null) choose("from" in over ? over.to : over);
        }}
      >
        <canvas ref={under} />
        <canvas ref={over} class="network-over" />
      </div>
      <div class="beside-twin">
        <Readout
          hovered={hovered}
          tell={tell}
          view={view}
          otherwise={() => {
            const seat = selected();
            return seat === null ? "" : say(seat);
          }}
        />
        <NetworkTable view={view} />
      </div>
      <p class="spoken" aria-live="polite">
        {announced}
      </p>
      {hidden > 0 && (
        <p class="muted small">
          The {MOST_EDGES} largest edges are drawn; {count(hidden)} smaller ones between these neurons are not.
        </p>
      )}
    </div>
  );
}

/** One line that says exactly what the pointer or the keyboard is on. */
function Readout(props: {
  hovered: { value: Seat | Edge | null };
  tell: (over: Seat | Edge | null) => string;
  otherwise: () => string;
  view: View;
}) {
  void [props.view.maps.value, props.view.edges.answer.value]; // the numbers change as it learns
  const over = props.hovered.value;
  return (
    <p class="network-readout number" data-part="network-readout">
      {over === null ? props.otherwise() : props.tell(over)}
    </p>
  );
}

const SHOWN: readonly { id: Shown; name: string; title: string }[] = [
  { id: "weight", name: "Weights", title: "Edges and bias bars show the weights and biases" },
  { id: "gradient", name: "Gradient", title: "Edges and bias bars show the loss's derivative by each weight and bias" },
  { id: "update", name: "Last update", title: "Edges and bias bars show what the next update from this frame adds" },
];

/** What the edges show, and what their colours and widths mean. */
export function NetworkLegend({ view }: { view: View }) {
  const store = useStore();
  const answer = view.edges.answer.value;
  const kind = store.shown.value;
  return (
    <div class="network-legend">
      <fieldset class="switch">
        <legend class="spoken">The edges show</legend>
        {SHOWN.map((each) => (
          <button
            type="button"
            key={each.id}
            title={each.title}
            aria-pressed={kind === each.id}
            onClick={() => {
              store.shown.value = each.id;
            }}
          >
            {each.name}
          </button>
        ))}
      </fieldset>
      <span class="network-signs">
        <span class="sign sign-positive" aria-hidden="true" /> positive
        <span class="sign sign-negative" aria-hidden="true" /> negative, dashed
        <span class="muted network-widths">width: size · bar under a card: bias</span>
      </span>
      <span class="muted network-note" role="status">
        {view.edges.note.value}
        {answer !== null &&
          kind !== "weight" &&
          `at step ${count(answer.frame.step)}, largest ${four(largest(answer.vector))}`}
      </span>
    </div>
  );
}
