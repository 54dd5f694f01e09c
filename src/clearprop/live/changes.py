"""What a page changes of a run between two updates: each returns another run to go on with; the old one stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from clearprop.errors import InputError, unknown_name
from clearprop.live.commands import number, whole
from clearprop.live.frames import checkpoint
from clearprop.live.setup import Setup
from clearprop.result import Result


def under(setup: Setup, result: Result) -> Result:
    """Return a run to go on with under another optimiser, which begins with no memory if it is of another kind."""
    progress, optimizer = checkpoint(result.progress), setup.optimizer
    if type(optimizer) is not type(result.optimizer):
        progress.state = optimizer.first_state(progress.parameters.vector)
        progress.age, progress.rate_factor = -progress.step, 1.0
    return Result(result.network, result.loss, optimizer, progress, result.engine)


def with_rate(setup: Setup, result: Result) -> Setup:
    """Return a setup whose optimiser has the rate that was set by hand."""
    factor = result.progress.rate_factor
    rate = setup.optimizer.rate * factor
    return setup if factor == 1 else replace(setup, optimizer=replace(setup.optimizer, rate=rate))


def edited(result: Result, values: dict[str, Any]) -> tuple[str, Result]:
    """Return what is done in words, and a run to go on with in which one parameter is another."""
    progress = checkpoint(result.progress)
    parameters, name = progress.parameters, str(values.get("parameter"))
    if name not in parameters:
        raise unknown_name("parameter", name, parameters)
    array = parameters[name].reshape(-1)
    index, value = whole(values, "index"), number(values, "value")
    if index >= len(array):
        raise InputError(f"{name} has {len(array)} numbers; there is no number {index}")
    if not abs(value) < 1e30:
        raise InputError(f"a parameter must be finite and of a size to compute with; got {value:g}")
    text = f"{name}[{index}] {array[index]:.6g} → {value:.6g}"
    array[index] = value
    return text, replace(result, progress=progress)
