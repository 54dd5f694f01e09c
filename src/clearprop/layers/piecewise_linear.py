"""The piecewise-linear encoding: a number as the part of each interval that lies below it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import dot, namespace
from clearprop.errors import InputError
from clearprop.layers.layer import Cache, Layer, Views

if TYPE_CHECKING:
    from numpy.random import Generator

    from clearprop.arrays import Array


@dataclass(frozen=True)
class PiecewiseLinear(Layer):
    """a_t = min(max((x − b_t) / (b_{t+1} − b_t), 0), 1) for each interval between a column's edges b_0 < b_1 < ….

    Gorishniy et al. 2022, arXiv 2203.05556, eq. 1, held to 0 and 1 in the outer intervals, too. A sum of them bends at
    every edge, which one weight on x can't. It has no parameters.

    Parameters
    ----------
    edges : tuple of tuples of float
        For each input column its edges, ascending: n + 1 of them give n outputs. A column without edges is passed on
        as it is.

    Raises
    ------
    InputError
        For edges that don't ascend, a single one, or another number of columns.

    Examples
    --------
    >>> import numpy as np
    >>> layer = PiecewiseLinear(((0.0, 1.0, 3.0), ()))
    >>> layer.forward({}, np.array([[2.0, 7.0], [-1.0, 8.0]])).a
    array([[1. , 0.5, 7. ],
           [0. , 0. , 8. ]])
    """

    edges: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        edges = tuple(tuple(float(edge) for edge in column) for column in self.edges)
        for j, column in enumerate(edges):
            if len(column) == 1 or not np.isfinite(column).all() or (np.diff(column) <= 0).any():
                raise InputError(f"the edges of column {j} must be two or more finite numbers, ascending; got {column}")
        object.__setattr__(self, "edges", edges)

    def n_outputs(self, n_inputs: int) -> int:
        if n_inputs != len(self.edges):
            raise InputError(
                f"there are edges for {len(self.edges)} columns, and {n_inputs} come in; give one tuple each"
            )
        return sum(max(len(column) - 1, 1) for column in self.edges)

    def summary(self) -> str:
        return f"{sum(map(bool, self.edges))} columns in {sum(max(len(c) - 1, 0) for c in self.edges)} intervals"

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Encode each column."""
        source, low, inverse, bounded = self._intervals(x.dtype)
        xp = namespace(x)
        low, inverse = xp.asarray(low), xp.asarray(inverse)
        t = (x[:, source] - low) * inverse
        bounded = xp.asarray(bounded)
        below, above = bounded & (t.real <= 0), bounded & (t.real >= 1)
        a = xp.where(below, xp.zeros_like(t), xp.where(above, xp.ones_like(t), t))
        return Cache(x, t, a, ~(below | above))

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Return dx: the sum over a column's intervals of gradient / width, where x lies inside."""
        if not need_input:
            return None
        xp = namespace(gradient)
        source, _, inverse, _ = self._intervals(gradient.dtype)
        slopes = np.zeros((len(source), len(self.edges)), inverse.dtype)
        slopes[np.arange(len(source)), source] = inverse
        return dot(xp.where(cache.extra, gradient, xp.zeros_like(gradient)), xp.asarray(slopes))

    def _intervals(self, dtype: Any) -> tuple[Array, Array, Array, Array]:
        """Return for each output its column, its lower edge, 1 / width, and whether it is an interval at all."""
        places: list[tuple[int, float, float, bool]] = []
        for j, column in enumerate(self.edges):
            places += [(j, low, 1 / (high - low), True) for low, high in pairwise(column)]
            if not column:
                places.append((j, 0.0, 1.0, False))
        source, low, inverse, bounded = zip(*places, strict=True)
        kind = np.float32 if "32" in str(dtype) else np.float64
        return np.array(source), np.array(low, kind), np.array(inverse, kind), np.array(bounded)
