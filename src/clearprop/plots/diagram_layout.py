"""What a network's diagram shows: its columns, which of their units, and which edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.layers.dense import Dense
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.plots.models import check_parameters


@dataclass(frozen=True)
class Column:
    """The inputs, or what one layer gives.

    Attributes
    ----------
    kind, settings : str
        The layer's class, and its settings in a few words.
    width : int
        How many numbers it gives.
    n_parameters : int
    weight : array, shape (the last column's width, width), or None
        None for the inputs, and for layers that connect each input to its own output only.
    bias : array, shape (width,), or None
    """

    kind: str
    settings: str
    width: int
    n_parameters: int = 0
    weight: Array | None = None
    bias: Array | None = None

    @property
    def is_bar(self) -> bool:
        """Whether it is drawn as a bar across the lines and not as units: a layer without a matrix of weights."""
        return self.weight is None and self.kind != "input"

    @property
    def largest(self) -> float:
        """The largest absolute weight; 0 without weights."""
        return float(abs(self.weight).max()) if self.weight is not None else 0.0


class Edge(NamedTuple):
    """A weight between two units."""

    column: int
    """That of the unit that it leads to."""
    source: int
    target: int
    weight: float
    strength: float
    """|weight| as a share of its layer's largest."""


def columns_of(network: Network, parameters: Parameters) -> list[Column]:
    """Return the inputs and each layer as columns.

    Raises
    ------
    InputError
        If a parameter is not finite.
    """
    check_parameters(parameters)
    columns = [Column("input", "", network.n_inputs)]
    for layer, views, width in zip(network.layers, parameters.layers, network.widths[1:], strict=True):
        weight, bias = views.get("weight"), views.get("bias")
        if weight is not None and weight.shape != (columns[-1].width, width):
            weight = None
        if bias is not None and bias.shape != (width,):
            bias = None
        settings = str(layer.activation) if isinstance(layer, Dense) else layer.summary()
        count = sum(int(np.size(array)) for array in views.values())
        columns.append(Column(type(layer).__name__, settings, width, count, weight, bias))
    return columns


def strongest_edges(columns: Sequence[Column], max_units: int, max_edges: int) -> tuple[list[Edge], int]:
    """Return the edges to draw, weakest first, and how many there are between the units shown.

    Each column shows its first ``max_units`` units. Where there are more edges than ``max_edges``, those with the
    largest |weight| are taken, as a share of their layer's largest, so that a layer of small weights isn't left out.
    """
    edges: list[Edge] = []
    for place, column in enumerate(columns):
        if column.weight is None:
            continue
        largest = column.largest or 1.0
        for (source, target), value in np.ndenumerate(column.weight[:max_units, :max_units]):
            edges.append(Edge(place, source, target, float(value), abs(float(value)) / largest))
    edges.sort(key=lambda edge: edge.strength)
    return edges[-max_edges:] if max_edges else [], len(edges)
