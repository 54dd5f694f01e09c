"""The seam for engines that do many updates at once: what the loop asks of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from clearprop.arrays import Array


class Stretch(NamedTuple):
    """What a stretch of updates came to: the step to go on with, whether all was finite, and its record."""

    step: int
    sound: bool
    losses: Array
    penalties: Array
    clipped: Array


class Stretches(Protocol):
    """Does updates in place on one run's parameters and the optimiser's memory."""

    aside: bool
    """Whether a stretch is so long that it must run in a thread of its own."""

    def keep(self) -> None:
        """Remember the parameters and the memory as they are now."""
        ...

    def restore(self) -> None:
        """Go back to what was kept."""
        ...

    def run(self, step: int, rates: Array, stopped: Callable[[], bool]) -> Stretch:
        """Do the updates from ``step`` on, one for each rate, or fewer where one is not finite or somebody stops."""
        ...
