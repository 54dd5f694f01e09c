"""One fit of an MLP estimator: how it follows on the one before it, and the call of ``train``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from clearprop.data.batches import Batch
from clearprop.errors import ClearpropWarning, DivergenceError
from clearprop.estimators.arguments import seed_from
from clearprop.estimators.mlp import callbacks as hooks
from clearprop.estimators.mlp.lbfgs import LimitEvaluations
from clearprop.estimators.mlp.options import (
    Objective,
    build_network,
    build_optimizer,
    build_schedule,
    sklearn_objective,
)
from clearprop.estimators.mlp.rows import rows_a_batch, split
from clearprop.estimators.mlp.settings import Settings
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.result import Result
from clearprop.runs import train, value_and_gradient
from clearprop.streams import seed_of, stream
from clearprop.training.history import History

if TYPE_CHECKING:
    from clearprop.training.callbacks import Callback
    from clearprop.training.loop import Training


@dataclass
class Job:
    """What is to be fitted: settings, checked rows, the network's end, and how to measure."""

    settings: Settings
    rows: Batch
    validation: Batch | None
    loss: Loss
    output: Activation
    series: str
    score: Callable[[Training], float]
    stratify: bool = False
    constant: bool = False
    """Whether a y that is all the same needs no warning: it has been said, or is one of many calls."""


@dataclass
class Run:
    """What a fit came to, and what the next one needs to follow on.

    Attributes
    ----------
    result : Result
    seed : int
        The first seed of this estimator; those of later fits on other rows come from it.
    calls : int
        Fits so far.
    rows : tuple
        Of which rows and batches the run was: a run goes on only with the same.
    epochs, rows_seen, partial_epochs : int
        Epochs of this fit; rows seen and epochs of ``partial_fit`` in all.
    history : History
        Of all fits that followed one another.
    loss : float
        The objective at the end of L-BFGS; nan for the others.
    """

    result: Result
    seed: int = 0
    calls: int = 0
    rows: tuple[Any, ...] = ()
    epochs: int = 0
    rows_seen: int = 0
    partial_epochs: int = 0
    history: History = field(default_factory=History)
    loss: float = float("nan")


