"""All numbers of one update, for one sample and for its batch: computed by the layers themselves, in float64."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.layer import Cache
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.scale import Scale
from clearprop.live.asks.moment import Moment
from clearprop.live.asks.next_update import Update, next_update
from clearprop.parameters import Parameters
from clearprop.streams import stream

MOST_NUMBERS = 50_000_000
"""Larger batches aren't worked through: their activations alone would take some hundred MiB."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """What was computed, for the sample as vectors by layer, for the batch as matrices by layer.

    Attributes
    ----------
    moment : Moment
    update : Update
        In float64.
    sample : int
        Its place in the table.
    place : int or None
        Its place in the batch of the update, if it is in there.
    target : array, shape (outputs,)
    forward : list of Cache
        The sample's, each of one row.
    by_output, by_z : list of array
        The derivative of the sample's loss by each layer's output, and by its z (of layers without z: nothing).
    batch_forward, batch_by_z : the same of the batch's rows, each row's of its own loss.
    losses : array, shape (rows,)
        Each batch row's own loss.
    shares : array, shape (rows,)
        What part of the mean each row is.
    """

    moment: Moment
    update: Update
    sample: int
    place: int | None
    target: Array
    forward: list[Cache]
    by_output: list[Array]
    by_z: list[Array]
    batch_forward: list[Cache]
    batch_by_z: list[Array]
    losses: Array
    shares: Array

    @property
    def engine(self) -> ReferenceEngine:
        """The network and its loss."""
        return self.update.engine

    def weights(self, layer: int) -> dict[str, Array]:
        """Return a layer's parameters before the update."""
        return self.update.before.layers[layer]

    def objective(self, parameters: Parameters) -> float:
        """Return the batch's loss without penalty, with the same values dropped as in the update."""
        x, targets, weight = self.update.batch
        output, caches = self.engine.network.forward(parameters, x, dropping(self.moment, self.engine))
        z = caches[-1].z if self.engine.from_z else None
        return float(self.engine.loss.value_and_gradient(output, targets, weight, z=z)[0])


def numbers_of(moment: Moment, sample: int) -> Numbers:
    """Compute the update that follows a frame, and one sample's part in it.

    Raises
    ------
    InputError
        For a network with other layers than Dense, Dropout, LayerNorm and Scale, or a batch that is too large.
    """
    network = moment.training.engine.network
    other = next((each for each in network.layers if not isinstance(each, Dense | Dropout | LayerNorm | Scale)), None)
    if other is not None:
        raise InputError(
            f"a network with a {type(other).__name__} layer isn't worked through; one of Dense, Dropout, LayerNorm and "
            "Scale layers is"
        )
    count = moment.training.batches.batch_size * sum(network.widths)
    if count > MOST_NUMBERS:
        raise InputError(
            f"a batch of {moment.training.batches.batch_size:,} rows is too large to be worked through; train with "
            f"batch_size {MOST_NUMBERS // sum(network.widths):,} or less"
        )
    update = next_update(moment.training, moment.progress, np.float64)
    engine, batch = update.engine, update.batch
    x, target = (each.astype(np.float64) for each in moment.rows(slice(sample, sample + 1)))
    same = np.flatnonzero((batch.x == x).all(axis=1) & (batch.targets == target).all(axis=1))
    place = int(same[0]) if len(same) else None
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        caches = network.forward(update.before, batch.x, dropping(moment, engine))[1]
        values, _, by_z = _own_derivatives(engine, update.before, caches, batch.targets)
        forward = network.forward(update.before, x)[1] if place is None else [_row(cache, place) for cache in caches]
        _, own_by_output, own_by_z = _own_derivatives(engine, update.before, forward, target)
    weight = np.ones(len(batch.x)) if batch.weight is None else batch.weight
    return Numbers(
        moment=moment,
        update=update,
        sample=sample,
        place=place,
        target=target[0],
        forward=forward,
        by_output=[each[0] for each in own_by_output],
        by_z=[each[0] for each in own_by_z],
        batch_forward=caches,
        batch_by_z=by_z,
        losses=values,
        shares=weight / weight.sum(),
    )


def dropping(moment: Moment, engine: ReferenceEngine) -> Any:
    """Return the stream that Dropout draws from at this update, from its start; None where nothing draws."""
    draws = any(layer.draws for layer in engine.network.layers)
    return stream(moment.progress.seed, "dropout", moment.progress.step) if draws else None


def _row(cache: Cache, i: int) -> Cache:
    extra: Any = cache.extra
    extra = extra if np.ndim(extra) == 0 else extra[i : i + 1]
    return Cache(cache.x[i : i + 1], cache.z[i : i + 1], cache.a[i : i + 1], extra)


def _own_derivatives(
    engine: ReferenceEngine, parameters: Parameters, caches: Sequence[Cache], target: Array
) -> tuple[Array, list[Array], list[Array]]:
    """Return each row's own loss, and its derivative by each layer's output and z, (rows, units)."""
    network, loss, from_z = engine.network, engine.loss, engine.from_z
    prediction, z = caches[-1].a, caches[-1].z
    parts = 1 if loss.sums_outputs else prediction.shape[1]
    values = (loss.value_from_z(z, target) if from_z else loss.value(prediction, target)).sum(axis=1) / parts
    gradient = (loss.derivative_from_z(prediction, target) if from_z else loss.derivative(prediction, target)) / parts
    unread = parameters.copy()  # layers write their parameters' gradients somewhere
    by_output, by_z = list[Array](), list[Array]()
    last = len(network.layers) - 1
    for i in range(last, -1, -1):
        layer, views, into, cache = network.layers[i], parameters.layers[i], unread.layers[i], caches[i]
        by_output.insert(0, gradient)
        if isinstance(layer, Dense):
            if not (from_z and i == last):
                gradient = layer.activation.backward(cache.z, cache.a, gradient)
            by_z.insert(0, gradient)
            gradient = layer.backward_from_z(views, cache, gradient, into, True)
        else:
            by_z.insert(0, gradient)
            gradient = layer.backward(views, cache, gradient, into, True)
    return values, by_output, by_z
