"""The front door: ``train`` a network, or look at its loss and gradient."""

from __future__ import annotations

import copy
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from clearprop.arrays import check_memory
from clearprop.data.batches import Batches
from clearprop.engines.choice import Choice, EngineName, choose, make
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import DivergenceError, InputError, InputTypeError, unknown_name, warn
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.result import Result
from clearprop.schedules import Schedule
from clearprop.settings import check_number, check_whole
from clearprop.streams import seed_of, stream
from clearprop.training.callbacks import Callback, DeadUnits, EarlyStopping, ReduceOnPlateau
from clearprop.training.interrupt import INTERRUPTED
from clearprop.training.loop import Training
from clearprop.training.metrics import Metric, resolve_metric
from clearprop.training.penalty import add_penalty
from clearprop.training.progress import Progress
from clearprop.training.rows import training_rows


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
    parameters: Parameters | Result | None = None,
    sample_weight: Any = None,
    validation_data: float | Sequence[Any] | None = None,
    metrics: Iterable[str | Metric] = (),
    schedule: str | Schedule | ReduceOnPlateau = "constant",
    l1: float = 0.0,
    l2: float = 0.0,
    clip: str | Clip | None = None,
    rate_factors: Mapping[str, float] | None = None,
    averaging: float = 0.0,
    callbacks: Iterable[Callback] = (),
    dtype: Any = None,
    engine: EngineName = "auto",
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
    parameters : Parameters or Result, optional
        First values, copied; by default the layers' initialisers draw them. With a result its optimiser's memory goes
        on, too: a new run, on other rows if need be, whose steps, streams and history begin anew.
    sample_weight : array-like, shape (rows,), optional
        Weights of the rows, 0 or more; a weight of 0 is the same as the row left out.
    validation_data : (x, y), (x, y, sample_weight) or float, optional
        Rows to validate on after each epoch; a number is the share of the rows that is split off at random.
    metrics : iterable of str or function (prediction, target) → float
        Recorded as ``history["validation_<name>"]``.
    l1, l2 : float
        Penalties l1 Σ|w| + l2/2 Σw² on the weights (not the biases), recorded as ``history["penalty"]``.
    rate_factors : dict of str to float, optional
        Factors on the rate of single parameters: ``{"0.weight": 0.1, "*.bias": 0}`` lets the first layer learn slowly
        and the biases not at all. The last name that fits counts.
    averaging : float from 0 to below 1
        Where above 0, the run validates, keeps and predicts with a moving average of the parameters after each epoch,
        ā ← d ā + (1 − d) θ, corrected for its start, d being this number (Kingma & Ba 2015, arXiv 1412.6980, section
        7.2). The updates themselves stay as they are.
    callbacks : iterable of Callback
    dtype : "float32" or "float64", optional
    engine : "auto", "compiled" or "reference"
        Who computes it: NumPy ("reference"), machine code ("compiled", from ``pip install 'clearprop[fast]'``), or what
        pays for a run of this length. ``result.engine`` and the history's first event say which; a resumed run keeps
        its engine.
    deterministic : bool
        The same bits whatever the number of processors (1, 2 or 4 threads).
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
    _check_objective(network, l1, l2)
    check_number(averaging, "averaging", least=0, below=1)
    objective = Loss.resolve(loss)
    rule = Optimizer.resolve(optimizer)
    hooks = _hooks(callbacks)
    seed = resume.progress.seed if isinstance(resume, Result) else seed_of(rng)
    rows, validation = training_rows(network, x, y, objective, sample_weight, validation_data, dtype, seed)
    batches = Batches(rows, None if batch_size is None else check_whole(batch_size, "batch_size"), shuffle, seed)
    total_steps = _total_steps(steps, epochs, batches.per_epoch)
    width = sum(network.widths) * batches.batch_size
    check_memory(3.0 * rows.x.itemsize * width, f"the activations of {batches.batch_size:,} rows")
    if resume is not None:
        if not isinstance(resume, Result):
            raise InputTypeError(f"resume must be a Result, such as load(file); got {resume!r:.60}")
        if parameters is not None or rng is not None:
            raise InputError("a resumed run has its parameters and its rng already; leave out parameters= and rng=")
        progress = _resumed(resume, network, rule, rows.x.dtype, total_steps)
        if not any(isinstance(hook, EarlyStopping) for hook in hooks):
            progress.best = None  # nobody goes on comparing, so what is learnt from here on counts
        if not averaging:
            progress.average = None
    else:
        progress = _started(network, rule, parameters, rows.x.dtype, seed)
    plateau = [schedule] if isinstance(schedule, ReduceOnPlateau) else []
    chosen = Choice(str(engine), "as asked for")
    if engine == "auto" and isinstance(resume, Result):
        chosen = Choice(resume.engine, "as the run began")
    elif engine == "auto":
        chosen = choose(network, objective, rule, rows.x.dtype, batches.batch_size, total_steps)
    training = Training(
        engine=make(chosen.name, network, objective, rows.x.dtype, deterministic),
        batches=batches,
        optimizer=rule,
        schedule=Schedule.resolve("constant" if isinstance(schedule, ReduceOnPlateau) else schedule),
        total_steps=total_steps,
        progress=progress,
        validation=validation,
        metrics=_named(metrics),
        l1=float(l1),
        l2=float(l2),
        clip=None if clip is None else Clip.resolve(clip),
        rate_factors=_rate_factors(rate_factors or {}, network),
        averaging=float(averaging),
        callbacks=[*plateau, *hooks, DeadUnits()],
    )
    _check_full_batch(training)
    if resume is None:
        progress.history.note(0, f"engine {chosen.name}: {chosen.reason}")
    result = Result(network, objective, rule, progress, chosen.name)
    try:
        with _one_blas_thread() if deterministic else nullcontext():
            training.run()
    except DivergenceError as error:
        progress.stopped = f"diverged: {error.tensor} at step {error.step}"
        error.result = result
        raise
    if progress.stopped == INTERRUPTED:
        warn(f"stopped after {progress.step:,} of {total_steps:,} steps: {INTERRUPTED}")
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
    _check_objective(network, l1, l2)
    _check_parameters(parameters, network)
    objective = Loss.resolve(loss)
    rows, _ = training_rows(network, x, y, objective, sample_weight, None, parameters.vector.dtype, 0)
    gradients = parameters.copy()
    value = ReferenceEngine(network, objective).gradient(parameters, *rows, into=gradients)
    return value + add_penalty(parameters, gradients, l1, l2), gradients


