"""Every weight and bias of a network in ONE flat vector, seen through named views that share its memory.

A snapshot, a checkpoint, a gradient norm, an optimiser's step is then one operation on one array.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from clearprop.arrays import copy
from clearprop.errors import InputError, unknown_name

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Where each named array lies in the flat vector: per layer its parameters' names and shapes, in order.

    Parameters
    ----------
    layers : tuple of tuples of (str, shape)
        One tuple a layer; a layer without parameters has an empty one. ``"0.weight"`` is layer 0's ``weight``.

    Examples
    --------
    >>> layout = Layout(((("weight", (2, 3)), ("bias", (3,))), ()))
    >>> layout.size, layout.places["0.bias"]
    (9, (slice(6, 9, None), (3,)))
    """

    layers: tuple[tuple[tuple[str, Shape], ...], ...]

    @classmethod
    def of(cls, layers: Sequence[Mapping[str, Shape]]) -> Layout:
        """Build a layout from one mapping name → shape a layer."""
        return cls(tuple(tuple(shapes.items()) for shapes in layers))

    @cached_property
    def places(self) -> dict[str, tuple[slice, Shape]]:
        """The slice of the vector and the shape, by full name, in the vector's order."""
        places: dict[str, tuple[slice, Shape]] = {}
        start = 0
        for i, shapes in enumerate(self.layers):
            for name, shape in shapes:
                places[f"{i}.{name}"] = (slice(start, start + prod(shape)), shape)
                start += prod(shape)
        return places

    @cached_property
    def size(self) -> int:
        """How many numbers the vector holds."""
        return sum(prod(shape) for _, shape in self.places.values())

    def gather(self, arrays: Mapping[str, Any]) -> Any:
        """Return named NumPy arrays as one flat vector.

        Raises
        ------
        InputError
            If one is missing, or has another shape or dtype than it should.
        """
        for name, (_, shape) in self.places.items():
            if name not in arrays or arrays[name].shape != shape:
                raise InputError(
                    f"{name} should have shape {shape}; got {arrays[name].shape if name in arrays else 'none'}"
                )
        parts = [arrays[name].reshape(-1) for name in self.places]
        if len({part.dtype for part in parts}) > 1:
            raise InputError("all parameters should have one dtype")
        return np.concatenate(parts) if parts else np.empty(0)


class Parameters(Mapping[str, Any]):
    """A flat vector and its named views: ``p["0.weight"]`` shares memory with ``p.vector``.

    Gradients and optimisers' moments use the same class. ``p.layers[i]`` maps layer i's own names to the same views.

    Parameters
    ----------
    layout : Layout
    vector : array, shape (layout.size,)
        Any library's; it is used as it is, never copied.

    Raises
    ------
    InputError
        If the vector's shape isn't (layout.size,), or a name isn't known.

    Examples
    --------
    >>> import numpy as np
    >>> p = Parameters(Layout(((("weight", (2, 1)), ("bias", (1,))),)), np.zeros(3))
    >>> p["0.weight"][1, 0] = 7.0
    >>> p.vector
    array([0., 7., 0.])
    """

    def __init__(self, layout: Layout, vector: Any) -> None:
        if tuple(vector.shape) != (layout.size,):
            raise InputError(f"this layout needs a vector of shape ({layout.size},); got {tuple(vector.shape)}")
        self.layout = layout
        self.vector = vector
        self._views = {name: vector[place].reshape(shape) for name, (place, shape) in layout.places.items()}
        self.layers: tuple[dict[str, Any], ...] = tuple(
            {name: self._views[f"{i}.{name}"] for name, _ in shapes} for i, shapes in enumerate(layout.layers)
        )

    def __getitem__(self, name: str) -> Any:
        try:
            return self._views[name]
        except KeyError:
            raise unknown_name("parameter", str(name), self._views) from None

    def __contains__(self, name: object) -> bool:
        return name in self._views

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {shape}" for name, (_, shape) in self.layout.places.items())
        return f"Parameters({self.layout.size:,} {self.vector.dtype}: {shapes})"

    def __reduce__(self) -> tuple[Any, ...]:  # copies and pickles keep views and vector one memory
        return Parameters, (self.layout, self.vector)

    def copy(self) -> Parameters:
        """Return the same values in a vector of their own."""
        return Parameters(self.layout, copy(self.vector))

    def like(self, vector: Any) -> Parameters:
        """Return another vector seen through this layout."""
        return Parameters(self.layout, vector)
