"""What a layer is: three methods, no memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from clearprop.initializers import Initializer, Zeros
from clearprop.parameters import Shape
from clearprop.settings import Settings

if TYPE_CHECKING:
    from numpy.random import Generator

Views = Mapping[str, Any]
"""A layer's own parameters, or their gradients, by name: views of the flat vector."""


class Cache(NamedTuple):
    """What one forward pass of one layer computed, and its backward pass needs."""

    x: Any
    """The input, shape (rows, inputs)."""
    z: Any
    """What the activation was applied to, such as the weighted sum, shape (rows, outputs)."""
    a: Any
    """The output, shape (rows, outputs)."""
    extra: Any = None
    """Whatever else this kind of layer's derivative needs."""


class Layer(Settings):
    """A formula and its derivative. One of your own is a frozen dataclass with ``forward`` and ``backward``.

    Examples
    --------
    A layer that adds a learnt number to each feature, 0 at first:

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Shift(Layer):
    ...     def shapes(self, n_inputs):
    ...         return {"shift": (n_inputs,)}
    ...     def forward(self, parameters, x, rng=None):
    ...         a = x + parameters["shift"]
    ...         return Cache(x, a, a)
    ...     def backward(self, parameters, cache, gradient, into, need_input=True):
    ...         into["shift"][...] = gradient.sum(axis=0)
    ...         return gradient
    """

    draws: ClassVar[bool] = False
    """Whether ``forward`` draws from ``rng`` while training."""

    def n_outputs(self, n_inputs: int) -> int:
        """Return how many columns come out when ``n_inputs`` go in: as many, if not overridden."""
        return n_inputs

    def shapes(self, n_inputs: int) -> dict[str, Shape]:
        """Return the shape of each parameter by name: none, if not overridden."""
        return {}

    def initializers(self) -> dict[str, Initializer]:
        """Return how a parameter gets its first values; one that isn't named starts at zero."""
        return {}

    def first_values(self, n_inputs: int, rng: Generator) -> dict[str, Any]:
        """Draw every parameter's first values, in the order of ``shapes``."""
        how = self.initializers()
        return {name: how.get(name, Zeros())(shape, rng) for name, shape in self.shapes(n_inputs).items()}

    def summary(self) -> str:
        """Return the settings in a few words, for a table of layers."""
        return ", ".join(f"{f.name}={getattr(self, f.name)}" for f in fields(cast(Any, self)))

    @abstractmethod
    def forward(self, parameters: Views, x: Any, rng: Generator | None = None) -> Cache:
        """Compute the output from ``x`` (rows, inputs). ``rng`` is given only while training, for layers that draw."""

    @abstractmethod
    def backward(self, parameters: Views, cache: Cache, gradient: Any, into: Views, need_input: bool = True) -> Any:
        """Back-propagate through this layer.

        Parameters
        ----------
        parameters : views of this layer's parameters
        cache : what ``forward`` returned
        gradient : array, shape (rows, outputs)
            The loss's derivative by the output ``cache.a``.
        into : views to write into
            Gets the loss's derivative by each parameter (overwritten, not added to).
        need_input : bool
            False for a network's first layer: then the result isn't read, and the work may be left out.

        Returns
        -------
        array, shape (rows, inputs)
            The loss's derivative by the input ``cache.x``.
        """
