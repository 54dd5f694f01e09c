"""The rows of a fit: those it learns from, and those held out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from clearprop.arrays import Array
from clearprop.data.table import Table
from clearprop.streams import stream

#: Tables of fewer rows hold none out: they learn from all in one batch, for all epochs.
LEAST_TO_SPLIT = 50
_MOST_HELD_OUT = 20_000


class Rows(NamedTuple):
    """A table, what is to be predicted (rows, outputs), and weights."""

    table: Table
    targets: Array
    weight: Array | None

    def take(self, places: Array) -> Rows:
        """Return some of the rows."""
        return Rows(self.table.take(places), self.targets[places], None if self.weight is None else self.weight[places])


def split(values: Array, share: float, rng: Generator) -> tuple[Array, Array]:
    """Return the rows that stay and a ``share`` of rows taken out, drawn evenly along the order of ``values``.

    Each class, and each stretch of a numeric target, gives its share; at least one row is on either side, and no more
    than 20,000 are taken out.

    Examples
    --------
    >>> stay, out = split(np.array([0] * 50 + [1] * 10), 0.2, np.random.default_rng(0))
    >>> len(stay), (out < 50).sum(), (out >= 50).sum()
    (48, np.int64(10), np.int64(2))
    """
    n = len(values)
    count = min(max(round(share * n), 1), n - 1, _MOST_HELD_OUT)
    shuffled = rng.permutation(n)
    order = shuffled[np.argsort(values[shuffled], kind="stable")]
    places = ((np.arange(count) + rng.random()) * (n / count)).astype(np.intp)
    return np.sort(np.delete(order, places)), np.sort(order[places])


def held_out(labels: Array, share: float, seed: int) -> tuple[Array, Array]:
    """Return the rows to learn from and a share to measure on, drawn evenly over classes or along a number."""
    order = np.unique(labels, return_inverse=True)[1]
    return split(order, share, stream(seed, "split", 1))
