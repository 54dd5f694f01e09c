"""When to draw the next frame: ten times a second, but so seldom that drawing stays under two parts in a hundred."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, sleep

GAP, SHARE = 0.1, 0.02
_GROWTH = 4


class Clock:
    """Measures the run's speed between frames, and what a frame costs.

    Each frame is followed by so much training that it was at most ``SHARE`` of both.

    Parameters
    ----------
    pace : float or None
        Steps a second that are wanted; None for as many as there can be.
    now : function () → seconds

    Attributes
    ----------
    speed : float
        Steps a second.
    """

    def __init__(self, pace: float | None = None, now: Callable[[], float] = perf_counter) -> None:
        self.pace, self._now = pace, now
        self.begin(0)

    def begin(self, step: int) -> None:
        """Begin to measure: nothing has been seen of the run's speed yet."""
        self.speed, self.next = 0.0, step + 1
        self._last, self._first = step, step
        self._left = self._began = self._now()
        self._due = self._began + GAP

    def is_time(self, step: int) -> bool:
        """Tell whether a frame is due after ``step`` updates; if not, ``next`` is when to ask again."""
        now = self._now()
        if step > self._last and now > self._left:
            self.speed = (step - self._last) / (now - self._left)
        if now >= self._due:
            return True
        self.next = step + self._steps(self._due - now, step)
        return False

    def drawn(self, step: int, began: float) -> None:
        """Note that a frame which began at a time is done."""
        cost = self._now() - began
        gap = max(GAP, cost / SHARE)
        self._left, self._due = began + cost, began + cost + gap
        self.next, self._last = step + self._steps(gap, step), step

    def _steps(self, seconds: float, step: int) -> int:
        speed = self.speed if self.pace is None else min(self.pace, self.speed or self.pace)
        seconds = seconds if self.pace is None else min(seconds, GAP)  # to wait in time
        return max(1, min(int(speed * seconds), _GROWTH * max(step - self._first, 1)))

    def wait(self, step: int, stopped: Callable[[], bool]) -> None:
        """Sleep where the run is faster than wanted, until it isn't or has been stopped."""
        if self.pace is None:
            return
        until = self._began + (step - self._first) / self.pace
        while (left := until - self._now()) > 0 and not stopped():
            sleep(min(left, GAP))
