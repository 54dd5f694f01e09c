"""L-BFGS as scikit-learn's estimators know it: it ends where SciPy's does, and counts its evaluations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Converged, State
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.training.loop import Training

MAX_FUN = "max_fun evaluations are done"
_SHARE = 1e7 * float(np.finfo(np.float64).eps)  # SciPy's default "ftol", which scikit-learn leaves as it is


@dataclass(frozen=True)
class _SciPyLikeLBFGS(LBFGS, name="lbfgs"):
    """L-BFGS that also ends once a step has lowered the loss by at most 2.2e-9 · max(|loss|, unit)."""

    unit: float = 1.0

    def first_state(self, vector: Any) -> State:
        return super().first_state(vector) | {"evaluations": np.zeros(1, np.int64), "flat": np.zeros(1, np.int64)}

    def step(
        self,
        vector: Any,
        gradient: Any,
        state: State,
        *,
        step: int,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
    ) -> float:
        if state["flat"][0]:
            raise Converged(f"the last step lowered the loss by less than {_SHARE:.1e} of it")

        def counted() -> float:
            state["evaluations"][0] += 1
            return evaluate()

        if not state["count"][0] and gradient.any():  # SciPy's first length is 1 / ‖g‖, the core's min(1, 1 / Σ|g|)
            rate *= max(1.0, float(abs(gradient).sum())) / float(gradient @ gradient) ** 0.5
        found = super().step(vector, gradient, state, step=step, rate=rate, loss=loss, evaluate=counted)
        assert found is not None  # noqa: S101 - L-BFGS always knows the loss where it arrives
        state["flat"][0] = loss - found <= _SHARE * max(abs(loss), abs(found), self.unit)
        return found


def scipy_like_lbfgs(tolerance: float, unit: float) -> LBFGS:
    """Return L-BFGS that ends once no gradient is above ``tolerance``, or a step lowers the loss by next to nothing.

    Parameters
    ----------
    unit : float
        What scikit-learn's objective of 1 is in the core's loss.
    """
    return _SciPyLikeLBFGS(tolerance=tolerance, unit=unit)


@dataclass
class LimitEvaluations(Callback):
    """End a run of L-BFGS after the first step that has used up ``max_fun`` evaluations, as SciPy does."""

    max_fun: int

    def on_start(self, training: Training) -> None:
        """Count from here: each fit has its own limit."""
        self._before = int(training.progress.state["evaluations"][0]) - 1  # the first loss isn't part of a step

    def on_step(self, training: Training) -> None:
        """Look at the count."""
        if int(training.progress.state["evaluations"][0]) - self._before > self.max_fun:
            training.stop(MAX_FUN)
