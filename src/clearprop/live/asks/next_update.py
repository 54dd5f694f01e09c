"""The update that follows a checkpoint, done on copies: bit for bit what the run itself does there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.data.batches import Batch, Batches
from clearprop.engines.reference import ReferenceEngine
from clearprop.optimizers.optimizer import Converged, State
from clearprop.parameters import Parameters
from clearprop.streams import stream
from clearprop.training.loop import Training
from clearprop.training.penalty import add_penalty
from clearprop.training.progress import Progress


class Update(NamedTuple):
    """One update, from before it to after it.

    Attributes
    ----------
    engine : ReferenceEngine
        An own one: the run's may be at work in another thread.
    batch : Batch
    rate : float
    loss, penalty : float
        Of the batch, before the update; the penalty apart.
    gradients : Parameters
        The derivative of loss + penalty by each parameter, before clipping.
    clipped : Parameters
        The same after clipping: what the optimiser got.
    before, after : Parameters
    memory : State
        The optimiser's, before the update.
    converged : str
        Why there is no update, for an optimiser that has come to its end.
    """

    engine: ReferenceEngine
    batch: Batch
    rate: float
    loss: float
    penalty: float
    gradients: Parameters
    clipped: Parameters
    before: Parameters
    after: Parameters
    memory: State
    converged: str


def next_update(training: Training, progress: Progress, dtype: Any = None) -> Update:
    """Do the update that follows ``progress``; nothing that is handed in changes.

    Parameters
    ----------
    training : Training
        Its settings and rows are used; its arrays, its engine and its batches' order are left alone.
    progress : Progress
        A checkpoint.
    dtype : dtype, optional
        Compute in this one, from the values as they are; by default in the checkpoint's.

    Examples
    --------
    >>> import clearprop as cp
    >>> class Keep(cp.Callback):
    ...     def on_start(self, training): self.training = training
    >>> keep, network = Keep(), cp.Network(1, [cp.Dense(1, weight=[[3.0]])])
    >>> result = cp.train(network, [[2.0]], [5.0], loss="squared", optimizer=cp.SGD(0.1), steps=1, callbacks=[keep])
    >>> start = Progress(network.first_parameters(stream(0, "init")), {}, seed=0)
    >>> next_update(keep.training, start).after.vector == result.parameters.vector
    array([ True,  True])
    """
    kind = np.dtype(dtype or progress.parameters.vector.dtype)
    engine = ReferenceEngine(training.engine.network, training.engine.loss)
    batch = as_dtype(batch_at(training, progress.step), kind)
    before = progress.parameters.like(progress.parameters.vector.astype(kind))
    after, gradients = before.copy(), before.copy()
    state = {name: _as_float(array, kind) for name, array in progress.state.items()}
    memory = {name: array.copy() for name, array in state.items()}
    factor = training.schedule.factor(progress.step, training.total_steps)
    rate = float(training.optimizer.rate * factor * progress.rate_factor)
    parts = [0.0, 0.0]
    draws = any(layer.draws for layer in engine.network.layers)

    def evaluate() -> float:
        rng = stream(progress.seed, "dropout", progress.step) if draws else None
        parts[0] = engine.gradient(after, *batch, into=gradients, rng=rng)
        parts[1] = add_penalty(after, gradients, training.l1, training.l2)
        return parts[0] + parts[1]

    converged = ""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        objective = evaluate()
        loss, penalty = parts
        whole = gradients.copy()
        if training.clip is not None:
            training.clip(gradients)
        clipped = gradients.copy()
        try:
            engine.update(
                training.optimizer, after, gradients, state, step=progress.step + progress.age, rate=rate,
                loss=objective, evaluate=evaluate, rate_factors=training.rate_factors,
            )  # fmt: skip
        except Converged as reason:
            converged = str(reason)
    return Update(engine, batch, rate, loss, penalty, whole, clipped, before, after, memory, converged)


def batch_at(training: Training, step: int) -> Batch:
    """Return the rows of an update, by an order of its own: the run's batches remember theirs, in another thread."""
    batches = training.batches
    return Batches(batches.rows, batches.batch_size, batches.shuffle, batches.seed).at(step)


def as_dtype(batch: Batch, dtype: Any) -> Batch:
    """Return the same rows in another dtype; the very same arrays where it is theirs already."""
    x, targets, weight = batch
    return Batch(
        x.astype(dtype, copy=False),
        targets.astype(dtype, copy=False),
        None if weight is None else weight.astype(dtype, copy=False),
    )


def _as_float(array: Any, dtype: Any) -> Array:
    return array.astype(dtype if array.dtype.kind == "f" else array.dtype)
