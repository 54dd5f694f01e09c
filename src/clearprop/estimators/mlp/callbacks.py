"""scikit-learn's stopping rules, adaptive rate and progress line, as callbacks of the core.

What they count lies in ``training.progress``, so that a continued run is the same run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from clearprop.arrays import copy
from clearprop.estimators.mlp.options import Objective
from clearprop.training.callbacks import Callback, EarlyStopping
from clearprop.training.progress import Best

if TYPE_CHECKING:
    from clearprop.training.loop import Training

EPOCH_LOSS = "epoch_loss"
_SMALLEST_RATE = 1e-6


@dataclass
class Carry(Callback):
    """Begin with what callbacks remembered in an earlier run, and with its factor on the rate."""

    memory: dict[str, float]
    rate_factor: float

    def on_start(self, training: Training) -> None:
        """Hand it over."""
        training.progress.memory.update(self.memory)
        training.progress.rate_factor = self.rate_factor


@dataclass
class EpochLoss(Callback):
    """Record the epoch's mean loss with its penalty, in scikit-learn's units, as ``history["epoch_loss"]``."""

    objective: Objective
    verbose: bool = False

    def on_start(self, training: Training) -> None:
        """Count the epochs of this run from here."""
        self._first = training.progress.step

    def on_epoch(self, training: Training) -> None:
        """Take the mean over rows of the batches' losses; write a line if asked to."""
        progress = training.progress
        scale, report, offset = self.objective
        value = report * _mean(training, "loss") + offset
        if training.l2:
            value += scale * _mean(training, "penalty")
        progress.history.record(EPOCH_LOSS, progress.step, value)
        if self.verbose:
            epoch = (progress.step - self._first) // training.batches.per_epoch
            sys.stdout.write(f"Iteration {epoch}, loss = {value:.8f}\n")


@dataclass
class EpochScore(Callback):
    """Record the score on the rows held out as ``history[series]``, after each epoch; more is better."""

    series: str
    score: Callable[[Training], float]
    verbose: bool = False

    def on_epoch(self, training: Training) -> None:
        """Measure; write a line if asked to."""
        value = float(self.score(training))
        training.progress.history.record(self.series, training.progress.step, value)
        if self.verbose:
            sys.stdout.write(f"Validation score: {value:.6f}\n")


@dataclass
class Patience:
    """What happens after more than ``epochs`` epochs without an improvement of ``tol``.

    The run ends; or, where ``rate`` is given (the learning rate of ``"adaptive"``), the rate is divided by 5 until it
    is 1e-6 or less.
    """

    tol: float
    epochs: float
    rate: float | None = None

    def judge(self, training: Training, improved: bool, what: str) -> None:
        """Count an epoch, and act."""
        progress, since = training.progress, "epochs without improvement"
        count = 0.0 if improved else progress.memory.get(since, 0.0) + 1
        if count > self.epochs:
            if self.rate is not None and self.rate * progress.rate_factor > _SMALLEST_RATE:
                progress.rate_factor /= 5
                progress.history.note(progress.step, f"{what} on a plateau: rate / 5")
                count = 0.0
            else:
                training.stop(f"{what} did not improve by tol={self.tol:g} for {self.epochs:g} epochs")
        progress.memory[since] = count


@dataclass
class StopOnLoss(Callback):
    """Follow the training loss."""

    patience: Patience

    def on_epoch(self, training: Training) -> None:
        """Compare with the least loss so far."""
        progress, least = training.progress, "least epoch loss"
        value, best = progress.history.last(EPOCH_LOSS), progress.memory.get(least, inf)
        progress.memory[least] = min(value, best)
        self.patience.judge(training, value <= best - self.patience.tol, "the training loss")


class StopOnScore(EarlyStopping):
    """Follow the validation score, and keep the parameters of the best epoch."""

    def __init__(self, patience: Patience, series: str) -> None:
        super().__init__()
        self.rule, self.series = patience, series

    def on_start(self, training: Training) -> None:
        """Nothing to check: ``EpochScore`` records the series."""

    def on_epoch(self, training: Training) -> None:
        """Compare with the best score so far; NaN is no improvement."""
        progress = training.progress
        score, best = progress.history.last(self.series), -progress.best.value if progress.best else -inf
        if score > best or progress.best is None:
            progress.best = Best(progress.step, -score if score == score else inf, copy(progress.parameters.vector))
        self.rule.judge(training, score >= best + self.rule.tol, "the validation score")


def _mean(training: Training, series: str) -> float:
    """Return the mean over rows of a series that has a value for each batch of the epoch."""
    batches = training.batches
    values = training.progress.history[series][-batches.per_epoch :]
    last, rest = float(values[-1]), batches.n_rows - (batches.per_epoch - 1) * batches.batch_size
    return ((float(values.sum()) - last) * batches.batch_size + last * rest) / batches.n_rows
