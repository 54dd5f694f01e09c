"""A network, its loss and its optimiser as the numbers that the kernels read. Imports nothing but NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array
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
from clearprop.losses import classification, regression
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers import rules
from clearprop.optimizers.optimizer import Optimizer

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
LOSSES: dict[type[Loss], int] = {
    regression.Squared: codes.SQUARED,
    regression.Absolute: codes.ABSOLUTE,
    regression.Huber: codes.HUBER,
    regression.Quantile: codes.QUANTILE,
    regression.Poisson: codes.POISSON,
    classification.BinaryCrossEntropy: codes.BINARY,
    classification.CategoricalCrossEntropy: codes.CATEGORICAL,
}
_JOINT = {
    codes.POISSON: codes.JOINT_POISSON,
    codes.BINARY: codes.JOINT_BINARY,
    codes.CATEGORICAL: codes.JOINT_CATEGORICAL,
}
RULES: dict[type[Optimizer], tuple[int, tuple[str, ...]]] = {
    rules.SGD: (codes.SGD, ()),
    rules.Momentum: (codes.MOMENTUM, ("momentum",)),
    rules.Nesterov: (codes.NESTEROV, ("momentum",)),
    rules.RMSProp: (codes.RMSPROP, ("decay", "epsilon")),
    rules.Adam: (codes.ADAM, ("beta1", "beta2", "epsilon")),
    rules.AdamW: (codes.ADAM, ("beta1", "beta2", "epsilon")),
    rules.Rprop: (codes.RPROP, ("grow", "shrink", "smallest", "largest", "rate")),
}

LARGE = 64 * 64  # weights from which on a layer's products are BLAS's: measured, see docs/where-the-time-goes.md
WIDE = 1024 * 1024  # from which on BLAS's own threads beat threads that share rows: each would arrange all the weights
_CACHE = 192 * 1024  # bytes that a block's values may take: they then stay in the second cache
_MOST_ROWS = 1024


def unknown_layers(network: Network) -> list[int]:
    """Return the indices of the layers that no kernel knows: people's own, and own activations in a Dense layer."""
    return [i for i, layer in enumerate(network.layers) if not _is_known(layer)]


def _is_known(layer: Layer) -> bool:
    if isinstance(layer, Dense):
        return type(layer) in (Dense, GroupedDense) and type(layer.activation) in ACTIVATIONS
    return type(layer) in (Dropout, LayerNorm, Scale, Members, PiecewiseLinear, Periodic, Embedding)


