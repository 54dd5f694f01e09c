"""The check of a loss: its derivative, and its joint formulas where it has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.losses.loss import Loss
from clearprop.testing.contracts import draw_predictions, draw_targets, must, same, unchanged
from clearprop.testing.derivatives import Arrays, Report, compare, error_of


def check_loss(
    loss: str | Loss,
    *,
    prediction: Any = None,
    target: Any = None,
    rows: int = 6,
    outputs: int = 3,
    rng: int = 0,
    tolerance: float | None = None,
) -> Report:
    """Check a loss's ``derivative`` against its ``value``, with and without weights, and its joint formulas.

    The joint formulas are compared with the complex step by z, and their value with that of the plain one.

    Parameters
    ----------
    loss : str or Loss
    prediction, target : array, shape (rows, outputs), optional
        By default drawn within the loss's ``domain``; some targets lie on its edge, as labels and counts do.
    rows, outputs, rng : int
        What is drawn (of outputs so many for each group), and its seed.
    tolerance : float, optional
        The largest scaled error, as for ``check_layer``.

    Returns
    -------
    Report

    Raises
    ------
    AssertionError
        Naming what is wrong, as for ``check_layer``.
    InputError
        If the loss itself refuses the targets drawn: then give some.

    Examples
    --------
    >>> check_loss("huber").error < 1e-12
    True
    """
    loss = Loss.resolve(loss)
    draw = np.random.default_rng(rng)
    outputs *= getattr(loss, "groups", 1)
    p = draw_predictions(loss, draw, (rows, outputs)) if prediction is None else np.asarray(prediction, dtype=float)
    y = draw_targets(loss, draw, p.shape) if target is None else np.asarray(target, dtype=float)
    loss.check_targets(y)
    must(p.shape == y.shape, f"prediction has shape {p.shape} and target {y.shape}; they must be equal")
    for what, array in {"value": loss.value(p, y), "derivative": loss.derivative(p, y)}.items():
        must(
            np.shape(array) == p.shape, f"the {what} must have the predictions' shape {p.shape}; got {np.shape(array)}"
        )
    report = _compare_loss(loss, p, y, None, draw, tolerance)
    if (joint_activation := loss.joint_activation()) is not None:
        z = 2 * draw.normal(size=p.shape)
        a = joint_activation(z)
        report = max(report, _compare_loss(loss, a, y, z, draw, tolerance), key=error_of)
        plain, joint = (float(loss.value_and_gradient(a, y, z=scores)[0]) for scores in (None, z))
        near = abs(joint - plain) <= 1e-10 * (1 + abs(plain))
        must(near, f"value_from_z gives {joint:.17g} where value gives {plain:.17g}; they must agree")
    return report


def _compare_loss(
    loss: Loss, p: Array, y: Array, z: Array | None, draw: np.random.Generator, tolerance: float | None
) -> Report:
    """Compare by the predictions, or by the scores z where they are given: plain, and with weights."""
    reports: list[Report] = []
    name, at = ("prediction", p) if z is None else ("z", z)
    for weight in (None, draw.uniform(0.5, 2.0, len(p))):
        arrays = {"prediction": p, "target": y} | ({} if z is None else {"z": z})
        with unchanged(f"the loss {loss.name!r}", **arrays):
            value, gradient = loss.value_and_gradient(p, y, weight, z=z)
        same("the loss", value, loss.value_and_gradient(p, y, weight, z=z)[0], "in a second pass")
        narrow = [None if array is None else array.astype(np.float32) for array in (p, y, weight, z)]
        kept = loss.value_and_gradient(*narrow[:3], z=narrow[3])[1].dtype
        must(kept == np.float32, f"for float32 the derivative by {name!r} must be float32; got {kept}")

        def mean_loss(arrays: Arrays, weight: Array | None = weight) -> Any:
            moved = arrays[name]
            activation = None if z is None else loss.joint_activation()
            if activation is None:
                return loss.value_and_gradient(moved, y, weight)[0]
            return loss.value_and_gradient(activation(moved), y, weight, z=moved)[0]

        reports.append(
            compare(
                mean_loss,
                {name: at},
                {name: gradient},
                terms=np.ones(1) / p.size,
                rng=draw,
                entries=64,
                tolerance=tolerance,
            )
        )
    return max(reports, key=error_of)
