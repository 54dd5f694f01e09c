"""Activations a = f(z), each with its derivative by hand.

Each formula branches on ``z.real`` and uses no absolute value of z, so that it also holds for complex z: that is how
the tests check every derivative to rounding error (the complex step).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import inf, pi, sqrt
from typing import Any, ClassVar

from clearprop.arrays import at_least, namespace
from clearprop.errors import InputError
from clearprop.settings import Settings, check_number, check_whole


class Activation(Settings):
    """An elementwise function a = f(z) and its derivative f'(z); z and a have shape (rows, units).

    One of your own is a frozen dataclass with ``__call__`` and ``derivative``; its class name becomes its name.

    Examples
    --------
    >>> import numpy as np
    >>> @dataclass(frozen=True)
    ... class Cube(Activation):
    ...     def __call__(self, z):
    ...         return z**3
    ...     def derivative(self, z, a):
    ...         return 3 * z**2
    >>> Cube()(np.array([2.0])), Cube().derivative(np.array([2.0]), None)
    (array([8.]), array([12.]))
    """

    range: ClassVar[tuple[float, float]] = (-inf, inf)
    initializer: ClassVar[str] = "glorot_uniform"
    """The first weights that suit it, by name."""

    @abstractmethod
    def __call__(self, z: Any) -> Any:
        """Return a = f(z)."""

    @abstractmethod
    def derivative(self, z: Any, a: Any) -> Any:
        """Return f'(z), from whichever of z and a = f(z) makes it cheaper."""

    def backward(self, z: Any, a: Any, gradient: Any) -> Any:
        """Return the loss's derivative by z, given that by a."""
        return gradient * self.derivative(z, a)

    def check_units(self, units: int) -> None:
        """Raise InputError where it can't be applied to so many units; any number will do, if not overridden."""


@dataclass(frozen=True)
class Identity(Activation):
    """a = z."""

    def __call__(self, z: Any) -> Any:
        return z

    def derivative(self, z: Any, a: Any) -> Any:
        return namespace(z).ones_like(z)

    def backward(self, z: Any, a: Any, gradient: Any) -> Any:
        """Return the gradient as it is."""
        return gradient


def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + e^−z), computed from e^−|z|, which can't overflow."""
    xp = namespace(z)
    e = xp.exp(xp.minimum(z, -z))
    return xp.maximum(e, z.real >= 0.0) / (1.0 + e)  # above the line: 1 where z ≥ 0, else e


def softplus(z: Any) -> Any:
    """Return ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|), which neither overflows nor loses small values."""
    xp = namespace(z)
    return at_least(z, 0.0) + xp.log1p(xp.exp(xp.minimum(z, -z)))


@dataclass(frozen=True)
class Sigmoid(Activation):
    """a = 1 / (1 + e^−z), in (0, 1); f' = a (1 − a)."""

    range = (0.0, 1.0)

    def __call__(self, z: Any) -> Any:
        return sigmoid(z)

    def derivative(self, z: Any, a: Any) -> Any:
        return a * (1.0 - a)


@dataclass(frozen=True)
class Tanh(Activation):
    """a = tanh z, in (−1, 1); f' = 1 − a²."""

    range = (-1.0, 1.0)

    def __call__(self, z: Any) -> Any:
        return namespace(z).tanh(z)

    def derivative(self, z: Any, a: Any) -> Any:
        return 1.0 - a * a


@dataclass(frozen=True)
class ReLU(Activation, name="relu"):
    """a = max(z, 0); f' = 1 where z > 0, else 0."""

    range = (0.0, inf)
    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        return at_least(z, 0.0)

    def derivative(self, z: Any, a: Any) -> Any:
        xp = namespace(z)
        return xp.where(z.real > 0, xp.ones_like(z), 0.0)

    def backward(self, z: Any, a: Any, gradient: Any) -> Any:
        return gradient * (z.real > 0.0)


@dataclass(frozen=True)
class LeakyReLU(Activation, name="leaky_relu"):
    """a = z where z > 0, else slope · z (Maas et al. 2013).

    Examples
    --------
    >>> import numpy as np
    >>> LeakyReLU(0.05)(np.array([5.5, -1.5, -0.3])).round(6)
    array([ 5.5  , -0.075, -0.015])
    """

    slope: float = 0.05
    initializer = "he_normal"

    def __post_init__(self) -> None:
        check_number(self.slope, "LeakyReLU's slope", least=0, most=1)

    def __call__(self, z: Any) -> Any:
        a = self.slope * z
        return namespace(z).maximum(z, a, out=a)

    def derivative(self, z: Any, a: Any) -> Any:
        sign = namespace(z).sign(z.real)  # 1, 0 or −1
        return at_least(sign, self.slope, out=sign)

    def backward(self, z: Any, a: Any, gradient: Any) -> Any:
        dz = self.derivative(z, a)
        dz *= gradient
        return dz


@dataclass(frozen=True)
class ELU(Activation, name="elu"):
    """a = z where z > 0, else alpha (e^z − 1) (Clevert et al. 2015, arXiv 1511.07289)."""

    alpha: float = 1.0
    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        xp = namespace(z)
        return xp.where(z.real > 0, z, self.alpha * xp.expm1(xp.where(z.real > 0, 0.0, z)))

    def derivative(self, z: Any, a: Any) -> Any:
        xp = namespace(z)
        return xp.where(z.real > 0, xp.ones_like(z), a + self.alpha)


