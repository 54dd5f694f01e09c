/** What points mean: a shape and colour for each class, filled for training, a ring for validation. */

import { useEffect, useRef } from "preact/hooks";
import { mark } from "../draw/marks";
import { count } from "../draw/numbers";
import { classColour, usePalette } from "../draw/palette";
import { shapeName } from "../draw/shapes";
import { surface } from "../draw/surface";
import type { Data } from "../model/types";
import type { View } from "../screens/watch-view";

const MOST = 24;

export function Mark({ shape, ring = false, plain = false }: { shape: number; ring?: boolean; plain?: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = usePalette().value;
  useEffect(() => {
    const context = canvas.current === null ? null : surface(canvas.current, 14, 14);
    if (context === null) return;
    const fill = plain ? palette.muted : classColour(palette, shape);
    mark(context, plain ? 0 : shape, 7, 7, 4.2, { fill, edge: palette.panel }, ring);
  }, [palette, shape, ring, plain]);
  return <canvas ref={canvas} class="key-mark" />;
}

export function ClassKey({ data }: { data: Data }) {
  return (
    <ul class="class-key">
      {data.classes.slice(0, MOST).map((name, k) => (
        <li key={name} title={shapeName(k)}>
          <Mark shape={k} />
          {name}
        </li>
      ))}
      {data.classes.length > MOST && <li class="muted">{data.classes.length - MOST} more</li>}
    </ul>
  );
}

/** Training and validation told apart, and each switched on or off. */
export function SideKey({ data, view }: { data: Data; view: View }) {
  return (
    <span class="side-key">
      <label>
        <input
          type="checkbox"
          checked={view.showTrain.value}
          onChange={(event) => {
            view.showTrain.value = event.currentTarget.checked;
          }}
        />
        <Mark shape={0} plain /> training {count(data.train.count)}
      </label>
      {data.validation.count > 0 && (
        <label>
          <input
            type="checkbox"
            checked={view.showValidation.value}
            onChange={(event) => {
              view.showValidation.value = event.currentTarget.checked;
            }}
          />
          <Mark shape={0} plain ring /> validation {count(data.validation.count)}
        </label>
      )}
    </span>
  );
}
