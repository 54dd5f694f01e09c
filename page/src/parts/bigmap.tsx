/** The big map of the selected neuron, by default of what the network answers, with the rows as points on it. */

import { signal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { Axes } from "../draw/axes";
import { unitName } from "../draw/names";
import { usePalette } from "../draw/palette";
import type { Principal } from "../draw/pca";
import { place, surface, usePainting, useRoom, useWidth } from "../draw/surface";
import type { Maps } from "../model/maps";
import { nearest, type Point } from "../model/points";
import { useStore } from "../model/store";
import type { Branch, Data } from "../model/types";
import type { View } from "../screens/watch-view";
import { fieldOf, isAnswer, verticalOf } from "./bigmap-field";
import { type Field, paintField, paintLines, paintOver } from "./bigmap-paint";
import { cloudScene, lineScene, planeScene, type Scene } from "./bigmap-points";
import { MapLegend, MapNotes, MapTable, Reading } from "./bigmap-words";
import { PlanePicker } from "./planes";
import "./bigmap.css";

const LEFT = 54;
const BELOW = 42;
const TALLEST = 430;
const LOWEST = 250;
const ABOVE_AND_BELOW = 570; // of the map on a wide screen, so that the loss below it is seen without scrolling

/** Where the pointer or the keyboard's cross is. */
export interface Cursor {
  u: number;
  v: number;
  point: Point | null;
}

export function BigMap({ view }: { view: View }) {
  const store = useStore();
  const palette = usePalette();
  const [box, width] = useWidth<HTMLDivElement>();
  const under = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const cursor = useMemo(() => signal<Cursor | null>(null), []);
  const turned = useRef<Principal | undefined>(undefined);
  const drawn = useRef<{ axes: Axes; scene: Scene } | null>(null);
  const [data, branch, plane, choice] = [store.data.value, store.branch.value, view.plane.value, view.choice.value];
  const room = useRoom();
  const tallest = room === 0 ? TALLEST : Math.min(TALLEST, Math.max(LOWEST, room - ABOVE_AND_BELOW));
  const height = Math.min(tallest, Math.max(220, width * 0.86));
  const sides = { train: view.showTrain.value, validation: view.showValidation.value };
  const sample = store.sample.value;
  const flat = useMemo(
    () => (data === null || plane === null ? null : planeScene(data, plane, sample, sides)),
    [data, plane, sample, sides.train, sides.validation],
  );

  const axesOf = (scene: Scene): Axes =>
    new Axes({ x: LEFT, y: 8, width: width - LEFT - 10, height: height - BELOW - 8 }, scene.horizontal, scene.vertical);

  usePainting(() => {
    const [maps, colours, neuron, frame] = [view.maps.value, palette.value, store.neuron.value, store.frame.value];
    const canvas = under.current;
    if (canvas === null || data === null || branch === null || maps === null || width === 0) return null;
    return () => {
      const context = surface(canvas, width, height);
      if (context === null) return;
      const field = fieldOf(maps, neuron, branch, data, colours);
      const scene = sceneOf({ maps, field, neuron });
      if (scene === null) return;
      const axes = axesOf(scene);
      const moved = drawn.current === null || !sameScene(drawn.current.scene, scene);
      drawn.current = { axes, scene };
      if (field !== null && plane !== null) {
        if (plane.line) paintLines(context, field, axes, colours, heightOf(field, neuron));
        else paintField(context, field, axes, colours);
      }
      canvas.dataset.frame = String(frame?.id ?? "");
      if (moved) paintPoints(colours); // the points of a hidden layer's space move as it learns
    };
  }, [data, branch, plane, flat, width, height, choice]);

  const sceneOf = (from: {
    maps: Maps;
    field: Field | null;
    neuron: { layer: number; unit: number } | null;
  }): Scene | null => {
    if (data === null || branch === null) return null;
    if (choice?.kind === "units") {
      const cloud = from.maps.cloud;
      return cloud === null || from.maps.task.cloud !== choice.layer
        ? null
        : cloudScene(data, choice, cloud, turned, sides);
    }
    if (flat === null || plane === null) return null;
    if (!plane.line) return flat;
    const { range, label } = verticalOf(from.field, from.neuron, branch, data);
    const output = isAnswer(from.neuron, branch) || from.neuron?.layer === branch.network.layers.length - 1;
    return lineScene(flat, data, range, label, output);
  };

  const heightOf =
    (field: Field, neuron: { layer: number; unit: number } | null) =>
    (value: number): number => {
      const output = neuron === null || neuron.layer === (branch?.network.layers.length ?? 0) - 1;
      const scaled = output && data?.task === "regression" && data.scale !== null && field.depth === 1;
      return scaled && data.scale !== null ? value * data.scale.deviation + data.scale.mean : value;
    };

  const paintPoints = (colours = palette.peek()): void => {
    if (over.current === null || drawn.current === null || data === null) return;
    const context = surface(over.current, width, height);
    if (context === null) return;
    const { axes, scene } = drawn.current;
    const selected = scene.points.find((each) => !each.validation && each.row === sample) ?? null;
    paintOver(context, { axes, labels: scene.labels, points: scene.points, selected, palette: colours, data });
    const at = cursor.peek();
    if (at === null) return;
    const [x, y] = axes.screen(at.u, at.v);
    context.strokeStyle = `rgb(${colours.ink.join(" ")} / 0.75)`;
    context.lineWidth = 1;
    context.strokeRect(Math.round(x) - 4.5, Math.round(y) - 4.5, 9, 9);
  };
  usePainting(() => {
    void [palette.value, cursor.value, store.sample.value];
    return () => paintPoints();
  }, [flat, width, height, data]);

  if (data === null || branch === null) return null;
  const point = (event: PointerEvent): void => {
    const now = drawn.current;
    if (now === null) return;
    const [x, y] = place(event);
    const at = now.axes.place(x, y);
    if (at === null) cursor.value = null;
    else cursor.value = { u: at[0], v: at[1], point: nearest(now.scene.points, x, y, now.axes.screen) };
  };
  const choose = (): void => {
    const at = cursor.peek()?.point;
    if (at !== undefined && at !== null && !at.validation) store.sample.value = at.row;
  };
  const keys = (event: KeyboardEvent): void => {
    const now = drawn.current;
    if (now === null) return;
    if (event.key === "Enter") choose();
    if (event.key === "Escape") {
      cursor.value = null;
      return;
    }
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const { horizontal, vertical } = now.scene;
    const from = cursor.peek() ?? { u: (horizontal[0] + horizontal[1]) / 2, v: (vertical[0] + vertical[1]) / 2 };
    const share = event.shiftKey ? 0.1 : 0.02;
    const u = from.u + along(event.key, "ArrowRight", "ArrowLeft") * share * (horizontal[1] - horizontal[0]);
    const v = from.v + along(event.key, "ArrowUp", "ArrowDown") * share * (vertical[1] - vertical[0]);
    const held = { u: clamp(u, horizontal), v: clamp(v, vertical) };
    const [x, y] = now.axes.screen(held.u, held.v);
    cursor.value = { ...held, point: nearest(now.scene.points, x, y, now.axes.screen) };
  };
  const neuron = store.neuron.value;
  const title =
    isAnswer(neuron, branch) || neuron === null
      ? answerTitle(data, branch)
      : unitName(view.columns.value, data, neuron.layer, neuron.unit);
  return (
    <section class="panel bigmap" aria-labelledby="bigmap-title" data-part="bigmap">
      <div class="bigmap-head">
        <h2 id="bigmap-title">{title}</h2>
        <PlanePicker view={view} />
        {neuron !== null && (
          <button
            type="button"
            class="quiet small"
            onClick={() => {
              store.neuron.value = null;
            }}
          >
            show the answer
          </button>
        )}
      </div>
      <div
        class="bigmap-canvas"
        ref={box}
        role="application"
        aria-label={`Map: ${title}. The arrow keys move a cross over it, Enter chooses the nearest training point.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move a cross whose value is read out
        tabIndex={0}
        data-own-keys=""
        onKeyDown={keys}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => {
          cursor.value = null;
        }}
        onBlur={() => {
          cursor.value = null;
        }}
        onClick={choose}
      >
        <canvas ref={under} />
        <canvas ref={over} class="bigmap-over" />
      </div>
      <div class="beside-twin">
        <Reading view={view} cursor={cursor} />
        <MapTable view={view} />
      </div>
      <MapLegend view={view} />
      <MapNotes view={view} />
    </section>
  );
}

function answerTitle(data: Data, branch: Branch): string {
  const mean = branch.network.members > 1 ? `, mean of ${branch.network.members} members` : "";
  if (data.task === "binary") return `Probability of ${data.classes[1] ?? "class 1"}${mean}`;
  return data.task === "multiclass"
    ? `Most probable ${data.target || "class"}${mean}`
    : `${data.target || "Output"}${mean}`;
}

function sameScene(a: Scene, b: Scene): boolean {
  return a.points === b.points && a.vertical[0] === b.vertical[0] && a.vertical[1] === b.vertical[1];
}

const along = (key: string, more: string, less: string): number => (key === more ? 1 : key === less ? -1 : 0);
const clamp = (value: number, [low, high]: readonly [number, number]): number => Math.min(high, Math.max(low, value));
