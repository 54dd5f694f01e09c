"""Which engine a run gets: by name, or by what pays."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Literal, NamedTuple

import numpy as np

from clearprop.engines import plan as plans
from clearprop.engines.kernels.cache import is_ready
from clearprop.engines.prepare import prepare, prepared, start_in_background
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import unknown_name
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.optimizer import Optimizer

EngineName = Literal["auto", "compiled", "reference"]

SHORT = 0.5
"""Seconds in NumPy below which a run isn't worth loading Numba for."""
LONG = 60.0
"""Seconds in NumPy above which a run is worth compiling for first."""


class Choice(NamedTuple):
    """An engine's name, and why."""

    name: str
    reason: str


def choose(network: Network, loss: Loss, optimizer: Optimizer, dtype: Any, batch_size: int, steps: int) -> Choice:
    """Return the engine that pays for a run.

    Nothing but the run's size and what was on disk when the process first asked decides, so that a run which is
    repeated in one process, or once the kernels are there, is the same bit for bit.
    """
    seconds = steps * seconds_a_step(network, batch_size)
    name = str(np.dtype(dtype))
    own = [str(i) for i in plans.unknown_layers(network)]
    if own or type(loss) not in plans.LOSSES or type(optimizer) not in plans.RULES:
        what = f"layer {own[0]}" if own else "the loss" if type(loss) not in plans.LOSSES else "the optimiser"
        return Choice("reference", f"no kernel knows {what}")
    if find_spec("numba") is None or find_spec("scipy") is None:
        return Choice("reference", "Numba isn't installed (pip install 'clearprop[fast]')")
    if seconds < SHORT:
        return Choice("reference", "a short run")
    if is_ready(name):
        return Choice("compiled", "its kernels are compiled, and the run is long enough for them")
    if seconds >= LONG:
        return Choice("compiled", "a long run: compiled first")
    start_in_background(name)
    return Choice("reference", "its kernels aren't compiled yet: that goes on in the background, for the next run")


def seconds_a_step(network: Network, batch_size: int) -> float:
    """Estimate a step's time in NumPy: calls, elementwise passes and products, on a common machine of 2024."""
    products = sum(n * m for n, m in zip(network.widths, network.widths[1:], strict=False))
    values = sum(network.widths) * batch_size
    return (
        2e-5 + 1e-5 * len(network.layers) + 3e-9 * values + 3e-11 * products * batch_size + 1e-9 * network.n_parameters
    )


def predicting(name: str, network: Network, loss: Loss, dtype: Any) -> ReferenceEngine:
    """Return the engine that a result predicts with: its own, unless its kernels would have to be compiled first."""
    installed = find_spec("numba") is not None and find_spec("scipy") is not None
    if name == "compiled" and installed and (is_ready(str(np.dtype(dtype))) or str(np.dtype(dtype)) in prepared):
        return make(name, network, loss, dtype)
    return ReferenceEngine(network, loss)


def make(name: str, network: Network, loss: Loss, dtype: Any, deterministic: bool = False) -> ReferenceEngine:
    """Return the engine of a name, its kernels compiled.

    Raises
    ------
    InputError
        For another name.
    MissingExtraError
        If the compiled engine's libraries aren't installed.
    """
    if name == "reference":
        return ReferenceEngine(network, loss)
    if name != "compiled":
        raise unknown_name("engine", name, ["auto", "compiled", "reference"])
    prepare(str(np.dtype(dtype)))
    from clearprop.engines.compiled import CompiledEngine

    return CompiledEngine(network, loss, deterministic)
