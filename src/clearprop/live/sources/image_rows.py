"""Rows that are pictures: 8×8 or 28×28 numbers of brightness."""

from __future__ import annotations

from typing import NamedTuple

from clearprop.arrays import Array

_SHAPES = {64: (8, 8), 784: (28, 28)}
_WHITES = (1.0, 16.0, 255.0)


class Picture(NamedTuple):
    """Height and width, and the value of white."""

    shape: tuple[int, int]
    white: float


def image_of(x: Array) -> Picture | None:
    """Return how rows (rows, columns) are pictures: 64 or 784 columns from 0 up to 1, 16 or 255; else None.

    Examples
    --------
    >>> import numpy as np
    >>> image_of(np.tile([0.0, 16.0], (5, 32)))
    Picture(shape=(8, 8), white=16.0)
    """
    shape = _SHAPES.get(x.shape[1])
    if shape is None or not len(x) or x.min() != 0 or not 0 < x.max() <= _WHITES[-1]:
        return None
    return Picture(shape, next(white for white in _WHITES if x.max() <= white))
