"""What both Tabular estimators do: a raw table in, a recipe's network out."""

from __future__ import annotations

import os
from abc import abstractmethod
from time import perf_counter
from typing import Any, NamedTuple, Self, cast

import numpy as np
from sklearn.base import BaseEstimator

from clearprop import storage
from clearprop.arrays import Array, check_memory
from clearprop.data.batches import Batch
from clearprop.data.frames import as_table
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.data.table import Table
from clearprop.errors import DivergenceError, FileError, InputError, InputTypeError
from clearprop.estimators.arguments import seed_from
from clearprop.estimators.explanation import Explained
from clearprop.estimators.inputs import as_input_errors, check_weights, refuse_masked
from clearprop.estimators.sklearn_functions import check_is_fitted, validate_data
from clearprop.estimators.tabular.model import TableModel, mean_of_members
from clearprop.estimators.tabular.network import plan_network
from clearprop.estimators.tabular.recipe import Recipe, Task, find_recipe
from clearprop.estimators.tabular.rows import LEAST_TO_SPLIT, Rows, split
from clearprop.estimators.tabular.settings import check_settings
from clearprop.estimators.tabular.training import Metric, Run, fit_network
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.result import Result
from clearprop.streams import stream

KIND = "table model"
"""What a saved estimator's file says that it is."""

_FEW_ROWS = 1_000
"""Tables of fewer rows are computed in float64: it costs nothing there."""


class Goal(NamedTuple):
    """What a network is to learn: its outputs for each member, their activation, the loss, and how to choose."""

    n_outputs: int
    end: Activation
    loss: Loss
    metric: Metric


class Prepared(NamedTuple):
    """A table made ready: rows to learn from, rows held out, the encoding, and matrices of both."""

    learn: Rows
    held: Rows | None
    encoder: FeatureEncoder
    x: Array
    x_held: Array | None


