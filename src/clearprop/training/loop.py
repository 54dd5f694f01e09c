"""The training loop: batches in, updates out, callbacks told. It knows no callback and no engine by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite, nan
from time import perf_counter
from typing import Any

import numpy as np

from clearprop.arrays import Array, copy
from clearprop.data.batches import Batch, Batches
from clearprop.engines.reference import ReferenceEngine
from clearprop.engines.stretch import Stretch, Stretches
from clearprop.errors import DivergenceError
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Converged, Optimizer
from clearprop.parameters import Parameters
from clearprop.schedules import Schedule
from clearprop.streams import stream
from clearprop.training.callbacks import Callback
from clearprop.training.divergence import broken_state, divergence, first_broken, is_wild
from clearprop.training.interrupt import interruptible
from clearprop.training.metrics import Metric
from clearprop.training.penalty import add_penalty
from clearprop.training.progress import Average, Best, Progress

_STRETCH = 0.03  # seconds


@dataclass
class Training:
    """One run: what is fixed (network, loss, data, optimiser), and the progress that changes.

    Callbacks get this object: they read ``progress``, may set ``progress.rate_factor``, and end the run with ``stop``.
    """

    engine: ReferenceEngine
    batches: Batches
    optimizer: Optimizer
    schedule: Schedule
    total_steps: int
    progress: Progress
    validation: Batch | None = None
    metrics: dict[str, Metric] = field(default_factory=dict[str, Metric])
    l1: float = 0.0
    l2: float = 0.0
    clip: Clip | None = None
    rate_factors: Mapping[str, float] = field(default_factory=dict[str, float])
    averaging: float = 0.0
    callbacks: Sequence[Callback] = ()

    def __post_init__(self) -> None:
        self._draws = any(layer.draws for layer in self.engine.network.layers)
        self._loss, self._penalty = nan, 0.0
        self._length = 1
        self._validated: Best | None = None

    @cached_property
    def gradients(self) -> Parameters:
        """The loss's derivative by every parameter, as the last single step left it; NaN before the first."""
        gradients = self.progress.parameters.copy()
        gradients.vector[...] = nan
        return gradients

    @cached_property
    def _before(self) -> Any:
        return copy(self.progress.parameters.vector)

    def stop(self, reason: str) -> None:
        """End the run after this step."""
        self.progress.stopped = reason

    def run(self) -> None:
        """Update until the last step, or until somebody stops the run.

        Raises
        ------
        DivergenceError
            At the first value that is not finite; ``progress`` then holds the last finite parameters. Where those can't
            be validated, ``progress.best`` holds the last that could, unless early stopping has put some there.
        """
        progress = self.progress
        progress.stopped = ""
        with (
            np.errstate(over="ignore", invalid="ignore", divide="ignore"),
            interruptible(self.stop),
            self.engine.session(),
        ):
            for callback in self.callbacks:
                callback.on_start(self)
            progress.history.begin("loss", "rate")
            stretches = self.engine.stretches(
                progress.parameters, progress.state, self.optimizer, self.batches, self.clip, self.l1, self.l2,
                progress.age, self.rate_factors,
            )  # fmt: skip
            try:
                self._go(stretches)
            except DivergenceError as error:
                for callback in self.callbacks:
                    callback.on_diverged(self, error)
                raise
            if not progress.stopped:
                self.stop("all steps done")
            progress.history.note(progress.step, f"ended: {progress.stopped}")
            for callback in self.callbacks:
                callback.on_end(self)

    def _go(self, stretches: Stretches | None) -> None:
        """Update, and tell the callbacks, until the run ends."""
        progress, objective = self.progress, None
        while progress.step < self.total_steps and not progress.stopped:
            try:
                if stretches is None:
                    objective = self._update(objective)
                else:
                    self._stretch(stretches)
            except Converged as reason:
                self.stop(f"converged: {reason}")
                return
            for callback in self.callbacks:
                if progress.step % callback.every == 0:
                    callback.on_step(self)
            if progress.step % self.batches.per_epoch == 0:
                self._end_epoch()

    def _stretch(self, stretches: Stretches) -> None:
        """Do as many updates as nobody wants to see in between, for about 30 ms at most: then Ctrl-C is heard."""
        progress, first = self.progress, self.progress.step
        end = min(self.total_steps, first + self._length)
        for callback in self.callbacks:
            end = min(end, callback.next_step(first, self.batches.per_epoch))
        if self.validation is not None or self.averaging:
            end = min(end, first - first % self.batches.per_epoch + self.batches.per_epoch)
        factors = np.array(self.schedule.factors(range(first, end), self.total_steps))
        rates = self.optimizer.rate * factors * progress.rate_factor
        start = perf_counter()
        stretches.keep()
        done = stretches.run(first, rates, self._is_stopped)
        if not done.sound:  # go there again, this time by single steps, to say what it was
            stretches.restore()
            done = stretches.run(first, rates[: done.step - 1 - first], bool)
        self._record_stretch(first, rates, done)
        progress.step = done.step
        if done.step < end and not progress.stopped:
            self._update(None)
        seconds = perf_counter() - start
        if seconds < _STRETCH and end - first == self._length:  # it was as long as it might be
            self._length *= 4 if seconds < _STRETCH / 4 else 2
        elif seconds > 3 * _STRETCH:
            self._length = max(self._length // 2, 1)
            stretches.aside = self._length == 1

    def _record_stretch(self, first: int, rates: Array, done: Stretch) -> None:
        history, steps = self.progress.history, np.arange(first, done.step)
        history.extend("loss", steps, done.losses)
        history.extend("rate", steps, rates[: len(steps)])
        if self.l1 or self.l2:
            history.extend("penalty", steps, done.penalties)
        if clipped := steps[done.clipped].tolist():
            if "clipped" not in history:
                history.note(clipped[0], f"the gradient was clipped for the first time ({self.clip})")
            history.extend("clipped", np.array(clipped), np.ones(len(clipped)))

    def _is_stopped(self) -> bool:
        return bool(self.progress.stopped)

    def _update(self, objective: float | None) -> float | None:
        """Do one update. ``objective`` is what the last one returned: the loss here, where it is known already."""
        progress, step = self.progress, self.progress.step
        batch = self.batches.at(step)
        rate = float(self.optimizer.rate * self.schedule.factor(step, self.total_steps) * progress.rate_factor)
        if objective is None:
            objective = self._evaluate(batch)
        wild = is_wild(self.gradients) or not isfinite(objective)
        if wild and (broken := first_broken(objective, self.gradients)):
            raise divergence(broken if broken == "loss" else f"gradient of {broken}", step, rate, self.gradients, batch)
        loss, penalty = self._loss, self._penalty
        clipped = self.clip is not None and self.clip(self.gradients)
        self._before[...] = progress.parameters.vector
        objective = self.engine.update(
            self.optimizer, progress.parameters, self.gradients, progress.state,
            step=step + progress.age, rate=rate, loss=objective, evaluate=lambda: self._evaluate(batch),
            rate_factors=self.rate_factors,
        )  # fmt: skip
        if (wild or is_wild(progress.parameters)) and (
            broken := first_broken(0.0, progress.parameters) or broken_state(progress.state)
        ):
            progress.parameters.vector[...] = self._before
            raise divergence(broken, step, rate, self.gradients, batch)
        self._record(step, rate, loss, penalty, clipped)
        progress.step += 1
        return objective

    def _record(self, step: int, rate: float, loss: float, penalty: float, clipped: bool) -> None:
        history = self.progress.history
        history.record("loss", step, loss)
        history.record("rate", step, rate)
        if self.l1 or self.l2:
            history.record("penalty", step, penalty)
        if clipped:
            if "clipped" not in history:
                history.note(step, f"the gradient was clipped for the first time ({self.clip})")
            history.record("clipped", step, 1.0)

    def _evaluate(self, batch: Batch) -> float:
        """Return the loss with its penalty, and leave its derivative in ``self.gradients``."""
        progress = self.progress
        rng = stream(progress.seed, "dropout", progress.step) if self._draws else None
        self._loss = self.engine.gradient(progress.parameters, *batch, into=self.gradients, rng=rng)
        self._penalty = add_penalty(progress.parameters, self.gradients, self.l1, self.l2)
        return self._loss + self._penalty

    def _end_epoch(self) -> None:
        progress = self.progress
        if self.averaging:
            progress.average = Average.of(progress.average, progress.parameters.vector, self.averaging)
        if self.validation is not None:
            loss, prediction = self.engine.evaluate(progress.averaged, *self.validation)
            if not isfinite(loss):
                progress.best = progress.best or self._validated
                rate = progress.history.last("rate")
                raise divergence("validation loss", progress.step, rate, self.gradients, self.validation)
            self._validated = Best(progress.step, loss, copy(progress.averaged.vector))
            progress.history.record("validation_loss", progress.step, loss)
            for name, metric in self.metrics.items():
                progress.history.record(
                    f"validation_{name}", progress.step, metric(prediction, self.validation.targets)
                )
        for callback in self.callbacks:
            callback.on_epoch(self)
