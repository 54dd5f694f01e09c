/** Points drawn by hand, and what can be done with all of them. */

import { count } from "../draw/numbers";
import { csv, download } from "../model/csv_export";
import { DrawPad } from "../parts/drawpad";
import type { Draft } from "./data_draft";

export function PointsForm({ draft: { pad } }: { draft: Draft }) {
  const points = pad.points.value;
  const counts = pad.counts.value.flatMap((each, label) => (each > 0 ? `class ${label + 1}: ${count(each)}` : []));
  const save = () => {
    const rows = points.map((point) => [point.x, point.y, point.label + 1]);
    download("points.csv", csv(["x1", "x2", "class"], rows));
  };
  return (
    <div class="data-form">
      <DrawPad pad={pad} />
      <p>
        {points.length === 0
          ? "No points yet."
          : `${count(points.length)} points: ${counts.join(", ")}. The run calls those that have points 0, 1, … in this order.`}
      </p>
      <p class="data-buttons">
        <button type="button" disabled={!pad.canUndo.value} onClick={() => pad.undo()}>
          Undo
        </button>
        <button type="button" disabled={points.length === 0} onClick={() => pad.clear()}>
          Clear
        </button>
        <button type="button" disabled={points.length === 0} onClick={save}>
          Download as CSV
        </button>
      </p>
    </div>
  );
}
