import { describe, expect, it } from "vitest";
import { Blend, mix, packed, type Rgb, shade, table, toLab, toRgb } from "./colours";

const blue: Rgb = [0, 114, 178];
const orange: Rgb = [230, 159, 0];

describe("OKLab", () => {
  it("gives the reference's values for white and red", () => {
    expect(toLab([255, 255, 255])[0]).toBeCloseTo(1, 5);
    const [lightness, a, b] = toLab([255, 0, 0]); // Ottosson 2020: 0.627955, 0.224863, 0.125846
    expect([lightness, a, b].map((each) => Number(each.toFixed(4)))).toEqual([0.628, 0.2249, 0.1258]);
  });

  it("comes back to every colour", () => {
    for (const colour of [blue, orange, [1, 2, 3], [254, 128, 7]] as Rgb[])
      expect(toRgb(toLab(colour))).toEqual(colour);
  });
});

describe("tables", () => {
  it("begin and end with their colours, and step evenly in lightness", () => {
    const colours = table([0, 0, 0], [255, 255, 255]);
    expect(colours[0]).toBe(packed([0, 0, 0]));
    expect(colours[255]).toBe(packed([255, 255, 255]));
    const middle = (colours[128] as number) & 255;
    expect(toLab([middle, middle, middle])[0]).toBeCloseTo(0.5, 1);
  });

  it("shade values by their place, and clamp what lies outside", () => {
    expect([-1, 0, 0.5, 1, 2].map((value) => shade(value, 0, 1))).toEqual([0, 0, 128, 255, 255]);
    expect(shade(Number.NaN, 0, 1)).not.toBe(255);
  });
});

describe("blends", () => {
  const blend = new Blend([blue, orange]);
  it("are the class's colour where it is certain, whatever lies in the next cell", () => {
    expect(blend.colour([1, 0, 0, 1], 0, 2)).toEqual(blue);
    expect(blend.colour([1, 0, 0, 1], 2, 2)).toEqual(orange);
    expect(blend.colour([1, 1], 0, 1)).toEqual(blue);
  });
  it("are the middle in OKLab where it is even", () => {
    expect(blend.colour([0.5, 0.5], 0, 2)).toEqual(mix(blue, orange, 0.5));
  });
});