@dataclass(frozen=True)
class SELU(Activation, name="selu"):
    """a = scale · elu(z; alpha), which keeps mean 0 and variance 1 (Klambauer et al. 2017, arXiv 1706.02515)."""

    initializer = "lecun_normal"
    alpha: ClassVar[float] = 1.6732632423543772
    scale: ClassVar[float] = 1.0507009873554805

    def __call__(self, z: Any) -> Any:
        return self.scale * ELU(self.alpha)(z)

    def derivative(self, z: Any, a: Any) -> Any:
        xp = namespace(z)
        return xp.where(z.real > 0, xp.full_like(z, self.scale), a + self.scale * self.alpha)


@dataclass(frozen=True)
class GELU(Activation, name="gelu"):
    """a = z/2 (1 + tanh u), u = √(2/π) (z + 0.044715 z³): the tanh form (Hendrycks & Gimpel 2016, arXiv 1606.08415)."""

    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        return 0.5 * z * (1.0 + self._tanh(z))

    def derivative(self, z: Any, a: Any) -> Any:
        t, z = self._tanh(z), self._near(z)
        slope = sqrt(2 / pi) * (1.0 + 3 * 0.044715 * z * z)
        return 0.5 * (1.0 + t) + 0.5 * z * (1.0 - t * t) * slope

    def _near(self, z: Any) -> Any:
        """Return z where it matters: beyond ±20 tanh u is ±1 exactly, and z³ may overflow."""
        return namespace(z).clip(z, -20.0, 20.0)

    def _tanh(self, z: Any) -> Any:
        z = self._near(z)
        return namespace(z).tanh(sqrt(2 / pi) * (z + 0.044715 * z * z * z))


@dataclass(frozen=True)
class SiLU(Activation, name="silu"):
    """a = z · sigmoid(z), also called swish (Elfwing et al. 2017, arXiv 1702.03118)."""

    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        return z * sigmoid(z)

    def derivative(self, z: Any, a: Any) -> Any:
        s = sigmoid(z)
        return s + a * (1.0 - s)


@dataclass(frozen=True)
class Mish(Activation):
    """a = z · tanh(softplus(z)) (Misra 2019, arXiv 1908.08681)."""

    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        return z * namespace(z).tanh(softplus(z))

    def derivative(self, z: Any, a: Any) -> Any:
        t = namespace(z).tanh(softplus(z))
        return t + z * (1.0 - t * t) * sigmoid(z)


@dataclass(frozen=True)
class Softplus(Activation):
    """a = ln(1 + e^z), above 0; f' = sigmoid(z)."""

    range = (0.0, inf)
    initializer = "he_normal"

    def __call__(self, z: Any) -> Any:
        return softplus(z)

    def derivative(self, z: Any, a: Any) -> Any:
        return sigmoid(z)


@dataclass(frozen=True)
class Exponential(Activation):
    """a = e^z, above 0: the output of a Poisson regression; f' = a."""

    range = (0.0, inf)

    def __call__(self, z: Any) -> Any:
        return namespace(z).exp(z)

    def derivative(self, z: Any, a: Any) -> Any:
        return a


@dataclass(frozen=True)
class Softmax(Activation):
    """a_j = e^z_j / Σ_k e^z_k over a row's units: probabilities of classes, with sum 1; or over each group of them.

    Its derivative is a matrix for each row (∂a_j/∂z_k = a_j (δ_jk − a_k)), so it defines ``backward`` itself;
    ``derivative`` is that matrix's diagonal.

    Parameters
    ----------
    groups : int, at least 1
        Members side by side: the first units / groups columns are the first one's classes, and so on.

    Examples
    --------
    >>> import numpy as np
    >>> Softmax(groups=2)(np.log([[1.0, 3.0, 1.0, 1.0]]))
    array([[0.25, 0.75, 0.5 , 0.5 ]])
    """

    groups: int = 1
    range = (0.0, 1.0)

    def __post_init__(self) -> None:
        check_whole(self.groups, "Softmax's groups")

    def __call__(self, z: Any) -> Any:
        e = namespace(z).exp(below_row_maximum(folded(z, self.groups)))
        e /= e.sum(axis=1, keepdims=True)
        return e.reshape(z.shape)

    def derivative(self, z: Any, a: Any) -> Any:
        return a * (1.0 - a)

    def backward(self, z: Any, a: Any, gradient: Any) -> Any:
        """Return a ⊙ (g − Σ_k g_k a_k), the product of the row's matrix with g."""
        if self.groups > 1:
            return Softmax().backward(*(folded(each, self.groups) for each in (z, a, gradient))).reshape(a.shape)
        return a * (gradient - (gradient * a).sum(axis=1, keepdims=True))

    def check_units(self, units: int) -> None:
        if units % self.groups:
            raise InputError(f"softmax in {self.groups} groups needs a multiple of {self.groups} units; got {units}")


def folded(x: Any, groups: int) -> Any:
    """Return x (rows, groups · k) as (rows · groups, k): a row of several groups is several rows."""
    return x if groups == 1 else x.reshape(len(x) * groups, x.shape[1] // groups)


def below_row_maximum(z: Any) -> Any:
    """Return z minus its row's largest value: softmax doesn't change, and no e^z can overflow."""
    return z - namespace(z).amax(z.real, axis=1, keepdims=True)
