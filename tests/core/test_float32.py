"""float32 stays float32: no array of float64 appears anywhere between input and prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation
from clearprop.layers.layer import Layer
from clearprop.losses.loss import Loss
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.training.penalty import add_penalty


class Narrow(np.ndarray):
    """An array that raises as soon as a formula makes an array of float64 from it."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **more):
        plain = [np.asarray(x) if isinstance(x, Narrow) else x for x in inputs]
        if out is not None:
            more["out"] = tuple(np.asarray(x) if isinstance(x, Narrow) else x for x in out)
        result = narrow(getattr(ufunc, method)(*plain, **more), ufunc.__name__)
        return out[0] if out is not None and len(out) == 1 else result

    def __array_function__(self, func, types, args, kwargs):
        return narrow(super().__array_function__(func, types, args, kwargs), func.__name__)


def narrow(result: Any, where: str) -> Any:
    if isinstance(result, np.ndarray) and result.ndim:
        assert result.dtype != np.float64, f"{where} made an array of float64"
        return result.view(Narrow) if result.dtype == np.float32 else result
    return result


def ours(kind: Any) -> list[Any]:
    return [found() for found in kind.known().values() if found.__module__.startswith("clearprop.")]


def numbers(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32).view(Narrow)


def test_the_watch_sees_float64() -> None:
    x = numbers(3, 2)
    for promote in (lambda: x * np.ones(2), lambda: np.dot(x, np.ones((2, 2))), lambda: x.astype(np.float64) + 1):
        with pytest.raises(AssertionError, match="made an array of float64"):
            promote()
    assert isinstance(x * 2.0, Narrow)
    assert isinstance(x[1:] @ x.T, Narrow)


@pytest.mark.parametrize("f", ours(Activation), ids=str)
def test_activations(f: Activation) -> None:
    z = numbers(5, 4)
    a = f(z)
    for array in (a, f.derivative(z, a), f.backward(z, a, z)):
        assert array.dtype == np.float32


@pytest.mark.parametrize(
    "loss", [*ours(Loss), cp.BinaryCrossEntropy(0.1), cp.CategoricalCrossEntropy(0.1), cp.Huber(0.5)], ids=str
)
def test_losses(loss: Loss) -> None:
    p = cp.Softmax()(numbers(5, 4))
    target = cp.Softmax()(numbers(5, 4) + 1)
    for weight in (None, abs(numbers(5))):
        for z in [None] if loss.joint is None else [None, numbers(5, 4)]:
            value, gradient = loss.value_and_gradient(p, target, weight, z=z)
            assert gradient.dtype == np.float32
            assert np.asarray(value).dtype == np.float64  # the sum over the rows keeps its digits


def test_a_whole_step() -> None:
    layers: list[Layer] = [cp.Dense(6, "relu"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(3, "softmax")]
    network = cp.Network(4, layers)
    p = network.first_parameters(np.random.default_rng(0), np.float32)
    p = p.like(p.vector.view(Narrow))
    x, y = numbers(9, 4), np.eye(3, dtype=np.float32)[[0, 1, 2] * 3].view(Narrow)
    into = p.copy()
    engine = ReferenceEngine(network, cp.CategoricalCrossEntropy())
    assert isinstance(engine.gradient(p, x, y, numbers(9) ** 2, into=into, rng=np.random.default_rng(0)), float)
    add_penalty(p, into, 0.1, 0.1)
    for clip in ours(Clip):
        clip(into)
    _, cache = network.forward(p, x)
    for one in cache:
        for array in (one.x, one.z, one.a):
            assert array.dtype == np.float32
    loss, prediction = engine.evaluate(p, x, y)
    assert prediction.dtype == np.float32
    assert isinstance(loss, float)


@pytest.mark.parametrize("rule", ours(Optimizer), ids=str)
def test_optimizers(rule: Optimizer) -> None:
    p, gradient = numbers(8), numbers(8) * 3
    state = rule.first_state(p)

    def evaluate() -> float:
        gradient[...] = 3 * p
        return float(1.5 * (p @ p))

    for step in range(2):
        rule.step(p, gradient, state, step=step, rate=rule.rate, loss=evaluate(), evaluate=evaluate)
    assert p.dtype == np.float32
    assert all(array.dtype in (np.float32, np.int64) for array in state.values())


def test_settings_given_as_numpy_numbers_change_nothing() -> None:
    x = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    y = x[:, :1] > 0

    def run(number: Any) -> cp.Result:
        network = cp.Network(
            2, [cp.Dense(4, cp.LeakyReLU(number(0.25))), cp.Dropout(number(0.5)), cp.Dense(1, "sigmoid")]
        )
        return cp.train(
            network, x, y, loss=cp.BinaryCrossEntropy(number(0.125)), optimizer=cp.Adam(number(0.5), number(0.25)),
            schedule=cp.schedules.CosineDecay(number(0.5)), clip=cp.ClipNorm(number(0.5)), l1=number(0.125),
            l2=number(0.25), steps=5, rng=0,
        )  # fmt: skip

    plain = run(float)
    assert plain.parameters.vector.dtype == np.float32
    for number in (np.float64, np.float32):
        np.testing.assert_array_equal(run(number).parameters.vector, plain.parameters.vector)


def test_a_schedule_that_gives_numpy_numbers() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Ramp(cp.Schedule):
        kind: type = float

        def factor(self, step, total):
            return self.kind(1 + step / total)

    x = np.random.default_rng(0).normal(size=(9, 2)).astype(np.float32)
    network = cp.Network(2, [cp.Dense(1)])
    first, second = (
        cp.train(network, x, x[:, 0], loss="squared", optimizer="momentum", schedule=Ramp(kind), steps=4, rng=0)
        for kind in (float, np.float64)
    )
    np.testing.assert_array_equal(first.parameters.vector, second.parameters.vector)