def run_job(job: Job, prior: Run | None, partial: bool) -> tuple[Run, DivergenceError | None]:
    """Train, from scratch or on from ``prior``; a run that diverged is returned with its error.

    Raises
    ------
    InputError, InputTypeError, TooLargeError
        As ``train`` does.
    """
    settings, loss = job.settings, job.loss
    own = settings["optimizer"] is None
    network = build_network(job.rows.x.shape[1], job.rows.targets.shape[1], job.output, settings)
    objective = sklearn_objective(loss, job.rows.targets, job.rows.weight) if own else Objective()
    rule = build_optimizer(settings, objective.scale)
    full_batch = isinstance(rule, LBFGS)
    stopping = bool(settings["early_stopping"]) and not full_batch

    key = (len(job.rows.x), settings["batch_size"], stopping, settings["validation_fraction"], job.validation is None)
    same_rule = prior is not None and type(prior.result.optimizer) is type(rule)
    resumes = prior if prior is not None and same_rule and not partial and prior.rows == key else None
    seed = (
        seed_from(settings["random_state"]) if prior is None
        else resumes.result.progress.seed if resumes
        else seed_of(stream(prior.seed, "shuffle", prior.calls))
    )  # fmt: skip

    rows, held = job.rows, job.validation
    if stopping and held is None:
        rows, held = split(rows, settings["validation_fraction"], seed, job.stratify)
    n = len(rows.x)
    size = n if full_batch else rows_a_batch(settings["batch_size"], n)
    per_epoch = -(-n // size)
    l2 = float(settings["alpha"])
    if own:
        total = float(n if rows.weight is None else rows.weight.sum(dtype=np.float64))
        l2 *= per_epoch / (total * objective.scale)

    first_step = resumes.result.progress.step if resumes else 0
    before = prior.partial_epochs if prior and partial else 0
    callbacks = _rules(job, objective, full_batch, stopping, held is not None)
    start: dict[str, Any] = {"rng": seed}
    if resumes:
        start = {"resume": resumes.result}
    elif prior is None:  # the first values that scikit-learn draws for the same whole number, bit for bit
        start["parameters"] = network.first_parameters(cast(Any, np.random.RandomState(seed % 2**32)), rows.x.dtype)
    else:
        start["parameters"] = prior.result if same_rule else prior.result.parameters
        if partial:
            callbacks.insert(0, hooks.Carry(prior.result.progress.memory, prior.result.progress.rate_factor))

    failure = None
    with warnings.catch_warnings() if job.constant else nullcontext():
        if job.constant:
            warnings.filterwarnings("ignore", "every row of y is the same", ClearpropWarning)
        try:
            result = train(
                network, rows.x, rows.targets, loss=loss, optimizer=rule,
                epochs=first_step // per_epoch + (1 if partial else int(settings["max_iter"])),
                batch_size=None if full_batch else size, shuffle=bool(settings["shuffle"]),
                sample_weight=rows.weight, validation_data=held, l2=l2, clip=settings["clip"],
                schedule=build_schedule(settings, per_epoch, n, before if partial else None),
                callbacks=callbacks, dtype=rows.x.dtype.name, engine=settings["engine"], **start,
            )  # fmt: skip
        except DivergenceError as error:
            result, failure = error.result, error

    done = (result.progress.step - first_step) // per_epoch
    run = Run(
        result=result,
        seed=prior.seed if prior else seed,
        calls=(prior.calls if prior else 0) + 1,
        rows=() if partial else key,
        epochs=done,
        rows_seen=(prior.rows_seen if prior else 0) + done * n,
        partial_epochs=before + done if partial else 0,
        history=result.history if resumes or prior is None else _joined(prior.history, result.history),
    )
    if full_batch and not failure:
        run.loss = _loss_at_end(result, rows, objective, l2)
    return run, failure


def _loss_at_end(result: Result, rows: Batch, objective: Objective, l2: float) -> float:
    """Return the objective at the parameters that L-BFGS ended with; its history has those before each step."""
    without, _ = value_and_gradient(
        result.network, result.parameters, rows.x, rows.targets, loss=result.loss, sample_weight=rows.weight
    )
    whole, _ = value_and_gradient(
        result.network, result.parameters, rows.x, rows.targets, loss=result.loss, sample_weight=rows.weight, l2=l2
    )
    return objective.report * without + objective.offset + objective.scale * (whole - without)


def _rules(job: Job, objective: Objective, full_batch: bool, stopping: bool, validating: bool) -> list[Callback]:
    settings = job.settings
    verbose = bool(settings["verbose"])
    callbacks: list[Callback] = [hooks.EpochLoss(objective, verbose)]
    if validating:
        callbacks.append(hooks.EpochScore(job.series, job.score, verbose))
    own = settings["optimizer"] is None
    if full_batch:
        callbacks += [LimitEvaluations(settings["max_fun"])] if own else []
    else:
        adaptive = own and settings["solver"] == "sgd" and settings["learning_rate"] == "adaptive"
        adaptive = adaptive and settings["schedule"] is None
        rate = settings["learning_rate_init"] if adaptive else None
        patience = hooks.Patience(settings["tol"], settings["n_iter_no_change"], rate)
        callbacks.append(hooks.StopOnScore(patience, job.series) if stopping else hooks.StopOnLoss(patience))
    return [*callbacks, *(settings["callbacks"] or ())]


def _joined(earlier: History, later: History) -> History:
    """Return both, the later one's steps counted on from the earlier one's."""
    steps = 1 + int(earlier.steps("loss")[-1]) if len(earlier["loss"]) else 0
    for name in later:
        earlier.extend(name, later.steps(name) + steps, later[name])
    earlier.events.extend(event._replace(step=event.step + steps) for event in later.events)
    return earlier
