"""One line of training, from a start or from a frame of another one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from clearprop.training.history import History
from clearprop.training.loop import Training


@dataclass
class Branch:
    """One line of training: from a start, or from a frame of another branch.

    Attributes
    ----------
    training : Training
        What runs, or ran last, on this branch.
    changes : list of (step, name, values)
        What was done to it by hand, in order.
    counts : dict of str to int
        How many values of each curve may be seen yet.
    """

    id: int
    header: dict[str, Any]
    training: Training
    data: int
    changes: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list[Any])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def history(self) -> History:
        """The record of the run so far."""
        return self.training.progress.history
