"""A training step taken apart: the time of each of its parts, in NumPy and in the compiled engine, one thread.

All times are the processor's own (what other programs use of the machine isn't counted), the least of several rounds.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pieces
from pieces import ACTIVATE, DIFFERENTIATE, FORWARD, GRADIENT, INPUT, LOSS, ROWS, SUM, UPDATE

from clearprop.arrays import dot, sum_rows
from clearprop.bench.contenders import clearprop_result
from clearprop.bench.jobs import Job
from clearprop.data.batches import Batch, Batches
from clearprop.engines import plan as plans
from clearprop.engines.kernels import codes
from clearprop.engines.reference import ReferenceEngine
from clearprop.engines.workspace import NOTHING, Workspace
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.rules import SGD, Adam
from clearprop.training.divergence import is_wild

ENGINES = {"NumPy": "reference", "compiled": "compiled"}
PRODUCTS, BIASES, ACTIVATIONS, DERIVATIVES = "products", "bias gradients", "activations", "their derivatives"
LOSSES, UPDATES, CHECKS, OTHERS = "loss and its derivative", "update", "checks, a copy", "the rest"
PARTS = (PRODUCTS, BIASES, ACTIVATIONS, DERIVATIVES, LOSSES, UPDATES, CHECKS, OTHERS)
_TIME, _RUN, _ROUNDS = 0.02, 0.1, 15  # seconds of a timed piece and of a whole run at least; how often each is timed

Parts = dict[str, float]


def micros(repeat: Callable[[int], Any]) -> float:
    """Return the µs of one of ``repeat(n)``'s n turns: the least of several rounds."""
    repeat(2)
    n, took = 1, 0.0
    while took < _TIME:
        n = max(2 * n, int(1.2 * n * _TIME / max(took, 1e-6))) if took else 2 * n
        took = _seconds(repeat, n)
    return min(took, *(_seconds(repeat, n) for _ in range(_ROUNDS))) / n * 1e6


def _seconds(repeat: Callable[[int], Any], n: int) -> float:
    start = time.process_time()
    repeat(n)
    return time.process_time() - start


def python(function: Callable[..., Any], *values: Any) -> float:
    """Return the µs of a call from Python."""

    def repeat(n: int) -> None:
        for _ in range(n):
            function(*values)

    return micros(repeat)


def whole_step(job: Job, dtype: str, engine: str) -> float:
    """Return the µs a step of a public ``train``, of a run so long that its beginning and end hardly count."""
    (x, y), first = job.data(dtype), job.first(dtype)

    def run(steps: int) -> None:
        clearprop_result(job, x, y, first, steps, engine)

    steps = job.whole_epochs(1)
    while (took := _seconds(run, steps)) < _RUN:
        steps = job.whole_epochs(steps * min(1.5 * _RUN / took, 20.0))
    return min(took, *(_seconds(run, steps) for _ in range(_ROUNDS))) / steps * 1e6


def tools(job: Job, dtype: str) -> tuple[Network, Loss, Any, Batches]:
    """Return what a job consists of."""
    network = job.network()
    loss = Loss.resolve("binary_cross_entropy" if job.binary else "categorical_cross_entropy")
    x, y = job.data(dtype)
    batches = Batches(Batch(x, loss.targets(y, network.n_outputs, x.dtype)), job.batch, job.shuffle, 0)
    return network, loss, SGD(job.rate) if job.optimizer == "sgd" else Adam(job.rate), batches


def numpy_parts(job: Job, dtype: str) -> Parts:
    """Time NumPy's parts of a step one by one; what a step takes beyond them is the rest."""
    network, loss, rule, batches = tools(job, dtype)
    p = job.first(dtype)
    gradients, x, targets = p.copy(), *batches.at(0)[:2]
    output, cache = network.forward(p, x)
    found = dict.fromkeys(PARTS, 0.0)
    value = partial(loss.value_and_gradient, output, targets, None, z=cache[-1].z)
    found[LOSSES], d = python(value), value()[1]
    for i in range(len(network.layers) - 1, -1, -1):
        f, (x, z, a, _), views, into = network.layers[i].activation, cache[i], p.layers[i], gradients.layers[i]
        weight = views["weight"]
        if i < len(network.layers) - 1:
            found[DERIVATIVES] += python(f.backward, z, a, d)
            d = f.backward(z, a, d)
        found[PRODUCTS] += python(dot, x, weight) + python(z.__iadd__, 0 * views["bias"])
        found[PRODUCTS] += python(dot, x.T, d, into["weight"]) + (python(dot, d, weight.T) if i else 0.0)
        found[BIASES] += python(sum_rows, d, into["bias"])
        found[ACTIVATIONS] += python(f, z)
        d = dot(d, weight.T)
    vector, state = p.vector.copy(), rule.first_state(p.vector)
    found[UPDATES] = python(
        lambda: rule.step(vector, gradients.vector, state, step=9, rate=0.0, loss=0.0, evaluate=float)
    )
    found[CHECKS] = 2 * python(is_wild, p) + python(vector.__setitem__, ..., p.vector)
    return found


