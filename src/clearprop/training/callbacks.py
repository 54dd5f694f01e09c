"""Callbacks: told of each step and epoch. What they must remember lives in the run's progress, to be continued."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from sys import maxsize
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from clearprop.arrays import copy
from clearprop.errors import DivergenceError, InputError, warn
from clearprop.layers.activations import ReLU
from clearprop.layers.dense import Dense
from clearprop.settings import check_number, check_whole
from clearprop.training.metrics import LARGER_IS_BETTER, METRICS
from clearprop.training.progress import Best

if TYPE_CHECKING:
    from clearprop.training.loop import Training


class Names(NamedTuple):
    """What people call the things in a run.

    Attributes
    ----------
    features : tuple of str
        Of the columns that the network reads, the encoded ones.
    classes : tuple of str
        Of a classifier; empty for numbers.
    target : str
    scale : (mean, deviation) or None
        Of a number that the network learns standardised: target = mean + deviation · y.
    """

    features: tuple[str, ...]
    classes: tuple[str, ...] = ()
    target: str = "y"
    scale: tuple[float, float] | None = None


class Callback:
    """Empty hooks: override what you need. Each gets the running ``Training``.

    Examples
    --------
    >>> class Stop(Callback):
    ...     every = 10
    ...     def on_step(self, training):
    ...         if training.progress.history.last("loss") < 0.1:
    ...             training.stop("good enough")
    """

    every: int = 1
    """``on_step`` is called after every so many updates."""

    def on_names(self, names: Names) -> None:
        """Told by an estimator, before its run begins; ``train`` itself knows no names."""

    def on_start(self, training: Training) -> None:
        """Told once, before the first update."""

    def on_step(self, training: Training) -> None:
        """Told after an update."""

    def on_epoch(self, training: Training) -> None:
        """Told after each pass over the rows, when the validation is done."""

    def on_end(self, training: Training) -> None:
        """Told once, after the last update; not when the run diverges."""

    def on_diverged(self, training: Training, error: DivergenceError) -> None:
        """Told once, when the run diverges, before the error is raised; ``progress`` holds the last finite values."""

    def next_step(self, step: int, per_epoch: int) -> int:
        """Return the first update after ``step`` that it wants to be told of; until then a run needn't look up.

        What follows from ``every`` and from which hooks are overridden; an own answer may only be later.
        """
        steps = step - step % self.every + self.every if _has(self, "on_step") else maxsize
        epochs = step - step % per_epoch + per_epoch if _has(self, "on_epoch") else maxsize
        return min(steps, epochs)


def _has(callback: Callback, hook: str) -> bool:
    return hook in vars(callback) or getattr(type(callback), hook) is not getattr(Callback, hook)


@dataclass
class _Watcher(Callback):
    """Follows one series of the history, epoch by epoch."""

    metric: str = "validation_loss"
    patience: int = 10
    min_delta: float = 0.0

    def __post_init__(self) -> None:
        check_whole(self.patience, f"{type(self).__name__}'s patience")
        check_number(self.min_delta, f"{type(self).__name__}'s min_delta", least=0)

    def on_start(self, training: Training) -> None:
        """Check that there will be such a series; a known metric is added to the run's."""
        kind, _, name = self.metric.partition("validation_")
        if not kind and training.validation is None:
            raise InputError(
                f"{type(self).__name__} watches {self.metric!r}, but there is no validation data; "
                "give train(..., validation_data=0.2), or watch 'loss'"
            )
        if name in METRICS:
            training.metrics.setdefault(name, METRICS[name])
        elif self.metric != "loss" and name != "loss" and name not in training.metrics:
            names = ["loss", "validation_loss", *(f"validation_{m}" for m in (METRICS | training.metrics))]
            raise InputError(f"{type(self).__name__} can't watch {self.metric!r}; it can: {', '.join(names)}")

    def _value(self, training: Training) -> float:
        """Return the epoch's value, turned so that smaller is better."""
        history = training.progress.history
        value = history.last(self.metric)
        if self.metric == "loss":
            value = float(history["loss"][-training.batches.per_epoch :].mean())
        if not isfinite(value):
            text = f"{self.metric} is {value}, which counts as no improvement"
            history.note(training.progress.step, text)
            warn(text)
            return inf
        return -value if self.metric.partition("validation_")[2] in LARGER_IS_BETTER else value


