"""How often a run is looked at: by the clock, so seldom that looking costs next to nothing, and as slow as wanted."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, thread_time

LADDER = (30.0, 15.0, 5.0, 1.0)
"""Pictures a second: the next slower rung is taken where they cost more than ``DEAR``."""
DEAR, CHEAP = 0.02, 0.005
"""Shares of the time that pictures may take, and under which there may be more of them again."""
_GLANCES = 60.0  # looks a second that hear commands, with a picture or without
_SMOOTHING = 0.8
_GROWTH = 4


class Pace:
    """Counts steps and seconds, and says after how many steps to look again, and when for a picture.

    Parameters
    ----------
    most : float
        The most pictures a second.
    clock : function () → seconds
        That of the wall.
    work : function () → seconds
        What this thread has computed.

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
    ) -> None:
        self._rungs = [most, *(rung for rung in LADDER if rung < most)]
        self._rung, self._clock, self._work = 0, clock, work
        self.wanted: float | None = None
        self.speed = self.overhead = 0.0
        self._left, self._step, self._steps = clock(), 0, 1
        self._due = self._picture = 0.0
        self._entered = self._began = self._trained = 0.0

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
        self._left, self._step, self._steps, self._trained = self._clock(), step, 1, 0.0
        self._due, self._picture = self._left, 0.0

    def enter(self, step: int) -> None:
        """Note that a look begins after ``step`` updates."""
        self._entered, self._began = self._clock(), self._work()
        trained = self._entered - self._left
        self._trained += trained
        if step > self._step and trained > 0:
            speed = (step - self._step) / trained
            self.speed = speed if not self.speed else _SMOOTHING * self.speed + (1 - _SMOOTHING) * speed

    def is_due(self) -> bool:
        """Tell whether a look should take a picture, or hold the run back."""
        return self._entered >= self._picture - 0.5 / _GLANCES or self.left_to_wait() > 0

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

    def measure(self) -> None:
        """Learn what this look's picture has cost, against the training since the last one."""
        cost, trained = self._work() - self._began, self._trained
        self._trained = 0.0
        if trained <= 0:
            return
        share = cost / (trained + cost)
        self.overhead = _SMOOTHING * self.overhead + (1 - _SMOOTHING) * share
        if self.overhead > DEAR and self._rung < len(self._rungs) - 1:
            self._rung, self.overhead = self._rung + 1, DEAR / 2
        elif self.overhead < CHEAP and self._rung:
            self._rung, self.overhead = self._rung - 1, DEAR / 2
