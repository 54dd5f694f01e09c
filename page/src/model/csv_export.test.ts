import { expect, test } from "vitest";
import { csv } from "./csv_export";

test("names come first, and every line ends", () => {
  expect(
    csv(
      ["x1", "x2", "class"],
      [
        [0.5, -1.25, 0],
        [1e-7, 2, 1],
      ],
    ),
  ).toBe("x1,x2,class\r\n0.5,-1.25,0\r\n1e-7,2,1\r\n");
});

test("cells that would be misread are in quotes", () => {
  expect(csv(["a,b", 'say "so"', "two\nlines", " edge"], [])).toBe('"a,b","say ""so""","two\nlines"," edge"\r\n');
});
