"""The training loop: batches in, updates out, callbacks told. It knows no callback and no engine by name."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite, nan

import numpy as np

from clearprop.arrays import namespace
from clearprop.data.batches import Batch, Batches
from clearprop.engines.reference import ReferenceEngine, weights
from clearprop.errors import DivergenceError
from clearprop.optimizers.optimizer import Converged, Optimizer
from clearprop.parameters import Parameters
from clearprop.schedules import Schedule
from clearprop.streams import stream
from clearprop.training.callbacks import Callback
from clearprop.training.clipping import Clip
from clearprop.training.metrics import Metric
from clearprop.training.progress import Progress

INTERRUPTED = "interrupted by Ctrl-C"


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
    callbacks: Sequence[Callback] = ()

    def __post_init__(self) -> None:
        self.gradients = self.progress.parameters.copy()
        self._draws = any(layer.draws for layer in self.engine.network.layers)
        self._loss, self._penalty = nan, 0.0

    def stop(self, reason: str) -> None:
        """End the run after this step."""
        self.progress.stopped = reason

    def run(self) -> None:
        """Update until the last step, or until somebody stops the run.

        Raises
        ------
        DivergenceError
            At the first value that is not finite; ``progress`` then holds the last finite parameters.
        """
        progress = self.progress
        progress.stopped = ""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"), _interruptible(self):
            for callback in self.callbacks:
                callback.on_start(self)
            objective = None
            while progress.step < self.total_steps and not progress.stopped:
                objective = self._update(objective)
                for callback in self.callbacks:
                    if progress.step % callback.every == 0:
                        callback.on_step(self)
                if progress.step % self.batches.per_epoch == 0:
                    self._end_epoch()
            if not progress.stopped:
                self.stop("all steps done")
            progress.history.note(progress.step, f"ended: {progress.stopped}")
            for callback in self.callbacks:
                callback.on_end(self)

    def _update(self, objective: float | None) -> float | None:
        """Do one update. ``objective`` is what the last one returned: the loss here, where it is known already."""
        progress, step = self.progress, self.progress.step
        batch = self.batches.at(step)
        if objective is None:
            objective = self._evaluate(batch)
        self._check(objective, self.gradients, "gradient of ")
        loss, penalty = self._loss, self._penalty
        clipped = self.clip is not None and self.clip(self.gradients)
        rate = self.optimizer.rate * self.schedule.factor(step, self.total_steps) * progress.rate_factor
        before = progress.parameters.vector.copy()
        try:
            objective = self.engine.update(
                self.optimizer, progress.parameters, self.gradients, progress.state,
                step=step, rate=rate, loss=objective, evaluate=lambda: self._evaluate(batch),
            )  # fmt: skip
            self._check(0.0, progress.parameters, "")
        except Converged as reason:
            self.stop(f"converged: {reason}")
            return None
        except DivergenceError:
            progress.parameters.vector[...] = before
            raise
        history = progress.history
        history.record("loss", step, loss)
        history.record("rate", step, rate)
        if self.l1 or self.l2:
            history.record("penalty", step, penalty)
        if clipped:
            if "clipped" not in history:
                history.note(step, f"the gradient was clipped for the first time ({self.clip})")
            history.record("clipped", step, 1.0)
        progress.step += 1
        return objective

    def _evaluate(self, batch: Batch) -> float:
        """Return the loss with its penalty, and leave its derivative in ``self.gradients``."""
        progress = self.progress
        rng = stream(progress.seed, "dropout", progress.step) if self._draws else None
        self._loss = self.engine.gradient(progress.parameters, *batch, into=self.gradients, rng=rng)
        self._penalty = add_penalty(progress.parameters, self.gradients, self.l1, self.l2)
        return self._loss + self._penalty

    def _end_epoch(self) -> None:
        progress = self.progress
        if self.validation is not None:
            loss, prediction = self.engine.evaluate(progress.parameters, *self.validation)
            self._check(loss, progress.parameters, "validation ")
            progress.history.record("validation_loss", progress.step, loss)
            for name, metric in self.metrics.items():
                progress.history.record(
                    f"validation_{name}", progress.step, metric(prediction, self.validation.targets)
                )
        for callback in self.callbacks:
            callback.on_epoch(self)

    def _check(self, objective: float, arrays: Parameters, prefix: str) -> None:
        """Raise DivergenceError naming the first thing that is not finite."""
        vector = arrays.vector
        if isfinite(objective) and isfinite(float(vector @ vector)):
            return
        finite = namespace(vector).isfinite  # squares overflow before their roots do, so each array is looked at
        broken = [prefix + name for name, array in arrays.items() if not bool(finite(array).all())]
        if not isfinite(objective):
            broken.insert(0, "validation loss" if prefix.startswith("validation") else "loss")
        if broken:
            g = self.gradients.vector
            largest = float(abs(g[finite(g)]).max()) if bool(finite(g).any()) else nan
            step, rate = self.progress.step, self.optimizer.rate
            raise DivergenceError(
                f"the run diverged at step {step}: {broken[0]} is not finite (largest finite gradient: {largest:.3g}); "
                f"the last finite parameters are kept. Try a lower rate ({rate:g} → {rate / 10:g}), inputs scaled to "
                "mean 0 and deviation 1, or clip=ClipGlobalNorm(1.0)",
                step=step, tensor=broken[0], largest_gradient=largest,
            )  # fmt: skip


@contextmanager
def _interruptible(training: Training) -> Generator[None]:
    """Let Ctrl-C end the run at the next step's boundary, with nothing half done; a second one interrupts at once."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def interrupt(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        training.stop(INTERRUPTED)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def add_penalty(parameters: Parameters, gradients: Parameters, l1: float, l2: float) -> float:
    """Return l1 Σ|w| + l2/2 Σw² over the weights, and add its derivative, l1 sign(w) + l2 w, to the gradients."""
    if not (l1 or l2):
        return 0.0
    penalty = 0.0
    for w, g in zip(weights(parameters), weights(gradients), strict=True):
        if l2:
            penalty += 0.5 * l2 * float((w * w).sum())
            g += l2 * w
        if l1:
            penalty += l1 * float(abs(w).sum())
            g += l1 * namespace(w).sign(w)
    return penalty
