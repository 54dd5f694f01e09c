"""A diverging run stops at the step where the reference's does, says the same, and keeps the same parameters."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import DivergenceError

LINEAR = cp.Network(3, [cp.Dense(4), cp.Dense(1)])
TANH = cp.Network(3, [cp.Dense(4, "tanh"), cp.LayerNorm(), cp.Dense(1)])
RELU = cp.Network(3, [cp.Dense(5, "relu"), cp.Dense(1)])
FAR = {"optimizer": cp.SGD(50.0)}
CASES: dict[str, tuple[cp.Network, dict[str, Any]]] = {
    "rate too high": (LINEAR, FAR),
    "mini-batches": (LINEAR, FAR | {"batch_size": 9}),
    "weights and penalties": (LINEAR, FAR | {"sample_weight": np.arange(61.0), "l1": 0.1, "l2": 0.1}),
    "momentum": (RELU, {"optimizer": cp.Momentum(30.0), "batch_size": 20}),
    "nesterov": (RELU, {"optimizer": cp.Nesterov(30.0)}),
    "weight decay": (LINEAR, {"optimizer": cp.SGD(0.01, weight_decay=1e5)}),
    "adam's square overflows": (LINEAR, {"optimizer": cp.Adam(0.1), "scale": 1e150, "wide": 1e8}),
    "rmsprop's, too": (LINEAR, {"optimizer": cp.RMSProp(0.1), "scale": 1e150, "wide": 1e8}),
    "at the first step": (LINEAR, {"optimizer": cp.SGD(0.1), "scale": 1e160}),
    "in float32": (LINEAR, FAR | {"dtype": "float32", "shuffle": False, "batch_size": 9}),
    "a clip by value": (LINEAR, {"optimizer": cp.SGD(1e200), "clip": cp.ClipValue(1.0)}),
    "a clip by norm": (LINEAR, {"optimizer": cp.SGD(1e200), "clip": cp.ClipNorm(1.0)}),
    "a clip by global norm": (RELU, {"optimizer": cp.SGD(1e200), "clip": cp.ClipGlobalNorm(1.0), "batch_size": 30}),
    "exponential": (
        cp.Network(3, [cp.Dense(3, "exponential"), cp.Dense(2, "exponential"), cp.Dense(1)]),
        {"optimizer": cp.SGD(1.0)},
    ),
    "with dropout": (cp.Network(3, [cp.Dense(9), cp.Dropout(0.2), cp.Dense(1)]), FAR | {"batch_size": 20}),
    "after a while": (LINEAR, {"optimizer": cp.SGD(0.9), "batch_size": 61}),
    "with a validation": (LINEAR, {"optimizer": cp.SGD(2.0), "validation_data": 0.2, "batch_size": 7}),
}  # fmt: skip


def diverging(engine: Any, network: cp.Network, rows: Any, more: dict[str, Any]) -> DivergenceError:
    x, y = rows
    options = {"loss": "squared", "steps": 4000, "rng": 2} | more
    scale, x = options.pop("scale", 1.0), x * options.pop("wide", 1.0)
    with pytest.raises(DivergenceError) as caught:
        cp.train(network, x, scale * (y + x[:, 0]), engine=engine, **options)
    return caught.value


def words(text: str) -> tuple[str, list[float]]:
    """A message's words, and its numbers."""
    number = r"-?\d+\.?\d*(?:e[+-]?\d+)?"
    return re.sub(number, "#", text), [float(each) for each in re.findall(number, text)]


