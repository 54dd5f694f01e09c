"""Several fully connected layers side by side: what an ensemble trained in one pass consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import Array, dot, namespace, sum_rows
from clearprop.errors import InputError
from clearprop.initializers import Initializer
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.layers.layer import Cache, Views
from clearprop.parameters import Shape
from clearprop.settings import check_whole

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, init=False)
class GroupedDense(Dense):
    """z_g = x_g W_g + b_g, a = f(z), for each of several groups of columns; or one W and b that all groups share.

    x is (rows, groups · inputs), group after group; W (groups, inputs, units) or, shared, (inputs, units); b likewise;
    z and a are (rows, groups · units). A chain of them is an ensemble of networks (Lakshminarayanan et al. 2017,
    arXiv 1612.01474); with shared weights and a ``Members`` layer before them TabM-mini (Gorishniy et al. 2024, arXiv
    2410.24210).

    Parameters
    ----------
    units : int
        Of each group.
    activation, weight, bias
        As for ``Dense``, each group drawn by itself.
    groups : int, at least 1
    shared : bool
        Whether all groups have the same weights and biases.

    Raises
    ------
    InputError
        For a number of columns that the groups don't divide.

    Examples
    --------
    >>> import numpy as np
    >>> layer = GroupedDense(1, groups=2)
    >>> parameters = {"weight": np.array([[[1.0], [1.0]], [[1.0], [-1.0]]]), "bias": np.zeros((2, 1))}
    >>> layer.forward(parameters, np.array([[1.0, 2.0, 3.0, 4.0]])).z  # 1 + 2, 3 − 4
    array([[ 3., -1.]])
    """

    groups: int
    shared: bool

    def __init__(
        self,
        units: int,
        activation: str | Activation = "identity",
        *,
        groups: int,
        shared: bool = False,
        weight: str | Initializer | Array | None = None,
        bias: str | Initializer | Array = "zeros",
    ) -> None:
        super().__init__(units, activation, weight=weight, bias=bias)
        object.__setattr__(self, "groups", check_whole(groups, "a GroupedDense layer's groups"))
        object.__setattr__(self, "shared", bool(shared))

    def n_outputs(self, n_inputs: int) -> int:
        if n_inputs % self.groups:
            raise InputError(f"{n_inputs} columns can't be {self.groups} groups of one width; give a multiple")
        return self.groups * self.units

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        one = {"weight": (n_inputs // self.groups, self.units), "bias": (self.units,)}
        return one if self.shared else {name: (self.groups, *shape) for name, shape in one.items()}

    def first_values(self, n_inputs: int, rng: Generator) -> dict[str, Any]:
        if self.shared:
            return super().first_values(n_inputs, rng)
        how = self.initializers()
        return {
            name: np.stack([how[name](shape[1:], rng) for _ in range(self.groups)])
            for name, shape in self.shapes(n_inputs).items()
        }

    def summary(self) -> str:
        return f"{super().summary()}, {self.groups} groups{' that share weights' * self.shared}"

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Compute each group's z, side by side, and a = f(z)."""
        weight, bias = parameters["weight"], parameters["bias"]
        if self.shared:  # a row of k groups is k rows
            z = dot(self._folded(x), weight)
            z += bias
            z = z.reshape(len(x), self.groups * z.shape[1])
        else:
            parts = [dot(part, w) + b for part, w, b in zip(self._split(x), weight, bias, strict=True)]
            z = namespace(x).concatenate(parts, 1)
        return Cache(x, z, self.activation(z))

    def backward_from_z(self, parameters: Views, cache: Cache, dz: Any, into: Views, need_input: bool = True) -> Any:
        """Compute each group's dW = xᵀ dz and db = Σ_rows dz (shared: their sum), and return dx = dz Wᵀ."""
        weight = parameters["weight"]
        if self.shared:
            folded = self._folded(dz)
            dot(self._folded(cache.x).T, folded, out=into["weight"])
            sum_rows(folded, into["bias"])
            return dot(folded, weight.T).reshape(cache.x.shape) if need_input else None
        parts = self._split(dz)
        for g, (x, d) in enumerate(zip(self._split(cache.x), parts, strict=True)):
            dot(x.T, d, out=into["weight"][g])
            sum_rows(d, into["bias"][g])
        if not need_input:
            return None
        return namespace(dz).concatenate([dot(d, w.T) for d, w in zip(parts, weight, strict=True)], 1)

    def _folded(self, x: Any) -> Any:
        return x.reshape(len(x) * self.groups, x.shape[1] // self.groups)

    def _split(self, x: Any) -> list[Any]:
        width = x.shape[1] // self.groups
        return [x[:, g * width : (g + 1) * width] for g in range(self.groups)]
