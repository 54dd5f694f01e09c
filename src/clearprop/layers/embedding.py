"""Embeddings of categories: each level of a column as a few learnt numbers."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import namespace
from clearprop.errors import InputError
from clearprop.initializers import Initializer, Normal
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape
from clearprop.settings import check_whole

if TYPE_CHECKING:
    from numpy.random import Generator

_MOST = 2**24
"""Codes up to here are whole numbers in float32, too."""


@dataclass(frozen=True)
class Embedding(Layer):
    """a = (the columns that hold no category, then for each that does the row of its code in a learnt table).

    A category's column holds codes 1 … levels (rounded to whole numbers); every other number, as 0 for missing and
    unseen, gives zeros. x is (rows, inputs); weight (Σ levels, units), column after column; a is (rows, other columns +
    categories · units). Only codes that a batch holds have a derivative; that by a code is 0.

    Eight units and first values from N(0, 1) are RealMLP's, whatever the number of levels (Holzmüller et al. 2024,
    arXiv 2407.04491); entity embeddings are from Guo & Berkhahn 2016, arXiv 1604.06737.

    Parameters
    ----------
    levels : tuple of int
        For each input column how many levels its category has; 0 where it is a number, which is passed on as it is.
    units : int, at least 1
        Numbers that a category becomes.

    Raises
    ------
    InputError
        For levels that aren't whole numbers from 0 to 16,777,216, none above 0, or another number of columns.

    Examples
    --------
    >>> layer = Embedding((0, 2), units=3)
    >>> table = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> layer.forward({"weight": table}, np.array([[0.5, 2.0], [0.7, 0.0]])).a
    array([[0.5, 4. , 5. , 6. ],
           [0.7, 0. , 0. , 0. ]])
    """

    levels: tuple[int, ...]
    units: int = 8

    def __post_init__(self) -> None:
        check_whole(self.units, "Embedding's units")
        levels = tuple(self.levels)
        for j, count in enumerate(levels):
            if isinstance(count, bool) or not isinstance(count, Integral) or not 0 <= count <= _MOST:
                raise InputError(
                    f"Embedding's levels must be a whole number from 0 to {_MOST:,} for each column; "
                    f"column {j} has {count!r:.60}"
                )
        if not any(levels):
            raise InputError("Embedding's levels must be above 0 for a column at least; leave the layer out otherwise")
        object.__setattr__(self, "levels", tuple(map(int, levels)))

    def n_outputs(self, n_inputs: int) -> int:
        if n_inputs != len(self.levels):
            raise InputError(
                f"there are levels for {len(self.levels)} columns, and {n_inputs} come in; give one number each"
            )
        return len(self._passed) + len(self._categories) * self.units

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        return {"weight": (sum(self.levels), self.units)}

    def initializers(self) -> dict[str, Initializer]:
        return {"weight": Normal(0.0, 1.0)}

    def summary(self) -> str:
        return f"{len(self._categories)} columns with {sum(self.levels):,} levels, units={self.units}"

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Look each code up in the table, behind the columns that are passed on."""
        xp, n, k = namespace(x), len(x), len(self._categories)
        levels = np.array([self.levels[j] for j in self._categories])
        codes = xp.round(x.real[:, self._categories])
        known = (codes >= 1) & (codes <= xp.asarray(levels))
        offsets = xp.asarray(np.cumsum(levels) - levels - 1)
        places = xp.asarray(xp.where(known, codes, xp.ones_like(codes)), dtype=xp.int64) + offsets
        e = parameters["weight"][places]
        e[~known] = 0
        a = xp.concatenate([x[:, self._passed], e.reshape(n, k * self.units)], 1)
        return Cache(x, a, a, (known, places))

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Write each code's sum of the gradients where it stood; return dx, 0 in the categories' columns."""
        xp, (known, places), passed = namespace(gradient), cache.extra, len(self._passed)
        units, weight = self.units, into["weight"]
        de = gradient[:, passed:].reshape(places.shape[0] * places.shape[1], units)[known.reshape(-1)]
        rows, which = xp.unique(places[known], return_inverse=True)
        numbers = (which[:, None] * units + xp.arange(units)).reshape(-1)
        values = xp.asarray(de.reshape(-1), dtype=xp.float64)  # a frequent code's sum keeps its digits
        sums = xp.bincount(numbers, weights=values, minlength=len(rows) * units)
        weight[...] = 0
        weight[rows] = xp.asarray(sums.reshape(len(rows), units), dtype=weight.dtype)
        if not need_input:
            return None
        dx = xp.zeros_like(cache.x)
        dx[:, self._passed] = gradient[:, :passed]
        return dx

    @property
    def _categories(self) -> list[int]:
        return [j for j, count in enumerate(self.levels) if count]

    @property
    def _passed(self) -> list[int]:
        return [j for j, count in enumerate(self.levels) if not count]
