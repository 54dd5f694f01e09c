"""A network, its loss and its optimiser as the numbers that the kernels read. Imports nothing but NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines.kernels import codes
from clearprop.engines.layer_table import ACTIVATIONS, Columns, groups_of
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
    return [n * m // groups_of(layer) if isinstance(layer, Dense) else 0 for layer, n, m in pairs]


def largest_product(network: Network) -> int:
    """Return the most weights that are multiplied at once."""
    pairs = zip(network.layers, multiplications(network), strict=True)
    return max(products // groups_of(layer) for layer, products in pairs)


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
