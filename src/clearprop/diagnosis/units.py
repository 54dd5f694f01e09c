"""Units that no longer react to the rows: dead ones, and saturated ones."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from clearprop.arrays import Array
from clearprop.diagnosis.finding import Finding
from clearprop.layers.activations import Activation, Identity, Softmax
from clearprop.layers.dense import Dense
from clearprop.layers.layer import Cache
from clearprop.network import Network

if TYPE_CHECKING:
    from clearprop.diagnosis.case import Case

FLAT = 1e-3
"""A unit without two limits is dead in a row where |f'(z)| is below this: a thousandth of the gradient gets through."""
NEAR = 0.01
"""One with two limits is saturated in a row where it is within this share of its range from a limit, as in plots."""
ROWS = 0.99
"""A unit counts that is so in this share of the rows: the few others hardly teach it anything."""
UNITS = 1 / 3
"""A layer is reported from this share of its units on; a tenth or two of dead ReLUs is usual where all is well."""


def stuck_by_layer(network: Network, cache: list[Cache]) -> Iterator[tuple[int, Array]]:
    """Yield each hidden layer that can get stuck, and where it is: (rows, units) of bool.

    The last layer isn't looked at where it has two limits: a probability near 0 or 1 is a sure answer, no fault.
    """
    last = len(network.layers) - 1
    for i, (layer, passed) in enumerate(zip(network.layers, cache, strict=True)):
        if not isinstance(layer, Dense) or isinstance(layer.activation, Identity | Softmax):
            continue
        if i < last or not _has_limits(layer.activation):
            yield i, _stuck(layer.activation, passed)


def stuck_units(case: Case) -> list[Finding]:
    """Report layers in which a third of the units or more are dead or saturated."""
    found: list[Finding] = []
    for i, shares in case.stuck.items():
        layer = case.result.network.layers[i]
        count = int((shares >= ROWS).sum())
        if not isinstance(layer, Dense) or count < UNITS * len(shares):
            continue
        f = layer.activation
        where = f"{count} of the {len(shares)} units of layer {i} ({f})"
        rows = f"in at least {ROWS:.0%} of {case.rows_seen}"
        if _has_limits(f):
            low, high = f.range
            evidence = f"{where} are within {NEAR:.0%} of their limits, {low:g} and {high:g}, {rows}."
            remedy = "Scale the inputs, lower the rate, or penalise large weights (l2, weight_decay)."
            found.append(Finding("saturated units", evidence, remedy))
        else:
            evidence = f"{where} have a derivative of 0, or nearly, {rows}: they add a constant and can't learn."
            remedy = "Lower the rate, scale the inputs, or take an activation that always slopes, such as 'leaky_relu'."
            found.append(Finding("dead units", evidence, remedy))
    return found


def _has_limits(f: Activation) -> bool:
    return isfinite(f.range[0]) and isfinite(f.range[1])


def _stuck(f: Activation, passed: Cache) -> Array:
    if _has_limits(f):
        low, high = f.range
        near = NEAR * (high - low)
        return (passed.a < low + near) | (passed.a > high - near)
    return abs(f.derivative(passed.z, passed.a)) < FLAT
