import { describe, expect, it } from "vitest";
import css from "./theme.css?raw";

/** The variables of a block of the style sheet. */
function colours(selector: string): Map<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`));
  const found = block.slice(0, block.indexOf("}")).matchAll(/(--[\w-]+):\s*(#[0-9a-f]{6})/g);
  return new Map([...found].map(([, name, value]) => [name!, value!]));
}

const light = colours(":root");
const dark = new Map([...light, ...colours('[data-theme="dark"]')]);

/** WCAG 2's relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each([
  ["light", light],
  ["dark", dark],
])("in %s colours", (_, palette) => {
  const of = (name: string): string => palette.get(`--${name}`)!;

  it.each([
    ...["ink", "muted", "accent", "warn"].flatMap((text) => ["ground", "panel", "warn-ground"].map((on) => [text, on])),
    ["on-accent", "accent"],
  ])("text in %s on %s stands at 4.5:1", (text, ground) => {
    expect(contrast(of(text!), of(ground!))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(["focus", "positive", "negative", "second", "strong-line"])("the graphics' %s stands at 3:1", (name) => {
    for (const ground of ["ground", "panel"]) expect(contrast(of(name), of(ground))).toBeGreaterThanOrEqual(3);
  });
});
