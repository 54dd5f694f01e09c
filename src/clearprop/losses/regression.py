"""Losses of quantities: squared, absolute, Huber, quantile (pinball) and Poisson."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

from clearprop.arrays import Array, namespace
from clearprop.layers.activations import Exponential
from clearprop.losses.loss import Loss, check_between
from clearprop.settings import check_number


@dataclass(frozen=True)
class Squared(Loss):
    """ℓ = (ŷ − y)²: the mean squared error.

    Examples
    --------
    >>> import numpy as np
    >>> Squared().value_and_gradient(np.array([[1.0], [4.0]]), np.array([[1.0], [2.0]]))
    (np.float64(2.0), array([[0.], [2.]]))
    """

    def value(self, prediction: Any, target: Any) -> Any:
        return (prediction - target) ** 2

    def derivative(self, prediction: Any, target: Any) -> Any:
        return 2.0 * (prediction - target)


@dataclass(frozen=True)
class Absolute(Loss):
    """ℓ = |ŷ − y|; its derivative is the sign of ŷ − y, and 0 where they are equal."""

    def value(self, prediction: Any, target: Any) -> Any:
        error = prediction - target
        return namespace(error).where(error.real < 0, -error, error)

    def derivative(self, prediction: Any, target: Any) -> Any:
        return namespace(prediction).sign((prediction - target).real)


@dataclass(frozen=True)
class Huber(Loss):
    """ℓ = e²/2 where |e| ≤ delta, else delta (|e| − delta/2), with e = ŷ − y (Huber 1964)."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        check_number(self.delta, "Huber's delta", above=0)

    def value(self, prediction: Any, target: Any) -> Any:
        error = prediction - target
        xp = namespace(error)
        size = xp.where(error.real < 0, -error, error)
        return xp.where(size.real <= self.delta, 0.5 * error * error, self.delta * (size - 0.5 * self.delta))

    def derivative(self, prediction: Any, target: Any) -> Any:
        return namespace(prediction).clip((prediction - target).real, -self.delta, self.delta)


@dataclass(frozen=True)
class Quantile(Loss):
    """ℓ = q (y − ŷ) where ŷ ≤ y, else (1 − q) (ŷ − y): least when ŷ is y's q-quantile (Koenker & Bassett 1978)."""

    quantile: float = 0.5

    def __post_init__(self) -> None:
        check_number(self.quantile, "a quantile", above=0, below=1)

    def value(self, prediction: Any, target: Any) -> Any:
        error = prediction - target
        return namespace(error).where(error.real > 0, (1.0 - self.quantile) * error, -self.quantile * error)

    def derivative(self, prediction: Any, target: Any) -> Any:
        xp = namespace(prediction)
        sign = xp.sign((prediction - target).real)
        return xp.where(sign > 0, (1.0 - self.quantile) * sign, self.quantile * sign)


@dataclass(frozen=True)
class Poisson(Loss):
    """ℓ = ŷ − y ln ŷ, for counts y ≥ 0 and rates ŷ > 0; from the score z of an exponential: e^z − y z."""

    domain = (0.0, inf)
    joint = Exponential

    def value(self, prediction: Any, target: Any) -> Any:
        xp = namespace(prediction)
        return prediction - target * xp.log(xp.where(target.real == 0, 1.0, prediction))

    def derivative(self, prediction: Any, target: Any) -> Any:
        return 1.0 - target / namespace(prediction).where(target.real == 0, 1.0, prediction)

    def value_from_z(self, z: Any, target: Any) -> Any:
        return namespace(z).exp(z) - target * z

    def derivative_from_z(self, prediction: Any, target: Any) -> Any:
        return prediction - target

    def check_targets(self, targets: Array) -> None:
        check_between(targets, 0, inf, "poisson needs counts of 0 or more", "use 'squared' for targets below 0")
