import { expect, it } from "vitest";
import { shapeName, shapePath, traceShape } from "./shapes";

/** The places that a class's shape goes through on a canvas. */
function traced(label: number): [number, number][] {
  const places: [number, number][] = [];
  const context = {
    beginPath() {},
    closePath() {},
    arc: (x: number, y: number, r: number) => places.push([x - r, y]),
    lineTo: (x: number, y: number) => places.push([x, y]),
  };
  traceShape(context as unknown as CanvasRenderingContext2D, label, 0, 0, 4);
  return places;
}

it("a class has the same shape on a canvas and as a path", () => {
  for (let label = 0; label < 20; label++) {
    const path = shapePath(label, 4);
    const places = path.includes("a") ? [path.split("a")[0]!] : path.split("L");
    const read = places.map((each) => each.replace(/[Mz]/g, "").split(" ").map(Number));
    expect(read).toHaveLength(traced(label).length);
    traced(label).forEach(([x, y], k) => {
      expect(read[k]![0]).toBeCloseTo(x, 1);
      expect(read[k]![1]).toBeCloseTo(y, 1);
    });
  }
});

it("nine classes have nine shapes, and the tenth begins anew", () => {
  const first = Array.from({ length: 9 }, (_, label) => label);
  expect(new Set(first.map((label) => shapePath(label, 4))).size).toBe(9);
  expect(new Set(first.map(shapeName)).size).toBe(9);
  expect(shapeName(9)).toBe(shapeName(0));
});
