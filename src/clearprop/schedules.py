"""Schedules: the factor on the optimiser's rate at each step; ``ReduceOnPlateau``, which looks back, is a callback."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from math import cos, log2, pi

from clearprop.settings import Settings, check_number


class Schedule(Settings):
    """``schedule.factor(step, total)`` multiplies the rate at update ``step``, counted from 0, of ``total``."""

    @abstractmethod
    def factor(self, step: int, total: int) -> float:
        """Return the factor on the rate, 0 or more."""

    def factors(self, steps: range, total: int) -> list[float]:
        """Return the factor of each of several updates."""
        return [self.factor(step, total) for step in steps]


@dataclass(frozen=True)
class Constant(Schedule):
    """Factor 1, always."""

    def factor(self, step: int, total: int) -> float:
        return 1.0

    def factors(self, steps: range, total: int) -> list[float]:
        return [1.0] * len(steps)


@dataclass(frozen=True)
class StepDecay(Schedule):
    """decay ^ ⌊step / every⌋.

    Examples
    --------
    >>> [StepDecay(every=100, decay=0.5).factor(step, 1000) for step in (0, 99, 100, 200)]
    [1.0, 1.0, 0.5, 0.25]
    """

    every: int
    decay: float = 0.1

    def __post_init__(self) -> None:
        _check_positive(every=self.every, decay=self.decay)

    def factor(self, step: int, total: int) -> float:
        return self.decay ** (step // self.every)


@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """decay ^ (step / every): the same as ``StepDecay``, without the steps."""

    every: int
    decay: float = 0.5

    def __post_init__(self) -> None:
        _check_positive(every=self.every, decay=self.decay)

    def factor(self, step: int, total: int) -> float:
        return self.decay ** (step / self.every)


@dataclass(frozen=True)
class CosineDecay(Schedule):
    """end + (1 − end) (1 + cos π t) / 2, t = step / (total − 1).

    Loshchilov & Hutter 2016, arXiv 1608.03983, eq. 5, one cycle.

    Parameters
    ----------
    end : float
        The factor that is reached at the last step.
    steps : int, optional
        How many steps it takes; by default the whole run.
    """

    end: float = 0.0
    steps: int | None = None

    def __post_init__(self) -> None:
        if self.steps is not None:
            _check_positive(steps=self.steps)

    def factor(self, step: int, total: int) -> float:
        t = min(step / max((self.steps or total) - 1, 1), 1.0)
        return self.end + (1 - self.end) * (1 + cos(pi * t)) / 2


@dataclass(frozen=True)
class InverseScaling(Schedule):
    """(1 + rows · ⌊step / every⌋) ^ −power: with ``every`` steps an epoch, of so many rows, by the rows seen so far.

    Examples
    --------
    >>> [InverseScaling(every=2, rows=3).factor(step, 10) for step in (0, 1, 2, 10)]
    [1.0, 1.0, 0.5, 0.25]
    """

    every: int
    rows: int = 1
    power: float = 0.5

    def __post_init__(self) -> None:
        _check_positive(every=self.every, rows=self.rows)
        check_number(self.power, "a schedule's power", least=0)

    def factor(self, step: int, total: int) -> float:
        return float((1 + self.rows * (step // self.every)) ** -self.power)


@dataclass(frozen=True)
class CosineLog2(Schedule):
    """(1 − cos(2π log₂(1 + (2^cycles − 1) t))) / 2, t = step / (total − 1): ``cycles`` hills, each twice as long.

    Holzmüller et al. 2024, arXiv 2407.04491 ("coslog4"). It begins and ends with 0.

    Examples
    --------
    >>> [round(CosineLog2().factor(step, 16), 3) for step in (0, 1, 3, 7, 11, 15)]  # hills end at 1, 3, 7 and 15
    [0.0, 0.0, 0.0, 0.0, 0.93, 0.0]
    """

    cycles: int = 4

    def __post_init__(self) -> None:
        _check_positive(cycles=self.cycles)

    def factor(self, step: int, total: int) -> float:
        t = step / max(total - 1, 1)
        return (1 - cos(2 * pi * log2(1 + (2**self.cycles - 1) * t))) / 2


@dataclass(frozen=True)
class WarmUp(Schedule):
    """(step + 1) / steps over the first ``steps`` updates, then another schedule, counted from there.

    Examples
    --------
    >>> [WarmUp(4).factor(step, 100) for step in (0, 1, 3, 50)]
    [0.25, 0.5, 1.0, 1.0]
    """

    steps: int
    then: Schedule = field(default_factory=Constant)

    def __post_init__(self) -> None:
        _check_positive(steps=self.steps)
        object.__setattr__(self, "then", Schedule.resolve(self.then))

    def factor(self, step: int, total: int) -> float:
        if step < self.steps:
            return (step + 1) / self.steps
        return self.then.factor(step - self.steps, max(total - self.steps, 1))


@dataclass(frozen=True)
class OneCycle(Schedule):
    """From 1 / start up to 1 and down to 1 / end, along half cosines (Smith & Topin 2017, arXiv 1708.07120).

    Parameters
    ----------
    rise : float between 0 and 1
        The share of the run in which the rate rises.
    start, end : float
        By how much the first and the last rate are smaller than the optimiser's.
    """

    rise: float = 0.3
    start: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        _check_positive(start=self.start, end=self.end)
        check_number(self.rise, "OneCycle's rise", above=0, below=1)

    def factor(self, step: int, total: int) -> float:
        t = step / max(total - 1, 1)
        if t < self.rise:
            return _half_cosine(1 / self.start, 1.0, t / self.rise)
        return _half_cosine(1.0, 1 / self.end, min((t - self.rise) / (1 - self.rise), 1.0))


def _half_cosine(first: float, last: float, t: float) -> float:
    return last + (first - last) * (1 + cos(pi * t)) / 2


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        check_number(value, f"a schedule's {name}", above=0)
