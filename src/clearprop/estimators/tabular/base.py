"""What both Tabular estimators do: a raw table in, a recipe's network out."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple, cast

import numpy as np

from clearprop.arrays import Array, check_memory
from clearprop.data.batches import Batch
from clearprop.data.encodings import check_finite
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.errors import DivergenceError, InputError, InputTypeError
from clearprop.estimators.arguments import seed_from
from clearprop.estimators.inputs import check_weights
from clearprop.estimators.sklearn_functions import check_is_fitted
from clearprop.estimators.tabular.fitted import Fitted
from clearprop.estimators.tabular.metrics import Metric
from clearprop.estimators.tabular.model import TableModel
from clearprop.estimators.tabular.network import plan_network
from clearprop.estimators.tabular.recipe import Recipe, Task, find_recipe
from clearprop.estimators.tabular.rows import LEAST_TO_SPLIT, Rows, split
from clearprop.estimators.tabular.settings import check_settings
from clearprop.estimators.tabular.training import Run, fit_network
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.streams import stream

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


class TabularBase(Fitted):
    """The fit; the subclasses say what y means, and what the network is to learn."""

    _task: Task

    @abstractmethod
    def _checked(self, y: Any) -> Array:
        """Return y as an array, or raise what is wrong with it."""

    @abstractmethod
    def _read(self, answers: Array, first: bool) -> Array:
        """Return a checked y as a matrix (rows, outputs) of targets; ``first`` sets what labels there are."""

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
    def _goal(self, ready: Prepared, recipe: Recipe) -> Goal:
        """Return what the network is to learn, or raise if it can't."""

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
        if ready.held is None and settings["dropout"] is None:  # all rows in one batch: twice a row is a weight of 2
            recipe = replace(recipe, dropout=0.0)
        limit = settings["time_limit"]
        goal = self._goal(ready, recipe)
        run = Run(
            rows=_batch(ready.x, ready.learn, recipe.n_members),
            held=None if ready.held is None else _batch(ready.x_held, ready.held, recipe.n_members),
            metric=goal.metric,
            seed=seed,
            engine=settings["engine"],
            deadline=None if limit is None else started + limit / self._n_runs,
            callbacks=settings["callbacks"] or (),
            verbose=bool(settings["verbose"]),
            deterministic=bool(settings["deterministic"]),
        )
        self._tell_names(run.callbacks, ready.encoder.feature_names, self.target_name_)
        self.n_learnt_, self.n_held_out_ = len(run.rows.x), 0 if run.held is None else len(run.held.x)
        self._prior = np.average(ready.learn.targets, axis=0, weights=ready.learn.weight)
        try:
            self._keep(self._train(ready, recipe, goal, run), recipe, run)
        except DivergenceError as error:
            self._keep(TableModel(ready.encoder, error.result), recipe, run)
            raise
        return ready, recipe, run

    def _keep(self, model: TableModel, recipe: Recipe, run: Run) -> None:
        self._model, result = model, model.result
        per_epoch = -(-len(run.rows.x) // run.batch_size(recipe))
        self.n_iter_ = max(result.progress.step // per_epoch, 1)
        self.best_iter_ = self.n_iter_ if result.progress.best is None else result.progress.best.step // per_epoch
        self.history_ = result.history

    def _train(self, ready: Prepared, recipe: Recipe, goal: Goal, run: Run) -> TableModel:
        plan = plan_network(ready.encoder, ready.x, ready.learn.weight, recipe, goal.n_outputs, goal.end)
        return TableModel(ready.encoder, fit_network(plan, goal.loss, recipe, run))

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
        chosen = settings["validation_data"] is not None  # by the user, who may want to know of levels only there
        x_held = None if held is None else encoder.transform(held.table, warn_of_unseen=chosen).astype(dtype)
        self._learn_targets(learn)
        scaled = None if held is None else self._scaled(held)
        return Prepared(self._scaled(learn), scaled, encoder, encoder.transform(learn.table).astype(dtype), x_held)

    def _rows(self, X: Any, y: Any, sample_weight: Any, *, first: bool) -> Rows:  # noqa: N803 - scikit-learn's X
        """Return checked rows without those of weight 0."""
        table = self._table(X, reset=first)
        if first:
            self.target_name_ = str(name) if (name := getattr(y, "name", None)) is not None else "y"
        answers = self._checked(y)
        if len(answers) != table.n_rows:
            raise InputError(f"X has {table.n_rows} rows and y has {len(answers)}; they must be equal")
        for column in table.columns:  # here, where a row has the number that the user knows it by
            check_finite(column)
        weight = check_weights(sample_weight, len(answers), np.float64)
        if weight is not None and not weight.all():  # a class of such rows alone isn't there
            kept = np.flatnonzero(weight)
            table, answers, weight = table.take(kept), answers[kept], weight[kept]
        if first and table.n_rows < 2:
            raise InputError(f"{table.n_rows} sample(s): n_samples={table.n_rows}, and at least 2 rows are needed")
        targets = self._read(answers, first)
        rows = Rows(table, targets, self._class_weighted(targets, weight))
        return rows if rows.weight is None or rows.weight.all() else rows.take(np.flatnonzero(rows.weight))

    def _truth(self, X: Any, y: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the targets of rows to measure on: all of them, whatever the classes weigh."""
        check_is_fitted(self)
        n, answers = self._table(X, reset=False).n_rows, self._checked(y)
        if len(answers) != n:
            raise InputError(f"X has {n} rows and y has {len(answers)}; they must be equal")
        return self._read(answers, first=False)

    def _validation(self, given: Any) -> Rows:
        if not isinstance(given, tuple | list) or len(cast(Any, given)) not in (2, 3):
            raise InputTypeError("validation_data must be (X, y) or (X, y, sample_weight)")
        x, y, weight = (*cast(Any, given), None)[:3]
        try:
            return self._rows(x, y, weight, first=False)
        except InputError as error:
            raise InputError(f"validation_data: {error}") from None

    def _learnt(self, X: Any, y: Any, sample_weight: Any) -> Batch:  # noqa: N803 - scikit-learn's X
        rows = self._scaled(self._rows(X, y, sample_weight, first=False))
        return _batch(self._model.matrix(rows.table), rows, self._model.result.network.members)


def _batch(x: Any, rows: Rows, n_members: int) -> Batch:
    """Return rows for ``train``, the targets once for each member."""
    weight = None if rows.weight is None else rows.weight.astype(x.dtype)
    return Batch(x, np.tile(rows.targets, (1, n_members)).astype(x.dtype), weight)
