"""TabularRegressor: numbers from a raw table, with no tuning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
from sklearn.base import RegressorMixin

from clearprop import storage
from clearprop.arrays import Array
from clearprop.data.statistics import mean_and_deviation
from clearprop.errors import InputError, unknown_name, warn
from clearprop.estimators.arguments import keep_arguments
from clearprop.estimators.inputs import check_quantities
from clearprop.estimators.scores import Score, regression_scores
from clearprop.estimators.sklearn_functions import check_is_fitted
from clearprop.estimators.tabular.base import Goal, Prepared, TabularBase
from clearprop.estimators.tabular.calibration import conformal_margin, measured_coverage
from clearprop.estimators.tabular.metrics import mean_loss
from clearprop.estimators.tabular.model import TableModel
from clearprop.estimators.tabular.recipe import Recipe
from clearprop.estimators.tabular.rows import Rows
from clearprop.estimators.tabular.training import Run
from clearprop.layers.activations import Identity
from clearprop.losses.regression import Absolute, Quantile, Squared
from clearprop.result import Result
from clearprop.settings import check_number

_METRICS = {
    "mae": (Absolute(), mean_loss("mae", Absolute())),
    "rmse": (Squared(), mean_loss("rmse", Squared(), root=True)),
}


class TabularRegressor(RegressorMixin, TabularBase):
    """A regressor for a table as it is: numbers, booleans, text, categories, dates, missing values.

    Targets are standardised inside. Settings and attributes are those of ``TabularClassifier``, but for ``calibrate``,
    ``class_weight``, ``classes_`` and ``temperature_``, which it doesn't have, and those below.

    Parameters
    ----------
    metric : {"rmse", "mae"}
        What is minimised, and what the best epoch is chosen by, in units of the target's deviation: the mean of
        squared, or of absolute errors.
    interval : float between 0 and 1, optional
        The coverage of ``predict_interval``: two more ensembles learn the quantiles, and the intervals are widened so
        that rows held out lie within (conformalised quantile regression: Romano et al. 2019, arXiv 1905.03222).

    Attributes
    ----------
    interval_coverage_ : float
        The share of rows held out that lie within their intervals, each half of them measured with intervals that the
        other half widened; with ``interval`` only.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"size": range(200), "town": ["Ulm", "Bonn"] * 100})
    >>> y = X["size"] + 50.0 * (X["town"] == "Ulm")
    >>> model = TabularRegressor(random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.99)
    True
    """

    _task = "regression"
    _n_outputs: int
    _center: Array
    _scale: Array
    _ends: tuple[TableModel, TableModel] | None
    _margin: float
    interval_coverage_: float

    # fmt: off
    def __init__(
        self, *, recipe: str = "tabm", numeric: str | None = None, n_members: int | None = None,
        hidden_layer_sizes: Any = None, activation: Any = None, dropout: float | None = None, optimizer: Any = None,
        schedule: Any = None, batch_size: int | None = None, max_epochs: int | None = None, patience: int | None = None,
        metric: str = "rmse", interval: float | None = None, validation_fraction: float = 0.1,
        validation_data: Any = None, time_limit: float | None = None, callbacks: Any = None, verbose: bool = False,
        dtype: Any = None, engine: str = "auto", deterministic: bool = False, random_state: Any = None,
    ) -> None:
        keep_arguments(self, locals())
    # fmt: on

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's X
        """Train on a table X and numbers y (rows,) or (rows, outputs); a weight of 0 leaves a row out."""
        coverage = vars(self)["interval"]
        if coverage is not None:
            check_number(coverage, "interval (a coverage)", above=0, below=1)
        self._ends = None
        vars(self).pop("interval_coverage_", None)
        ready, recipe, run = self._fit(X, y, sample_weight)
        if coverage is not None:
            self._fit_interval(ready, recipe, run, float(coverage))
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the prediction for each row, shape (rows,) or (rows, outputs)."""
        outputs = self._outputs(X)
        values = (outputs * self._scale + self._center).astype(self._model.dtype)
        return values[:, 0] if values.shape[1] == 1 else values

    def predict_interval(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return for each row the lower and the upper end of its interval, shape (rows, 2).

        Raises
        ------
        InputError
            If it was fitted without ``interval``.
        """
        check_is_fitted(self)
        if self._ends is None:
            raise InputError("there are no intervals; fit with interval=, the share of rows to lie within, such as 0.9")
        ends = self._ends_of(self._model.matrix(self._table(X, reset=False)))
        ends += np.array([-self._margin, self._margin])
        return (np.sort(ends, axis=1) * self._scale + self._center).astype(self._model.dtype)

    def evaluate(self, X: Any, y: Any) -> list[Score]:  # noqa: N803 - scikit-learn's X
        """Return RMSE, MAE and R² on rows that weren't learnt from, beside those of always saying the mean."""
        truth = self._truth(X, y)
        said: Array = self.predict(X)
        return regression_scores(said.reshape(truth.shape), truth, self._prior * self._scale + self._center)

    def _checked(self, y: Any) -> Array:
        return check_quantities(y, np.float64)

    def _read(self, answers: Array, first: bool) -> Array:
        if first:
            self._n_outputs = answers.shape[1]
        elif answers.shape[1] != self._n_outputs:
            raise InputError(f"y has {answers.shape[1]} columns, and {self._n_outputs} were expected")
        return answers

    def _learn_targets(self, learn: Rows) -> None:
        pairs = np.array([mean_and_deviation(y, learn.weight) for y in learn.targets.T])
        self._center, self._scale = pairs.T
        if not self._scale.all():
            values = ", ".join(f"{value:g}" for value in self._center[self._scale == 0])
            warn(f"y is the same in every row ({values}), which is always predicted: there is nothing to learn")

    def _scaled(self, rows: Rows) -> Rows:
        return rows._replace(targets=(rows.targets - self._center) / np.where(self._scale > 0, self._scale, 1.0))

    @property
    def _target_scale(self) -> tuple[float, float] | None:
        return (float(self._center[0]), float(self._scale[0]) or 1.0) if len(self._center) == 1 else None

    @property
    def _n_runs(self) -> int:
        return 1 if vars(self)["interval"] is None else 3

    def _class_weighted(self, targets: Array, weight: Array | None) -> Array | None:
        return weight

    def _strata(self, targets: Array) -> Array:
        return targets[:, 0]

    def _goal(self, ready: Prepared, recipe: Recipe) -> Goal:
        name = vars(self)["metric"]
        if not isinstance(name, str) or name not in _METRICS:
            raise unknown_name("metric", str(name), _METRICS)
        if self._n_runs > 1 and (ready.held is None or self._n_outputs > 1):
            raise InputError("intervals need a single target, and rows held out: 50 rows or more, or validation_data")
        loss, metric = _METRICS[name]
        return Goal(self._n_outputs, Identity(), loss, metric)

    def _fit_interval(self, ready: Prepared, recipe: Recipe, run: Run, coverage: float) -> None:
        """Train the two ends, and widen them on the rows held out."""
        assert ready.held is not None  # noqa: S101 - ``_goal`` has looked
        models: list[TableModel] = []
        for quantile in ((1 - coverage) / 2, (1 + coverage) / 2):
            if run.deadline is not None:
                run.deadline += vars(self)["time_limit"] / self._n_runs
            loss = Quantile(quantile)
            metric = mean_loss("pinball", loss)
            models.append(
                self._train(ready, recipe, Goal(1, Identity(), loss, metric), replace(run, metric=metric, callbacks=()))
            )
        self._ends = (models[0], models[1])
        low, high = self._ends_of(ready.x_held).T
        y = ready.held.targets[:, 0]
        self._margin = conformal_margin(low, high, y, coverage)
        self.interval_coverage_ = measured_coverage(low, high, y, coverage)

    def _of_predictions(self, slopes: Array, outputs: Array) -> Array:
        return slopes * self._scale[:, None]

    def _more_parts(self) -> tuple[storage.Description, dict[str, Array]]:
        described: storage.Description = {"interval": None}
        arrays = {"target/center": self._center, "target/scale": self._scale}
        if self._ends is not None:
            runs: list[storage.Description] = []
            for name, model in zip(("low", "high"), self._ends, strict=True):
                run, of_run = model.result.parts()
                runs.append(run)
                arrays |= {f"{name}/{key}": array for key, array in of_run.items()}
            described["interval"] = {"runs": runs, "margin": self._margin, "coverage": self.interval_coverage_}
        return described, arrays

    def _restore(self, described: storage.Description, arrays: dict[str, Array]) -> int:
        self._center, self._scale = arrays["target/center"], arrays["target/scale"]
        self._n_outputs, self._ends = len(self._center), None
        if self._center.shape != self._scale.shape or (self._scale < 0).any() or not np.isfinite(self._center).all():
            raise InputError("its targets' scale is damaged")
        if (interval := described["interval"]) is not None:
            low, high = (
                TableModel(self._model.encoder, Result.from_parts(run, _under(name, arrays)))
                for name, run in zip(("low", "high"), interval["runs"], strict=True)
            )
            if any(m.result.network.layout != self._model.result.network.layout for m in (low, high)):
                raise InputError("the networks of its intervals don't fit its own")
            self._ends = low, high
            self._margin, self.interval_coverage_ = float(interval["margin"]), float(interval["coverage"])
            check_number(self._margin, "the margin of its intervals")
            check_number(self.interval_coverage_, "the coverage of its intervals", least=0, most=1)
        return self._n_outputs

    def _ends_of(self, x: Any) -> Array:
        """Return both ends (rows, 2) before they are widened, in order even where the quantiles cross."""
        ends = [model.said(x)[:, 0] for model in cast(Any, self._ends)]
        return np.sort(np.stack(ends, axis=1), axis=1)


def _under(name: str, arrays: dict[str, Array]) -> dict[str, Array]:
    """Return the arrays of one of several runs in a file, by their names in it."""
    return {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
