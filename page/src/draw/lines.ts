/** The diagram's lower layer, its lines: drawn aside a few at a time, for all at once take longer than a frame may. */

import { css } from "./colours";
import { curveOf, type Edge, widthOf } from "./edges";
import type { Seat } from "./layout";
import type { Palette } from "./palette";
import { Slices } from "./slices";
import { surface } from "./surface";

export interface Lines {
  palette: Palette;
  edges: readonly Edge[];
  /** The largest value that is drawn; widths are shares of it. */
  largest: number;
  hovered: Seat | Edge | null;
}

const SLICE = 4; // milliseconds
const STEPS = 12; // widths: what edges of one width and sign share is set once
const AT_ONCE = 12; // lines between two looks at the clock

/** Draws lines aside, and shows them when they are whole; while it draws, only the newest picture waits. */
export class LinesLayer {
  private aside: CanvasRenderingContext2D | null = null;
  private next: (() => Generator<void, void>) | null = null;

  constructor(private readonly slices: Slices = new Slices(SLICE)) {}

  paint(canvas: HTMLCanvasElement, width: number, height: number, lines: Lines): void {
    canvas.style.width = `${width}px`; // its room at once: what lies above it and below goes by that
    canvas.style.height = `${height}px`;
    const work = () => this.work(canvas, width, height, lines);
    if (this.slices.busy) this.next = work;
    else this.slices.run(work());
  }

  stop(): void {
    this.slices.stop();
    this.next = null;
  }

  private *work(canvas: HTMLCanvasElement, width: number, height: number, lines: Lines): Generator<void, void> {
    // lines take time when pixels are asked for: so the clock sees it only if some are, and they lie where that is cheap
    this.aside ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const aside = this.aside;
    if (aside === null) return;
    surface(aside.canvas, width, height);
    for (const _ of paintLines(aside, lines)) {
      aside.getImageData(0, 0, 1, 1);
      yield;
    }
    surface(canvas, width, height)?.drawImage(aside.canvas, 0, 0, width, height);
    const { next } = this;
    this.next = null;
    if (next !== null) this.slices.run(next());
  }
}

/** Draw the lines, and give way now and then. */
export function* paintLines(context: CanvasRenderingContext2D, lines: Lines): Generator<void, void> {
  const lit = lines.hovered !== null && "from" in lines.hovered ? lines.hovered : null;
  const about = lines.hovered !== null && !("from" in lines.hovered) ? lines.hovered : null;
  context.lineCap = "butt";
  const faint = (edge: Edge): boolean => lit !== null || (about !== null && edge.from !== about && edge.to !== about);
  const [back, front] = [lines.edges.filter(faint), lines.edges.filter((each) => !faint(each))];
  yield* paintEdges(context, back, lines, 0.3);
  yield* paintEdges(context, front, lines, 1);
  if (lit !== null) yield* paintEdges(context, [lit], lines, 5, 2);
  context.setLineDash([]);
}

function* paintEdges(
  context: CanvasRenderingContext2D,
  edges: readonly Edge[],
  lines: Lines,
  strength: number,
  wider = 0,
): Generator<void, void> {
  const { palette, largest } = lines;
  const groups = new Map<number, Edge[]>();
  for (const edge of edges) {
    const level = largest > 0 ? Math.ceil(STEPS * Math.min(1, Math.abs(edge.value) / largest)) : 0;
    const key = 2 * level + (edge.value > 0 ? 1 : 0);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [edge]);
    else group.push(edge);
  }
  let drawn = 0;
  for (const [key, group] of [...groups].sort((a, b) => a[0] - b[0])) {
    const [share, positive] = [(key >> 1) / STEPS, key % 2 === 1];
    const width = widthOf(share, 1) + wider;
    context.lineWidth = width;
    context.strokeStyle = css(
      positive ? palette.positive : palette.negative,
      Math.min(1, (0.22 + 0.7 * share) * strength),
    );
    // shorter dashes take twice as long
    context.setLineDash(positive ? [] : [Math.max(8, width * 1.6), Math.max(5, width * 0.9)]);
    for (const edge of group) {
      const [x0, y0, x1, y1, x2, y2, x3, y3] = curveOf(edge);
      context.beginPath(); // one path of many that cross takes longer
      context.moveTo(x0, y0);
      context.bezierCurveTo(x1, y1, x2, y2, x3, y3);
      context.stroke();
      if (++drawn % AT_ONCE === 0) yield;
    }
  }
}
