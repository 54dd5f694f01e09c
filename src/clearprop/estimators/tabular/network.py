"""The network of a table: an ordinary chain of the core's layers, by a recipe."""

from __future__ import annotations

from typing import NamedTuple

from clearprop.arrays import Array
from clearprop.data.bins import bin_edges
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.estimators.tabular.recipe import Recipe
from clearprop.initializers import Initializer, LecunNormal, Normal, Zeros
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.embedding import Embedding
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.layer import Layer
from clearprop.layers.members import Members
from clearprop.layers.periodic import Periodic
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.layers.scale import Scale
from clearprop.network import Network

_BINS = 48  # intervals a number
_FEWEST_BINS = 4  # with fewer the numbers go in as they are
_SIZES = (128, 128, 128)  # units of the hidden layers
_SIZES_OF_MANY = (512, 512)  # where numbers are too many to be encoded: nothing else makes the first layer wide
_MOST_INTERVALS = 2048  # of all numbers together
_SCALE_RATE, _BIAS_RATE = 6.0, 0.1  # of the learning rate


class Plan(NamedTuple):
    """A network, and the factors on the rates of its parameters."""

    network: Network
    rate_factors: dict[str, float]


def plan_network(
    encoder: FeatureEncoder, x: Array, weight: Array | None, recipe: Recipe, n_outputs: int, end: Activation
) -> Plan:
    """Return the network for a table's matrix ``x`` (rows, columns), with ``n_outputs`` for each member.

    Raises
    ------
    InputError
        For a setting out of its bounds.
    """
    layers = _front(encoder, x, weight, recipe)
    factors: dict[str, float] = {}
    if recipe.ntk:
        factors[f"{len(layers)}.scale"] = _SCALE_RATE
        layers.append(Scale())
    k = recipe.n_members
    hidden = _hidden(encoder, recipe)
    apart = k > 1 and (recipe.shared or not hidden)  # each member has columns of its own
    if apart:
        layers.append(Members(k))
    width = Network(x.shape[1], layers).n_outputs if layers else x.shape[1]
    sizes = [*hidden, n_outputs]
    for i, units in enumerate(sizes):
        last, groups = i == len(sizes) - 1, k if apart or i > 0 else 1
        activation = end if last else Activation.resolve(recipe.activation)
        if recipe.ntk:
            factors |= {f"{len(layers)}.weight": (width // groups) ** -0.5, f"{len(layers)}.bias": _BIAS_RATE}
        layers.append(_dense(recipe, units, activation, groups, last))
        width = units * k
        if recipe.dropout and not last:
            layers.append(Dropout(recipe.dropout))
    return Plan(Network(x.shape[1], layers), factors)


def _front(encoder: FeatureEncoder, x: Array, weight: Array | None, recipe: Recipe) -> list[Layer]:
    """Return the layers that turn numbers and codes into what a Dense layer can use."""
    layers: list[Layer] = []
    numeric, codes = encoder.numeric, encoder.codes
    if recipe.numeric == "piecewise" and (bins := _bins(sum(numeric))):
        edges = [bin_edges(x[:, j], bins, weight) if number else () for j, number in enumerate(numeric)]
        if any(edges):
            layers.append(PiecewiseLinear(tuple(edges)))
            codes = tuple(c for j, c in enumerate(codes) for c in [c] + [0] * (len(edges[j]) - 2))
    elif recipe.numeric == "periodic" and any(numeric):
        layers.append(Periodic(columns=numeric))
        codes += (0,) * (layers[0].n_outputs(len(numeric)) - len(numeric))
    if any(codes):
        layers.append(Embedding(codes))
    return layers


def _hidden(encoder: FeatureEncoder, recipe: Recipe) -> tuple[int, ...]:
    if recipe.hidden_layer_sizes is not None:
        return recipe.hidden_layer_sizes
    numbers = sum(encoder.numeric)
    return _SIZES_OF_MANY if recipe.numeric == "piecewise" and numbers and not _bins(numbers) else _SIZES


def _bins(numbers: int) -> int:
    bins = min(_BINS, _MOST_INTERVALS // max(numbers, 1))
    return bins if bins >= _FEWEST_BINS else 0


def _dense(recipe: Recipe, units: int, activation: Activation, groups: int, last: bool) -> Layer:
    """Return a layer of all members; they share its weights where the recipe says so, but never the last one's."""
    weight: str | Initializer | None = LecunNormal() if recipe.ntk else "he_uniform"
    bias: str | Initializer = Normal(0.0, 1.0) if recipe.ntk and not last else Zeros()
    if last:
        weight = Zeros() if recipe.ntk else None
    if groups == 1:  # all members read the same columns
        return Dense(units * recipe.n_members, activation, weight=weight, bias=bias)
    shared = recipe.shared and not last
    return GroupedDense(units, activation, groups=groups, shared=shared, weight=weight, bias=bias)
