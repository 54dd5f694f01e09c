"""Penalties on the weights: L1 and L2."""

from __future__ import annotations

from clearprop.arrays import namespace
from clearprop.engines.reference import weights
from clearprop.parameters import Parameters


def add_penalty(parameters: Parameters, gradients: Parameters, l1: float, l2: float) -> float:
    """Return l1 Σ|w| + l2/2 Σw² over the weights, and add its derivative, l1 sign(w) + l2 w, to the gradients."""
    if not (l1 or l2):
        return 0.0
    penalty = 0.0
    for w, g in zip(weights(parameters).values(), weights(gradients).values(), strict=True):
        if l2:
            penalty += 0.5 * l2 * float((w * w).sum())
            g += l2 * w
        if l1:
            penalty += l1 * float(abs(w).sum())
            g += l1 * namespace(w).sign(w)
    return penalty
