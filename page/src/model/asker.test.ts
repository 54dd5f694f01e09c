import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asker, FOLLOWING, type Question } from "./asker";
import type { Message } from "./types";

const question: Question = { frame: 1, sample: 0, layer: 0, unit: 0, weight: 0 };
const header = {
  step: 1,
  rate: 1,
  loss_before: 1,
  loss_after: 1,
  batch: { rows: 1, contains_sample: true },
  groups: [],
};
const message: Message = { type: "worked", header, arrays: new Map() };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function asking(answer: () => Promise<Message> = async () => message) {
  const asked: unknown[] = [];
  const ask = (_: string, values: Record<string, unknown>) => {
    asked.push(values.frame);
    return answer();
  };
  return { asked, asker: new Asker({ ask }, () => Date.now()) };
}

test("while frames come in it asks at most once a second, and for the newest", async () => {
  const { asked, asker } = asking();
  for (let frame = 1; frame <= 100; frame++) {
    asker.want({ ...question, frame });
    await vi.advanceTimersByTimeAsync(30);
  }
  expect(asked.length).toBeGreaterThanOrEqual(3);
  expect(asked.length).toBeLessThanOrEqual(Math.ceil(3000 / FOLLOWING) + 1);
  await vi.advanceTimersByTimeAsync(2 * FOLLOWING);
  expect(asked[asked.length - 1]).toBe(100);
  expect(asker.answer.value?.question.frame).toBe(100);
});

test("another choice is answered soon, and the same one isn't asked twice", async () => {
  const { asked, asker } = asking();
  asker.want(question);
  await vi.advanceTimersByTimeAsync(1);
  asker.want({ ...question, unit: 1 });
  await vi.advanceTimersByTimeAsync(150);
  asker.want({ ...question, unit: 1 });
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(2);
});

test("never two at once", async () => {
  let done: (message: Message) => void = () => {};
  const { asked, asker } = asking(() => new Promise((resolve) => (done = resolve)));
  asker.want(question);
  await vi.advanceTimersByTimeAsync(1);
  asker.want({ ...question, frame: 2 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([1]);
  done(message);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([1, 2]);
});

test("what is refused is told, and can be asked again", async () => {
  let fails = true;
  const { asked, asker } = asking(async () => {
    if (fails) throw new Error("frame 1 isn't kept any more");
    return message;
  });
  asker.want(question);
  await vi.advanceTimersByTimeAsync(1);
  expect(asker.refused.value).toBe("frame 1 isn't kept any more");
  fails = false;
  asker.again();
  await vi.advanceTimersByTimeAsync(FOLLOWING);
  expect([asked.length, asker.refused.value, asker.answer.value !== null]).toEqual([2, "", true]);
});

test("nothing is asked after the end", async () => {
  const { asked, asker } = asking();
  asker.want(question);
  asker.want(null);
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toHaveLength(0);
});
