"""A network to begin with, and how to train it, for rows that nobody has said more about."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.layers.dense import Dense
from clearprop.live.data import Data
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss
from clearprop.losses.regression import Squared
from clearprop.network import Network
from clearprop.optimizers.optimizer import Optimizer
from clearprop.optimizers.rules import SGD, Adam

FEW_ROWS, BATCH = 1_000, 64


class Suggestion(NamedTuple):
    """A network, its loss, an optimiser, and the rows a batch (None: all)."""

    network: Network
    loss: Loss
    optimizer: Optimizer
    batch_size: int | None


def suggest(data: Data, *, hidden: tuple[int, ...] | None = None, activation: str | None = None) -> Suggestion:
    """Return what suits some rows: 16, 16 leaky ReLUs for two features, else 64, 64 ReLUs; outputs and loss by task.

    Parameters
    ----------
    hidden : tuple of int, optional
        Units of each hidden layer, if somebody has chosen them; () for none.
    activation : str, optional
        That of the hidden layers.

    Examples
    --------
    >>> from clearprop.live.sources.making import make
    >>> found = suggest(make({"kind": "dataset", "name": "moons"}))
    >>> found.network.widths, found.loss.name, found.optimizer, found.batch_size
    ((2, 16, 16, 1), 'binary_cross_entropy', SGD(rate=0.25, weight_decay=0.0), None)
    """
    n_inputs, n_outputs = data.x.shape[1], data.y.shape[1]
    units = hidden if hidden is not None else (16, 16) if n_inputs == 2 else (64, 64)
    kind = activation or ("leaky_relu" if n_inputs == 2 else "relu")
    end, loss = _end(data)
    network = Network(n_inputs, [*(Dense(n, kind) for n in units), Dense(n_outputs, end)])
    drawn = data.source["kind"] in ("dataset", "points")
    return Suggestion(network, loss, SGD(0.25) if drawn else Adam(0.003), None if len(data.x) <= FEW_ROWS else BATCH)


def _end(data: Data) -> tuple[str, Loss]:
    if data.task == "multiclass":
        return "softmax", CategoricalCrossEntropy()
    if data.task == "binary" or (data.task == "multi" and bool(np.isin(data.y, (0.0, 1.0)).all())):
        return "sigmoid", BinaryCrossEntropy()
    return "identity", Squared()
