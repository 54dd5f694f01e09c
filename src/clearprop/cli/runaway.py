"""Runs that run away without ever leaving the finite numbers, as clipped gradients at far too high a rate make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.errors import DivergenceError, warn
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.training.loop import Training


class Runaway(Callback):
    """Ends a run whose loss is a million times its first, and warns of one that ended higher than it began.

    Raises
    ------
    DivergenceError
        At the first such loss.
    """

    every = 10
    times = 1e6

    def on_step(self, training: Training) -> None:
        """Compare the newest loss with the first."""
        self._judge(training)

    def _judge(self, training: Training) -> None:
        first, now = _ends(training)
        if now > self.times * max(abs(first), 1e-3):
            step, largest = training.progress.step, float(abs(training.gradients.vector).max())
            text = f"the run diverges: the loss was {first:.3g} at first and is {now:.3g} after {step:,} steps"
            raise DivergenceError(f"{text}; {_remedy(training)}", step=step, tensor="loss", largest_gradient=largest)

    def on_end(self, training: Training) -> None:
        """Say it if nothing was learnt."""
        if not training.progress.step:
            return
        self._judge(training)
        first, now = _ends(training)
        if now > first:
            text = f"the loss ended higher ({now:.3g}) than it began ({first:.3g}); {_remedy(training)}"
            warn(text)


def _ends(training: Training) -> tuple[float, float]:
    losses = training.progress.history["loss"]
    return float(losses[0]), float(losses[-1])


def _remedy(training: Training) -> str:
    rate = training.optimizer.rate
    return f"try a lower rate ({rate:g} → {rate / 10:g})"