def same(network: cp.Network, rows: Any, more: dict[str, Any]) -> DivergenceError:
    expected, found = (diverging(engine, network, rows, more) for engine in ("reference", "compiled"))
    assert (found.step, found.tensor) == (expected.step, expected.tensor)
    for mine, theirs in zip(words(str(found)), words(str(expected)), strict=True):
        assert mine == pytest.approx(theirs, rel=2e-3) if isinstance(mine, list) else mine == theirs
    a, b = found.result, expected.result
    assert a is not None
    assert b is not None
    tolerance = 1e-3 if a.parameters.vector.dtype == np.float32 else 1e-8
    assert np.isfinite(a.parameters.vector).all()
    scale = abs(b.parameters.vector).max()
    np.testing.assert_allclose(a.parameters.vector / scale, b.parameters.vector / scale, rtol=tolerance, atol=tolerance)
    assert (a.progress.step, a.progress.stopped) == (b.progress.step, b.progress.stopped)
    assert list(a.history) == list(b.history)
    for name, series in b.history.items():
        np.testing.assert_allclose(a.history[name], series, rtol=tolerance)
        assert a.history.steps(name).tolist() == b.history.steps(name).tolist()
    assert a.history.events[1:] == b.history.events[1:]
    for name, moment in b.progress.state.items():
        np.testing.assert_allclose(a.progress.state[name], moment, rtol=tolerance, atol=tolerance * abs(moment).max())
    return found


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", CASES)
def test_both_engines_alike(name: str, threads: int, rows: Any, share: Any) -> None:
    share(threads)
    same(CASES[name][0], rows, CASES[name][1])


def test_targets_that_overflow_float32_do_not_come_in(rows: Any) -> None:
    """Infinite rows stop before the first step, whatever the engine."""
    x, y = rows
    for engine in ("reference", "compiled"):
        with pytest.raises(cp.errors.InputError, match="not finite"):
            cp.train(TANH, x, 1e200 * y, loss="squared", dtype="float32", steps=1, engine=engine)


def test_a_count_where_the_rate_is_zero(rows: Any) -> None:
    """ReLU gives exactly 0, where Poisson's loss of a count above 0 is infinite; a count of 0 costs nothing there."""
    x, y = rows
    dead = cp.Network(3, [cp.Dense(1, "relu", weight="zeros", bias=np.array([-1.0]))])
    error = same(dead, (x, y - x[:, 0] + 1.0), {"loss": "poisson", "optimizer": "adam"})
    assert (error.step, error.tensor) == (0, "loss")
    alive = cp.Network(3, [cp.Dense(2, "relu", weight="zeros", bias=np.array([0.0, 2.0]))])
    counts = np.stack([np.zeros(61), 1 + y], axis=1)
    runs = [
        cp.train(alive, x, counts, loss="poisson", optimizer=cp.SGD(0.05), steps=50, engine=engine, rng=0)
        for engine in ("reference", "compiled")
    ]
    np.testing.assert_allclose(runs[1].parameters.vector, runs[0].parameters.vector, rtol=1e-10)
    np.testing.assert_allclose(runs[1].history["loss"], runs[0].history["loss"], rtol=1e-10)


def test_the_kept_parameters_are_those_of_the_steps_before(rows: Any) -> None:
    """What is kept is where a run of one step less ends, and training can go on from there."""
    more = {"optimizer": cp.SGD(5.0), "batch_size": 9}
    error = diverging("compiled", LINEAR, rows, more)
    assert error.result is not None
    x, y = rows
    options: dict[str, Any] = {"loss": "squared", "engine": "compiled", **more}
    before = cp.train(LINEAR, x, y + x[:, 0], steps=error.step, rng=2, **options)
    np.testing.assert_array_equal(error.result.parameters.vector, before.parameters.vector)
    for name in before.history:
        np.testing.assert_array_equal(error.result.history[name], before.history[name])


def test_numbers_that_are_large_but_finite_are_no_divergence(rows: Any) -> None:
    """Squares of a gradient that overflow are looked at again, and the run goes on."""
    x, y = rows
    runs = [
        cp.train(LINEAR, x, 1e155 * (y + x[:, 0]), loss="absolute", optimizer=cp.Momentum(1e160, momentum=0.5),
                 clip=cp.ClipGlobalNorm(1e-150), steps=30, engine=engine, rng=0)
        for engine in ("reference", "compiled")
    ]  # fmt: skip
    scale = abs(runs[0].parameters.vector).max()
    np.testing.assert_allclose(runs[1].parameters.vector / scale, runs[0].parameters.vector / scale, atol=1e-9)
    np.testing.assert_allclose(runs[1].history["loss"], runs[0].history["loss"], rtol=1e-9)
