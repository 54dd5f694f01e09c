"""A learnt scale for each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearprop.arrays import sum_rows
from clearprop.initializers import Initializer, Normal
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class Scale(Layer):
    """a = x ⊙ scale, with one number a column, all 1 at first.

    As the first layer it lets a network learn which features count (Holzmüller et al. 2024, arXiv 2407.04491).

    Examples
    --------
    >>> import numpy as np
    >>> Scale().forward({"scale": np.array([2.0, 0.0])}, np.array([[1.0, 3.0]])).a
    array([[2., 0.]])
    """

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        return {"scale": (n_inputs,)}

    def initializers(self) -> dict[str, Initializer]:
        return {"scale": Normal(1.0, 0.0)}

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Multiply each column by its scale."""
        a = x * parameters["scale"]
        return Cache(x, a, a)

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Compute dscale = Σ_rows gradient ⊙ x, and return dx = gradient ⊙ scale."""
        sum_rows(gradient * cache.x, into["scale"])
        return gradient * parameters["scale"] if need_input else None
