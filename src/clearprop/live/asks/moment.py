"""What an ask is about: a kept frame, with the run and the table that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.live.data import Data
from clearprop.live.describe import shown_rows
from clearprop.live.frames import Frame
from clearprop.live.recording import Recording
from clearprop.training.loop import Training
from clearprop.training.progress import Progress


@dataclass(frozen=True, eq=False)
class Moment:
    """A frame, the training that it is a checkpoint of, and the data; all three are read, never written to."""

    frame: Frame
    training: Training
    data: Data

    @property
    def progress(self) -> Progress:
        """The checkpoint."""
        return self.frame.progress

    @property
    def dtype(self) -> Any:
        """What the run computes in."""
        return self.progress.parameters.vector.dtype

    def rows(self, places: Any, validation: bool = False) -> tuple[Array, Array]:
        """Return rows of the table as the run's loss takes them: x (rows, inputs), targets (rows, outputs)."""
        network, loss = self.training.engine.network, self.training.engine.loss
        x, y = (
            (self.data.validation or (self.data.x[:0], self.data.y[:0])) if validation else (self.data.x, self.data.y)
        )
        x, y = x[places], y[places]
        if network.members > 1 and y.shape[1] * network.members == network.n_outputs:
            y = np.tile(y, (1, network.members))  # every member answers the same question
        return np.ascontiguousarray(x, self.dtype), loss.targets(y, network.n_outputs, self.dtype)

    def shown(self) -> Array:
        """Return the places of the rows that the page has: all, or an even sample."""
        return shown_rows(*self.data.x.shape)


def opened(recording: Recording, values: Mapping[str, Any]) -> Moment:
    """Return what ``values["frame"]`` is a checkpoint of.

    Raises
    ------
    InputError
        If that frame isn't kept.
    """
    frame = recording.frame(whole(values, "frame"))
    return Moment(frame, frame.training, recording.data(recording.branch(frame.branch).data))


def whole(values: Mapping[str, Any], name: str, below: int | None = None, *, default: int | None = None) -> int:
    """Return a whole number of an ask, 0 or more and less than ``below``.

    Raises
    ------
    InputError
        If it is missing (and has no default), or something else.
    """
    value = values.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 0:
        raise InputError(f"an ask's {name!r} must be a whole number, 0 or more; got {value!r:.40}")
    if below is not None and int(value) >= below:
        raise InputError(f"an ask's {name!r} must be less than {below}; got {value}")
    return int(value)
