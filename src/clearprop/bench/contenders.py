"""Who does the jobs: Clearprop, scikit-learn and PyTorch, each from the same first weights, with the same updates."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

import clearprop as cp
from clearprop.bench.jobs import Job, Predict

Run = Callable[[int], Predict]  # does so many steps from the first weights, and returns how to predict after them
Prepare = Callable[[Job, Any, Any, cp.Parameters], Run]
COMPILED, REFERENCE = "Clearprop, compiled", "Clearprop, NumPy"


@dataclass(frozen=True)
class Contender:
    """A library, and how it does a job.

    Parameters
    ----------
    name : str
    modules : tuple of str
        What it imports.
    prepare : function (job, x, y, first parameters) → run
        What it returns trains whole runs, so that all that a library compiles can be compiled before the clock starts.
    skips : frozenset of str
        Names of jobs that it doesn't do.
    differs : frozenset of str
        Names of jobs in which it does a little less or other work, so that its loss is another one.
    """

    name: str
    modules: tuple[str, ...]
    prepare: Prepare
    skips: frozenset[str] = field(default=frozenset())
    differs: frozenset[str] = field(default=frozenset())

    def installed(self) -> bool:
        """Whether it can run here."""
        return has_engine("compiled") if self.name == COMPILED else all(map(_found, self.modules))

    def load(self) -> None:
        """Import what it needs, so that neither a time nor a limit on threads meets it later."""
        for name in self.modules:
            import_module(name)


def installed(contenders: list[Contender]) -> list[Contender]:
    """Return those that can run here, with all they need imported."""
    here = [each for each in contenders if each.installed()]
    for each in here:
        each.load()
    return here


@cache
def has_engine(name: str, dtype: str = "float64") -> bool:
    """Whether ``train(engine=name)`` works here, found by doing one step with it; what it must compile, it then has."""
    engine: Any = name
    network = cp.Network(1, [cp.Dense(1)])
    try:
        cp.train(
            network, [[0.0], [1.0]], [0.0, 1.0], loss="squared", optimizer="sgd", steps=1, dtype=dtype, engine=engine,
            rng=0,
        )  # fmt: skip
    except cp.errors.ClearpropError:
        return False
    return True


def clearprop(engine: str) -> Prepare:
    """Run the public ``train`` with this engine, as a user would: all its checks and its record are in the time."""

    def prepare(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
        return lambda steps: clearprop_result(job, x, y, first, steps, engine).predict

    return prepare


def clearprop_result(job: Job, x: Any, y: Any, first: cp.Parameters, steps: int, engine: Any) -> cp.Result:
    """Return what ``train`` returns.

    Raises
    ------
    RuntimeError
        If another engine has done it.
    """
    result = cp.train(
        job.network(), x, y,
        loss="binary_cross_entropy" if job.binary else "categorical_cross_entropy",
        optimizer=cp.SGD(job.rate) if job.optimizer == "sgd" else cp.Adam(job.rate),
        steps=steps, batch_size=job.batch, shuffle=job.shuffle, parameters=first, rng=0, engine=engine,
    )  # fmt: skip
    if not result.engine.startswith(engine):
        raise RuntimeError(f"job {job.name} asked for the engine {engine!r} and was run by {result.engine!r}")
    return result


def scikit_learn(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Run ``MLPClassifier.fit`` without penalty, momentum or early end; and with its ReLU for a leaky one."""
    classifier: Any = import_module("sklearn.neural_network").MLPClassifier

    def run(steps: int) -> Predict:
        values = iter(first.values())

        def init_coef(_: Any, __: int, ___: int, dtype: Any) -> tuple[Any, Any]:
            return next(values).astype(dtype), next(values).astype(dtype)

        # scikit-learn has no public way to give first weights
        started: Any = type("Started", (classifier,), {"_init_coef": init_coef})
        epochs = steps // job.per_epoch
        model = started(
            job.sizes[1:-1], activation={"leaky_relu": "relu"}.get(job.activation, job.activation),
            solver=job.optimizer, alpha=0.0, batch_size=job.batch, learning_rate_init=job.rate, max_iter=epochs,
            shuffle=job.shuffle, tol=0.0, n_iter_no_change=epochs + 1, momentum=0.0, nesterovs_momentum=False,
            random_state=0,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it hasn't converged
            model.fit(x, y)
        if model.t_ != steps * job.batch:
            raise RuntimeError(f"scikit-learn saw {model.t_} rows, not {steps * job.batch}")

        def predict(rows: Any) -> Any:
            probabilities = np.asarray(model.predict_proba(rows))
            return probabilities[:, 1:] if job.binary else probabilities

        return predict

    return run


def torch_network(job: Job, first: cp.Parameters) -> Any:
    """Return a ``torch.nn.Sequential`` with these weights; it gives scores, not probabilities."""
    torch: Any = import_module("torch")
    nn = torch.nn
    kinds = {"relu": nn.ReLU, "tanh": nn.Tanh, "leaky_relu": lambda: nn.LeakyReLU(cp.LeakyReLU().slope)}
    parts: list[Any] = []
    for n_inputs, n_units in zip(job.sizes, job.sizes[1:], strict=False):
        parts += [nn.Linear(n_inputs, n_units), kinds[job.activation]()]
    model = nn.Sequential(*parts[:-1]).to(getattr(torch, str(first.vector.dtype)))
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), first.values(), strict=True):
            parameter.copy_(torch.from_numpy(values.T.copy()))  # torch's weights are (units, inputs)
    return model


def torch_predict(job: Job, model: Any) -> Predict:
    """Return how to predict with a network of scores."""
    torch: Any = import_module("torch")

    def predict(rows: Any) -> Any:
        with torch.inference_mode():
            scores = model(torch.from_numpy(rows))
            return (torch.sigmoid(scores) if job.binary else torch.softmax(scores, 1)).numpy()

    return predict


def pytorch(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Run the usual eager loop, with fused Adam; unlike the others it doesn't look at the loss of each step."""
    torch: Any = import_module("torch")

    def run(steps: int) -> Predict:
        model = torch_network(job, first)
        inputs = torch.from_numpy(x)
        targets = torch.from_numpy(y[:, None].astype(x.dtype) if job.binary else y)
        loss = torch.nn.BCEWithLogitsLoss() if job.binary else torch.nn.CrossEntropyLoss()
        optimizer = (
            torch.optim.SGD(model.parameters(), job.rate)
            if job.optimizer == "sgd"
            else torch.optim.Adam(model.parameters(), job.rate, fused=True)
        )
        order: Any = None
        for step in range(steps):
            start = step % job.per_epoch * job.batch
            batch: Any = slice(start, start + job.batch)
            if job.shuffle:
                order = torch.randperm(len(x)) if start == 0 else order
                batch = order[batch]
            optimizer.zero_grad()
            loss(model(inputs[batch]), targets[batch]).backward()
            optimizer.step()
        return torch_predict(job, model)

    return run


def _found(module: str) -> bool:
    return find_spec(module.partition(".")[0]) is not None


CONTENDERS = [
    Contender(COMPILED, ("clearprop",), clearprop("compiled")),
    Contender(REFERENCE, ("clearprop",), clearprop("reference")),
    Contender(
        "scikit-learn", ("sklearn.neural_network",), scikit_learn, skips=frozenset({"E"}), differs=frozenset({"B"})
    ),
    Contender("PyTorch", ("torch",), pytorch),
]
