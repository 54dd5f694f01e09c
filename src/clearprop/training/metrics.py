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


METRICS: dict[str, Metric] = {
    f.__name__: f for f in (accuracy, mean_squared_error, root_mean_squared_error, mean_absolute_error, r2)
}
LARGER_IS_BETTER = {"accuracy", "r2"}


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
