"""Layers that the kernels compute as one product by a table (``kernels/tables.py``). Imports nothing but NumPy."""

from __future__ import annotations

from typing import NamedTuple

from clearprop.engines.kernels import codes
from clearprop.layers.dense import Dense
from clearprop.layers.embedding import Embedding
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.members import Members
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.network import Network


class Read(NamedTuple):
    """How a Dense layer reads its inputs.

    Attributes
    ----------
    intervals : tuple of (int, int)
        For each number that is encoded the first of its rows of the weight, and how many there are.
    others : tuple of int
        The other columns' rows.
    levels : tuple of int
        What an Embedding layer on the way gets: nothing for a number's three columns, then the other columns' levels.
    """

    intervals: tuple[tuple[int, int], ...] = ()
    others: tuple[int, ...] = ()
    levels: tuple[int, ...] = ()

    @property
    def spared(self) -> int:
        """How many columns fewer than the encoding's are written: three a number."""
        return sum(count - 3 for _, count in self.intervals)


class Fusion(NamedTuple):
    """A Dense layer's place, that of the Members layer before it (-1 without one), and how it reads its inputs.

    Where it reads an encoding, that is the network's first layer.
    """

    dense: int = -1
    members: int = -1
    read: Read = Read()


def find_fusion(network: Network) -> Fusion:
    """Find the first Dense layer that shares its weights among members, or that reads an encoding."""
    for i, layer in enumerate(network.layers):
        members = i - 1 if _of_members(network, i) else -1
        first = members if members >= 0 else i
        if not isinstance(layer, Dense) or layer.units % codes.PAIR or (members < 0 and type(layer) is not Dense):
            continue
        if (read := _encoded(network, first)) is not None:
            return Fusion(i, members, read)
        if members >= 0:
            return Fusion(i, members, Read(others=tuple(range(network.widths[first]))))
    return Fusion()


def _of_members(network: Network, i: int) -> bool:
    layer, before = network.layers[i], network.layers[i - 1]  # a first layer's is the last one
    if not isinstance(layer, GroupedDense) or not isinstance(before, Members):
        return False
    return i > 0 and layer.shared and before.count == layer.groups


def _encoded(network: Network, end: int) -> Read | None:
    """Return how the layer at ``end`` reads numbers that all layers before it do nothing but encode."""
    encoding, *between = network.layers[:end] or [None]
    if type(encoding) is not PiecewiseLinear or len(between) > 1 or any(type(e) is not Embedding for e in between):
        return None
    levels = between[0].levels if between and isinstance(between[0], Embedding) else (0,) * network.widths[1]
    intervals: list[tuple[int, int]] = []
    others: list[int] = []
    kept: list[int] = []
    column = row = 0
    for edges in encoding.edges:
        count = len(edges) - 1
        if count > 0:
            if any(levels[column : column + count]):  # a share of an interval as a category's code
                return None
            intervals.append((row, count))
        else:
            kept.append(levels[column])
            others += [row] * (levels[column] == 0)
        row += max(count, 1) if levels[column] == 0 else 0
        column += max(count, 1)
    if not intervals:
        return None
    others += range(row, network.widths[end])  # the categories' numbers stand last
    return Read(tuple(intervals), tuple(others), (0,) * (3 * len(intervals)) + tuple(kept))
