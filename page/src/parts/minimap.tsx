/** The network as a small diagram: choose a unit and a weight, and see where the arithmetic is just now. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import {
  type Column,
  columnOf,
  columnsOf,
  denseLayers,
  fanIn,
  HEIGHT,
  type Node,
  nodes,
  path,
  WIDTH,
} from "../model/diagram";
import type { Network } from "../model/types";
import type { Spot } from "../model/worked";
import "./minimap.css";

interface Props {
  network: Network;
  features: readonly string[];
  /** What is explained. */
  chosen: Spot;
  /** What is pointed at just now. */
  spot: Spot | null;
  choose: (spot: Spot) => void;
}

export function Minimap(props: Props) {
  const columns = columnsOf(props.network);
  return (
    <div class="minimap">
      <Diagram {...props} columns={columns} />
      <Choice {...props} columns={columns} />
    </div>
  );
}

function Diagram({ network, chosen, spot, choose, columns }: Props & { columns: Column[] }) {
  const placed = nodes(columns, [chosen, spot]);
  const column = columnOf(columns, chosen.layer);
  const dense = denseLayers(network);
  const pick = (node: Node) => {
    const layer = columns[node.column]?.layer ?? -1;
    if (node.column === column - 1) choose({ ...chosen, input: node.unit });
    else if (dense.includes(layer)) choose({ layer, unit: node.unit, input: 0 });
  };
  const spotColumn = spot === null ? -1 : columnOf(columns, spot.layer);
  const is = (node: Node, where: number, unit: number | null | undefined) =>
    node.column === where && node.unit === unit;
  const kind = (node: Node) => {
    if (is(node, spotColumn, spot?.unit) || (spot?.input != null && is(node, spotColumn - 1, spot.input)))
      return "spot";
    return is(node, column, chosen.unit) || is(node, column - 1, chosen.input) ? "chosen" : "";
  };
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <path class="edges" d={columns.map((_, i) => path(placed, i)).join("")} />
      <path class="edges into" d={path(placed, column, chosen.unit)} />
      <path class="edges weight" d={path(placed, column, chosen.unit, chosen.input ?? -1)} />
      {spot !== null && <path class="edges spot" d={path(placed, spotColumn, spot.unit, spot.input ?? undefined)} />}
      {placed.map((node) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the picture is hidden from those who listen, the lists aren't
        <g key={`${node.column} ${node.unit}`} class={`unit ${kind(node)}`} onClick={() => pick(node)}>
          <circle cx={node.x} cy={node.y} r={7} />
          {node.left > 0 && <circle class="more" cx={node.x} cy={node.y + 12} r={1.5} />}
        </g>
      ))}
    </svg>
  );
}

/** The same choice by lists. */
function Choice({ network, features, chosen, choose, columns }: Props & { columns: Column[] }) {
  const dense = denseLayers(network);
  const first = columnOf(columns, chosen.layer) === 1;
  const inputs = fanIn(network, chosen.layer);
  const nameOfLayer = (layer: number) => (layer === dense[dense.length - 1] ? "output" : `layer ${layer + 1}`);
  return (
    <div class="minimap-choice">
      <Labelled label="Layer">
        {(id) => (
          <select
            id={id}
            value={String(chosen.layer)}
            onChange={(event) => choose({ layer: Number(event.currentTarget.value), unit: 0, input: 0 })}
          >
            {dense.map((layer) => (
              <option key={layer} value={String(layer)}>
                {nameOfLayer(layer)}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <Place
        label="Unit"
        value={chosen.unit}
        count={network.widths[chosen.layer + 1] ?? 1}
        name={(unit) => String(unit + 1)}
        choose={(unit) => choose({ ...chosen, unit })}
      />
      <Place
        label="Weight from"
        value={chosen.input ?? 0}
        count={inputs}
        name={(input) => (first ? (features[input] ?? `input ${input + 1}`) : `unit ${input + 1}`)}
        choose={(input) => choose({ ...chosen, input })}
      />
    </div>
  );
}

interface PlaceProps {
  label: string;
  value: number;
  count: number;
  name: (place: number) => string;
  choose: (place: number) => void;
}

const LONG = 64;

/** One of many: a list, or where it would be too long a number. */
function Place({ label, value, count, name, choose }: PlaceProps) {
  const long = count > LONG;
  return (
    <Labelled label={long ? `${label} (1–${count})` : label}>
      {(id) =>
        long ? (
          <input
            id={id}
            type="number"
            min={1}
            max={count}
            value={value + 1}
            onChange={(event) => {
              const place = Math.round(Number(event.currentTarget.value)) - 1;
              if (Number.isFinite(place)) choose(Math.max(0, Math.min(count - 1, place)));
            }}
          />
        ) : (
          <select id={id} value={String(value)} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {Array.from({ length: count }, (_, place) => (
              <option key={place} value={String(place)}>
                {name(place)}
              </option>
            ))}
          </select>
        )
      }
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div>
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}
