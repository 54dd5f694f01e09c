"""How often a run is looked at: by the clock, so seldom that looking costs next to nothing, and as slow as wanted."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time, thread_time

LADDER = (30.0, 15.0, 5.0, 1.0)
"""Pictures a second: the next slower rung is taken where they cost more than ``DEAR``."""
DEAR, CHEAP = 0.02, 0.015
"""Shares of the time that pictures may take, and at most would take where there are more of them again."""
BESIDE, CROWDED = 0.5, 2.0
"""What a second costs in which another thread sends a picture: where a processor is free for it, and where none is.

Beside training it holds the interpreter for about half of the time; and where training uses all processors, what reads
the picture on the same machine takes as much from it again.
"""
_SPARE = 0.75  # of a processor: less than that isn't a free one
_GLANCES = 30.0  # looks a second that hear commands, with a picture or without: each begins a stretch of steps anew
_SMOOTHING = 0.8
_GROWTH = 4
_MIDDLE = 5  # pictures


class Pace:
    """Counts steps and seconds, and says after how many steps to look again, and when for a picture.

    Parameters
    ----------
    most : float
        The most pictures a second.
    clock : function () → seconds
        That of the wall.
    work, all_work : function () → seconds
        What this thread, and all threads of this process, have computed.

    Attributes
    ----------
    wanted : float or None
        Steps a second that a person asked for; None for as fast as it goes.
    speed : float
        Steps a second, as they were measured.
    overhead : float
        Which share of the time pictures take.
    """

    def __init__(
        self,
        most: float = LADDER[0],
        clock: Callable[[], float] = perf_counter,
        work: Callable[[], float] = thread_time,
        all_work: Callable[[], float] = process_time,
    ) -> None:
        self._rungs = [most, *(rung for rung in LADDER if rung < most)]
        self._rung, self._clock, self._work, self._all_work = 0, clock, work, all_work
        self._processors = os.cpu_count() or 1
        self.wanted: float | None = None
        self.speed = self.overhead = 0.0
        self._left, self._step, self._steps = clock(), 0, 1
        self._due = self._picture = 0.0
        self._entered = self._began = self._trained = self._sent = 0.0
        self._pictured, self._computed = clock(), all_work()
        self._measured: deque[tuple[float, float]] = deque(maxlen=_MIDDLE)  # cost, seconds since the picture before

    @property
    def pictures(self) -> float:
        """Pictures a second at present."""
        return self._rungs[self._rung]

    @property
    def slowed(self) -> bool:
        """Whether there are fewer pictures than there might be, since they would cost too much."""
        return self._rung > 0

    def restart(self, step: int) -> None:
        """Begin to measure anew, as when a run begins."""
        self._left, self._step, self._steps = self._clock(), step, 1
        self._due, self._picture, self._pictured, self._trained = self._left, 0.0, self._left, 0.0

    def enter(self, step: int) -> None:
        """Note that a look begins after ``step`` updates."""
        self._entered, self._began = self._clock(), self._work()
        trained = self._entered - self._left
        self._trained += trained
        if step > self._step and trained > 0:
            speed = (step - self._step) / trained
            self.speed = speed if not self.speed else _SMOOTHING * self.speed + (1 - _SMOOTHING) * speed

    def is_due(self) -> bool:
        """Tell whether a look should take a picture."""
        return self._entered >= self._picture - 0.5 / _GLANCES

    def left_to_wait(self) -> float:
        """Return for how many seconds the run should wait, to be no faster than wanted."""
        return 0.0 if self.wanted is None else max(0.0, self._due - self._clock())

    def leave(self, step: int, *, picture: bool, most: float) -> int:
        """Note that a look ends, and whether it took a picture; return the step of the next look.

        Parameters
        ----------
        most : float
            Pictures a second that are wanted; there will be no more than there may be.
        """
        now = self._clock()
        if picture:
            self._picture = now + 1 / min(most, self.pictures)
        speed = self.speed if self.wanted is None else min(self.wanted, self.speed or self.wanted)
        self._steps = min(max(1, int(speed / _GLANCES)), _GROWTH * self._steps)
        self._left, self._step = now, step
        if self.wanted is not None:
            self._due = max(self._due, now - 1 / _GLANCES) + self._steps / self.wanted
        return step + self._steps

    def measure(self, sending: float = 0.0) -> None:
        """Learn what this look's picture has cost, and whether there may be so many.

        What counts is the middle of the last few: one that was dear by chance, as a viewer's first, changes nothing.
        While a run is held back anyway, pictures take nothing from it.

        Parameters
        ----------
        sending : float
            Seconds that other threads of this process have computed so far, to send pictures to viewers.
        """
        now, computed = self._clock(), self._all_work()
        seconds = max(now - self._pictured, 1e-9)
        crowded = (computed - self._computed) / seconds > self._processors - _SPARE
        cost = self._work() - self._began + (CROWDED if crowded else BESIDE) * max(0.0, sending - self._sent)
        held = self.wanted is not None and seconds - self._trained > 2 * cost
        self._measured.append((0.0 if held else cost, seconds))
        self._pictured, self._computed, self._sent, self._trained = now, computed, sending, 0.0
        if len(self._measured) < _MIDDLE:
            return
        dear = median(cost for cost, _ in self._measured)
        self.overhead = dear / median(seconds for _, seconds in self._measured)
        if self.overhead > DEAR and self._rung < len(self._rungs) - 1:
            self._rung += 1
            self._measured.clear()
        elif self._rung and dear * self._rungs[self._rung - 1] < CHEAP:
            self._rung -= 1
            self._measured.clear()