def multiplications(network: Network) -> list[int]:
    """Return each layer's products of a row: inputs times units; 0 where there is no matrix."""
    pairs = zip(network.layers, network.widths, network.widths[1:], strict=False)
    return [n * m // _groups(layer) if isinstance(layer, Dense) else 0 for layer, n, m in pairs]


def largest_product(network: Network) -> int:
    """Return the most weights that are multiplied at once."""
    pairs = zip(network.layers, multiplications(network), strict=True)
    return max(products // _groups(layer) for layer, products in pairs)


def _groups(layer: Layer) -> int:
    return layer.groups if isinstance(layer, GroupedDense) else 1


@dataclass(frozen=True)
class Columns:
    """Where the values of a block lie in a workspace, in columns; ``width`` of them in all."""

    y: int
    share: int
    values: int
    d: int
    spare: int
    scratch: int
    width: int


def layer_table(network: Network) -> tuple[Array, Array, Columns]:
    """Return the layers' numbers (layers, LAYER_NUMBERS), their settings, and a workspace's columns.

    A layer's setting stands at its index; behind them, for each column that a PiecewiseLinear layer reads, stand the
    number of its intervals, their lower edges, and the inverses of their widths; for a Periodic layer how many columns
    it embeds, and which; for an Embedding layer how many columns it passes on, and each column's levels.
    """
    table = np.zeros((len(network.layers), codes.LAYER_NUMBERS), np.int64)
    settings: list[float] = [0.0] * len(network.layers)
    column = network.n_inputs  # x comes first
    drawn = 0
    for i, layer in enumerate(network.layers):
        n_in, n_out = network.widths[i], network.widths[i + 1]
        row = table[i]
        row[codes.N_IN], row[codes.N_OUT], row[codes.DRAWN] = n_in, n_out, drawn
        row[codes.Z], column = column, column + n_out
        row[codes.A] = row[codes.Z]
        places = [network.layout.places[f"{i}.{name}"][0].start for name, _ in network.layout.layers[i]]
        if isinstance(layer, Dense):
            row[codes.KIND] = codes.DENSE
            row[codes.ACTIVATION] = ACTIVATIONS[type(layer.activation)]
            for name in ("slope", "alpha", "groups"):
                settings[i] += getattr(layer.activation, name, 0.0)
            row[codes.WEIGHT], row[codes.BIAS] = places
            row[codes.GROUPS] = groups = _groups(layer)
            row[codes.SHARED] = isinstance(layer, GroupedDense) and layer.shared
            row[codes.WAY] = codes.BLAS if n_in * n_out // groups**2 >= LARGE else codes.TILES
            own_place = row[codes.ACTIVATION] >= codes.ELU or i == len(network.layers) - 1
        elif isinstance(layer, Dropout):
            row[codes.KIND] = codes.DROPOUT
            settings[i] = layer.rate
            row[codes.EXTRA], column = column, column + n_out
            drawn += n_out if layer.rate else 0
            own_place = False
        elif isinstance(layer, Scale):
            row[codes.KIND], row[codes.WEIGHT] = codes.SCALE, places[0]
            own_place = False
        elif isinstance(layer, Members):
            row[codes.KIND], row[codes.WEIGHT] = codes.MEMBERS, places[0]
            own_place = False
        elif isinstance(layer, PiecewiseLinear):
            row[codes.KIND], row[codes.EXTRA] = codes.PIECEWISE, len(settings)
            for edges in map(np.array, layer.edges):
                widths = np.diff(edges)
                settings += [len(widths), *edges[:-1].tolist(), *(1 / widths).tolist()]
            own_place = False
        elif isinstance(layer, Periodic):
            row[codes.KIND], row[codes.EXTRA], row[codes.WEIGHT] = codes.PERIODIC, len(settings), places[0]
            columns = layer.embedded(n_in)
            settings[i] = layer.frequencies
            settings += [len(columns), *columns]
            own_place = False
        elif isinstance(layer, Embedding):
            row[codes.KIND], row[codes.EXTRA], row[codes.WEIGHT] = codes.EMBEDDING, len(settings), places[0]
            settings[i] = layer.units
            settings += [layer.levels.count(0), *layer.levels]
            own_place = False
        else:
            row[codes.KIND] = codes.LAYER_NORM
            settings[i] = layer.epsilon if isinstance(layer, LayerNorm) else 0.0
            row[codes.WEIGHT], row[codes.BIAS] = places
            row[codes.EXTRA], column = column, column + 1
            own_place = True
        if own_place:
            row[codes.A], column = column, column + n_out
    widest = max(network.widths)
    y = column
    share = y + network.n_outputs
    values = share + 1
    d = values + network.n_outputs
    return table, np.array(settings), Columns(y, share, values, d, d + widest, d + 2 * widest, d + 2 * widest + 2)


def block_rows(columns: int, itemsize: int, widest_large: int) -> int:
    """Return how many rows go through the network together: as many as the cache holds.

    Where BLAS multiplies, ``widest_large`` being the widest such layer, at least 256, and half as many as its units:
    it copies the weights for each block.
    """
    least = max(widest_large // 2, 256) if widest_large else 32
    return max(min(_CACHE // (columns * itemsize), _MOST_ROWS), least) // 16 * 16


def numbers(network: Network, loss: Loss, columns: Columns, table: Array, itemsize: int) -> tuple[Array, Array]:
    """Return a plan's whole and real numbers, for one worker, no rows and no update rule as yet."""
    plan, reals = np.zeros(codes.PLAN_NUMBERS, np.int64), np.zeros(codes.PLAN_REALS)
    from_z = loss.joins(network.output_activation)
    code = LOSSES.get(type(loss), codes.SQUARED)
    plan[codes.LOSS] = _JOINT[code] if from_z else code
    plan[codes.FROM_Z] = from_z
    plan[codes.PARTS] = getattr(loss, "groups", 1) if loss.sums_outputs else network.n_outputs
    plan[codes.LOWEST] = network.lowest
    for name in ("label_smoothing", "delta", "quantile"):
        reals[codes.LOSS_SETTING] += getattr(loss, name, 0.0)
    large = table[:, codes.WAY] == codes.BLAS
    groups = np.maximum(table[large, codes.GROUPS], 1)[:, None]
    widest_large = int((table[large, codes.N_IN : codes.N_OUT + 1] // groups).max(initial=0))
    plan[codes.BLOCK] = block_rows(columns.width, itemsize, widest_large)
    plan[codes.ROWWISE] = large[0] and table[0, codes.GROUPS] == 1
    plan[codes.WORKERS] = plan[codes.SHARES] = 1
    plan[codes.RULE] = codes.NO_RULE
    plan[codes.INPUTS], plan[codes.OUTPUTS] = network.n_inputs, network.n_outputs
    plan[codes.Y], plan[codes.SHARE], plan[codes.VALUES] = columns.y, columns.share, columns.values
    plan[codes.D], plan[codes.SPARE], plan[codes.SCRATCH] = columns.d, columns.spare, columns.scratch
    plan[codes.DRAWS] = any(layer.draws for layer in network.layers)
    return plan, reals


def parameter_arrays(network: Network) -> Array:
    """Return each parameter array's start, size and whether penalties and decay act on it (arrays, 3)."""
    rows: list[Any] = [
        (place.start, place.stop - place.start, name.endswith(".weight"))
        for name, (place, _) in network.layout.places.items()
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def set_rule(plan: Array, reals: Array, rule: Optimizer) -> None:
    """Write an update rule's code and settings."""
    code, names = RULES[type(rule)]
    plan[codes.RULE] = code
    reals[codes.DECAY] = getattr(rule, "weight_decay", 0.0)
    for i, name in enumerate(names):
        reals[codes.HYPER + i] = getattr(rule, name)
