"""Batches: rows in an order drawn from the run's shuffle stream."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.streams import stream


class Batch(NamedTuple):
    """Some rows: x (rows, inputs), targets (rows, outputs), and their weights (rows,) or None."""

    x: Array
    targets: Array
    weight: Array | None = None


class Batches:
    """The batch of any step, found without going through those before it.

    Parameters
    ----------
    rows : Batch
        All rows.
    batch_size : int or None
        Rows a batch; None for all. The last batch of an epoch holds what is left.
    shuffle : bool
        Whether each epoch has an order of its own, drawn from (seed, "shuffle", epoch).
    seed : int

    Examples
    --------
    >>> x = np.arange(5.0)[:, None]
    >>> batches = Batches(Batch(x, x), batch_size=2, shuffle=False, seed=0)
    >>> batches.per_epoch, batches.at(2).x.ravel(), batches.at(3).x.ravel()
    (3, array([4.]), array([0., 1.]))
    """

    def __init__(self, rows: Batch, batch_size: int | None, shuffle: bool, seed: int) -> None:
        self.rows = rows
        self.n_rows = len(rows.x)
        self.batch_size = min(batch_size or self.n_rows, self.n_rows)
        self.shuffle = shuffle and self.batch_size < self.n_rows
        self.seed = seed
        self.per_epoch = -(-self.n_rows // self.batch_size)
        self._epoch, self._order = -1, np.arange(0)

    def at(self, step: int) -> Batch:
        """Return the rows of update ``step``, counted from 0."""
        if self.per_epoch == 1:
            return self.rows
        epoch, k = divmod(step, self.per_epoch)
        place = slice(k * self.batch_size, (k + 1) * self.batch_size)
        x, targets, weight = self.rows
        if not self.shuffle:
            return Batch(x[place], targets[place], None if weight is None else weight[place])
        if epoch != self._epoch:
            self._epoch, self._order = epoch, stream(self.seed, "shuffle", epoch).permutation(self.n_rows)
        rows = self._order[place]
        return Batch(x[rows], targets[rows], None if weight is None else weight[rows])
