"""One run of a recipe: the best epoch by the metric on the rows held out, within a time."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import nan
from threading import TIMEOUT_MAX, Timer
from time import perf_counter
from typing import TYPE_CHECKING, Any

from clearprop.arrays import Array
from clearprop.data.batches import Batch
from clearprop.errors import ClearpropWarning
from clearprop.estimators.tabular.metrics import Metric
from clearprop.estimators.tabular.network import Plan
from clearprop.estimators.tabular.recipe import Recipe
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.result import Result
from clearprop.runs import train
from clearprop.training.callbacks import Callback, EarlyStopping

if TYPE_CHECKING:
    from clearprop.training.loop import Training


_LONGEST = TIMEOUT_MAX / 2
"""Seconds: a timer refuses more, and its clock needs some for itself."""


@dataclass
class Run:
    """What one training needs, besides its network and loss."""

    rows: Batch
    held: Batch | None
    metric: Metric
    seed: int
    engine: Any
    deadline: float | None
    callbacks: Sequence[Callback]
    verbose: bool = False
    deterministic: bool = False

    def batch_size(self, recipe: Recipe) -> int:
        """Return how many rows an update takes: all where no rows are held out, or by L-BFGS."""
        n = len(self.rows.x)
        whole = self.held is None or isinstance(recipe.optimizer, LBFGS)
        return n if whole else min(max(n // 100, recipe.least_batch), recipe.batch_size, n)

    def on_members(self, network: Network) -> Callable[[Array, Array], float]:
        """Return the metric as a function of all members' outputs and targets, as ``train`` has them."""
        weight = None if self.held is None else self.held.weight

        def value(outputs: Array, targets: Array) -> float:
            said = network.mean_of_members(outputs)
            return self.metric.value(said, network.mean_of_members(targets), weight)

        value.__name__ = self.metric.name
        return value


def fit_network(plan: Plan, loss: Loss, recipe: Recipe, run: Run) -> Result:
    """Train by the recipe, and return the run with its best epoch's parameters.

    Where no rows are held out, all rows are one batch.

    Raises
    ------
    DivergenceError
        As ``train`` does.
    """
    callbacks: list[Callback] = [*run.callbacks]
    if run.held is not None:
        callbacks.insert(0, EarlyStopping(f"validation_{run.metric.name}", recipe.patience))
    if run.verbose:
        callbacks.append(Line(run.metric.name))
    if run.deadline is not None:
        callbacks.append(TimeLimit(run.deadline))
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "every row of y is the same", ClearpropWarning
        )  # said in the user's own units
        return train(
            plan.network,
            run.rows.x,
            run.rows.targets,
            loss=loss,
            optimizer=recipe.optimizer,
            schedule=recipe.schedule,
            epochs=recipe.max_epochs,
            batch_size=run.batch_size(recipe),
            sample_weight=run.rows.weight,
            validation_data=run.held,
            metrics=[] if run.held is None else [run.on_members(plan.network)],
            rate_factors=plan.rate_factors,
            averaging=0.0 if run.held is None else recipe.averaging,
            callbacks=callbacks,
            dtype=run.rows.x.dtype.name,
            engine=run.engine,
            deterministic=run.deterministic,
            rng=run.seed,
        )


@dataclass
class TimeLimit(Callback):
    """End the run at a moment of ``time.perf_counter``, in the middle of an epoch if need be."""

    deadline: float
    _timer: Timer | None = field(default=None, repr=False)

    def on_start(self, training: Training) -> None:
        """Set the alarm."""
        self._timer = Timer(
            min(max(self.deadline - perf_counter(), 0.0), _LONGEST), training.stop, ["the time limit was reached"]
        )
        self._timer.daemon = True
        self._timer.start()

    def on_end(self, training: Training) -> None:
        """Turn it off."""
        if self._timer is not None:
            self._timer.cancel()


@dataclass
class Line(Callback):
    """Write a line an epoch."""

    metric: str

    def on_epoch(self, training: Training) -> None:
        """Write the epoch, its last training loss, and the metric on the rows held out."""
        progress, series = training.progress, f"validation_{self.metric}"
        epoch = progress.step // training.batches.per_epoch
        held = progress.history.last(series) if series in progress.history else nan
        loss = progress.history.last("loss")
        print(f"Epoch {epoch}, loss = {loss:.6f}, validation {self.metric} = {held:.6f}", file=sys.stdout)  # noqa: T201 - what verbose asks for
