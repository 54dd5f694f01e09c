"""Metrics: plain functions of predictions and targets, both (rows, outputs)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputTypeError, unknown_name

Metric = Callable[[Array, Array], float]


def accuracy(prediction: Array, target: Array) -> float:
    """Return the share of rows whose class is right: the largest output, or for a single one whether it is over a half.

    Examples
    --------
    >>> accuracy(np.array([[0.9], [0.2], [0.6]]), np.array([[1.0], [0.0], [0.0]]))
    0.6666666666666666
    """
    if target.shape[1] == 1:
        right: Array = (prediction > 0.5) == (target > 0.5)
    else:
        right = prediction.argmax(axis=1) == target.argmax(axis=1)
    return float(right.mean())


def mean_squared_error(prediction: Array, target: Array) -> float:
    """Return the mean of (ŷ − y)²."""
    return float(np.mean((prediction.astype(np.float64) - target) ** 2))


def root_mean_squared_error(prediction: Array, target: Array) -> float:
    """Return √ of the mean of (ŷ − y)²."""
    return mean_squared_error(prediction, target) ** 0.5


def mean_absolute_error(prediction: Array, target: Array) -> float:
    """Return the mean of |ŷ − y|."""
    return float(np.mean(abs(prediction.astype(np.float64) - target)))


def r2(prediction: Array, target: Array) -> float:
    """Return 1 − Σ(ŷ − y)² / Σ(y − ȳ)², the mean over outputs; an output that is constant counts 0."""
    wide = target.astype(np.float64)
    spread = ((wide - wide.mean(axis=0)) ** 2).sum(axis=0)
    rest = ((prediction - wide) ** 2).sum(axis=0)
    return float(np.mean(np.where(spread > 0, 1 - rest / np.where(spread > 0, spread, 1), 0.0)))


def roc_auc(prediction: Array, target: Array) -> float:
    """Return the chance that a row of the class has a larger output than one of the others, ties counting half.

    The mean over outputs; one whose target is the same in every row counts a half.

    Examples
    --------
    >>> roc_auc(np.array([[0.1], [0.4], [0.35], [0.8]]), np.array([[0.0], [0.0], [1.0], [1.0]]))
    0.75
    """
    return float(np.mean([_area(prediction[:, j], target[:, j] > 0.5) for j in range(target.shape[1])]))


def _area(score: Array, positive: Array) -> float:
    """Return the area of one output by the sum of the positives' ranks (Hanley & McNeil 1982)."""
    n, many = len(score), int(positive.sum())
    if many in (0, n):
        return 0.5
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # the mean rank of equal scores
    return float((ranks[place][positive].sum() - many * (many + 1) / 2) / (many * (n - many)))


METRICS: dict[str, Metric] = {
    f.__name__: f for f in (accuracy, mean_squared_error, root_mean_squared_error, mean_absolute_error, r2, roc_auc)
}
LARGER_IS_BETTER = {"accuracy", "r2", "roc_auc"}


def resolve_metric(metric: str | Metric) -> tuple[str, Metric]:
    """Return a metric's name and function, from either.

    Raises
    ------
    InputError, InputTypeError
        For an unknown name, or something that can't be called.
    """
    if callable(metric):
        return getattr(metric, "__name__", type(metric).__name__), metric
    if not isinstance(metric, str):
        raise InputTypeError(f"a metric is a name or a function of (prediction, target); got {metric!r:.60}")
    if metric not in METRICS:
        raise unknown_name("metric", metric, METRICS)
    return metric, METRICS[metric]
