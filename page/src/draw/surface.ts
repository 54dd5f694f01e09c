/** Canvases in CSS pixels, sharp on every screen. */

import { effect } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { turns } from "./turns";

/** Make a canvas this large in CSS pixels, and return its context, scaled to them and empty. */
export function surface(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  if (context !== null) {
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
  }
  return context;
}

/** From this width on the columns of Watch stand side by side (watch.css). */
const BESIDE = 1100;

/** An element's inner width, as it changes: its ref, the width (0 before it is known), and the element. */
export function useWidth<T extends HTMLElement>(): [(element: T | null) => void, number, T | null] {
  const [element, setElement] = useState<T | null>(null); // not a ref: it may come later than the component
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (element === null) return;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element]);
  return [setElement, width, element];
}

/** Where an event of the pointer is, in the CSS pixels of the element that hears it. */
export function place(event: PointerEvent | MouseEvent): [number, number] {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The height of what is seen of the page, as it changes; 0 where columns stand below one another and nothing must fit. */
export function useRoom(): number {
  const [room, setRoom] = useState(roomNow);
  useEffect(() => {
    const measure = (): void => setRoom(roomNow());
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  return room;
}

const roomNow = (): number => (innerWidth >= BESIDE ? innerHeight : 0);

/**
 * Paint whenever a signal that `collect` reads has changed, when its turn comes; `collect` returns what paints, and holds
 * the canvas itself: a ref may be empty by then. With `wait`, so many milliseconds later, and only the newest.
 */
export function usePainting(
  collect: () => (() => void) | null,
  on: readonly unknown[],
  wait: () => number = () => 0,
): void {
  useEffect(() => {
    let next: (() => void) | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const paint = (): void => {
      const now = next;
      next = null; // painted: nothing waits any more
      now?.();
    };
    const end = effect(() => {
      next = collect();
      clearTimeout(timer);
      if (next === null) return;
      const pause = wait();
      if (pause > 0) timer = setTimeout(() => turns.add(paint), pause);
      else turns.add(paint);
    });
    return () => {
      end();
      clearTimeout(timer);
      turns.drop(paint);
    };
  }, on);
}

/** Paint again, when its turn comes, if one of `on` has changed; so many milliseconds after the last time at the soonest. */
export function useSlowPainting(paint: () => void, every: number, on: readonly unknown[]): void {
  const newest = useRef(paint);
  newest.current = paint;
  const slow = useMemo(() => {
    let painted = Number.NEGATIVE_INFINITY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const job = (): void => {
      painted = performance.now();
      newest.current();
    };
    return {
      ask: (): void => {
        timer ??= setTimeout(
          () => {
            timer = undefined;
            turns.add(job);
          },
          Math.max(0, painted + every - performance.now()),
        );
      },
      end: (): void => {
        clearTimeout(timer);
        turns.drop(job);
      },
    };
  }, [every]);
  useEffect(slow.ask, on);
  useEffect(() => slow.end, [slow]);
}
