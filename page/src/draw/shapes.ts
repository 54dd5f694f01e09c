/** A class is told by its shape as well as by its colour, and by the same one on every screen. */

interface Shape {
  /** What it is called, for those who listen. */
  name: string;
  /** Corners about the origin, clockwise, y downwards; a circle has none. */
  corners: readonly (readonly [number, number])[];
}

function polygon(count: number, turn: number, stretch: number): Shape["corners"] {
  return Array.from({ length: count }, (_, k) => {
    const angle = turn + (2 * Math.PI * k) / count;
    return [stretch * Math.cos(angle), stretch * Math.sin(angle)];
  });
}

function star(tips: number): Shape["corners"] {
  return Array.from({ length: 2 * tips }, (_, k) => {
    const angle = -Math.PI / 2 + (Math.PI * k) / tips;
    const length = k % 2 === 0 ? 1.4 : 0.6;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
}

/** Nine shapes, so that with eight colours no pair of both repeats before 72 classes. */
const SHAPES: readonly Shape[] = [
  { name: "circle", corners: [] },
  { name: "square", corners: polygon(4, Math.PI / 4, 1.25) },
  { name: "triangle", corners: polygon(3, -Math.PI / 2, 1.35) },
  { name: "diamond", corners: polygon(4, 0, 1.3) },
  { name: "star", corners: star(5) },
  { name: "hexagon", corners: polygon(6, 0, 1.15) },
  { name: "triangle on its tip", corners: polygon(3, Math.PI / 2, 1.35) },
  { name: "pentagon", corners: polygon(5, -Math.PI / 2, 1.2) },
  { name: "four-pointed star", corners: star(4) },
];

const shapeOf = (label: number): Shape => SHAPES[label % SHAPES.length]!;

export function shapeName(label: number): string {
  return shapeOf(label).name;
}

/** Trace the shape of a class; the caller fills or strokes it. */
export function traceShape(context: CanvasRenderingContext2D, label: number, x: number, y: number, r: number): void {
  const { corners } = shapeOf(label);
  context.beginPath();
  if (corners.length === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  for (const [dx, dy] of corners) context.lineTo(x + r * dx, y + r * dy);
  context.closePath();
}

/** The same shape about the origin, as an SVG path. */
export function shapePath(label: number, r: number): string {
  const { corners } = shapeOf(label);
  if (corners.length === 0) return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  return `M${corners.map((corner) => corner.map((each) => (each * r).toFixed(2)).join(" ")).join("L")}z`;
}
