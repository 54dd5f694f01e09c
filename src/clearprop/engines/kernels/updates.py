"""What happens between a gradient and the next parameters: penalties, clipping, the update rule; each part by part."""

from __future__ import annotations

import math
from typing import Any

from clearprop.engines.kernels.codes import ADAM, MOMENTUM, NESTEROV, RMSPROP, RPROP, SGD
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import kernel, reduction


@kernel
def add_penalty(p: Any, g: Any, l1: float, l2: float) -> None:
    """Add l2 p + l1 sign p to a gradient."""
    one, two = number(p[0], l1), number(p[0], l2)
    zero = one - one
    for i in range(len(p)):
        sign = one if p[i] > zero else (-one if p[i] < zero else zero)
        g[i] += two * p[i] + sign


@reduction
def penalty(p: Any, l1: float, l2: float) -> float:
    """Return l1 Σ|p| + l2/2 Σp²."""
    absolute, square = 0.0, 0.0
    for i in range(len(p)):
        x = float(p[i])
        absolute += abs(x)
        square += x * x
    return l1 * absolute + 0.5 * l2 * square


@reduction
def largest(g: Any) -> float:
    """Return max |g|."""
    found = g[0] - g[0]
    for i in range(len(g)):
        found = max(found, abs(g[i]))
    return float(found)


@reduction
def norm(g: Any, scale: float) -> float:
    """Return √Σg², for max |g| = scale: without overflow."""
    total, inverse = 0.0, 1.0 / scale
    for i in range(len(g)):
        x = float(g[i]) * inverse
        total += x * x
    return scale * total**0.5


@kernel
def clip_values(g: Any, limit: float) -> None:
    """g ← min(max(g, −limit), limit); NaN stays."""
    high = number(g[0], limit)
    for i in range(len(g)):
        x = high if g[i] > high else g[i]
        g[i] = -high if x < -high else x


@reduction
def brokenness(x: Any) -> float:
    """Return 0 where all numbers are finite, else NaN."""
    found = x[0] - x[0]
    for i in range(len(x)):
        found += x[i] * number(x[i], 0.0)
    return float(found)


@kernel
def scale(x: Any, factor: float) -> None:
    """x ← factor · x."""
    f = number(x[0], factor)
    for i in range(len(x)):
        x[i] *= f


@kernel
def update(rule: int, hyper: Any, p: Any, g: Any, first: Any, second: Any, step: int, rate: float) -> None:
    """Move the parameters against their gradient; ``first`` and ``second`` are the rule's moments.

    The formulas are those of ``clearprop.optimizers.rules``; constants are made in float64, then rounded.
    """
    t = step + 1
    fast = number(p[0], rate)
    if rule == SGD:
        for i in range(len(p)):
            p[i] -= fast * g[i]
    elif rule in (MOMENTUM, NESTEROV):
        keep = number(p[0], hyper[0])
        ahead = number(p[0], 1.0 if rule == NESTEROV else 0.0)
        for i in range(len(p)):
            move = fast * g[i]
            v = keep * first[i] - move
            first[i] = v
            p[i] += (keep * v - move) if ahead > 0 else v
    elif rule == RMSPROP:
        keep, rest, epsilon = number(p[0], hyper[0]), number(p[0], 1.0 - hyper[0]), number(p[0], hyper[1])
        for i in range(len(p)):
            v = keep * first[i] + rest * g[i] * g[i]
            first[i] = v
            p[i] -= fast * g[i] / (math.sqrt(v) + epsilon)
    elif rule == ADAM:
        _adam(hyper, p, g, first, second, t, rate)
    elif rule == RPROP:
        _rprop(hyper, p, g, first, second, rate)


@kernel
def _adam(hyper: Any, p: Any, g: Any, mean: Any, square: Any, t: int, rate: float) -> None:
    keep1, rest1 = number(p[0], hyper[0]), number(p[0], 1.0 - hyper[0])
    keep2, rest2 = number(p[0], hyper[1]), number(p[0], 1.0 - hyper[1])
    fast = number(p[0], rate / (1.0 - hyper[0] ** t))
    unbias, epsilon = number(p[0], 1.0 / (1.0 - hyper[1] ** t)), number(p[0], hyper[2])
    for i in range(len(p)):
        m = keep1 * mean[i] + rest1 * g[i]
        v = keep2 * square[i] + rest2 * g[i] * g[i]
        mean[i], square[i] = m, v
        p[i] -= fast * m / (math.sqrt(v * unbias) + epsilon)


@kernel
def _rprop(hyper: Any, p: Any, g: Any, previous: Any, size: Any, rate: float) -> None:
    grow, shrink = number(p[0], hyper[0]), number(p[0], hyper[1])
    least, most, factor = number(p[0], hyper[2]), number(p[0], hyper[3]), number(p[0], rate / hyper[4])
    zero, one = number(p[0], 0.0), number(p[0], 1.0)
    for i in range(len(p)):
        agreement = g[i] * previous[i]
        x = size[i] * (grow if agreement > zero else (shrink if agreement < zero else one))
        x = least if x < least else x
        size[i] = most if x > most else x
        move = zero if agreement < zero else g[i]
        previous[i] = move
        sign = one if move > zero else (-one if move < zero else move)
        p[i] -= factor * sign * size[i]
