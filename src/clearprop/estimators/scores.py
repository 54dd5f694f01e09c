"""Scores: how good a model is on rows that it never saw, beside a dummy that always says the same."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.training import metrics


class Score(NamedTuple):
    """A metric on held-out rows, for the model and for the dummy."""

    name: str
    model: float
    dummy: float
    larger_is_better: bool


def regression_scores(said: Array, truth: Array, mean: Array) -> list[Score]:
    """Return RMSE, MAE and R² of predictions, all (rows, outputs), and of always saying ``mean`` (outputs,)."""
    power = int(np.frexp(np.abs(truth).max())[1])  # exact, and no square of a large y overflows
    said, truth, constant = (np.ldexp(values, -power) for values in (said, truth, np.tile(mean, (len(truth), 1))))
    unit = float(np.ldexp(1.0, power))
    return [
        Score(name, metric(said, truth) * unit, metric(constant, truth) * unit, larger)
        for name, metric, unit, larger in (
            ("RMSE", metrics.root_mean_squared_error, unit, False),
            ("MAE", metrics.mean_absolute_error, unit, False),
            ("R²", metrics.r2, 1.0, True),
        )
    ]


def class_scores(chances: Array, truth: Array, frequency: Array) -> list[Score]:
    """Return accuracy, log loss and, for two classes, ROC AUC of probabilities, and of always saying ``frequency``.

    Parameters
    ----------
    chances : array, shape (rows, classes)
    truth : array of int, shape (rows,)
        The place of the true class.
    frequency : array, shape (classes,)
        How frequent each class was in the rows learnt from.
    """
    constant = np.tile(frequency, (len(truth), 1))
    found = [
        Score("accuracy", _accuracy(chances, truth), _accuracy(constant, truth), True),
        Score("log loss", _log_loss(chances, truth), _log_loss(constant, truth), False),
    ]
    if len(frequency) == 2 and len(np.unique(truth)) == 2:
        found.append(Score("ROC AUC", metrics.roc_auc(chances[:, 1:], truth[:, None]), 0.5, True))
    return found


def _accuracy(chances: Array, truth: Array) -> float:
    return float((chances.argmax(axis=1) == truth).mean())


def _log_loss(chances: Array, truth: Array) -> float:
    """Return the mean of −ln p of the true classes; p is held above float64's smallest step."""
    likely = chances[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.maximum(likely, np.finfo(np.float64).eps)).mean())
