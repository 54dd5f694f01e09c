"""What one viewer has been sent, and what it is sent next: all of it once, and no more than a picture shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.live.branch import Branch
from clearprop.live.describe import Message
from clearprop.live.frames import Frame, Frames
from clearprop.training.decimation import decimate

HEARTBEAT = 2.0  # seconds
_LARGEST = float(np.finfo(np.float32).max)  # just before a run diverges its float64 can be larger
_COLUMNS = 1000  # of a message's curve: at most twice as many points
_MORE_COLUMNS = 200  # of what is added to it: so much comes many times a second
_AT_A_TURN = 2_000_000  # bytes of older frames that are sent at a time


@dataclass
class Cursor:
    """How far one viewer is: it compares what there is with what it has had, so nothing is ever queued for it."""

    client: str = ""
    headers: int = 0
    state: int = 0
    told: float = 0.0
    frames: set[int] = field(default_factory=set[int])
    marks: int = 0
    series: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])

    def unseen(
        self,
        headers: Sequence[Message],
        branches: Iterable[Branch],
        frames: Frames,
        state: dict[str, Any],
        changed: int,
    ) -> list[Message]:
        """Return what the viewer hasn't had, and move on: headers, curves, frames' news, the newest frame, state.

        Older frames come only when there is nothing else, some at a time. Curves are still whole: see ``thinned``.

        Parameters
        ----------
        changed : int
            How many times the state was published.
        """
        found = [*headers[self.headers :], *self._curves(branches), *self._news(frames)]
        self.headers = len(headers)
        if self.state != changed or monotonic() - self.told > HEARTBEAT:
            self.state, self.told = changed, monotonic()
            found.append((state, {}))
        return found or self._older(frames)

    def _curves(self, branches: Iterable[Branch]) -> list[Message]:
        found: list[Message] = []
        for branch in branches:
            for name, count in branch.counts.items():
                sent = self.series.get((branch.id, name), 0)
                if sent == count:
                    continue
                self.series[branch.id, name] = count
                steps, values = branch.history.steps(name)[sent:count], branch.history[name][sent:count]
                header = {"type": "series", "branch": branch.id, "name": name, "replace": sent == 0}
                found.append((header, {"steps": steps, "values": values}))
        return found

    def _news(self, frames: Frames) -> list[Message]:
        """Return which frames are gone, what others were marked with, and the newest."""
        found: list[Message] = []
        gone = frames.gone(self.frames)
        if gone:
            self.frames.difference_update(gone)
            found.append(({"type": "dropped", "frames": sorted(gone)}, {}))
        for identity, keep in frames.marks[self.marks :]:
            if identity in self.frames:
                found.append(({"type": "keep", "id": identity, "keep": keep}, {}))
        self.marks = len(frames.marks)
        newest = frames.newest
        if newest is not None and newest.id not in self.frames:
            found.append(self._sent(newest))
        return found

    def _older(self, frames: Frames) -> list[Message]:
        found: list[Message] = []
        left = _AT_A_TURN
        for frame in frames:
            if frame.id not in self.frames and left > 0:
                found.append(self._sent(frame))
                left -= 4 * frame.progress.parameters.vector.size
        return found

    def _sent(self, frame: Frame) -> Message:
        self.frames.add(frame.id)
        header = {
            "type": "frame", "id": frame.id, "branch": frame.branch, "step": frame.step, "loss": frame.loss,
            "keep": frame.keep,
        }  # fmt: skip
        return header, {"vector": travelling(frame.progress.parameters.vector)}


def thinned(header: dict[str, Any], arrays: dict[str, Array]) -> dict[str, Array]:
    """Return a message's arrays, a curve's with no more points than a picture shows."""
    if "steps" not in arrays:
        return arrays
    steps, values = decimate(arrays["steps"], arrays["values"], _COLUMNS if header["replace"] else _MORE_COLUMNS)
    return {"steps": steps.astype(np.float64), "values": values.astype(np.float64)}


def travelling(vector: Array) -> Array:
    """Return parameters as finite float32; those that are that already are looked at, not copied."""
    with np.errstate(over="ignore", invalid="ignore"):
        if vector.dtype == np.float32 and np.isfinite(vector.sum()):
            return vector
        return np.clip(vector, -_LARGEST, _LARGEST).astype(np.float32)
