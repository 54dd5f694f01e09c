"""The fully connected layer: a = f(x W + b)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clearprop.arrays import Array, dot, sum_rows
from clearprop.initializers import Given, Initializer
from clearprop.layers.activations import Activation
from clearprop.layers.layer import Cache, Layer, Views
from clearprop.parameters import Shape
from clearprop.settings import check_whole

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, init=False)
class Dense(Layer):
    """z = x W + b, a = f(z), with x (rows, inputs), W (inputs, units), b (units,), z and a (rows, units).

    Parameters
    ----------
    units : int, at least 1
    activation : str or Activation
    weight : str, Initializer or array of shape (inputs, units), optional
        The first weights; by default what suits the activation (He for ReLU's family, LeCun for SELU, else Glorot).
    bias : str, Initializer or array of shape (units,)
        The first biases.

    Raises
    ------
    InputError
        For fewer than 1 unit, or a name that isn't known.

    Examples
    --------
    >>> import numpy as np
    >>> weight = np.array([[0.5, 1.0], [0.1, -0.5], [-0.1, 0.1]]).T  # three units, two inputs
    >>> layer = Dense(3, "leaky_relu")                               # its slope is 0.05
    >>> cache = layer.forward({"weight": weight, "bias": np.array([1.0, -1.0, 0.0])}, np.array([[5.0, 2.0]]))
    >>> cache.z.round(6), cache.a.round(6)
    (array([[ 5.5, -1.5, -0.3]]), array([[ 5.5  , -0.075, -0.015]]))
    """

    units: int
    activation: Activation
    weight: Initializer
    bias: Initializer

    def __init__(
        self,
        units: int,
        activation: str | Activation = "identity",
        *,
        weight: str | Initializer | Array | None = None,
        bias: str | Initializer | Array = "zeros",
    ) -> None:
        f = Activation.resolve(activation)
        object.__setattr__(self, "units", check_whole(units, "a Dense layer's units"))
        object.__setattr__(self, "activation", f)
        object.__setattr__(self, "weight", _initializer(f.initializer if weight is None else weight))
        object.__setattr__(self, "bias", _initializer(bias))

    def n_outputs(self, n_inputs: int) -> int:
        return self.units

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        return {"weight": (n_inputs, self.units), "bias": (self.units,)}

    def initializers(self) -> dict[str, Initializer]:
        return {"weight": self.weight, "bias": self.bias}

    def summary(self) -> str:
        return f"activation={self.activation}"

    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Compute z = x W + b and a = f(z)."""
        z = dot(x, parameters["weight"])
        z += parameters["bias"]
        return Cache(x, z, self.activation(z))

    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Compute dz = f'(z) da, and go on from there."""
        dz = self.activation.backward(cache.z, cache.a, gradient)
        return self.backward_from_z(parameters, cache, dz, into, need_input)

    def backward_from_z(self, parameters: Views, cache: Cache, dz: Any, into: Views, need_input: bool = True) -> Any:
        """Compute dW = xᵀ dz and db = Σ_rows dz, and return dx = dz Wᵀ.

        A loss joined with its activation gives dz directly, without f'.
        """
        dot(cache.x.T, dz, out=into["weight"])
        sum_rows(dz, into["bias"])
        return dot(dz, parameters["weight"].T) if need_input else None


def _initializer(value: Any) -> Initializer:
    return Initializer.resolve(value) if isinstance(value, str | Initializer) else Given(value)