class TabularBase(Explained, BaseEstimator):
    """The bookkeeping; the subclasses say what y means, and what the network is to learn."""

    _task: Task
    _model: TableModel
    _names: tuple[str, ...]
    n_features_in_: int
    feature_names_in_: Array

    @abstractmethod
    def _read(self, y: Any, first: bool) -> Array:
        """Return y, checked, as a matrix (rows, outputs) of targets; ``first`` sets what labels there are."""

    @abstractmethod
    def _class_weighted(self, targets: Array, weight: Array | None) -> Array | None:
        """Return the rows' weights, those of their classes included."""

    def _learn_targets(self, learn: Rows) -> None:
        """Find how targets are scaled, from the rows to learn from: not at all, if not overridden."""

    def _scaled(self, rows: Rows) -> Rows:
        """Return rows with scaled targets."""
        return rows

    @abstractmethod
    def _strata(self, targets: Array) -> Array:
        """Return the values (rows,) along which rows are held out evenly."""

    @abstractmethod
    def _goal(self, targets: Array, recipe: Recipe) -> Goal:
        """Return what the network is to learn."""

    @property
    def _n_runs(self) -> int:
        """How many ensembles a fit trains, which share its time limit."""
        return 1

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> tuple[Prepared, Recipe, Run]:  # noqa: N803 - scikit-learn's X
        """Fit the network, and return what calibration needs."""
        started = perf_counter()
        settings: dict[str, Any] = cast(Any, self).get_params(deep=False)
        check_settings(settings)
        recipe = find_recipe(settings["recipe"], self._task, settings)
        rows = self._rows(X, y, sample_weight, first=True)
        seed = seed_from(settings["random_state"])
        ready = self._prepare(rows, settings, seed)
        limit = settings["time_limit"]
        goal = self._goal(ready.learn.targets, recipe)
        run = Run(
            rows=_batch(ready.x, ready.learn, recipe.n_members),
            held=None if ready.held is None else _batch(ready.x_held, ready.held, recipe.n_members),
            metric=goal.metric,
            seed=seed,
            engine=settings["engine"],
            deadline=None if limit is None else started + limit / self._n_runs,
            callbacks=settings["callbacks"] or (),
            verbose=bool(settings["verbose"]),
        )
        self._model = self._train(ready, recipe, goal, run)
        result = self._model.result
        per_epoch = -(-len(run.rows.x) // run.batch_size(recipe))
        self.n_iter_ = max(result.progress.step // per_epoch, 1)
        self.best_iter_ = self.n_iter_ if result.progress.best is None else result.progress.best.step // per_epoch
        self.history_ = result.history
        return ready, recipe, run

    def _train(self, ready: Prepared, recipe: Recipe, goal: Goal, run: Run) -> TableModel:
        plan = plan_network(ready.encoder, ready.x, ready.learn.weight, recipe, goal.n_outputs, goal.end)
        try:
            return TableModel(ready.encoder, fit_network(plan, goal.loss, recipe, run), recipe.n_members)
        except DivergenceError as error:
            self._model = TableModel(ready.encoder, error.result, recipe.n_members)
            raise

    def _prepare(self, rows: Rows, settings: dict[str, Any], seed: int) -> Prepared:
        """Hold rows out, learn the encoding and scaling from the others, and apply them to both."""
        held: Rows | None = None
        learn, n = rows, rows.table.n_rows
        if settings["validation_data"] is not None:
            held = self._validation(settings["validation_data"])
        elif n >= LEAST_TO_SPLIT:
            stay, out = split(self._strata(rows.targets), settings["validation_fraction"], stream(seed, "split"))
            learn, held = rows.take(stay), rows.take(out)
        dtype = settings["dtype"] or ("float32" if n >= _FEW_ROWS else "float64")
        encoder = FeatureEncoder.fit(learn.table, learn.weight)
        check_memory(12.0 * n * len(encoder.feature_names), "the encoded table")
        x_held = None if held is None else encoder.transform(held.table).astype(dtype)
        self._learn_targets(learn)
        scaled = None if held is None else self._scaled(held)
        return Prepared(self._scaled(learn), scaled, encoder, encoder.transform(learn.table).astype(dtype), x_held)

    def _rows(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> Rows:  # noqa: N803 - scikit-learn's X
        """Return checked rows without those of weight 0."""
        table = self._table(X, reset=first)
        targets = self._read(y, first)
        if len(targets) != table.n_rows:
            raise InputError(f"X has {table.n_rows} rows and y has {len(targets)}; they must be equal")
        if first and table.n_rows < 2:
            raise InputError(f"{table.n_rows} sample(s): n_samples={table.n_rows}, and at least 2 rows are needed")
        weight = check_weights(sample_weight, len(targets), np.float64)
        rows = Rows(table, targets, self._class_weighted(targets, weight))
        return rows if rows.weight is None or rows.weight.all() else rows.take(np.flatnonzero(rows.weight))

    def _table(self, X: Any, *, reset: bool) -> Table:  # noqa: N803 - scikit-learn's X
        """Return X as a table with the columns' names of training; a frame's names are kept (``reset``) or checked."""
        refuse_masked(X, "X")
        if hasattr(X, "toarray"):
            check_memory(8.0 * X.shape[0] * X.shape[1], "X as a dense matrix")
        table = as_table(X.toarray() if hasattr(X, "toarray") else X)
        with as_input_errors():
            validate_data(self, X, reset=reset, skip_check_array=True)
        if reset:
            self._names = table.names
        return Table(column.renamed(name) for column, name in zip(table.columns, self._names, strict=True))

    def _validation(self, given: Any) -> Rows:
        if not isinstance(given, tuple | list) or len(cast(Any, given)) not in (2, 3):
            raise InputTypeError("validation_data must be (X, y) or (X, y, sample_weight)")
        x, y, weight = (*cast(Any, given), None)[:3]
        try:
            return self._rows(x, y, weight, first=False)
        except InputError as error:
            raise InputError(f"validation_data: {error}") from None

    def input_gradients(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the derivative of each prediction by each number among the features, exactly.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, features)

        Returns
        -------
        array, shape (rows, outputs, features)
            Outputs are the columns of ``predict_proba``, or a regression's values; in their units per unit of the
            feature. NaN where a feature is no number, or missing.
        """
        from clearprop.explain import input_gradients

        check_is_fitted(self)
        table, model = self._table(X, reset=False), self._model
        x = model.matrix(table)
        slopes = input_gradients(model.result, x)
        slopes = slopes.reshape(len(x), model.n_members, -1, x.shape[1]).mean(axis=1, dtype=np.float64)
        found = np.full((*slopes.shape[:2], len(self._names)), np.nan)
        for place, encoding in model.encoder.numbers():
            column = table[encoding.column]
            found[:, :, self._names.index(encoding.column)] = slopes[:, :, place] * encoding.slope(column)[:, None]
        return self._of_predictions(found, mean_of_members(model.result.predict(x), model.n_members))

    @abstractmethod
    def _of_predictions(self, slopes: Array, outputs: Array) -> Array:
        """Return derivatives (rows, outputs, features) of what is predicted, from those of the outputs."""

    def _seen(self, X: Any) -> tuple[Result, Array, list[str]]:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        model = self._model
        return model.result, model.matrix(self._table(X, reset=False)), list(model.encoder.feature_names)

    def _learnt(self, X: Any, y: Any, sample_weight: Any) -> Batch:  # noqa: N803 - scikit-learn's X
        rows = self._scaled(self._rows(X, y, sample_weight, first=False))
        return _batch(self._model.matrix(rows.table), rows, self._model.n_members)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write preprocessing, network and settings into one safetensors file, which ``load`` reads.

        Settings that are objects (callbacks, an optimiser, validation data) aren't kept: they have done their work.
        """
        check_is_fitted(self)
        settings: dict[str, Any] = cast(Any, self).get_params(deep=False)
        more, arrays = self._more_parts()
        run, run_arrays = self._model.result.parts()
        described = {
            "estimator": type(self).__name__,
            "settings": {name: value for name, value in settings.items() if _is_plain(value)},
            "names": list(self._names),
            "named": "feature_names_in_" in vars(self),
            "encoder": self._model.encoder.describe(),
            "n_members": self._model.n_members,
            "run": run,
            "epochs": [self.n_iter_, self.best_iter_],
            **more,
        }
        storage.write(path, KIND, described, arrays | run_arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't such an estimator's.
        """
        with storage.reading(path):
            described, arrays = storage.read(path, KIND)
            if described["estimator"] != cls.__name__:
                raise FileError(f"{path}: holds a {described['estimator']}, where a {cls.__name__} is needed")
            return cls._from_parts(described, arrays)

    @classmethod
    def _from_parts(cls, described: storage.Description, arrays: dict[str, Array]) -> Self:
        estimator = cls(**described["settings"])
        names = tuple(map(str, described["names"]))
        estimator._names, estimator.n_features_in_ = names, len(names)
        if described["named"]:
            estimator.feature_names_in_ = np.array(names, dtype=object)
        encoder = FeatureEncoder.from_description(described["encoder"])
        model = TableModel(encoder, Result.from_parts(described["run"], arrays), int(described["n_members"]))
        estimator._model, estimator.history_ = model, model.result.history
        estimator.n_iter_, estimator.best_iter_ = map(int, described["epochs"])
        outputs = estimator._restore(described, arrays)
        widths = model.result.network.widths
        if (widths[0], widths[-1]) != (len(encoder.feature_names), outputs * model.n_members):
            raise InputError("its network doesn't fit its preprocessing")
        if not set(encoder.kinds) <= set(names):
            raise InputError("its preprocessing reads columns that it doesn't have")
        return estimator

    @abstractmethod
    def _more_parts(self) -> tuple[storage.Description, dict[str, Array]]:
        """Return what else a file must hold."""

    @abstractmethod
    def _restore(self, described: storage.Description, arrays: dict[str, Array]) -> int:
        """Take what ``_more_parts`` returned, and return how many outputs a member has."""

    def _outputs(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        return self._model.outputs(self._table(X, reset=False))

    @property
    def network_(self) -> Any:
        """The network, of the core's layers; ``print`` shows them."""
        return self._model.result.network

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        return tags


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, cast(Any, value)))
    return value is None or isinstance(value, bool | int | float | str)


def _batch(x: Any, rows: Rows, n_members: int) -> Batch:
    """Return rows for ``train``, the targets once for each member."""
    weight = None if rows.weight is None else rows.weight.astype(x.dtype)
    return Batch(x, np.tile(rows.targets, (1, n_members)).astype(x.dtype), weight)
