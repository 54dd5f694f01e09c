"""The start of an ensemble: every member sees the inputs through a scale of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import namespace, sum_rows
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape
from clearprop.settings import check_whole

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class Members(Layer):
    """a_m = x ⊙ scale_m, for members m side by side: x (rows, inputs), scale (count, inputs), a (rows, count · inputs).

    First scales are random signs (TabM-mini: Gorishniy et al. 2024, arXiv 2410.24210). ``GroupedDense`` layers with
    as many groups follow.

    Parameters
    ----------
    count : int, at least 1

    Examples
    --------
    >>> import numpy as np
    >>> scale = np.array([[1.0, -1.0], [1.0, 1.0]])
    >>> Members(2).forward({"scale": scale}, np.array([[3.0, 5.0]])).a
    array([[ 3., -5.,  3.,  5.]])
    """

    count: int

    def __post_init__(self) -> None:
        check_whole(self.count, "a Members layer's count")

    def n_outputs(self, n_inputs: int) -> int:
        return self.count * n_inputs

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        return {"scale": (self.count, n_inputs)}

    def first_values(self, n_inputs: int, rng: Generator) -> dict[str, Any]:
        return {"scale": np.where(rng.random((self.count, n_inputs)) < 0.5, -1.0, 1.0)}

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Multiply the inputs by each member's scale."""
        a = namespace(x).concatenate([x * scale for scale in parameters["scale"]], 1)
        return Cache(x, a, a)

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Compute dscale_m = Σ_rows g_m ⊙ x, and return dx = Σ_m g_m ⊙ scale_m."""
        width, x = cache.x.shape[1], cache.x
        parts = [gradient[:, m * width : (m + 1) * width] for m in range(self.count)]
        for m, part in enumerate(parts):
            sum_rows(part * x, into["scale"][m])
        if not need_input:
            return None
        dx = parts[0] * parameters["scale"][0]
        for part, scale in zip(parts[1:], parameters["scale"][1:], strict=True):
            dx += part * scale
        return dx
