"""Scores: how good a model is on rows that it never saw, beside a dummy that always says the same."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np

from clearprop.arrays import Array
from clearprop.data.table import Table
from clearprop.estimators.table_model import TableModel
from clearprop.training import metrics


class Score(NamedTuple):
    """A metric on the held-out rows, for the model and for the dummy."""

    name: str
    model: float
    dummy: float
    larger_is_better: bool


def scores(model: TableModel, held: Table, learnt: Table) -> list[Score]:
    """Measure a model on held-out rows.

    The dummy knows only the target's values in the rows learnt from: their mean, or how frequent each class is.

    Returns
    -------
    list of Score
        RMSE, MAE and R² for regression; accuracy, log loss and, for two classes, ROC AUC for classification.
    """
    name = model.target.column
    if model.target.task == "regression":
        return _regression_scores(model.predict(held), held[name].values, float(learnt[name].values.mean()))
    frequency = np.bincount(model.target.transform(learnt[name]), minlength=len(model.target.classes))
    return _class_scores(model.predict_proba(held), model.target.transform(held[name]), frequency / frequency.sum())


def _regression_scores(predicted: Array, truth: Array, mean: float) -> list[Score]:
    said, constant, y = predicted[:, None], np.full((len(truth), 1), mean), truth[:, None]
    return [
        Score("RMSE", metrics.root_mean_squared_error(said, y), metrics.root_mean_squared_error(constant, y), False),
        Score("MAE", metrics.mean_absolute_error(said, y), metrics.mean_absolute_error(constant, y), False),
        Score("R²", metrics.r2(said, y), metrics.r2(constant, y), True),
    ]


def _class_scores(chances: Array, truth: Array, frequency: Array) -> list[Score]:
    constant = np.tile(frequency, (len(truth), 1))
    found = [
        Score("accuracy", _accuracy(chances, truth), _accuracy(constant, truth), True),
        Score("log loss", _log_loss(chances, truth), _log_loss(constant, truth), False),
    ]
    if len(frequency) == 2 and len(np.unique(truth)) == 2:
        from sklearn import metrics as sklearn_metrics

        area = cast(Any, sklearn_metrics).roc_auc_score(truth, chances[:, 1])
        found.append(Score("ROC AUC", float(area), 0.5, True))
    return found


def _accuracy(chances: Array, truth: Array) -> float:
    return float((chances.argmax(axis=1) == truth).mean())


def _log_loss(chances: Array, truth: Array) -> float:
    """Return the mean of −ln p of the true classes; p is held above float64's smallest step."""
    likely = chances[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.maximum(likely, np.finfo(np.float64).eps)).mean())
