"""The check of an activation."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.layers.activations import Activation
from clearprop.testing.contracts import away_from_zero, must, normal, same, unchanged
from clearprop.testing.derivatives import Arrays, Report, compare, error_of


def check_activation(
    activation: str | Activation,
    *,
    z: Any = None,
    rows: int = 5,
    units: int = 4,
    rng: int = 0,
    tolerance: float | None = None,
) -> Report:
    """Check an activation's ``derivative`` and ``backward`` against its formula, and that it stays in its ``range``.

    Parameters
    ----------
    activation : str or Activation
    z : array, shape (rows, units), optional
        By default twice normal numbers, each moved away from 0 by 0.1, where ReLU and the like have their kink. At a
        kink in other places there is no derivative to compare with: give a z away from it.
    rows, units, rng : int
        What is drawn, and its seed.
    tolerance : float, optional
        The largest scaled error, as for ``check_layer``.

    Returns
    -------
    Report

    Raises
    ------
    AssertionError
        Naming what is wrong, as for ``check_layer``.

    Examples
    --------
    >>> check_activation("mish").error < 1e-12
    True
    """
    f = Activation.resolve(activation)
    draw = np.random.default_rng(rng)
    z = 2 * away_from_zero(draw, (rows, units)) if z is None else np.asarray(z, dtype=np.float64)
    gradient = normal(draw, z.shape)
    with unchanged(f"the activation {f.name!r}", z=z, gradient=gradient):
        a = f(z)
        dz, slope = f.backward(z, a, gradient), f.derivative(z, a)
    same("the output", a, f(z), "in a second pass")
    for what, array in {"output": a, "derivative": slope, "backward's result": dz}.items():
        must(np.shape(array) == z.shape, f"the {what} must have z's shape {z.shape}; got {np.shape(array)}")
    low, high = f.range
    must(bool(((a >= low) & (a <= high)).all()), f"an output lies outside the range {f.range} that {f.name!r} claims")
    narrow = z.astype(np.float32)
    for what, array in {"output": f(narrow), "derivative": f.derivative(narrow, f(narrow))}.items():
        must(array.dtype == np.float32, f"for float32 the {what} must be float32; got {array.dtype}")

    def weighted_output(arrays: Arrays) -> Any:
        return (f(arrays["z"]) * gradient).sum()

    report = compare(
        weighted_output, {"z": z}, {"z": dz}, terms=gradient, rng=draw, entries=z.size, tolerance=tolerance
    )
    for unit in range(z.shape[1]):  # ``derivative`` is by a unit's own z alone, also where the units hang together
        name = f"z[:, {unit}]"

        def own_output(arrays: Arrays, unit: int = unit, name: str = name) -> Any:
            own = arrays[name]
            moved = z.astype(own.dtype)
            moved[:, unit] = own
            return f(moved)[:, unit].sum()

        own = {name: z[:, unit]}, {name: slope[:, unit]}
        report = max(
            report,
            compare(own_output, *own, terms=np.ones(1), rng=draw, entries=len(z), tolerance=tolerance),
            key=error_of,
        )
    return report