def compiled_parts(job: Job, dtype: str) -> Parts:
    """Time the kernels of a step one by one, from machine code; what a step takes beyond them is the rest."""
    network, loss, rule, batches = tools(job, dtype)
    space = Workspace(network, loss, dtype, job.batch)
    plan, layers = space.plan, space.layers
    plans.set_rule(plan, space.reals, rule)
    space.set_rows(job.batch, job.batch, by_column=not plan[codes.ROWWISE])
    x, y, _ = batches.at(0)
    if not plan[codes.ROWWISE]:
        x, y = x.T, y.T
    rows = min(job.batch, int(plan[codes.BLOCK]))
    count = job.batch / rows
    space.work[0] = np.random.default_rng(0).normal(size=space.work.shape[1])
    moments = [np.ones(network.n_parameters, dtype) for _ in range(2)]
    arguments = [
        plan, layers, np.ones(len(layers)),  # a slope of 1: the same numbers again and again
        job.first(dtype).vector, space.gradients[0], *moments, x.reshape(-1), y.reshape(-1), space.nothing, NOTHING,
        space.reals[codes.HYPER :], space.work[0], rows,
    ]  # fmt: skip

    def piece(what: int, k: int = 0) -> float:
        return micros(lambda n: pieces.repeat(n, what, k, *arguments))

    found = dict.fromkeys(PARTS, 0.0)
    last = len(layers) - 1
    for k in range(len(layers)):
        found[PRODUCTS] += count * (piece(FORWARD, k) + piece(GRADIENT, k) + (piece(INPUT, k) if k else 0.0))
        found[BIASES] += count * piece(SUM, k)
        found[ACTIVATIONS] += count * piece(ACTIVATE, k)
        found[DERIVATIVES] += count * piece(DIFFERENTIATE, k) if k < last else 0.0
    found[LOSSES] = count * (piece(LOSS, last) + piece(ROWS))
    found[UPDATES] = piece(UPDATE)
    return found


def multiply_adds(job: Job) -> int:
    """Return the multiplications with an addition that a step's products need."""
    weights = [n * m for n, m in zip(job.sizes, job.sizes[1:], strict=False)]
    return job.batch * (3 * sum(weights) - weights[0])  # nobody needs the derivative by x


class Counted(np.ndarray):
    """An array that counts the calls of NumPy on it."""

    calls: ClassVar[Counter[str]] = Counter()

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        """Count, then compute on plain arrays."""
        Counted.calls[ufunc.__name__] += 1
        inputs = tuple(_plain(x) for x in inputs)
        made = getattr(ufunc, method)(*inputs, out=out and tuple(map(_plain, out)), **kwargs)
        return out[0] if out else _counted(made)

    def dot(self, other: Any, out: Any = None) -> Any:
        """Count a matrix product."""
        Counted.calls["dot"] += 1
        made = _plain(self).dot(_plain(other), None if out is None else _plain(out))
        return _counted(made) if out is None else out

    def __setitem__(self, place: Any, value: Any) -> None:
        """Count a copy."""
        Counted.calls["copy"] += 1
        super().__setitem__(place, value)


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Counted) else x


def _counted(x: Any) -> Any:
    return x.view(Counted) if isinstance(x, np.ndarray) else x


def numpy_calls(job: Job, dtype: str) -> Counter[str]:
    """Return how often a step calls each of NumPy's functions."""
    network, loss, rule, batches = tools(job, dtype)
    p = job.first(dtype)
    p, gradients = (type(p)(p.layout, _counted(vector)) for vector in (p.vector, p.vector.copy()))
    x, targets, _ = batches.at(0)
    engine, before = ReferenceEngine(network, loss), p.vector.copy()
    state = rule.first_state(p.vector)
    Counted.calls = Counter()
    engine.gradient(p, _counted(x), _counted(targets), into=gradients)
    is_wild(gradients)
    before[...] = p.vector
    rule.step(p.vector, gradients.vector, state, step=9, rate=0.1, loss=0.0, evaluate=float)
    is_wild(p)
    Counted.calls["dot"] += len(network.layers)  # the bias gradients: products of plain ones with arrays
    return Counted.calls


def profile(job: Job, dtype: str) -> dict[str, Parts]:
    """Return by engine the parts of a step in µs, the rest being what is left of a whole run's step."""
    found = {"NumPy": numpy_parts(job, dtype), "compiled": compiled_parts(job, dtype)}
    for name, parts in found.items():
        parts[OTHERS] = max(whole_step(job, dtype, ENGINES[name]) - sum(parts.values()), 0.0)
    return found
