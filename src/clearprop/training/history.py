"""The record of a run: named series of (step, value), and events in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import unknown_name


class Event(NamedTuple):
    """Something that happened once: at which step, and what."""

    step: int
    text: str


class History(Mapping[str, Array]):
    """``history["loss"]`` is an array of values, ``history.steps("loss")`` the updates at which they were taken.

    Attributes
    ----------
    events : list of Event
        What happened on the way: clipping, a rate that was lowered, why the run ended.

    Examples
    --------
    >>> history = History()
    >>> history.record("loss", 0, 0.7); history.record("loss", 1, 0.5)
    >>> history["loss"], history.steps("loss")
    (array([0.7, 0.5]), array([0, 1]))
    """

    def __init__(self) -> None:
        self._series: dict[str, _Series] = {}
        self.events: list[Event] = []

    def record(self, name: str, step: int, value: float) -> None:
        """Add a value to a series; a new name starts a new one."""
        series = self._series.get(name)
        if series is None:
            series = self._series[name] = _Series()
        series.append(step, value)

    def begin(self, *names: str) -> None:
        """Make sure that these series exist, if only with no values yet."""
        for name in names:
            self._series.setdefault(name, _Series())

    def note(self, step: int, text: str) -> None:
        """Add an event."""
        self.events.append(Event(step, text))

    def steps(self, name: str) -> Array:
        """Return the updates, counted from 0, at which a series' values were taken, shape (n,), int64."""
        return self._find(name).steps[: self._find(name).count]

    def last(self, name: str, default: float = float("nan")) -> float:
        """Return the newest value of a series."""
        series = self._series.get(name)
        return float(series.values[series.count - 1]) if series and series.count else default

    def extend(self, name: str, steps: Array, values: Array) -> None:
        """Add many values at once, as when a run is loaded."""
        self.begin(name)
        self._series[name].extend(steps, values)

    def __getitem__(self, name: str) -> Array:
        series = self._find(name)
        return series.values[: series.count]

    def __contains__(self, name: object) -> bool:
        return name in self._series

    def __iter__(self) -> Iterator[str]:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)

    def __repr__(self) -> str:
        series = ", ".join(f"{name} × {len(self[name])}" for name in self)
        return f"History({series or 'empty'}; {len(self.events)} events)"

    def _find(self, name: str) -> _Series:
        if name not in self._series:
            raise unknown_name("series", name, self._series)
        return self._series[name]


class _Series:
    """Arrays that double when they are full, so that adding a value costs the same however many there are."""

    def __init__(self) -> None:
        self.count = 0
        self.steps: Array = np.empty(64, np.int64)
        self.values: Array = np.empty(64)

    def append(self, step: int, value: float) -> None:
        if self.count == len(self.values):
            self._grow(1)
        self.steps[self.count] = step
        self.values[self.count] = value
        self.count += 1

    def extend(self, steps: Array, values: Array) -> None:
        end = self.count + len(values)
        if end > len(self.values):
            self._grow(len(values))
        self.steps[self.count : end] = steps
        self.values[self.count : end] = values
        self.count = end

    def _grow(self, room: int) -> None:
        more = max(room, len(self.values))
        self.steps = np.concatenate([self.steps, np.empty(more, np.int64)])
        self.values = np.concatenate([self.values, np.empty(more)])
