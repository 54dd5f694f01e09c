"""Derivatives without any calculus by hand: the complex step, and central differences where a formula can't take it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator

from clearprop.arrays import Array

STEP = 1e-30  # of the complex step: nothing is subtracted, so it may be as small as one likes
DIFFERENCES = (1e-5, 1e-6)  # of central differences: the nearer counts, so that a kink within the larger does no harm
FLOOR = 1e-2  # what cancels to less than this share of the largest derivative is only as exact as its terms
COMPLEX, CENTRAL = "complex step", "central differences"
TOLERANCES = {COMPLEX: 1e-10, CENTRAL: 1e-6}

Arrays = Mapping[str, Array]
Function = Callable[[Arrays], Any]


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes
    ----------
    error : float
        The largest scaled error: |g − g*| / s, where g is the derivative by hand and g* the one by ``method``. s is
        the largest of both in that array, but at least a hundredth of the largest in the whole check, the derivative by
        the output included: one that cancels to nearly nothing is only as exact as the terms that it is made of.
    method : str
        ``"complex step"``: f'(p) = Im f(p + ih) / h with h = 1e-30, exact to rounding. ``"central differences"``:
        (f(p + h) − f(p − h)) / 2h, good to about 1e-9, where the formula isn't complex-safe. It isn't where it fails on
        complex numbers, or gives another derivative than central differences do.
    array : str
        Where the largest error is, such as ``"0.weight"`` or ``"input"``.
    """

    error: float
    method: str
    array: str


class _Difference(NamedTuple):
    """A derivative by hand beside the computed one, at one entry or along one direction of an array."""

    array: str
    place: str
    by_hand: float
    computed: float


def error_of(report: Report) -> float:
    """Return the report's error, for ``max(reports, key=error_of)``."""
    return report.error


def compare(
    function: Function,
    arrays: Arrays,
    gradients: Arrays,
    *,
    terms: Array,
    rng: Generator,
    entries: int,
    tolerance: float | None,
) -> Report:
    """Compare ``gradients`` with the derivatives of ``function`` by each of ``arrays``.

    Parameters
    ----------
    function : function (arrays by name) → number
        Called with complex arrays too.
    arrays, gradients : mapping of str to array
        float64, with equal names and shapes.
    terms : array
        The derivative by the output, from which the gradients were made: part of the scale.
    entries : int
        How many entries of each array are looked at one by one (all, where it has no more). One random direction
        through the whole array comes on top, so that no entry is left out.
    tolerance : float, optional
        The largest scaled error allowed; by default 1e-10 for the complex step and 1e-6 for central differences.

    Raises
    ------
    AssertionError
        Naming the array, the place, both values and the scaled error.
    """
    steps = {name: list(_directions(array, rng, entries)) for name, array in arrays.items() if array.size}
    method = COMPLEX
    for name, ways in steps.items():
        if not _complex_safe(function, arrays, name, ways[0][1]):
            method = CENTRAL
    found: list[_Difference] = []
    for name, ways in steps.items():
        for place, direction in ways:
            by_hand = float((gradients[name] * direction).sum())
            if method == COMPLEX:
                computed = _complex_step(function, arrays, name, direction)
            else:
                computed = min(
                    _central_differences(function, arrays, name, direction), key=lambda value, g=by_hand: abs(value - g)
                )
            found.append(_Difference(name, place, by_hand, computed))
    return _judge(found, {**gradients, "": terms}, method, TOLERANCES[method] if tolerance is None else tolerance)


def _judge(found: list[_Difference], gradients: Arrays, method: str, tolerance: float) -> Report:
    largest = {name: float(abs(g).max()) for name, g in gradients.items() if g.size}
    for difference in found:
        largest[difference.array] = max(largest[difference.array], abs(difference.computed))
    floor = FLOOR * max(largest.values(), default=0.0)
    worst, report = None, Report(0.0, method, "")
    for difference in found:
        scale = max(largest[difference.array], floor) or 1.0
        error = abs(difference.by_hand - difference.computed) / scale
        if not error <= report.error:  # NaN counts as the largest
            worst, report = difference, Report(error, method, difference.array)
    if worst is not None and not report.error <= tolerance:
        raise AssertionError(
            f"the derivative by {worst.array!r} is wrong {worst.place}: by hand {worst.by_hand:.17g}, by the "
            f"{method} {worst.computed:.17g}; scaled error {report.error:.3g}, at most {tolerance:g} is allowed"
        )
    return report


def _directions(array: Array, rng: Generator, entries: int) -> Iterator[tuple[str, Array]]:
    """Give a direction through every entry, then single entries; each has Σ|d| = 1, so that errors keep their scale."""
    everywhere = rng.normal(size=array.shape)
    yield "along a random direction", everywhere / abs(everywhere).sum()
    chosen = rng.permutation(array.size)[:entries]
    for i in np.sort(chosen):
        single = np.zeros(array.size)
        single[i] = 1.0
        place = [int(k[0]) for k in single.reshape(array.shape).nonzero()]
        yield f"at {place}", single.reshape(array.shape)


def _complex_safe(function: Function, arrays: Arrays, name: str, direction: Array) -> bool:
    """Tell whether the complex step gives what central differences give: some formulas drop the imaginary part."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns where a formula drops it; that is what we find out here
            value = _complex_step(function, arrays, name, direction)
    except Exception:  # noqa: BLE001 - whatever a formula of somebody's own raises on complex numbers
        return False
    near = _central_differences(function, arrays, name, direction)
    scale = max(abs(value), *(abs(other) for other in near), FLOOR)
    return min(abs(value - other) for other in near) <= 1e-4 * scale


def _complex_step(function: Function, arrays: Arrays, name: str, direction: Array) -> float:
    moved = {key: array.astype(complex) for key, array in arrays.items()}
    moved[name] += 1j * STEP * direction
    return float(function(moved).imag) / STEP


def _central_differences(function: Function, arrays: Arrays, name: str, direction: Array) -> list[float]:
    scale = 1.0 / float(abs(direction).max())  # the entry that moves most moves by h

    def at(h: float) -> float:
        return float(function({**arrays, name: arrays[name] + h * scale * direction}))

    return [(at(h) - at(-h)) / (2 * h * scale) for h in DIFFERENCES]
