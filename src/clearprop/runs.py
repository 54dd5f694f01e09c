"""The front door: ``train`` a network, get a ``Result``; save it, load it, continue it."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from clearprop import storage
from clearprop.arrays import Array, as_matrix, check_memory
from clearprop.data.batches import Batch, Batches
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import ClearpropWarning, DivergenceError, FileError, InputError, unknown_name
from clearprop.losses.loss import Loss, check_weight
from clearprop.network import Network
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.schedules import Schedule
from clearprop.streams import seed_of, stream
from clearprop.training.callbacks import Callback, DeadUnits, ReduceOnPlateau
from clearprop.training.clipping import Clip
from clearprop.training.history import Event, History
from clearprop.training.loop import INTERRUPTED, Training, add_penalty
from clearprop.training.metrics import Metric, resolve_metric
from clearprop.training.progress import Best, Progress

_ENGINES: dict[str, Callable[[Network, Loss], ReferenceEngine]] = {"reference": ReferenceEngine}


@dataclass
class Result:
    """A trained network, and all that its run came to.

    Attributes
    ----------
    network, loss, optimizer : Network, Loss, Optimizer
    progress : Progress
        Parameters, the optimiser's memory, step, seed and history as the run left them: ``train(..., resume=result)``
        goes on from here, bit for bit.
    engine : str
        Which engine computed it.
    """

    network: Network
    loss: Loss
    optimizer: Optimizer
    progress: Progress
    engine: str = "reference"

    @property
    def parameters(self) -> Parameters:
        """The parameters to predict with: the best ones where early stopping kept them, else the last."""
        last, best = self.progress.parameters, self.progress.best
        return last if best is None else last.like(best.vector)

    @property
    def history(self) -> History:
        """The record of the run: ``history["loss"]`` has one value a step, taken before its update."""
        return self.progress.history

    @property
    def stopped(self) -> str:
        """Why the run ended."""
        return self.progress.stopped

    def predict(self, x: Any) -> Array:
        """Return the network's outputs (rows, n_outputs) for x (rows, n_inputs), in the parameters' dtype.

        Raises
        ------
        InputError, InputTypeError
            For another number of columns, NaN, text and the like.
        """
        parameters = self.parameters
        matrix = as_matrix(x, "x", dtype=parameters.vector.dtype, features=self.network.n_inputs)
        return self.network.predict(parameters, matrix)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file that ``load`` reads: the parameters by name, and all that a continued run needs."""
        progress, best = self.progress, self.progress.best
        description = {
            "network": self.network.describe(),
            "loss": self.loss.describe(),
            "optimizer": self.optimizer.describe(),
            "engine": self.engine,
            "seed": progress.seed,
            "step": progress.step,
            "rate_factor": progress.rate_factor,
            "memory": progress.memory,
            "best": None if best is None else [best.step, best.value],
            "stopped": progress.stopped,
            "state": sorted(progress.state),
            "series": list(progress.history),
            "events": [list(event) for event in progress.history.events],
        }
        tensors = dict(self.parameters)
        if best is not None:
            tensors["last"] = progress.parameters.vector
        tensors |= {f"state/{name}": array for name, array in progress.state.items()}
        for name, values in progress.history.items():
            tensors |= {f"history/{name}": values, f"history/{name}/steps": progress.history.steps(name)}
        storage.write(path, "run", description, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't a run's.
        """
        found, tensors = storage.read(path, "run")
        try:
            network = Network.from_description(found["network"])
            layout = network.layout
            wrong = [name for name, (_, shape) in layout.places.items() if tensors[name].shape != shape]
            if wrong:
                raise FileError(f"{path}: {wrong[0]} doesn't have the shape that the network gives it")
            best = layout.gather(tensors)
            history = History()
            for name in found["series"]:
                history.extend(name, tensors[f"history/{name}/steps"], tensors[f"history/{name}"])
            history.events.extend(Event(int(step), str(text)) for step, text in found["events"])
            progress = Progress(
                parameters=Parameters(layout, tensors["last"] if found["best"] else best),
                state={name: tensors[f"state/{name}"] for name in found["state"]},
                seed=int(found["seed"]),
                step=int(found["step"]),
                rate_factor=float(found["rate_factor"]),
                memory={str(name): float(value) for name, value in found["memory"].items()},
                best=Best(int(found["best"][0]), float(found["best"][1]), best) if found["best"] else None,
                stopped=str(found["stopped"]),
                history=history,
            )
            loss, optimizer = Loss.from_description(found["loss"]), Optimizer.from_description(found["optimizer"])
            return cls(network, loss, optimizer, progress, str(found["engine"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise FileError(f"{path}: its description is damaged ({error!r})") from error
        except InputError as error:
            raise FileError(f"{path}: {error}") from error


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result that ``Result.save`` wrote; see ``Result.load``."""
    return Result.load(path)


def train(
    network: Network,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    optimizer: str | Optimizer = "adam",
    steps: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    shuffle: bool = True,
    parameters: Parameters | None = None,
    sample_weight: Any = None,
    validation_data: float | Sequence[Any] | None = None,
    metrics: Iterable[str | Metric] = (),
    schedule: str | Schedule | ReduceOnPlateau = "constant",
    l1: float = 0.0,
    l2: float = 0.0,
    clip: str | Clip | None = None,
    callbacks: Iterable[Callback] = (),
    dtype: Any = None,
    engine: Literal["reference"] = "reference",
    deterministic: bool = False,
    rng: int | np.random.Generator | None = None,
    resume: Result | None = None,
) -> Result:
    """Train a network: p ← p − rate · ∂L/∂p (or what the optimiser makes of it), step after step.

    Parameters
    ----------
    network : Network
    x : array-like, shape (rows, n_inputs)
        float32 stays float32; everything else is computed in float64, unless ``dtype`` says otherwise.
    y : array-like, shape (rows, n_outputs) or (rows,)
        For categorical cross-entropy also labels 0 … n_outputs − 1.
    loss, optimizer, schedule, clip : str or object
        By name with its default settings, or an object such as ``SGD(0.25)``.
    steps, epochs : int
        The length of the whole run, in updates or in passes over the rows: one of the two.
    batch_size : int, optional
        Rows an update; by default all.
    shuffle : bool
        Whether each epoch has an order of its own.
    parameters : Parameters, optional
        First values, copied; by default the layers' initialisers draw them.
    sample_weight : array-like, shape (rows,), optional
        Weights of the rows, 0 or more; a weight of 0 is the same as the row left out.
    validation_data : (x, y), (x, y, sample_weight) or float, optional
        Rows to validate on after each epoch; a number is the share of the rows that is split off at random.
    metrics : iterable of str or function (prediction, target) → float
        Recorded as ``history["validation_<name>"]``.
    l1, l2 : float
        Penalties l1 Σ|w| + l2/2 Σw² on the weights (not the biases), recorded as ``history["penalty"]``.
    callbacks : iterable of Callback
    dtype : "float32" or "float64", optional
    engine : "reference"
    deterministic : bool
        Keep BLAS to one thread: the same bits whatever the number of processors.
    rng : int or Generator, optional
        The seed of every random stream; the same one repeats a run bit for bit.
    resume : Result, optional
        A run to go on with; ``steps`` or ``epochs`` then count from its start. It isn't changed.

    Returns
    -------
    Result

    Raises
    ------
    InputError, InputTypeError, TooLargeError
        Before the first update, for anything that can't be used.
    DivergenceError
        At the first value that isn't finite; its ``result`` has the last finite parameters.

    Examples
    --------
    >>> import clearprop as cp
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> result = cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), steps=500, rng=0)
    >>> result.predict(x).round().ravel()
    array([0., 1., 1., 0.])
    """
    objective = Loss.resolve(loss)
    rule = Optimizer.resolve(optimizer)
    seed = resume.progress.seed if resume else seed_of(rng)
    rows, validation = _rows(network, x, y, objective, sample_weight, validation_data, dtype, seed)
    batches = Batches(rows, _count(batch_size, "batch_size"), shuffle, seed)
    total_steps = _total_steps(steps, epochs, batches.per_epoch)
    width = sum(network.widths) * batches.batch_size
    check_memory(3.0 * rows.x.itemsize * width, f"the activations of {batches.batch_size:,} rows")
    if engine not in _ENGINES:
        raise unknown_name("engine", str(engine), _ENGINES)
    if resume is not None:
        if parameters is not None or rng is not None:
            raise InputError("a resumed run has its parameters and its rng already; leave out parameters= and rng=")
        progress = _resumed(resume, network, rule, rows.x.dtype, total_steps)
    else:
        progress = _started(network, rule, parameters, rows.x.dtype, seed)
    plateau = [schedule] if isinstance(schedule, ReduceOnPlateau) else []
    training = Training(
        engine=_ENGINES[engine](network, objective),
        batches=batches,
        optimizer=rule,
        schedule=Schedule.resolve("constant" if isinstance(schedule, ReduceOnPlateau) else schedule),
        total_steps=total_steps,
        progress=progress,
        validation=validation,
        metrics=dict(resolve_metric(metric) for metric in metrics),
        l1=_penalty(l1, "l1"),
        l2=_penalty(l2, "l2"),
        clip=None if clip is None else Clip.resolve(clip),
        callbacks=[*plateau, *callbacks, DeadUnits()],
    )
    _check_full_batch(training)
    result = Result(network, objective, rule, progress, engine)
    try:
        with _one_blas_thread() if deterministic else nullcontext():
            training.run()
    except DivergenceError as error:
        progress.stopped = f"diverged: {error.tensor} at step {error.step}"
        error.result = result
        raise
    if progress.stopped == INTERRUPTED:
        warnings.warn(f"stopped after {progress.step:,} of {total_steps:,} steps: {INTERRUPTED}", ClearpropWarning, stacklevel=2)
    return result


def value_and_gradient(
    network: Network,
    parameters: Parameters,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    sample_weight: Any = None,
    l1: float = 0.0,
    l2: float = 0.0,
) -> tuple[float, Parameters]:
    """Return the mean loss of all rows (with its penalty) and its derivative by every parameter.

    Parameters
    ----------
    network, parameters
        The gradient is computed in the parameters' dtype.
    x, y, loss, sample_weight, l1, l2
        As for ``train``. Nothing is drawn: Dropout lets everything through.

    Returns
    -------
    value : float
    gradients : Parameters
        ``gradients["0.weight"]`` is a view of ``gradients.vector``.

    Examples
    --------
    >>> import clearprop as cp
    >>> network = cp.Network(1, [cp.Dense(1, weight=[[3.0]])])
    >>> parameters = network.first_parameters(np.random.default_rng(0))
    >>> value, gradients = cp.value_and_gradient(network, parameters, [[2.0]], [5.0], loss="squared")
    >>> value, gradients["0.weight"], gradients["0.bias"]  # (6 − 5)², 2 (6 − 5) 2, 2 (6 − 5)
    (1.0, array([[4.]]), array([2.]))
    """
    objective = Loss.resolve(loss)
    rows, _ = _rows(network, x, y, objective, sample_weight, None, parameters.vector.dtype, 0)
    gradients = parameters.copy()
    value = ReferenceEngine(network, objective).gradient(parameters, *rows, into=gradients)
    return value + add_penalty(parameters, gradients, _penalty(l1, "l1"), _penalty(l2, "l2")), gradients


def _rows(
    network: Network, x: Any, y: Any, loss: Loss, weight: Any, validation_data: Any, dtype: Any, seed: int
) -> tuple[Batch, Batch | None]:
    """Check all rows, leave out those of weight 0, and take those to validate on."""
    if dtype is not None and np.dtype(dtype) not in (np.float32, np.float64):
        raise InputError(f"dtype must be 'float32' or 'float64'; got {dtype!r}")
    loss.check_outputs(network.output_activation)
    rows = _batch(network, x, y, loss, weight, dtype, "")
    if validation_data is None:
        return _distinct(rows), None
    if isinstance(validation_data, int | float):
        count = round(validation_data * len(rows.x))
        if not 0 < validation_data < 1 or not 0 < count < len(rows.x):
            raise InputError(
                f"validation_data as a share must leave rows on both sides of 0 and 1; {validation_data!r} of "
                f"{len(rows.x)} rows is {count}"
            )
        order = stream(seed, "split").permutation(len(rows.x))
        held, kept = np.sort(order[:count]), np.sort(order[count:])
        return _distinct(_take(rows, kept)), _take(rows, held)
    if len(validation_data) not in (2, 3):
        raise InputError("validation_data must be (x, y), (x, y, sample_weight) or a share such as 0.2")
    given = (*validation_data, None)[:3]
    return _distinct(rows), _batch(network, given[0], given[1], loss, given[2], rows.x.dtype, "validation ")


def _batch(network: Network, x: Any, y: Any, loss: Loss, weight: Any, dtype: Any, prefix: str) -> Batch:
    try:
        matrix = as_matrix(x, "x", dtype=dtype, features=network.n_inputs)
        if not len(matrix):
            raise InputError("x has no rows; at least one is needed")
        targets = loss.targets(y, network.n_outputs, matrix.dtype)
    except InputError as error:
        raise InputError(f"{prefix}{error}") from None
    if len(targets) != len(matrix):
        raise InputError(f"{prefix}x has {len(matrix)} rows and y has {len(targets)}; they must be equal")
    if weight is None:
        return Batch(matrix, targets)
    weights = check_weight(weight, len(matrix), matrix.dtype)
    rows = Batch(matrix, targets, weights)
    return rows if weights.all() else _take(rows, np.flatnonzero(weights))


def _take(rows: Batch, places: Array) -> Batch:
    return Batch(rows.x[places], rows.targets[places], None if rows.weight is None else rows.weight[places])


def _distinct(rows: Batch) -> Batch:
    if len(rows.x) > 1 and (rows.targets == rows.targets[0]).all():
        text = f"every row of y is the same ({rows.targets[0]}), so there is nothing to tell apart; check the target"
        warnings.warn(text, ClearpropWarning, stacklevel=4)
    return rows


def _started(network: Network, rule: Optimizer, parameters: Parameters | None, dtype: Any, seed: int) -> Progress:
    first = network.first_parameters(stream(seed, "init"), dtype)
    if parameters is not None:
        if parameters.layout != network.layout:
            raise InputError(f"the parameters given are another network's: {parameters!r}; this network:\n{network}")
        first.vector[...] = parameters.vector
    return Progress(first, rule.first_state(first.vector), seed)


def _resumed(result: Result, network: Network, rule: Optimizer, dtype: Any, total_steps: int) -> Progress:
    progress = copy.deepcopy(result.progress)
    vector = progress.parameters.vector
    if progress.parameters.layout != network.layout or vector.dtype != dtype:
        raise InputError("the run to resume has another network or dtype; give the ones that it began with")
    wanted = {name: array.shape for name, array in rule.first_state(vector).items()}
    if {name: array.shape for name, array in progress.state.items()} != wanted:
        raise InputError(f"the run to resume was made by {result.optimizer}, whose memory {rule} can't use; give the same one")
    if total_steps <= progress.step:
        raise InputError(f"the run has done {progress.step} steps already; steps and epochs count from its start, so ask for more")
    return progress


def _total_steps(steps: int | None, epochs: int | None, per_epoch: int) -> int:
    if (steps is None) == (epochs is None):
        raise InputError("say how long to train: either steps= (updates) or epochs= (passes over the rows)")
    count = _count(steps if epochs is None else epochs, "steps" if epochs is None else "epochs")
    assert count is not None  # noqa: S101 - one of the two was given
    return count if epochs is None else count * per_epoch


def _count(value: int | None, what: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or value != int(value) or value < 1:
        raise InputError(f"{what} must be a whole number, at least 1; got {value!r}")
    return int(value)


def _penalty(value: float, what: str) -> float:
    if not 0 <= value < np.inf:
        raise InputError(f"{what} must be 0 or more; got {value!r}")
    return float(value)


def _check_full_batch(training: Training) -> None:
    if not isinstance(training.optimizer, LBFGS):
        return
    drawing = [type(layer).__name__ for layer in training.engine.network.layers if layer.draws]
    reason = (
        "mini-batches: leave out batch_size" if training.batches.per_epoch > 1
        else f"layers that draw: leave out {drawing[0]}" if drawing
        else "clipped gradients: leave out clip" if training.clip
        else ""
    )  # fmt: skip
    if reason:
        raise InputError(f"lbfgs needs the same loss at each evaluation, so it can't be used with {reason}")


def _one_blas_thread() -> Any:
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")
