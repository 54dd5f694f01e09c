"""What is wrong with a run, in plain words: each finding with its evidence in numbers, and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from clearprop.diagnosis.case import open_case
from clearprop.diagnosis.columns import constant_columns, unscaled_inputs
from clearprop.diagnosis.course import overfitting, rate_too_high, rate_too_low
from clearprop.diagnosis.finding import Finding
from clearprop.diagnosis.leakage import leakage
from clearprop.diagnosis.outcome import class_imbalance, constant_target, underfitting, unscaled_targets
from clearprop.diagnosis.units import stuck_units
from clearprop.result import Result

__all__ = ["Finding", "diagnose"]

_CHECKS = (
    unscaled_inputs, constant_columns, leakage, constant_target, unscaled_targets, class_imbalance, rate_too_high,
    rate_too_low, stuck_units, underfitting, overfitting,
)  # fmt: skip


def diagnose(
    result: Result,
    x: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    names: Iterable[str] | None = None,
    validation: Any = None,
) -> list[Finding]:
    """Look for what commonly goes wrong in training; an empty list is good news.

    It looks at up to 10,000 rows, evenly spread over the table (constant columns: at all), and at the run's history.
    Nothing is trained or changed.

    Parameters
    ----------
    result : Result
        Of ``train``, or a ``DivergenceError``'s.
    x, y, sample_weight
        What ``train`` got.
    names : iterable of str, optional
        The columns' names; by default "column 0", "column 1", ….
    validation : (x, y), optional
        Rows that weren't learnt from; without them overfitting is read from ``history["validation_loss"]``.

    Returns
    -------
    list of Finding
        Unscaled inputs, constant columns, leakage suspected, constant target, unscaled targets, class imbalance, rate
        too high, rate too low, dead units, saturated units, underfitting, overfitting: those found, in this order.

    Raises
    ------
    InputError, InputTypeError
        For x, y, names or validation rows that don't fit the network.

    Examples
    --------
    >>> import clearprop as cp
    >>> x, y = cp.datasets.make("moons", 200, seed=0)
    >>> network = cp.Network(2, [cp.Dense(16, "tanh"), cp.Dense(1, "sigmoid")])
    >>> recipe = dict(loss="binary_cross_entropy", optimizer=cp.Adam(0.05), steps=200, rng=0)
    >>> diagnose(cp.train(network, x, y, **recipe), x, y)
    []
    >>> x[:, 0] *= 1000
    >>> for finding in diagnose(cp.train(network, x, y, **recipe), x, y, names=["east", "north"]):
    ...     print(finding.problem)
    unscaled inputs
    saturated units
    """
    case = open_case(result, x, y, sample_weight, names, validation)
    with np.errstate(over="ignore", invalid="ignore"):  # of huge values; they are found all the same
        return [finding for check in _CHECKS for finding in check(case)]
