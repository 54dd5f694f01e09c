"""What the checks share: rules with a message, and numbers drawn where formulas have a derivative."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.layers.activations import folded
from clearprop.layers.layer import Layer
from clearprop.losses.loss import Loss


def must(holds: bool, message: str) -> None:
    """Raise AssertionError with this message unless it holds (also under ``python -O``)."""
    if not holds:
        raise AssertionError(message)


def same(what: str, first: Any, second: Any, when: str) -> None:
    """Raise AssertionError unless both have the same bits."""
    must(np.array_equal(first, second, equal_nan=True), f"{what} differs {when}")


@contextmanager
def unchanged(where: str, **arrays: Array) -> Generator[None]:
    """Raise AssertionError if the block changes one of these arrays."""
    before = {name: np.array(array) for name, array in arrays.items()}
    yield
    for name, array in arrays.items():
        must(np.array_equal(before[name], array, equal_nan=True), f"{where} must not change {name}, and it did")


def generator(layer: Layer, seed: int) -> np.random.Generator | None:
    """Return a fresh generator for a layer that draws, so that each pass draws the same; else None."""
    return np.random.default_rng(seed) if layer.draws else None


def normal(draw: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return normal numbers."""
    return draw.normal(size=shape)


def away_from_zero(draw: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return normal numbers, each moved away from 0 by 0.1."""
    numbers = normal(draw, shape)
    return numbers + np.copysign(0.1, numbers)


def draw_predictions(loss: Loss, draw: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return predictions within the loss's domain; rows of probabilities where it sums over its outputs."""
    low, high = loss.domain
    if np.isfinite(low) and np.isfinite(high):
        numbers = low + (high - low) * draw.uniform(0.05, 0.95, shape)
        if not loss.sums_outputs:
            return numbers
        rows = folded(numbers, getattr(loss, "groups", 1))
        return (rows / rows.sum(axis=1, keepdims=True)).reshape(shape)
    numbers = draw.normal(size=shape)
    if np.isfinite(low):
        return low + np.exp(numbers)
    return high - np.exp(numbers) if np.isfinite(high) else numbers


def draw_targets(loss: Loss, draw: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Return targets like the predictions, with some on the domain's edge, as labels and counts are."""
    targets = draw_predictions(loss, draw, shape)
    if np.isfinite(loss.domain[0]):
        targets[0] = loss.domain[0]
        if loss.sums_outputs:
            targets[0, :: shape[1] // getattr(loss, "groups", 1)] = loss.domain[1]
    return targets
