"""Networks with layers that no kernel knows: those run by their own formulas, the layers between them compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.random import Generator

from clearprop.arrays import Array
from clearprop.engines import plan as plans
from clearprop.engines.kernels.cache import mark_ready
from clearprop.engines.kernels.passes import backward_rows, forward_rows
from clearprop.engines.prepare import say_if_not_ready
from clearprop.engines.workspace import NOTHING, Workspace
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.layer import Layer
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.parameters import Parameters


class Segments:
    """The gradient of a network and loss of any kind.

    Layers that draw run by their own formulas too, since all of them draw from one generator in turn.
    """

    def __init__(self, network: Network, loss: Loss, from_z: bool) -> None:
        self._loss, self._from_z, self._lowest = loss, from_z, network.lowest
        self._said: set[str] = set()
        unknown = plans.unknown_layers(network)
        self._parts: list[_Segment | _Own] = []
        first = 0
        for i, layer in enumerate(network.layers):
            if i in unknown or isinstance(layer, Dropout):
                if first < i:
                    self._parts.append(_Segment(network, loss, first, i))
                self._parts.append(_Own(layer, i))
                first = i + 1
        if first < len(network.layers):
            self._parts.append(_Segment(network, loss, first, len(network.layers)))

    def gradient(
        self, parameters: Parameters, x: Array, targets: Array, weight: Any, into: Parameters, rng: Generator | None
    ) -> float:
        """Return the mean loss, and write its derivative by every parameter."""
        kernels = f"{x.dtype}-segments"
        first = kernels not in self._said
        if first:
            say_if_not_ready(kernels)
        for part in self._parts:
            x = part.forward(parameters, x, rng)
        last = self._parts[-1]
        value, d = self._loss.value_and_gradient(x, targets, weight, z=last.z if self._from_z else None)
        for part in reversed(self._parts):
            if part.end > self._lowest:  # else nothing learns in it, or below
                need_input = part.first > self._lowest
                d = part.backward(parameters, d, into, self._from_z and part is last, need_input)
        if first:
            mark_ready(kernels)
            self._said.add(kernels)
        return float(value)


class _Own:
    """A layer that runs by its own formulas."""

    def __init__(self, layer: Layer, index: int) -> None:
        self._layer, self.first, self.end = layer, index, index + 1

    def forward(self, parameters: Parameters, x: Array, rng: Generator | None) -> Array:
        self._cache = self._layer.forward(parameters.layers[self.first], x, rng)
        return self._cache.a

    @property
    def z(self) -> Array:
        return self._cache.z

    def backward(self, parameters: Parameters, d: Array, into: Parameters, from_z: bool, need_input: bool) -> Any:
        views, gradients = parameters.layers[self.first], into.layers[self.first]
        step = self._layer.backward_from_z if from_z and isinstance(self._layer, Dense) else self._layer.backward
        return step(views, self._cache, d, gradients, need_input)


class _Segment:
    """Known layers ``first`` … ``end`` − 1, a network of their own on their part of the vector."""

    def __init__(self, network: Network, loss: Loss, first: int, end: int) -> None:
        self._network, self.first, self.end = Network(network.widths[first], network.layers[first:end]), first, end
        self._loss = loss
        places = [network.layout.places[f"{i}.{name}"][0] for i in range(first, end) for name in _names(network, i)]
        self._slice = slice(places[0].start, places[-1].stop) if places else slice(0, 0)
        self._workspace: Workspace | None = None
        self._rows = -1

    def forward(self, parameters: Parameters, x: Array, rng: Generator | None) -> Array:
        if self._workspace is None or self._rows != len(x) or self._workspace.work.dtype != x.dtype:
            self._workspace = Workspace(self._network, self._loss, x.dtype, len(x), whole=True)
            self._rows = len(x)
        self._x, out = np.ascontiguousarray(x), np.empty((len(x), self._network.n_outputs), x.dtype)
        self.z = np.empty_like(out)
        space = self._workspace
        forward_rows(
            space.plan, space.layers, space.settings, parameters.vector[self._slice], self._x.reshape(-1),
            out.reshape(-1), self.z.reshape(-1), NOTHING, space.work[0], len(x),
        )  # fmt: skip
        return out

    def backward(self, parameters: Parameters, d: Array, into: Parameters, from_z: bool, need_input: bool) -> Array:
        assert self._workspace is not None  # noqa: S101 - forward made it
        space, d_in = self._workspace, np.empty_like(self._x)
        backward_rows(
            space.plan, space.layers, space.settings, parameters.vector[self._slice], into.vector[self._slice],
            self._x.reshape(-1), np.ascontiguousarray(d).reshape(-1), d_in.reshape(-1), NOTHING, space.work[0],
            self._rows, from_z, need_input,
        )  # fmt: skip
        return d_in


def _names(network: Network, i: int) -> list[str]:
    return [name for name, _ in network.layout.layers[i]]
