"""What the best epoch is chosen by: metrics of the members' mean on the rows held out, by their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np

from clearprop.arrays import Array
from clearprop.losses.loss import Loss
from clearprop.training import metrics

_SURE = 1e-15
"""Probabilities are held this far from 0 and 1, so that no loss is infinite."""


class Metric(NamedTuple):
    """A name, which the history's series has too, and a function of predictions, targets, (rows, outputs), and weights.

    Smaller is better, but for accuracy and roc_auc.
    """

    name: str
    value: Callable[[Array, Array, Array | None], float]


def mean_loss(name: str, loss: Loss, *, root: bool = False) -> Metric:
    """Return the mean of a loss over rows, or the root of it; of probabilities for a loss that needs them.

    Examples
    --------
    >>> from clearprop.losses.regression import Squared
    >>> rmse = mean_loss("rmse", Squared(), root=True)
    >>> rmse.value(np.array([[1.0], [5.0]]), np.array([[0.0], [5.0]]), np.array([1.0, 3.0]))
    0.5
    """

    def value(said: Array, truth: Array, weight: Array | None) -> float:
        if loss.domain == (0.0, 1.0):
            said = np.clip(said, _SURE, 1 - _SURE)
        values = loss.value(said, truth)
        mean = float(np.average(values.sum(axis=1) if loss.sums_outputs else values.mean(axis=1), weights=weight))
        return mean**0.5 if root else mean

    return Metric(name, value)


def accuracy(said: Array, truth: Array, weight: Array | None, *, several: bool) -> float:
    """Return the share of right answers: the largest of several classes, or yes and no by a half."""
    if several:
        right: Array = said.argmax(axis=1) == truth.argmax(axis=1)
    else:
        right = ((said > 0.5) == (truth > 0.5)).mean(axis=1)
    return float(np.average(right, weights=weight))


def roc_auc(said: Array, truth: Array, weight: Array | None) -> float:
    """Return the area under the ROC curve, the mean over outputs."""
    if weight is None:
        return metrics.roc_auc(said, truth)
    from sklearn import metrics as sklearn_metrics

    area: Any = cast(Any, sklearn_metrics).roc_auc_score
    both = [j for j in range(truth.shape[1]) if truth[:, j].min() < truth[:, j].max()]
    areas = [float(area(truth[:, j] > 0.5, said[:, j], sample_weight=weight)) for j in both]
    return (sum(areas) + 0.5 * (truth.shape[1] - len(both))) / truth.shape[1]