@dataclass
class EarlyStopping(_Watcher):
    """Stop when a metric hasn't improved for ``patience`` epochs; the result then has the best epoch's parameters.

    Parameters
    ----------
    metric : str
        A series of the history: ``"validation_loss"``, ``"validation_accuracy"``, ``"loss"`` …
    patience : int
        Epochs to wait for something better.
    min_delta : float
        How much better it must be.

    Raises
    ------
    InputError
        At the start of a run that has no such series.
    """

    def on_epoch(self, training: Training) -> None:
        """Keep the parameters if they are the best; stop if the best ones are too old."""
        progress, value = training.progress, self._value(training)
        if value < (inf if progress.best is None else progress.best.value - self.min_delta):
            progress.best = Best(progress.step, value, copy(progress.averaged.vector))
        elif progress.best and progress.step - progress.best.step >= self.patience * training.batches.per_epoch:
            training.stop(f"{self.metric} has not improved since step {progress.best.step}")


@dataclass
class ReduceOnPlateau(_Watcher):
    """Multiply the rate by ``factor`` each time a metric hasn't improved for ``patience`` epochs.

    Parameters
    ----------
    metric, patience, min_delta
        As for ``EarlyStopping``.
    factor : float between 0 and 1
    smallest : float
        The rate isn't multiplied by less than this in all.
    """

    factor: float = 0.1
    smallest: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self.factor, "ReduceOnPlateau's factor", above=0, below=1)
        check_number(self.smallest, "ReduceOnPlateau's smallest", least=0)

    def on_epoch(self, training: Training) -> None:
        """Compare with the best since the last reduction."""
        progress, value = training.progress, self._value(training)
        best, since = f"plateau {self.metric} best", f"plateau {self.metric} since"
        progress.memory.setdefault(since, progress.step)
        if value < progress.memory.get(best, inf) - self.min_delta:
            progress.memory[best], progress.memory[since] = value, progress.step
        elif progress.step - progress.memory[since] >= self.patience * training.batches.per_epoch:
            progress.memory[since] = progress.step
            if progress.rate_factor * self.factor >= self.smallest:
                progress.rate_factor *= self.factor
                progress.history.note(progress.step, f"{self.metric} on a plateau: rate × {self.factor:g}")


class DeadUnits(Callback):
    """Warn when over 90 % of a ReLU layer's units give 0 for every row: they can't learn any more.

    It looks after epochs 1, 2, 4, 8, …, so that looking costs next to nothing.
    """

    share: ClassVar[float] = 0.9
    rows: ClassVar[int] = 256

    def next_step(self, step: int, per_epoch: int) -> int:
        return per_epoch << (step // per_epoch).bit_length()

    def on_epoch(self, training: Training) -> None:
        """Look at up to 256 rows, spread over the table."""
        epoch = training.progress.step // training.batches.per_epoch
        if epoch & (epoch - 1):
            return
        network, x = training.engine.network, training.batches.rows.x
        suspects = [
            i for i, layer in enumerate(network.layers)
            if isinstance(layer, Dense) and isinstance(layer.activation, ReLU)
            and f"dead units {i}" not in training.progress.memory
        ]  # fmt: skip
        if not suspects:
            return
        _, caches = network.forward(training.progress.parameters, x[:: -(-len(x) // self.rows)])
        for i in suspects:
            dead = float((caches[i].a == 0).all(axis=0).mean())
            if dead > self.share:
                training.progress.memory[f"dead units {i}"] = training.progress.step
                text = (
                    f"{dead:.0%} of layer {i}'s units give 0 for every row (dead ReLUs) after epoch {epoch}; "
                    "try a lower rate, scaled inputs or 'leaky_relu'"
                )
                training.progress.history.note(training.progress.step, text)
                warn(text)
