"""Which units a worked update goes through: from an input, through one unit a layer, to the outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.layers.dense import Dense
from clearprop.live.asks.moment import whole
from clearprop.network import Network

MOST_OUTPUTS = 10
"""More outputs aren't all shown: the one on the path, and the one that the target says."""


@dataclass(frozen=True)
class Path:
    """A chosen weight, from ``source`` to ``unit`` of ``layer``; ``shown[k]`` are the units of layer k on the way."""

    layer: int
    unit: int
    source: int
    shown: list[list[int]]


def path_of(network: Network, values: Mapping[str, Any], target: Array) -> Path:
    """Return the way through a network that an ask's ``layer``, ``unit`` and ``weight`` choose.

    Parameters
    ----------
    network : Network
    values : mapping
        ``layer`` (default: the first Dense one), ``unit`` (the first), ``weight``: its place in the layer's weights,
        input · units + unit; by default the first input's.
    target : array, shape (outputs,)
        The sample's.

    Raises
    ------
    InputError
        For a layer that isn't Dense, or a unit or weight that isn't there.
    """
    dense = [k for k, layer in enumerate(network.layers) if isinstance(layer, Dense)]
    if not dense:
        raise InputError("there is no Dense layer in this network, so there is no weight to work through")
    layer = whole(values, "layer", len(network.layers), default=dense[0])
    if layer not in dense:
        raise InputError(f"layer {layer} is {type(network.layers[layer]).__name__}; choose a Dense one: {dense}")
    units = network.widths[layer + 1]
    unit = whole(values, "unit", units, default=0)
    weight = whole(values, "weight", network.widths[layer] * units, default=unit)
    source, place = divmod(weight, units)
    if values.get("unit") is not None and place != unit:
        raise InputError(f"weight {weight} of layer {layer} leads to unit {place}, not to unit {unit}")
    shown: list[list[int]] = [[] for _ in network.layers]
    last = len(network.layers) - 1
    for k in range(last, -1, -1):
        if k == last:
            chosen = place if layer == dense[-1] else 0
            n = network.widths[-1]
            shown[k] = list(range(n)) if n <= MOST_OUTPUTS else sorted({chosen, int(np.argmax(target))})
        elif not isinstance(network.layers[k + 1], Dense):
            shown[k] = shown[k + 1]  # column by column
        else:
            after = min(d for d in dense if d > k)
            before = max((d for d in dense if d <= k), default=-1)
            shown[k] = [source if after == layer else place if before == layer else 0]
    return Path(layer, place, source, shown)
