"""The measured jobs: a network, a batch and an optimiser each, with synthetic rows of the right shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import clearprop as cp

Predict = Callable[[Any], Any]


@dataclass(frozen=True)
class Job:
    """What everybody is asked to do.

    Parameters
    ----------
    name : str
    sizes : tuple of int
        Inputs, units of each hidden layer, outputs. One output is a sigmoid with binary cross-entropy, several are
        a softmax with categorical cross-entropy.
    activation : str
        Of the hidden layers.
    rows, batch : int
        ``rows`` is a multiple of ``batch``.
    optimizer : "sgd" or "adam"
    rate : float
    check_steps : int
        After so many updates all must have the same loss. Whole epochs, as every number of steps here: scikit-learn
        can't be asked for less.
    dtypes : tuple of str
    shuffle : bool
        Whether each epoch has an order of its own; the losses then differ between libraries.
    """

    name: str
    sizes: tuple[int, ...]
    activation: str
    rows: int
    batch: int
    optimizer: str
    rate: float
    check_steps: int
    dtypes: tuple[str, ...] = ("float32",)
    shuffle: bool = False

    @property
    def per_epoch(self) -> int:
        """Batches an epoch."""
        return self.rows // self.batch

    @property
    def binary(self) -> bool:
        """Whether there is one output."""
        return self.sizes[-1] == 1

    def title(self) -> str:
        """Say the job in a line."""
        shape = "-".join(map(str, self.sizes))
        return f"{self.name}: {shape}, {self.activation}, {self.optimizer}, batch {self.batch:,} of {self.rows:,} rows"

    def whole_epochs(self, steps: float) -> int:
        """Return the next larger number of steps that is a whole number of epochs."""
        return max(1, -int(-steps // self.per_epoch)) * self.per_epoch

    def data(self, dtype: str) -> tuple[Any, Any]:
        """Return x (rows, inputs), and y (rows,): labels, which depend on x."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=(self.rows, self.sizes[0])).astype(dtype)
        n_labels = min(max(self.sizes[-1], 2), 16)
        scores = x @ rng.normal(size=(self.sizes[0], n_labels)) + rng.normal(size=(self.rows, 1))
        return x, scores.argmax(axis=1)

    def network(self) -> cp.Network:
        """Return the network."""
        hidden = [cp.Dense(units, self.activation) for units in self.sizes[1:-1]]
        return cp.Network(self.sizes[0], [*hidden, cp.Dense(self.sizes[-1], "sigmoid" if self.binary else "softmax")])

    def first(self, dtype: str) -> cp.Parameters:
        """Return the first weights of everybody's run."""
        return self.network().first_parameters(np.random.default_rng(1), dtype)

    def loss(self, predict: Predict, x: Any, y: Any) -> float:
        """Return the mean cross-entropy of all rows: equal work ends at an equal loss.

        Examples
        --------
        >>> x, y = JOBS["A"].data("float64")
        >>> JOBS["A"].loss(lambda rows: np.full((len(rows), 1), 0.5), x, y)  # ln 2
        0.693147...
        """
        p = np.asarray(predict(x)).astype(np.float64)
        right = np.where(y == 1, p[:, 0], 1 - p[:, 0]) if self.binary else p[np.arange(len(y)), y]
        return float(-np.log(right).mean())


_BOTH = ("float64", "float32")
JOBS = {
    job.name: job
    for job in (
        Job("A", (2, 4, 1), "tanh", 200, 200, "sgd", 0.25, 300, _BOTH),
        Job("B", (2, 16, 16, 1), "leaky_relu", 150, 150, "sgd", 0.25, 300, _BOTH),
        Job("C", (784, 128, 64, 10), "relu", 6_400, 128, "adam", 0.001, 50),
        Job("C32", (784, 128, 64, 10), "relu", 6_400, 32, "adam", 0.001, 200),
        Job("D", (28, 300, 300, 300, 1), "relu", 10_240, 1_024, "adam", 0.001, 20),
        Job("E", (4_096, 4_096, 4_096, 4_096), "relu", 4_096, 4_096, "sgd", 0.01, 1),
    )
}
