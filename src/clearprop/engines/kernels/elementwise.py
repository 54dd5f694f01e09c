"""Sums and products of two arrays, number by number."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.jit import kernel, reduction


@kernel
def add(x: Any, y: Any) -> None:
    """x ← x + y."""
    for i in range(len(x)):
        x[i] += y[i]


@kernel
def multiply(x: Any, y: Any) -> None:
    """x ← x ⊙ y."""
    for i in range(len(x)):
        x[i] *= y[i]


@reduction
def sum_of(x: Any) -> Any:
    """Return Σ x."""
    total = x[0] - x[0]
    for i in range(len(x)):
        total += x[i]
    return total


@reduction
def sum_of_products(x: Any, y: Any) -> Any:
    """Return Σ x ⊙ y."""
    total = x[0] - x[0]
    for i in range(len(x)):
        total += x[i] * y[i]
    return total
