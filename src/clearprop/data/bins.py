"""Where the piecewise-linear encoding of a number bends: the edges of its intervals."""

from __future__ import annotations

import numpy as np

from clearprop.data.table import Array


def bin_edges(x: Array, bins: int, weight: Array | None = None) -> tuple[float, ...]:
    """Return edges so that about equally many rows lie between two, ascending; none for a constant column.

    Where there are at most ``bins`` + 1 different values, each is an edge. A value that more than one in ``bins`` rows
    has (0 for a capital gain) is an edge by itself, and the quantiles are those of the other rows: otherwise they
    would all collapse into it.

    Parameters
    ----------
    x : array, shape (rows,)
        Finite values.
    bins : int, at least 1
        The most intervals, but for those that such frequent values add.
    weight : array, shape (rows,), optional
        How many rows each one counts.

    Examples
    --------
    >>> bin_edges(np.array([3.0, 1.0, 2.0, 1.0]), 8)
    (1.0, 2.0, 3.0)
    >>> bin_edges(np.array([0.0] * 90 + [*range(1, 11)]), 4)
    (0.0, 1.0, 4.0, 7.0, 10.0)
    """
    values, place = np.unique(x, return_inverse=True)
    if len(values) == 1:
        return ()
    counts = np.bincount(place, weight)
    if len(values) > bins + 1:
        frequent = counts > counts.sum() / bins
        left = bins - min(int(frequent.sum()), bins // 2)
        shares = np.linspace(0, 1, left + 1)
        edges = np.quantile(values[~frequent], shares, weights=counts[~frequent], method="inverted_cdf")
        values = np.unique(np.concatenate([edges, values[frequent], values[[0, -1]]]))
    return tuple(values.tolist())
