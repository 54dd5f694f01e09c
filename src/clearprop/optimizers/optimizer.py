"""What an optimiser is, and the elementwise kind that runs in cache-sized blocks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from clearprop.arrays import namespace
from clearprop.settings import Settings, check_number

State = dict[str, Any]
"""An optimiser's memory: arrays by name, handed in at each step, saved with the run."""


@dataclass(frozen=True)
class Optimizer(Settings):
    """Settings of an optimiser; what it remembers between steps is a ``State`` that the run keeps.

    Parameters
    ----------
    rate : float, above 0
        The learning rate.
    """

    rate: float = 0.01
    limits: ClassVar[dict[str, dict[str, float]]] = {"rate": {"above": 0.0}, "weight_decay": {"least": 0.0}}
    """Bounds of each setting, as ``check_number`` takes them."""

    def __post_init__(self) -> None:
        for name, bounds in self.limits.items():
            if hasattr(self, name):
                check_number(getattr(self, name), f"{type(self).__name__}'s {name}", **bounds)

    @abstractmethod
    def first_state(self, vector: Any) -> State:
        """Return the memory of a run's start, in arrays like ``vector``."""

    @abstractmethod
    def step(
        self,
        vector: Any,
        gradient: Any,
        state: State,
        *,
        step: int,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
    ) -> float | None:
        """Move ``vector`` in place.

        Parameters
        ----------
        vector, gradient : array, shape (n,)
            The parameters, and the loss's derivative at them.
        state : State
            Changed in place.
        step : int
            Which update this is, counted from 0.
        rate : float
            The learning rate now: ``self.rate`` times the schedule's factor.
        loss : float
            The loss at ``vector``.
        evaluate : function () → float
            Returns the loss at ``vector`` as it then is, and writes its derivative into ``gradient``.

        Returns
        -------
        float or None
            The loss at the new ``vector`` where ``gradient`` holds its derivative already, else None.
        """


class Converged(Exception):  # noqa: N818 - an end, not an error: the run stops and says so
    """Raised by an optimiser that can't improve any more; the vector is as it was."""


@dataclass(frozen=True)
class UpdateRule(Optimizer):
    """An elementwise optimiser: an own one defines ``update`` and names its ``moments``.

    Parameters
    ----------
    weight_decay : float, 0 or more
        Weights (not biases) shrink by rate · weight_decay each step, apart from the gradient (Loshchilov & Hutter 2017,
        arXiv 1711.05101).
    """

    weight_decay: float = field(default=0.0, kw_only=True)
    moments: ClassVar[tuple[str, ...]] = ()
    """Names of the arrays, like the vector and at first zero, that it remembers."""
    block: ClassVar[int] = 32_768
    """How many numbers at a time: blocks stay in the cache, and give the same bits."""

    @abstractmethod
    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        """Move the parameters ``p`` in place against their gradient ``g``; ``state`` holds the moments' same part."""

    def first_state(self, vector: Any) -> State:
        return {name: namespace(vector).zeros_like(vector) for name in self.moments}

    def step(
        self,
        vector: Any,
        gradient: Any,
        state: State,
        *,
        step: int,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
    ) -> None:
        if len(vector) <= self.block:
            self.update(vector, gradient, state, step, rate)
            return
        for start in range(0, len(vector), self.block):
            part = slice(start, start + self.block)
            self.update(vector[part], gradient[part], {name: m[part] for name, m in state.items()}, step, rate)
