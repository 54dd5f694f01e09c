"""Dropout: while training, each value is left out with some probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearprop.arrays import namespace
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.settings import check_number

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class Dropout(Layer):
    """a = x m / (1 − rate), m being 0 with probability ``rate``, else 1; outside training a = x.

    The division keeps the mean, so that prediction needs no correction (Srivastava et al. 2014, "inverted" form).

    Parameters
    ----------
    rate : float, 0 ≤ rate < 1
        The probability that a value is left out.

    Raises
    ------
    InputError
        For a rate outside [0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> Dropout(0.5).forward({}, np.ones((1, 6)), rng=np.random.default_rng(1)).a
    array([[0., 2., 2., 2., 0., 0.]])
    """

    rate: float = 0.5
    draws = True

    def __post_init__(self) -> None:
        check_number(self.rate, "Dropout's rate", least=0, below=1)

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Leave values out where ``rng`` is given; return x as it is where it isn't."""
        if rng is None or self.rate == 0:
            return Cache(x, x, x, 1.0)
        xp = namespace(x)
        mask = xp.asarray(rng.random(tuple(x.shape), dtype="float32") >= self.rate, dtype=x.dtype, device=x.device)
        mask *= 1 / (1 - self.rate)
        return Cache(x, x, x * mask, mask)

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Return the gradient where the value was kept, with the same factor."""
        return gradient * cache.extra
