"""Points over a plane of two features, for a model to answer at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError


@dataclass(frozen=True)
class Grid:
    """Points over a plane of two features, row by row from the lower left, ready to predict.

    Attributes
    ----------
    first, second : array, shape (resolution,)
        The values of the two features; the columns and rows of an image with ``origin="lower"``.
    points : array, shape (resolution², features)
    """

    first: Array
    second: Array
    points: Array

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """``imshow``'s extent, with which each pixel's middle lies on its point."""
        sides = [(axis[0], axis[-1], (axis[1] - axis[0]) / 2) for axis in (self.first, self.second)]
        left, right, bottom, top = (value for low, high, half in sides for value in (low - half, high + half))
        return float(left), float(right), float(bottom), float(top)

    def image(self, predictions: Array) -> Array:
        """Return predictions (resolution²,) or (resolution², outputs) as an image (resolution, resolution, …)."""
        return predictions.reshape(len(self.second), len(self.first), *predictions.shape[1:])


def make_grid(
    x: Array,
    features: tuple[int, int] = (0, 1),
    *,
    fixed: Mapping[int, float] | None = None,
    resolution: int = 200,
    margin: float = 0.08,
) -> Grid:
    """Return a grid over two columns of x; the other columns are held at their medians, or at the values in ``fixed``.

    Parameters
    ----------
    x : array, shape (rows, columns), finite
    features : (int, int)
        The columns that span the plane.
    fixed : mapping of int to float, optional
        Values for other columns.
    resolution : int, at least 2
        Points along each axis.
    margin : float
        How far the grid goes beyond the data, as a share of their range.

    Raises
    ------
    InputError
        For a resolution below 2, the same column twice, or no rows.

    Examples
    --------
    >>> grid = make_grid(np.array([[0.0, 5.0], [1.0, 7.0]]), resolution=2, margin=0.0)
    >>> grid.points
    array([[0., 5.],
           [1., 5.],
           [0., 7.],
           [1., 7.]])
    """
    if resolution < 2:
        raise InputError(f"resolution must be at least 2 points along each axis; got {resolution!r}")
    if features[0] == features[1]:
        raise InputError(f"features must be two different columns; got {features!r}")
    if not len(x):
        raise InputError("x has no rows, so there is no plane to draw; give at least one")
    first, second = (_axis(x[:, column], resolution, margin) for column in features)
    held = np.median(x, axis=0)
    for column, value in (fixed or {}).items():
        held[column] = value
    points = np.tile(held.astype(x.dtype), (resolution * resolution, 1))
    points[:, features[0]] = np.tile(first, resolution)
    points[:, features[1]] = np.repeat(second, resolution)
    return Grid(first, second, points)


def _axis(values: Array, resolution: int, margin: float) -> Array:
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low) if high > low else max(abs(low), 1.0) / 2
    return np.linspace(low - room, high + room, resolution, dtype=values.dtype)
