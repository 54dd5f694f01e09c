"""Divergence: a run stops at the first value that is not finite, and says where and what to try."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

from clearprop.arrays import dot, namespace
from clearprop.data.batches import Batch
from clearprop.errors import DivergenceError
from clearprop.optimizers.optimizer import State
from clearprop.parameters import Parameters


def is_wild(arrays: Parameters) -> bool:
    """Tell in one pass whether a vector's squares overflow: only then it, or what comes of it, can be not finite."""
    return not isfinite(float(dot(arrays.vector, arrays.vector)))


def first_broken(value: float, arrays: Parameters) -> str:
    """Return ``"loss"`` if the value isn't finite, else the first array's name that isn't, else an empty string."""
    if not isfinite(value):
        return "loss"
    finite = namespace(arrays.vector).isfinite
    return next((name for name, array in arrays.items() if not bool(finite(array).all())), "")


def broken_state(state: State) -> str:
    """Return what of an optimiser's memory isn't finite; only gradients whose squares overflow can have done that."""
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
