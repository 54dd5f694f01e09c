"""First values of the weights: draws whose variance keeps signals alive through the layers, constants, given arrays."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.settings import Settings

if TYPE_CHECKING:
    from numpy.random import Generator


class Initializer(Settings):
    """Draws an array of first values: ``initializer(shape, rng)``, shape (fan_in, fan_out) for a weight matrix."""

    @abstractmethod
    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        """Return float64 values of this shape."""


class _Scaled(Initializer):
    """A draw with mean 0 and variance ``gain / fan``, fan being fan_in or the mean of fan_in and fan_out."""

    gain: float = 1.0
    both_fans: bool = False
    uniform: bool = False

    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        fan = (shape[0] + shape[-1]) / 2 if self.both_fans else shape[0]
        deviation = sqrt(self.gain / max(fan, 1))
        if self.uniform:  # a uniform draw from ±a has deviation a / √3
            return rng.uniform(-deviation * sqrt(3), deviation * sqrt(3), shape)
        return rng.normal(0.0, deviation, shape)


@dataclass(frozen=True)
class HeNormal(_Scaled):
    """N(0, 2 / fan_in), for the ReLU family (He et al. 2015, arXiv 1502.01852, eq. 10).

    Examples
    --------
    >>> import numpy as np
    >>> HeNormal()((50, 400), np.random.default_rng(0)).std().round(2)  # sqrt(2 / 50)
    np.float64(0.2)
    """

    gain = 2.0


@dataclass(frozen=True)
class HeUniform(_Scaled):
    """U(−a, a) with a = √(6 / fan_in) (He et al. 2015)."""

    gain = 2.0
    uniform = True


@dataclass(frozen=True)
class GlorotNormal(_Scaled):
    """N(0, 2 / (fan_in + fan_out)), for tanh and sigmoid (Glorot & Bengio 2010, eq. 12)."""

    both_fans = True


@dataclass(frozen=True)
class GlorotUniform(_Scaled):
    """U(−a, a) with a = √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010, eq. 16)."""

    both_fans = True
    uniform = True


@dataclass(frozen=True)
class LecunNormal(_Scaled):
    """N(0, 1 / fan_in), for SELU (LeCun et al. 1998, "Efficient BackProp", eq. 16)."""


@dataclass(frozen=True)
class LecunUniform(_Scaled):
    """U(−a, a) with a = √(3 / fan_in) (LeCun et al. 1998)."""

    uniform = True


@dataclass(frozen=True)
class Normal(Initializer):
    """N(mean, scale²), whatever the shape."""

    mean: float = 0.0
    scale: float = 0.01

    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return rng.normal(self.mean, self.scale, shape)


@dataclass(frozen=True)
class Zeros(Initializer):
    """All zeros: the usual first biases."""

    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return np.zeros(shape)


@dataclass(frozen=True, eq=False)
class Given(Initializer):
    """These values, as they are; the array's shape must be the parameter's. A model file doesn't keep them.

    Raises
    ------
    InputError
        When it is called for another shape.
    """

    values: Any

    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        if self.values is None:
            raise InputError("first values given as arrays aren't kept in model files; give them again, or parameters=")
        values = np.array(self.values, dtype=np.float64)
        if values.shape != shape:
            raise InputError(f"the given first values have shape {values.shape}; these parameters have shape {shape}")
        return values

    def __str__(self) -> str:
        return f"given{np.shape(self.values)}"

    def describe(self) -> dict[str, Any]:
        """Return the kind alone: a trained network doesn't need its first values, and they may be large."""
        return super().describe() | {"values": None}
