"""The kept frames of a run: checkpoints, so many that they can be scrubbed, so few that they fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple

from clearprop.arrays import copy
from clearprop.errors import InputError
from clearprop.training.history import History
from clearprop.training.loop import Training
from clearprop.training.progress import Progress

FRAMES, BYTES = 500, 256_000_000
"""The most frames that are kept, and what they may hold in all."""


class Frame(NamedTuple):
    """A checkpoint: a run's parameters and its optimiser's memory as they were after ``step`` updates.

    ``training`` is the run that it was taken of; ``keep`` says why it is kept for good: "first", "best", "command",
    "bookmark", "diverged", or "" where it isn't.
    """

    id: int
    branch: int
    step: int
    loss: float | None
    keep: str
    progress: Progress
    training: Training


def checkpoint(progress: Progress) -> Progress:
    """Return a copy of a run's progress that shares only its history."""
    return Progress(
        parameters=progress.parameters.copy(),
        state={name: copy(array) for name, array in progress.state.items()},
        seed=progress.seed,
        step=progress.step,
        age=progress.age,
        rate_factor=progress.rate_factor,
        memory=dict(progress.memory),
        average=progress.average,
        best=progress.best,
        history=progress.history,
    )


def until(history: History, step: int) -> History:
    """Return what a history held after ``step`` updates. It may be growing in another thread.

    Examples
    --------
    >>> history = History()
    >>> for k in range(5): history.record("loss", k, 1 / (k + 1))
    >>> until(history, 3)["loss"].round(2)
    array([1.  , 0.5 , 0.33])
    """
    past = History()
    for name in list(history):
        values = history[name]
        steps = history.steps(name)[: len(values)]
        last = step + 1 if name.startswith("validation_") else step  # those are taken after an update, others before
        seen = steps < last
        past.extend(name, steps[seen], values[: len(steps)][seen])
    past.events.extend(event for event in list(history.events) if event.step <= step)
    return past


class Frames:
    """Frames by their numbers, which grow; whoever uses them from several threads locks.

    Attributes
    ----------
    marks : list of (number, keep)
        Each mark that was set or taken away, in order.
    """

    def __init__(self, most: int = FRAMES, n_bytes: int = BYTES) -> None:
        self._most, self._bytes = most, n_bytes
        self._kept: dict[int, Frame] = {}
        self._next = 0
        self.marks: list[tuple[int, str]] = []

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._kept.values())

    def __getitem__(self, number: int) -> Frame:
        if number not in self._kept:
            raise InputError(f"frame {number!r:.20} isn't kept any more; choose another point of the timeline")
        return self._kept[number]

    def gone(self, numbers: set[int]) -> set[int]:
        """Return which of these numbers are no kept frame's any more."""
        return numbers.difference(self._kept)

    @property
    def newest(self) -> Frame | None:
        """The one that was taken last."""
        return self._kept.get(self._next - 1)

    def add(self, branch: int, training: Training, progress: Progress, keep: str = "") -> Frame:
        """Keep a checkpoint of the run as it is; where there is one of this step already, only mark it."""
        last, loss = self.newest, progress.history.last("loss")
        if last is not None and (last.branch, last.step) == (branch, progress.step) and _equal(last.progress, progress):
            self._kept[last.id] = last._replace(progress=checkpoint(progress), training=training)  # of another rate
            return self.mark(last.id, keep) if keep else last
        known = loss if isfinite(loss) else None
        frame = Frame(self._next, branch, progress.step, known, keep, checkpoint(progress), training)
        self._next += 1
        self._kept[frame.id] = frame
        self._thin()
        return frame

    def mark(self, number: int, keep: str) -> Frame:
        """Say why a frame is kept for good, or with "" that it isn't any more."""
        frame = self._kept[number] = self[number]._replace(keep=keep)
        self.marks.append((number, keep))
        return frame

    def mark_best(self, branch: int) -> None:
        """Mark the frame with the lowest loss of a branch, and no other as that."""
        own = [frame for frame in self if frame.branch == branch and frame.loss is not None]
        for frame in own:
            if frame.keep == "best":
                self.mark(frame.id, "")
        lowest = min(own, key=lambda frame: (frame.loss, -frame.step), default=None)
        if lowest is not None and not self[lowest.id].keep:
            self.mark(lowest.id, "best")

    def _thin(self) -> None:
        """Drop frames, each time the one whose neighbours lie closest, so that those that stay are evenly spread."""
        most = min(self._most, self._bytes // self._size())
        while len(self._kept) > most:
            kept = list(self)
            lowest = min((f for f in kept if f.loss is not None), key=lambda f: f.loss or 0.0, default=None)
            gaps = [
                (after.step - before.step, frame.id)
                for before, frame, after in zip(kept, kept[1:], kept[2:], strict=False)
                if not frame.keep and frame is not lowest and before.branch == frame.branch == after.branch
            ]
            if not gaps:  # branches of a frame or two each: the oldest goes that nobody has marked
                gaps = [(0, frame.id) for frame in kept[:-1] if not frame.keep and frame is not lowest][:1]
            if not gaps:
                return
            del self._kept[min(gaps)[1]]

    def _size(self) -> int:
        newest = self[self._next - 1].progress
        return sum(int(array.nbytes) for array in (newest.parameters.vector, *newest.state.values())) or 1


def _equal(one: Progress, other: Progress) -> bool:
    return bool((one.parameters.vector == other.parameters.vector).all())