def _check_objective(network: Network, l1: float, l2: float) -> None:
    if not isinstance(network, Network):
        raise InputTypeError(f"the network must be a Network(n_inputs, layers); got {network!r:.60}")
    check_number(l1, "l1", least=0)
    check_number(l2, "l2", least=0)


def _check_parameters(parameters: Parameters, network: Network) -> None:
    if not isinstance(parameters, Parameters):
        raise InputTypeError(f"parameters must be a Parameters object or a Result; got {parameters!r:.60}")
    if parameters.layout != network.layout:
        raise InputError(f"the parameters given are another network's: {parameters!r}; this network:\n{network}")


def _started(
    network: Network, rule: Optimizer, parameters: Parameters | Result | None, dtype: Any, seed: int
) -> Progress:
    if parameters is None:
        first = network.first_parameters(stream(seed, "init"), dtype)
        return Progress(first, rule.first_state(first.vector), seed)
    if isinstance(parameters, Result):
        progress = _same_kind(parameters, network, rule, dtype)
        return Progress(progress.parameters, progress.state, seed, age=progress.age + progress.step)
    _check_parameters(parameters, network)
    first = Parameters(network.layout, parameters.vector.astype(dtype))
    return Progress(first, rule.first_state(first.vector), seed)


def _same_kind(result: Result, network: Network, rule: Optimizer, dtype: Any) -> Progress:
    """Return a copy of a run's progress, if a run of this network and optimiser can go on from it."""
    progress = copy.deepcopy(result.progress)
    vector = progress.parameters.vector
    if progress.parameters.layout != network.layout or vector.dtype != dtype:
        raise InputError("the run to go on from has another network or dtype; give the ones that it began with")
    wanted = {name: array.shape for name, array in rule.first_state(vector).items()}
    if {name: array.shape for name, array in progress.state.items()} != wanted:
        raise InputError(
            f"the run to go on from was made by {result.optimizer}, whose memory {rule} can't use; give the same one"
        )
    return progress


def _resumed(result: Result, network: Network, rule: Optimizer, dtype: Any, total_steps: int) -> Progress:
    progress = _same_kind(result, network, rule, dtype)
    if total_steps <= progress.step:
        raise InputError(
            f"the run has done {progress.step} steps already; steps and epochs count from its start, so ask for more"
        )
    return progress


def _hooks(callbacks: Iterable[Callback]) -> list[Callback]:
    if not isinstance(callbacks, Iterable):
        raise InputTypeError(f"callbacks must be a list, such as [EarlyStopping()]; got {callbacks!r:.60}")
    hooks = list(callbacks)
    for hook in hooks:
        if not isinstance(hook, Callback):
            raise InputTypeError(f"a callback must be a Callback object, such as EarlyStopping(); got {hook!r:.60}")
    return hooks


def _named(metrics: Iterable[str | Metric]) -> dict[str, Metric]:
    named: dict[str, Metric] = {}
    for metric in metrics:
        name, function = resolve_metric(metric)
        if name == "loss" or name in named:
            raise InputError(f"there is a metric called {name!r} already; give this function another __name__")
        named[name] = function
    return named


def _rate_factors(given: Mapping[str, float], network: Network) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise InputTypeError(f"rate_factors must be a dict such as {{'*.bias': 0.1}}; got {given!r:.60}")
    names, factors = list(network.layout.places), dict[str, float]()
    for pattern, factor in given.items():
        check_number(factor, f"the rate factor of {pattern!r}", least=0)
        fitting = fnmatch.filter(names, str(pattern))
        if not fitting:
            raise unknown_name("parameter", str(pattern), names)
        factors |= dict.fromkeys(fitting, float(factor))
    return {name: factor for name, factor in factors.items() if factor != 1.0}


def _total_steps(steps: int | None, epochs: int | None, per_epoch: int) -> int:
    if (steps is None) == (epochs is None):
        raise InputError("say how long to train: either steps= (updates) or epochs= (passes over the rows)")
    return check_whole(steps, "steps") if epochs is None else check_whole(epochs, "epochs") * per_epoch


def _check_full_batch(training: Training) -> None:
    if not isinstance(training.optimizer, LBFGS):
        return
    drawing = [type(layer).__name__ for layer in training.engine.network.layers if layer.draws]
    reason = (
        "mini-batches: leave out batch_size" if training.batches.per_epoch > 1
        else f"layers that draw: leave out {drawing[0]}" if drawing
        else "clipped gradients: leave out clip" if training.clip
        else "rates of their own: leave out rate_factors" if training.rate_factors
        else ""
    )  # fmt: skip
    if reason:
        raise InputError(f"lbfgs needs the same loss at each evaluation, so it can't be used with {reason}")


def _one_blas_thread() -> Any:
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")
