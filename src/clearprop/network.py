"""A network: how many inputs, and a chain of layers. It holds settings only; its parameters are handed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import Array, check_memory, namespace
from clearprop.errors import InputError, InputTypeError
from clearprop.layers.activations import Activation, Identity, Softmax
from clearprop.layers.dense import Dense
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.layer import Cache, Layer
from clearprop.parameters import Layout, Parameters
from clearprop.settings import Settings, check_whole

if TYPE_CHECKING:
    from numpy.random import Generator

ROWS = 2048  # rows predicted at a time: their activations stay in the cache, and memory doesn't grow with the table


@dataclass(frozen=True, init=False)
class Network(Settings):
    """A chain of layers: x₀ = x, xᵢ₊₁ = layerᵢ(xᵢ).

    Parameters
    ----------
    n_inputs : int, at least 1
        Columns of x.
    layers : iterable of Layer, at least one

    Raises
    ------
    InputError, InputTypeError
        For fewer than 1 input, no layers, a thing that isn't a layer, or columns that don't suit one.

    Examples
    --------
    >>> network = Network(2, [Dense(3, "tanh"), Dense(1, "sigmoid")])
    >>> print(network)
    layer  kind   settings            output  parameters
        0  Dense  activation=tanh          3           9
        1  Dense  activation=sigmoid       1           4
    2 inputs, 1 output, 13 parameters
    >>> parameters = network.first_parameters(np.random.default_rng(0))
    >>> output, cache = network.forward(parameters, np.zeros((5, 2)))
    >>> output.shape, cache[0].z.shape
    ((5, 1), (5, 3))
    """

    n_inputs: int
    layers: tuple[Layer, ...]

    def __init__(self, n_inputs: int, layers: Iterable[Layer]) -> None:
        if not isinstance(layers, Iterable):
            raise InputTypeError(f"layers must be a list of layers, such as [Dense(16, 'tanh')]; got {layers!r:.60}")
        chain = tuple(layers)
        if not chain:
            raise InputError("a network needs at least one layer, such as Dense(1, 'sigmoid')")
        for i, layer in enumerate(chain):
            if not isinstance(layer, Layer):
                raise InputTypeError(f"layer {i} must be a layer, such as Dense(16, 'tanh'); got {layer!r:.60}")
        object.__setattr__(self, "n_inputs", check_whole(n_inputs, "a network's n_inputs"))
        object.__setattr__(self, "layers", chain)
        _ = self.widths  # a layer that these columns don't suit says so here

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Columns before the first layer and after each: (n_inputs, …, n_outputs)."""
        widths = [self.n_inputs]
        for i, layer in enumerate(self.layers):
            try:
                widths.append(layer.n_outputs(widths[-1]))
                if isinstance(layer, Dense):
                    layer.activation.check_units(widths[-1])
            except InputError as error:
                raise InputError(f"layer {i}: {error}") from None
        return tuple(widths)

    @property
    def n_outputs(self) -> int:
        """Columns of the output."""
        return self.widths[-1]

    @cached_property
    def layout(self) -> Layout:
        """Where each parameter lies in the flat vector."""
        return Layout.of([layer.shapes(n) for layer, n in zip(self.layers, self.widths, strict=False)])

    @cached_property
    def lowest(self) -> int:
        """The index of the first layer that has parameters, below which nothing learns; if none has, their number."""
        return next((i for i, shapes in enumerate(self.layout.layers) if shapes), len(self.layers))

    @property
    def n_parameters(self) -> int:
        """How many numbers the network learns."""
        return self.layout.size

    @property
    def output_activation(self) -> Activation:
        """The last layer's activation; the identity where the network doesn't end in a Dense layer."""
        last = self.layers[-1]
        return last.activation if isinstance(last, Dense) else Identity()

    @property
    def members(self) -> int:
        """How many members of an ensemble lie side by side in the output: the groups of the last layer."""
        last, activation = self.layers[-1], self.output_activation
        if isinstance(last, GroupedDense):
            return last.groups
        return activation.groups if isinstance(activation, Softmax) else 1

    def mean_of_members(self, outputs: Any) -> Array:
        """Return what an ensemble says, float64 (rows, outputs), from what its members say side by side.

        Examples
        --------
        >>> network = Network(3, [GroupedDense(1, groups=3)])
        >>> network.mean_of_members(np.array([[1.0, 2.0, 6.0]]))
        array([[3.]])
        """
        each = self.n_outputs // self.members
        return np.asarray(outputs).reshape(len(outputs), self.members, each).mean(axis=1, dtype=np.float64)

    def first_parameters(self, rng: Generator, dtype: Any = np.float64) -> Parameters:
        """Draw the first values of every parameter, in float64 and then rounded to ``dtype``.

        Raises
        ------
        TooLargeError
            If the network, its gradient and an optimiser's two moments would not fit in memory.
        """
        check_memory(4.0 * np.dtype(dtype).itemsize * self.n_parameters, f"training {self.n_parameters:,} parameters")
        parameters = Parameters(self.layout, np.zeros(self.n_parameters, dtype))
        for layer, n_inputs, views in zip(self.layers, self.widths, parameters.layers, strict=False):
            for name, values in layer.first_values(n_inputs, rng).items():
                views[name][...] = values
        return parameters

    def forward(self, parameters: Parameters, x: Any, rng: Generator | None = None) -> tuple[Any, list[Cache]]:
        """Compute the output and keep what each layer computed.

        Parameters
        ----------
        parameters : Parameters
        x : array, shape (rows, n_inputs)
        rng : Generator, optional
            Given only while training: layers such as Dropout draw from it.

        Returns
        -------
        output : array, shape (rows, n_outputs)
        cache : list of Cache
            ``cache[i]`` holds layer i's ``x``, ``z`` and ``a``.

        Raises
        ------
        InputError
            For another number of columns.
        """
        if len(x.shape) != 2 or x.shape[1] != self.n_inputs:
            raise InputError(f"x must have shape (rows, {self.n_inputs}); got {tuple(x.shape)}")
        cache: list[Cache] = []
        for layer, views in zip(self.layers, parameters.layers, strict=True):
            passed = layer.forward(views, x, rng)
            cache.append(passed)
            x = passed.a
        return x, cache

    def backward(
        self,
        parameters: Parameters,
        cache: list[Cache],
        gradient: Any,
        into: Parameters,
        *,
        from_z: bool = False,
        need_input: bool = True,
    ) -> Any:
        """Go from the last layer to the first; each writes its part of the loss's derivative.

        Parameters
        ----------
        parameters, cache
            As handed to, and returned by, ``forward``.
        gradient : array, shape (rows, n_outputs)
            The loss's derivative by the output, or with ``from_z`` by the last (Dense) layer's z.
        into : Parameters
            Gets the loss's derivative by every parameter.

        Returns
        -------
        array, shape (rows, n_inputs), or None without ``need_input``
            The loss's derivative by x. Without it the way ends at the first layer that has parameters.
        """
        last, end = len(self.layers) - 1, 0 if need_input else self.lowest
        for i in range(last, end - 1, -1):
            layer = self.layers[i]
            wanted = need_input or i > end
            if from_z and i == last and isinstance(layer, Dense):
                gradient = layer.backward_from_z(parameters.layers[i], cache[i], gradient, into.layers[i], wanted)
            else:
                gradient = layer.backward(parameters.layers[i], cache[i], gradient, into.layers[i], wanted)
        return gradient if need_input else None

    def predict(self, parameters: Parameters, x: Any) -> Any:
        """Return the output (rows, n_outputs) for any number of rows, a few at a time, keeping no cache."""
        if len(x) <= ROWS:
            return self.forward(parameters, x)[0]
        parts = [self.forward(parameters, x[i : i + ROWS])[0] for i in range(0, len(x), ROWS)]
        return namespace(x).concatenate(parts)

    def __str__(self) -> str:
        rows = [("layer", "kind", "settings", "output", "parameters")]
        for i, (layer, width, views) in enumerate(zip(self.layers, self.widths[1:], self.layout.layers, strict=True)):
            count = sum(int(np.prod(shape, dtype=object)) for _, shape in views)
            rows.append((str(i), type(layer).__name__, layer.summary(), f"{width:,}", f"{count:,}"))
        wide = [max(len(row[k]) for row in rows) for k in range(5)]
        lines = [
            f"{a:>{wide[0]}}  {b:{wide[1]}}  {c:{wide[2]}}  {d:>{wide[3]}}  {e:>{wide[4]}}" for a, b, c, d, e in rows
        ]
        outputs = "1 output" if self.n_outputs == 1 else f"{self.n_outputs:,} outputs"
        inputs = "1 input" if self.n_inputs == 1 else f"{self.n_inputs:,} inputs"
        return "\n".join([*lines, f"{inputs}, {outputs}, {self.n_parameters:,} parameters"])
