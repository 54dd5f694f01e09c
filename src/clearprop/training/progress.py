"""Everything that changes while training: enough to stop, save and continue bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from clearprop.optimizers.optimizer import State
from clearprop.parameters import Parameters
from clearprop.training.history import History


class Best(NamedTuple):
    """The parameters of the best value of a metric so far."""

    step: int
    value: float
    vector: Any


@dataclass
class Progress:
    """What a run has come to. Random streams need no record: they are keyed by the seed and the step.

    Attributes
    ----------
    parameters : Parameters
    state : State
        The optimiser's memory.
    seed : int
        Where every random stream of the run comes from.
    step : int
        Updates done.
    age : int
        Updates of earlier runs that ``state`` remembers too.
    rate_factor : float
        A factor on the rate that callbacks may change.
    memory : dict of str to float
        Numbers that callbacks keep, so that a continued run is the same run.
    best : Best or None
        Kept by early stopping.
    stopped : str
        Why the run ended; empty while it runs.
    history : History
    """

    parameters: Parameters
    state: State
    seed: int
    step: int = 0
    age: int = 0
    rate_factor: float = 1.0
    memory: dict[str, float] = field(default_factory=dict[str, float])
    best: Best | None = None
    stopped: str = ""
    history: History = field(default_factory=History)
