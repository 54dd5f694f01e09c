import { describe, expect, it } from "vitest";
import { LONGEST, Rhythm, SHORTEST } from "./rhythm";

/** Show pictures for some seconds in a browser whose animation frame after a picture takes so long; how many there were. */
function shown(rhythm: Rhythm, seconds: number, after: (pause: number) => number): number {
  let [now, pictures] = [1000, 0];
  for (let slow = 0; now < 1000 * (1 + seconds); ) {
    rhythm.frame(now);
    slow = 16.7;
    if (rhythm.wait(now) < 8) {
      slow = after(rhythm.pause);
      rhythm.show(now);
      pictures++;
    }
    now += slow;
  }
  return pictures;
}

describe("the rhythm", () => {
  it("is quick where the browser keeps up", () => {
    const pictures = shown(new Rhythm(), 10, () => 16.7);
    expect(pictures).toBeGreaterThan(180);
    expect(pictures).toBeLessThanOrEqual(10_000 / (SHORTEST - 8));
  });

  it("slows down where pictures make it late, and goes no further than it must", () => {
    expect(shown(new Rhythm(), 10, () => 60)).toBeLessThan(80);
    const rhythm = new Rhythm();
    shown(rhythm, 20, (pause) => (pause < 90 ? 60 : 16.7)); // late only where pictures come close after one another
    expect(rhythm.pause).toBeGreaterThan(75);
    expect(rhythm.pause).toBeLessThan(115);
  });

  it("is never slower than its longest pause, and recovers", () => {
    const rhythm = new Rhythm();
    shown(rhythm, 20, () => 500);
    expect(rhythm.pause).toBe(LONGEST);
    shown(rhythm, 30, () => 16.7);
    expect(rhythm.pause).toBe(SHORTEST);
  });

  it("needs no animation frames once nothing comes", () => {
    const rhythm = new Rhythm();
    rhythm.show(1000);
    expect(rhythm.frame(1016)).toBe(true);
    expect(rhythm.frame(1000 + LONGEST)).toBe(false);
  });
});
