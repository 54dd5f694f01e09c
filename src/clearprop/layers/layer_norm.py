"""Layer normalisation: each row is centred and scaled by its own mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearprop.arrays import sum_rows
from clearprop.initializers import Initializer, Normal
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape
from clearprop.settings import check_number

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class LayerNorm(Layer):
    """z = (x − mean) / √(variance + epsilon) over a row's columns; a = z ⊙ scale + shift.

    Ba et al. 2016, arXiv 1607.06450, eq. 3 and 4.

    Parameters
    ----------
    epsilon : float, above 0
        Keeps a constant row finite.

    Examples
    --------
    >>> import numpy as np
    >>> LayerNorm().forward({"scale": np.ones(2), "shift": np.zeros(2)}, np.array([[1.0, 3.0]])).a.round(4)
    array([[-1.,  1.]])
    """

    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        check_number(self.epsilon, "LayerNorm's epsilon", above=0)

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        return {"scale": (n_inputs,), "shift": (n_inputs,)}

    def initializers(self) -> dict[str, Initializer]:
        return {"scale": Normal(1.0, 0.0)}

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Normalise each row, then scale and shift each column."""
        centred = x - x.mean(axis=1, keepdims=True)
        inverse = ((centred * centred).mean(axis=1, keepdims=True) + self.epsilon) ** -0.5
        z = centred * inverse
        return Cache(x, z, z * parameters["scale"] + parameters["shift"], inverse)

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Return dx = inverse · (g − mean(g) − z mean(g z)), with g = gradient ⊙ scale, means over the row."""
        sum_rows(gradient * cache.z, into["scale"])
        sum_rows(gradient, into["shift"])
        g = gradient * parameters["scale"]
        from_deviation = cache.z * (g * cache.z).mean(axis=1, keepdims=True)
        return cache.extra * (g - g.mean(axis=1, keepdims=True) - from_deviation)
