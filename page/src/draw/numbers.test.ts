import { describe, expect, it } from "vitest";
import { digits, exact, four, percent, several, ticks, tickText } from "./numbers";

describe("numbers", () => {
  it("have four digits, and a minus sign", () => {
    expect([0, 0.031249, -1234.56, 0.00001, 12345678].map(four)).toEqual(["0", "0.03125", "−1,235", "1e−5", "1.235e7"]);
  });
  it("are told as shares, and with what they count", () => {
    expect([0, 0.0004, 0.035, 1].map(percent)).toEqual(["0.0 %", "< 0.1 %", "3.5 %", "100.0 %"]);
    expect([several(1, "row"), several(3000, "row")]).toEqual(["1 row", "3,000 rows"]);
  });
  it("never are the text NaN", () => {
    for (const format of [four, exact, (value: number) => digits(value, 6)])
      expect(format(Number.NaN)).toBe("not finite");
  });
  it("mean exactly the float32 they came from", () => {
    for (const value of [0.1, 1 / 3, 1e-8, 123456.789, 0.10673746466636658].map(Math.fround)) {
      expect(Math.fround(Number(exact(value).replaceAll("−", "-")))).toBe(value);
    }
    expect(exact(Math.fround(0.1))).toBe("0.1");
  });
  it("stand at round places of an axis", () => {
    expect(ticks(-1.1, 2.2, 4)).toEqual([-1, 0, 1, 2]);
    expect(tickText([-0.5, 0, 0.5])).toEqual(["−0.5", "0.0", "0.5"]);
    expect(ticks(1, 1)).toEqual([]);
  });
});
