"""A block's loss and its derivative, by code; rows count by their share (0 for padding)."""

from __future__ import annotations

import math
from typing import Any

from clearprop.engines.kernels.activations import row_maxima
from clearprop.engines.kernels.codes import (
    ABSOLUTE,
    BINARY,
    CATEGORICAL,
    HUBER,
    JOINT_BINARY,
    JOINT_CATEGORICAL,
    JOINT_POISSON,
    POISSON,
    QUANTILE,
    SQUARED,
)
from clearprop.engines.kernels.exponentials import exp, log1p_unit, number
from clearprop.engines.kernels.jit import kernel, reduction
from clearprop.engines.kernels.views import fill, part


@kernel
def value_and_derivative(
    code: int, setting: float, parts: int, z: Any, a: Any, y: Any, share: Any, d: Any, values: Any, scratch: Any,
    n: int, rows: int,
) -> float:  # fmt: skip
    """Return Σ ℓ · share; write ∂ℓ/∂a · share (∂ℓ/∂z · share for a joint loss) to d, and a for JOINT_BINARY.

    z, a, y (smoothed), d and values (scratch) hold (outputs, n) numbers, share and scratch n, one a row;
    ``rows`` of them are real. Of classes there are ``parts`` groups.
    """
    x = a[0]
    zero, one, two = number(x, 0.0), number(x, 1.0), number(x, 2.0)
    s = number(x, setting)
    if code == SQUARED:
        for i in range(len(a)):
            e = a[i] - y[i]
            values[i] = e * e
            d[i] = two * e
    elif code == ABSOLUTE:
        for i in range(len(a)):
            e = a[i] - y[i]
            values[i] = abs(e)
            d[i] = one if e > zero else (-one if e < zero else e)
    elif code == HUBER:
        half = number(x, 0.5)
        for i in range(len(a)):
            e = a[i] - y[i]
            size = abs(e)
            values[i] = half * e * e if size <= s else s * (size - half * s)
            d[i] = s if e > s else (-s if e < -s else e)
    elif code == QUANTILE:
        for i in range(len(a)):
            e = a[i] - y[i]
            values[i] = (one - s) * e if e > zero else -s * e
            d[i] = one - s if e > zero else (-s if e < zero else e)
    elif code == POISSON:
        for i in range(len(a)):
            if y[i] == zero:
                values[i] = a[i]
                d[i] = one
            else:
                values[i] = a[i] - y[i] * number(x, math.log(a[i]))
                d[i] = one - y[i] / a[i]
    elif code == BINARY:
        for i in range(len(a)):
            left, right = y[i], one - y[i]
            lost, slope = zero, zero
            if left != zero:
                lost -= left * number(x, math.log(a[i]))
                slope -= left / a[i]
            if right != zero:
                lost -= right * number(x, math.log(one - a[i]))
                slope += right / (one - a[i])
            values[i] = lost + (a[i] - a[i])  # NaN stays NaN
            d[i] = slope
    elif code == CATEGORICAL:
        for i in range(len(a)):
            if y[i] == zero:
                values[i] = a[i] - a[i]
                d[i] = zero
            else:
                values[i] = -y[i] * number(x, math.log(a[i]))
                d[i] = -y[i] / a[i]
    elif code == JOINT_POISSON:
        for i in range(len(a)):
            values[i] = a[i] - y[i] * z[i]
            d[i] = a[i] - y[i]
    elif code == JOINT_BINARY:
        for i in range(len(a)):
            e, positive = exp(-abs(z[i])), one if z[i] > zero else zero
            values[i] = (positive - y[i]) * z[i] + log1p_unit(e)
            a[i] = (e if z[i] < zero else one) / (one + e)  # the sigmoid, whose e is here already
            d[i] = a[i] - y[i]
    elif code == JOINT_CATEGORICAL:
        group = len(a) // parts
        for k in range(0, len(a), group):
            _categorical_from_z(part(z, k, group), part(y, k, group), part(values, k, group), scratch, n)
        for i in range(len(a)):
            d[i] = a[i] - y[i]
    for j in range(0, len(a), n):
        for r in range(rows):
            d[j + r] *= share[r]
        for r in range(rows, n):
            d[j + r] = zero
    return _weighted_sum(values, share, n, rows)


@kernel
def smooth(code: int, setting: float, y: Any, classes: int) -> None:
    """Move the targets of the cross-entropies towards even odds by their label smoothing."""
    if setting == 0.0 or code not in (BINARY, JOINT_BINARY, CATEGORICAL, JOINT_CATEGORICAL):
        return
    s, one = number(y[0], setting), number(y[0], 1.0)
    even = s / number(s, 2.0 if code in (BINARY, JOINT_BINARY) else float(classes))
    for i in range(len(y)):
        y[i] = y[i] * (one - s) + even


@kernel
def _categorical_from_z(z: Any, y: Any, values: Any, scratch: Any, n: int) -> None:
    """Write y_k (ln Σ_j e^z_j − z_k), 0 where y_k is 0."""
    zero = number(z[0], 0.0)
    row_maxima(z, scratch, n)
    for j in range(0, len(z), n):
        for r in range(n):
            values[j + r] = z[j + r] - scratch[r]
    fill(part(scratch, 0, n), zero)
    for j in range(0, len(z), n):
        for r in range(n):
            scratch[r] += exp(values[j + r])
    for r in range(n):
        scratch[r] = number(zero, math.log(scratch[r]))
    for j in range(0, len(z), n):
        for r in range(n):
            surprise = scratch[r] - values[j + r] if y[j + r] != zero else scratch[r] - scratch[r]
            values[j + r] = y[j + r] * surprise


@reduction
def _weighted_sum(values: Any, share: Any, n: int, rows: int) -> float:
    total = 0.0
    for j in range(0, len(values), n):
        for r in range(rows):
            total += float(values[j + r]) * float(share[r])
    return total
