"""What the numbers inside a network look like, layer by layer: weights, weighted sums, outputs, gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.plots.models import check_parameters
from clearprop.runs import value_and_gradient

BINS = 32


@dataclass(frozen=True)
class Statistics:
    """The numbers of one kind in one layer.

    Attributes
    ----------
    layer : int
    quantity : "weights", "z", "a" or "gradients"
    mean, deviation : float
    dead : float
        Of "a": the share of units that give 0 for every row.
    saturated : float
        Of "a", where the activation has two limits: the share of values within 1 % of its range from one of them.
    counts, edges : array, shape (32,) and (33,)
        A histogram, whose edges are the same for all layers; the outermost bins also hold what lies beyond.
    """

    layer: int
    quantity: str
    mean: float
    deviation: float
    dead: float
    saturated: float
    counts: Array
    edges: Array


def statistics_of(
    network: Network, parameters: Parameters, x: Array | None = None, y: Any = None, loss: Loss | None = None
) -> list[Statistics]:
    """Return the statistics of each layer: of its weights, with x of its z and a, and with y of its weights' gradients.

    Biases are left out of weights and gradients where a layer has a parameter called ``weight``.

    Raises
    ------
    InputError, InputTypeError
        If a parameter is not finite, or y doesn't fit.

    Examples
    --------
    >>> network = Network(1, [Dense(2, "relu", weight=[[1.0, -1.0]])])
    >>> parameters = network.first_parameters(np.random.default_rng(0))
    >>> for s in statistics_of(network, parameters, np.array([[1.0], [3.0]])):
    ...     print(s.quantity, s.mean, s.deviation, s.dead)
    weights 0.0 1.0 0.0
    z 0.0 2.23606797749979 0.0
    a 1.0 1.224744871391589 0.5
    """
    check_parameters(parameters)
    found: dict[str, list[Array | None]] = {"weights": [_weights(views) for views in parameters.layers]}
    if x is not None:
        with np.errstate(over="ignore", invalid="ignore"):  # what isn't finite is found below, and said
            _, caches = network.forward(parameters, x)
        found |= {"z": [cache.z for cache in caches], "a": [cache.a for cache in caches]}
    if x is not None and y is not None and loss is not None:
        _, gradients = value_and_gradient(network, parameters, x, y, loss=loss)
        found["gradients"] = [_weights(views) for views in gradients.layers]
    return [
        _statistics(i, quantity, values, edges, _activation(network, i))
        for quantity, layers in found.items()
        for edges in [_edges(layers, quantity)]
        for i, values in enumerate(layers)
        if values is not None
    ]


def _weights(views: Mapping[str, Array]) -> Array | None:
    if "weight" in views:
        return views["weight"]
    return np.concatenate([array.ravel() for array in views.values()]) if views else None


def _activation(network: Network, i: int) -> Activation | None:
    layer = network.layers[i]
    return layer.activation if isinstance(layer, Dense) else None


def _edges(layers: list[Array | None], quantity: str) -> Array:
    """Return one histogram's edges for all layers: from the lowest to the highest, but for one in a thousand."""
    filled = [values for values in layers if values is not None and values.size]
    if not all(np.isfinite(values).all() for values in filled):
        raise InputError(f"{quantity} is not finite for these rows; look at x for values that are far too large")
    if not filled:
        return np.linspace(-1.0, 1.0, BINS + 1)
    ranges = [np.quantile(values, (0.001, 0.999)) for values in filled]
    low, high = float(min(r[0] for r in ranges)), float(max(r[1] for r in ranges))
    room = 0.02 * (high - low) or 0.5 * abs(low) or 1.0
    return np.linspace(low - room, high + room, BINS + 1)


def _statistics(i: int, quantity: str, values: Array, edges: Array, activation: Activation | None) -> Statistics:
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    outputs = quantity == "a"
    return Statistics(
        layer=i,
        quantity=quantity,
        mean=float(values.mean(dtype=np.float64)),
        deviation=float(values.std(dtype=np.float64)),
        dead=float((values == 0).all(axis=0).mean()) if outputs else 0.0,
        saturated=_saturated(values, activation) if outputs and activation is not None else 0.0,
        counts=counts,
        edges=edges,
    )


def _saturated(a: Array, activation: Activation) -> float:
    low, high = activation.range
    if not (isfinite(low) and isfinite(high)):
        return 0.0
    near = 0.01 * (high - low)
    return float(((a < low + near) | (a > high - near)).mean())
