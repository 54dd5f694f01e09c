/** A class is told by its shape as well as by its colour: eight shapes, as there are eight colours. */

/** What the shapes are called, for those who listen. */
export const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "star", "wedge", "bar"] as const;

/** Corners on a circle of radius 1, from the top clockwise; every second one nearer where it is a star. */
function corners(count: number, turn: number, inner = 1): [number, number][] {
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / count;
    const radius = i % 2 === 1 ? inner : 1;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

const OUTLINES: readonly [number, number][][] = [
  [],
  corners(4, Math.PI / 4),
  corners(3, 0),
  corners(4, 0),
  corners(8, Math.PI / 4, 0.4),
  corners(10, 0, 0.45),
  corners(3, Math.PI),
  [
    [-1, -0.45],
    [1, -0.45],
    [1, 0.45],
    [-1, 0.45],
  ],
];

/** Trace the mark of a class; the caller fills or strokes it. */
export function trace(context: CanvasRenderingContext2D, label: number, x: number, y: number, radius: number): void {
  const outline = OUTLINES[label % OUTLINES.length] ?? [];
  context.beginPath();
  if (outline.length === 0) context.arc(x, y, radius * 0.9, 0, 2 * Math.PI);
  outline.forEach(([dx, dy], i) => {
    const place: [number, number] = [x + dx * radius * 1.15, y + dy * radius * 1.15];
    if (i === 0) context.moveTo(...place);
    else context.lineTo(...place);
  });
  context.closePath();
}

/** The same mark about the origin, as an SVG path. */
export function outlinePath(label: number, radius: number): string {
  const outline = OUTLINES[label % OUTLINES.length] ?? [];
  const r = radius * 0.9;
  if (outline.length === 0) return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  return `M${outline.map((place) => place.map((each) => (each * radius * 1.15).toFixed(2)).join(" ")).join("L")}z`;
}

/** A canvas made as sharp as the screen; its context counts in CSS pixels. */
export function sharp(
  canvas: HTMLCanvasElement,
): { context: CanvasRenderingContext2D; width: number; height: number } | null {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0 || height === 0) return null;
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width, height };
}
