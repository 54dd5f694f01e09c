"""A network's layers as the numbers that the kernels read. Imports nothing but NumPy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.engines.fusion import Fusion, Read, find_fusion
from clearprop.engines.kernels import codes
from clearprop.layers import activations
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.embedding import Embedding
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.layer import Layer
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.members import Members
from clearprop.layers.periodic import Periodic
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.layers.scale import Scale
from clearprop.network import Network

ACTIVATIONS: dict[type[Activation], int] = {
    activations.Identity: codes.IDENTITY,
    activations.ReLU: codes.RELU,
    activations.LeakyReLU: codes.LEAKY_RELU,
    activations.Sigmoid: codes.SIGMOID,
    activations.Tanh: codes.TANH,
    activations.SELU: codes.SELU,
    activations.Exponential: codes.EXPONENTIAL,
    activations.Softmax: codes.SOFTMAX,
    activations.ELU: codes.ELU,
    activations.GELU: codes.GELU,
    activations.SiLU: codes.SILU,
    activations.Mish: codes.MISH,
    activations.Softplus: codes.SOFTPLUS,
}
LARGE = 64 * 64
"""Weights from which on a layer's products are BLAS's: measured, see docs/where-the-time-goes.md."""


class Columns(NamedTuple):
    """Where the values of a block lie in a workspace, in columns: ``width`` of them in all.

    Behind them lie ``table`` numbers more, however many rows a block has.
    """

    y: int
    share: int
    values: int
    d: int
    spare: int
    scratch: int
    width: int
    table: int


def groups_of(layer: Layer) -> int:
    """Return how many groups of columns a layer multiplies."""
    return layer.groups if isinstance(layer, GroupedDense) else 1


def layer_table(network: Network, fuse: bool) -> tuple[Array, Array, Columns]:
    """Return the layers' numbers (layers, LAYER_NUMBERS), their settings, and a workspace's columns.

    With ``fuse``, layers that a table serves become one. A layer's setting stands at its index; behind them stands
    what layers have more of: see ``columns``, ``periodic``, ``embedding`` and ``tables`` among the kernels.
    """
    fusion = find_fusion(network) if fuse else Fusion()
    layers = [(i, layer) for i, layer in enumerate(network.layers) if i != fusion.members]
    table = np.zeros((len(layers), codes.LAYER_NUMBERS), np.int64)
    settings: list[float] = [0.0] * len(layers)
    column = n_out = network.n_inputs  # x comes first
    drawn = 0
    for k, (i, layer) in enumerate(layers):
        row, fused = table[k], i < fusion.dense
        n_in, n_out = n_out, network.widths[i + 1] - (fusion.read.spared if fused else 0)
        row[codes.N_IN], row[codes.N_OUT], row[codes.DRAWN] = n_in, n_out, drawn
        row[codes.Z], column = column, column + n_out
        row[codes.A] = row[codes.Z]
        places = [network.layout.places[f"{i}.{name}"][0].start for name, _ in network.layout.layers[i]]
        if places:
            row[codes.WEIGHT], row[codes.BIAS] = places[0], places[-1]
        own_place = False
        if isinstance(layer, Dense):
            row[codes.KIND], row[codes.ACTIVATION] = codes.DENSE, ACTIVATIONS[type(layer.activation)]
            settings[k] = sum(getattr(layer.activation, name, 0.0) for name in ("slope", "alpha", "groups"))
            row[codes.GROUPS] = groups_of(layer)
            row[codes.SHARED] = isinstance(layer, GroupedDense) and layer.shared
            row[codes.WAY] = codes.BLAS if n_in * n_out // groups_of(layer) ** 2 >= LARGE else codes.TILES
            if i == fusion.dense:
                row[codes.WAY], row[codes.EXTRA] = codes.BY_TABLE, len(settings)
                row[codes.SCALING] = -1
                if fusion.members >= 0:
                    row[codes.SCALING] = network.layout.places[f"{fusion.members}.scale"][0].start
                settings += _read(fusion.read)
            own_place = row[codes.ACTIVATION] >= codes.ELU or i == len(network.layers) - 1
        elif isinstance(layer, Dropout):
            row[codes.KIND], settings[k] = codes.DROPOUT, layer.rate
            row[codes.EXTRA], column = column, column + n_out
            drawn += n_out if layer.rate else 0
        elif isinstance(layer, Scale):
            row[codes.KIND] = codes.SCALE
        elif isinstance(layer, Members):
            row[codes.KIND] = codes.MEMBERS
        elif isinstance(layer, PiecewiseLinear):
            row[codes.KIND], row[codes.EXTRA] = codes.PLACES if fused else codes.PIECEWISE, len(settings)
            for edges in map(np.array, layer.edges):
                widths = np.diff(edges)
                settings += [len(widths), *edges[:-1].tolist(), *(1 / widths).tolist()]
        elif isinstance(layer, Periodic):
            row[codes.KIND], row[codes.EXTRA], settings[k] = codes.PERIODIC, len(settings), layer.frequencies
            columns = layer.embedded(n_in)
            settings += [len(columns), *columns]
        elif isinstance(layer, Embedding):
            row[codes.KIND], row[codes.EXTRA], settings[k] = codes.EMBEDDING, len(settings), layer.units
            levels = fusion.read.levels if fused else layer.levels
            settings += [levels.count(0), *levels]
        else:
            row[codes.KIND] = codes.LAYER_NORM
            settings[k] = layer.epsilon if isinstance(layer, LayerNorm) else 0.0
            row[codes.EXTRA], column = column, column + 1
            own_place = True
        if own_place:
            row[codes.A], column = column, column + n_out
    widest = max(network.n_inputs, *table[:, codes.N_OUT].tolist())
    y = column
    share = y + network.n_outputs
    values = share + 1
    d = values + network.n_outputs
    columns = Columns(y, share, values, d, d + widest, d + 2 * widest, d + 2 * widest + 2, _table_size(network, fusion))
    return table, np.array(settings), columns


def _read(read: Read) -> list[float]:
    intervals = [number for pair in read.intervals for number in pair]
    return [len(read.intervals), *intervals, len(read.others), *read.others]


def _table_size(network: Network, fusion: Fusion) -> int:
    """Return how many numbers a table takes; see ``kernels/tables.py``."""
    if fusion.dense < 0:
        return 0
    layer, read = network.layers[fusion.dense], fusion.read
    units = network.widths[fusion.dense + 1] // groups_of(layer)
    rows = sum(3 * count + 1 for _, count in read.intervals) + codes.FEW_ROWS
    width = sum(count for _, count in read.intervals) + len(read.others)
    return rows * codes.PAIR + width + len(read.others) * units
