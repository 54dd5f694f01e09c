"""Divergence: a run stops at the first value that is not finite, and says where and what to try."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

from clearprop.arrays import namespace
from clearprop.data.batches import Batch
from clearprop.errors import DivergenceError
from clearprop.optimizers.optimizer import State
from clearprop.parameters import Parameters


def first_broken(value: float, arrays: Parameters) -> str:
    """Return ``"loss"`` if the value isn't finite, else the first array's name that isn't, else an empty string."""
    if not isfinite(value):
        return "loss"
    if isfinite(float(arrays.vector @ arrays.vector)):  # one pass; squares overflow early, so look closer if it isn't
        return ""
    finite = namespace(arrays.vector).isfinite
    return next((name for name, array in arrays.items() if not bool(finite(array).all())), "")


def broken_state(state: State, gradients: Parameters) -> str:
    """Return what of an optimiser's memory isn't finite; only gradients whose squares overflow can have done that."""
    g = gradients.vector
    if isfinite(float(g @ g)):
        return ""
    return next((f"the optimiser's {k}" for k, m in state.items() if not bool(namespace(m).isfinite(m).all())), "")


def divergence(tensor: str, step: int, rate: float, gradients: Parameters, batch: Batch) -> DivergenceError:
    """Return the error, with what a person needs to find the cause: the sizes of gradient, inputs and targets."""
    g = gradients.vector
    finite = namespace(g).isfinite(g)
    largest = _largest(g[finite]) if bool(finite.any()) else nan
    return DivergenceError(
        f"the run diverged at step {step}: {tensor} is not finite (rate {rate:g}, largest finite gradient "
        f"{largest:.3g}, |x| up to {_largest(batch.x):.3g}, |y| up to {_largest(batch.targets):.3g}); the last finite "
        f"parameters are kept. Try a lower rate, such as {min(rate / 10, 0.1):g}, x and y scaled to mean 0 and "
        "deviation 1, or clip=ClipGlobalNorm(1.0)",
        step=step,
        tensor=tensor,
        largest_gradient=largest,
    )


def _largest(x: Any) -> float:
    return float(abs(x).max())
