"""Which rows are learnt from, and which are held out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.streams import stream

MOST_HELD_OUT = 0.9


class Split(NamedTuple):
    """Places of rows in the whole table: to learn from, and held out (None if no row is)."""

    learn: Array
    held: Array | None


def hold_out(values: Array, share: float, seed: int) -> Split:
    """Hold a share of the rows out, evenly over classes or along a number.

    They are those that ``clearprop train`` holds out; that code isn't used here since it loads scikit-learn, for which
    a page would have to wait. None are where the share comes to less than a row, or would leave one value only to learn
    from.

    Parameters
    ----------
    values : array, shape (rows,)
        The target.

    Examples
    --------
    >>> split = hold_out(np.array([0] * 8 + [1] * 8), 0.25, seed=0)
    >>> len(split.learn), (split.held < 8).sum()
    (12, np.int64(2))
    >>> hold_out(np.array([0, 1]), 0.25, seed=0).held is None
    True
    """
    n = len(values)
    everything = Split(np.arange(n), None)
    count = min(round(share * n), n - 1, 20_000)
    if count < 1:
        return everything
    rng = stream(seed, "split", 1)
    shuffled = rng.permutation(n)
    order = shuffled[np.argsort(values[shuffled], kind="stable")]
    places = ((np.arange(count) + rng.random()) * (n / count)).astype(np.intp)
    learn, held = np.sort(np.delete(order, places)), np.sort(order[places])
    return Split(learn, held) if len(np.unique(values[learn])) > 1 else everything
