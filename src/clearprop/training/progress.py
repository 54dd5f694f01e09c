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


class Average(NamedTuple):
    """The exponential moving average of the parameters after each of so many ``epochs``.

    ā ← ā + (θ − ā) (1 − d)/(1 − dⁿ) with decay d after n epochs, which is Σ dⁿ⁻ᵏ θₖ / Σ dⁿ⁻ᵏ (Kingma & Ba 2015, arXiv
    1412.6980, section 7.2).

    Examples
    --------
    >>> import numpy as np
    >>> first = Average.of(None, np.array([3.0]), decay=0.5)
    >>> Average.of(first, np.array([6.0]), decay=0.5)  # (0.5 · 3 + 6) / 1.5
    Average(epochs=2, vector=array([5.]))
    """

    epochs: int
    vector: Any

    @classmethod
    def of(cls, before: Average | None, vector: Any, decay: float) -> Average:
        """Return the average after one more epoch, a new vector."""
        epochs, mean = (0, vector) if before is None else before
        return cls(epochs + 1, mean + (vector - mean) * ((1 - decay) / (1 - decay ** (epochs + 1))))


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
    average : Average or None
        Of the parameters, where the run takes one.
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
    average: Average | None = None
    best: Best | None = None
    stopped: str = ""
    history: History = field(default_factory=History)

    @property
    def averaged(self) -> Parameters:
        """The parameters to validate: their average where the run takes one, else as they are."""
        return self.parameters if self.average is None else self.parameters.like(self.average.vector)
