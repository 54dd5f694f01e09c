"""Fewer points of a long curve, such that the picture is the same."""

from __future__ import annotations

import numpy as np

from clearprop.arrays import Array

COLUMNS = 2000
"""As many as a wide picture has pixels."""


def decimate(x: Array, y: Array, columns: int = COLUMNS) -> tuple[Array, Array]:
    """Return at most 2 · columns + 2 points of a curve: the ends, and each column's lowest and highest, in order.

    What is drawn is the same, since a column of pixels shows a curve only from its lowest to its highest value; so no
    spike is lost. A curve with no more points than that is returned as it is.

    Parameters
    ----------
    x : array, shape (n,), not falling
    y : array, shape (n,)
    columns : int, at least 1

    Examples
    --------
    >>> y = np.zeros(100_000)
    >>> y[777] = 9.0
    >>> x, less = decimate(np.arange(100_000), y, columns=500)
    >>> len(less) <= 1002, less.max(), x[less.argmax()]
    (True, np.float64(9.0), np.int64(777))
    """
    n = len(y)
    if n <= 2 * columns + 2:
        return x, y
    starts = np.arange(columns) * n // columns  # n > columns, so no part is empty
    ends = np.append(starts[1:], n) - 1
    places = np.minimum(starts[:, None] + np.arange(-(-n // columns)), ends[:, None])  # a row for each part
    parts = y[places]
    kept = np.unique(np.concatenate([starts + parts.argmin(1), starts + parts.argmax(1), [0, n - 1]]))
    return x[kept], y[kept]
