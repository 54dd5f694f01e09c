"""Probabilities and intervals that hold what they say, measured on rows held out."""

from __future__ import annotations

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError

LEAST = 1e-38
"""Probabilities are held above float32's least step, so that no logarithm is infinite."""
_COLDEST, _HOTTEST = 0.05, 20.0


def fit_temperature(log_odds: Array, targets: Array, weight: Array | None) -> float:
    """Return the temperature T with the least log loss of softmax(log p / T) (Guo et al. 2017, arXiv 1706.04599).

    Where all of a few rows are right, the least loss would be that of certainty: so of n rows the targets are
    (n y + 2 / classes) / (n + 2), as if two more had been seen, of no class (Platt 1999).

    Parameters
    ----------
    log_odds : array, shape (rows, classes)
        Logarithms of the probabilities; two columns for each yes-or-no output, one below the other.
    targets : array, shape (rows, classes)
        1 for the true class.
    weight : array, shape (rows,), optional

    Examples
    --------
    >>> log_p = np.log([[0.99, 0.01]] * 400)  # too sure: 3 of 4 are right
    >>> targets = np.array([[1, 0], [1, 0], [1, 0], [0, 1]] * 100)
    >>> T = fit_temperature(log_p, targets, None)
    >>> cooled(log_p, T)[0].round(3)
    array([0.749, 0.251])
    """
    share = np.full(len(targets), 1.0) if weight is None else weight.astype(np.float64)
    n = len(targets)
    targets = (n * targets + 2 / targets.shape[1]) / (n + 2)

    def slope(beta: float) -> float:  # of the log loss by 1/T, in which it is convex
        expected = (cooled(log_odds, 1 / beta) * log_odds).sum(axis=1)
        return float(share @ (expected - (targets * log_odds).sum(axis=1)))

    low, high = 1 / _HOTTEST, 1 / _COLDEST
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return (low * high) ** -0.5


def cooled(log_odds: Array, temperature: float) -> Array:
    """Return softmax(log p / T), row by row."""
    z = log_odds / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_of(probabilities: Array) -> Array:
    """Return the logarithms in float64, none of them infinite."""
    return np.log(np.maximum(probabilities.astype(np.float64), LEAST))


def conformal_margin(low: Array, high: Array, y: Array, coverage: float) -> float:
    """Return by how much to widen intervals so that a new row's y lies within with probability ``coverage``.

    The ⌈(n + 1) coverage⌉-th smallest of max(low − y, y − high) (Romano, Patterson, Candès 2019, arXiv 1905.03222);
    less than 0 where the intervals are too wide.

    Examples
    --------
    >>> y = np.arange(10.0)
    >>> conformal_margin(y - 1, y + np.array([-2.0, 1, 1, 1, 1, 1, 1, 1, 1, 1]), y, 0.9)
    2.0
    """
    outside = np.sort(np.maximum(low - y, y - high))
    place = int(np.ceil((len(y) + 1) * coverage)) - 1
    return float(outside[min(place, len(y) - 1)])


def measured_coverage(low: Array, high: Array, y: Array, coverage: float) -> float:
    """Return the share of rows within their interval, each half of them widened by what the other half asks for.

    Raises
    ------
    InputError
        For a single row, which has no other half.
    """
    if len(y) < 2:
        raise InputError("intervals need 2 rows held out at least, and there is 1; raise validation_fraction")
    halves = np.arange(len(y)) % 2 == 0
    inside = 0
    for here in (halves, ~halves):
        margin = conformal_margin(low[~here], high[~here], y[~here], coverage)
        inside += int(((low[here] - margin <= y[here]) & (y[here] <= high[here] + margin)).sum())
    return inside / len(y)
