import { expect, it, vi } from "vitest";
import type { Edge } from "./edges";
import { type Lines, LinesLayer, paintLines } from "./lines";
import { makePalette } from "./palette";
import { Slices } from "./slices";

const seat = (x: number) => ({ layer: 0, unit: 0, x, y: 10, size: 20 });
const [from, to] = [seat(0), seat(100)];
const edges = [-1, 0.5, 1, ...Array.from({ length: 40 }, (_, k) => 0.1 + k / 100)].map(
  (value, index): Edge => ({ from, to, layer: 1, index, value }),
);
const lines: Lines = { palette: makePalette(), edges, largest: 1, hovered: null };

function fake() {
  const strokes: { width: number; dashed: boolean }[] = [];
  let dashed = false;
  const context = {
    lineWidth: 0,
    strokeStyle: "",
    lineCap: "",
    canvas: document.createElement("canvas"),
    setLineDash: (dash: number[]) => {
      dashed = dash.length > 0;
    },
    stroke: () => strokes.push({ width: context.lineWidth, dashed }),
    beginPath: vi.fn(),
    moveTo: vi.fn(),
    bezierCurveTo: vi.fn(),
    setTransform: vi.fn(),
    clearRect: vi.fn(),
    drawImage: vi.fn(),
    getImageData: vi.fn(),
  };
  return { context: context as unknown as CanvasRenderingContext2D & typeof context, strokes };
}

it("every line is drawn: as wide as it is large, dashed where it is negative, the largest last", () => {
  const { context, strokes } = fake();
  const ways = [...paintLines(context, lines)].length;
  expect(ways).toBeGreaterThan(2); // where others may have a turn
  expect(strokes.length).toBe(edges.length);
  expect(strokes.filter((each) => each.dashed).length).toBe(1);
  expect(strokes.at(-1)).toEqual({ width: 6, dashed: false });
  expect(strokes.at(-2)?.dashed).toBe(true);
});

it("lines are shown when they are whole, and while they are drawn only the newest picture waits", () => {
  const waiting: (() => void)[] = [];
  let clock = 0;
  const slices = new Slices(
    1,
    () => clock++,
    (go) => waiting.push(go),
    () => waiting.splice(0),
  );
  const [aside, shown] = [fake(), fake()];
  const canvas = document.createElement("canvas");
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
    return (this === canvas ? shown : aside).context;
  } as unknown as HTMLCanvasElement["getContext"]);
  const layer = new LinesLayer(slices);
  for (const many of [43, 20, 30]) layer.paint(canvas, 120, 20, { ...lines, edges: edges.slice(0, many) });
  expect([canvas.style.width, canvas.style.height]).toEqual(["120px", "20px"]); // the page keeps their room for them
  waiting.shift()?.();
  expect(aside.strokes.length).toBeGreaterThan(0);
  expect(shown.context.drawImage).not.toHaveBeenCalled();
  while (waiting.length > 0) waiting.shift()?.();
  expect(aside.strokes.length).toBe(43 + 30);
  expect(shown.context.drawImage).toHaveBeenCalledTimes(2);
  layer.paint(canvas, 120, 20, lines);
  layer.stop();
  expect(waiting).toEqual([]);
  vi.restoreAllMocks();
});
