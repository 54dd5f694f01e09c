"""The loop: what is recorded, schedules, penalties and clipping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp

X = np.random.default_rng(0).normal(size=(23, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
LINEAR = cp.Network(2, [cp.Dense(1)])


def run(network: cp.Network = NETWORK, y: Any = Y, **more: Any) -> cp.Result:
    return cp.train(network, X, y, **({"loss": "binary_cross_entropy", "steps": 12, "rng": 0} | more))


def test_gradient_descent_by_hand() -> None:
    """Three steps of least squares, written out; the loss is the one before each update."""
    w, b = LINEAR.first_parameters(np.random.default_rng(0)).layers[0].values()
    first = LINEAR.first_parameters(np.random.default_rng(0))
    losses = []
    for _ in range(3):
        error = X @ w + b - Y[:, None]
        losses.append((error**2).mean())
        w, b = w - 0.1 * 2 * X.T @ error / 23, b - 0.1 * 2 * error.mean(axis=0)
    result = run(LINEAR, loss="squared", optimizer=cp.SGD(0.1), steps=3, parameters=first)
    np.testing.assert_allclose(result.parameters["0.weight"], w, rtol=1e-13)
    np.testing.assert_allclose(result.parameters["0.bias"], b, rtol=1e-13)
    np.testing.assert_allclose(result.history["loss"], losses, rtol=1e-13)
    assert result.history.steps("loss").tolist() == [0, 1, 2]
    assert result.history["rate"].tolist() == [0.1] * 3
    assert result.stopped == "all steps done"
    assert result.history.events[-1] == (3, "ended: all steps done")


def test_epochs_are_passes_over_the_rows() -> None:
    result = run(steps=None, epochs=3, batch_size=10, validation_data=(X, Y), metrics=["accuracy", "r2"])
    assert result.progress.step == 9
    assert result.history.steps("validation_loss").tolist() == [3, 6, 9]
    assert set(result.history) == {"loss", "rate", "validation_loss", "validation_accuracy", "validation_r2"}


def test_schedule_multiplies_the_rate() -> None:
    schedule = cp.schedules.StepDecay(5, 0.5)
    result = run(optimizer=cp.SGD(0.2), schedule=schedule)
    assert result.history["rate"].tolist() == [0.2] * 5 + [0.1] * 5 + [0.05] * 2
    by_hand = run(optimizer=cp.SGD(0.2), steps=5)
    for rate, until in ((0.1, 10), (0.05, 12)):
        by_hand = run(optimizer=cp.SGD(rate), steps=until, rng=None, resume=by_hand)
    np.testing.assert_array_equal(result.parameters.vector, by_hand.parameters.vector)


def test_penalties() -> None:
    network = cp.Network(2, [cp.Dense(3, "tanh"), cp.LayerNorm(), cp.Dense(1)])
    p = network.first_parameters(np.random.default_rng(0))
    p.vector[...] = np.random.default_rng(1).normal(size=p.vector.shape)
    plain, g = cp.value_and_gradient(network, p, X, Y, loss="squared")
    weights = [p["0.weight"], p["2.weight"]]
    value, h = cp.value_and_gradient(network, p, X, Y, loss="squared", l1=0.1, l2=0.4)
    expected = sum(0.1 * abs(w).sum() + 0.2 * (w**2).sum() for w in weights)
    assert value - plain == pytest.approx(expected, rel=1e-12)
    for name in p:
        extra = 0.1 * np.sign(p[name]) + 0.4 * p[name] if name.endswith("weight") else 0.0
        np.testing.assert_allclose(h[name] - g[name], extra * np.ones_like(p[name]), atol=1e-13)
    result = cp.train(network, X, Y, loss="squared", parameters=p, l1=0.1, l2=0.4, steps=2, rng=0)
    assert result.history["penalty"][0] == pytest.approx(expected, rel=1e-12)
    assert result.history["loss"][0] == pytest.approx(plain, rel=1e-12)
    assert "penalty" not in run().history


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        (cp.ClipValue(2.0), [2.0, -2.0, 1.0, -2.0]),
        (cp.ClipNorm(2.5), [1.5, -2.0, 2.5 / 145**0.5, -30 / 145**0.5]),  # ‖(3, −4)‖ = 5, ‖(1, −12)‖ = √145
        (cp.ClipGlobalNorm(13.0), [13 / 170**0.5 * value for value in (3.0, -4.0, 1.0, -12.0)]),
    ],
    ids=str,
)
def test_clips(clip: cp.Clip, expected: list[float]) -> None:
    layout = cp.Layout.of([{"weight": (2, 1), "bias": (2,)}])
    g = cp.Parameters(layout, np.array([3.0, -4.0, 1.0, -12.0]))
    assert clip(g)
    np.testing.assert_allclose(g.vector, expected, rtol=1e-14)
    np.testing.assert_array_equal(g["0.bias"], g.vector[2:])


@pytest.mark.parametrize("clip", [cp.ClipValue(2.0), cp.ClipNorm(2.0), cp.ClipGlobalNorm(2.0)], ids=str)
@pytest.mark.parametrize("numbers", [[0.0, 0.0], [0.5, -0.25], [1.2, 1.6]], ids=str)
def test_clips_leave_small_gradients_alone(clip: cp.Clip, numbers: list[float]) -> None:
    g = cp.Parameters(cp.Layout.of([{"bias": (2,)}]), np.array(numbers))
    assert not clip(g)
    assert g.vector.tolist() == numbers


@pytest.mark.parametrize("clip", [cp.ClipNorm(1.0), cp.ClipGlobalNorm(1.0)], ids=str)
@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e30), ("float64", 1e300)])
def test_norms_of_huge_gradients_do_not_overflow(clip: cp.Clip, dtype: str, size: float) -> None:
    g = cp.Parameters(cp.Layout.of([{"bias": (2,)}]), np.array([3 * size, -4 * size], dtype))
    assert clip(g)
    np.testing.assert_allclose(g.vector, [0.6, -0.8], rtol=1e-6)
    assert g.vector.dtype == dtype


def test_clipping_is_said_in_the_history() -> None:
    result = run(LINEAR, 100 * Y, loss="squared", optimizer=cp.SGD(0.01), clip=cp.ClipValue(50.0), steps=200)
    acted = result.history.steps("clipped")
    assert 0 < len(acted) < 200
    assert result.history.events[1] == (0, "the gradient was clipped for the first time (clip_value(limit=50.0))")
    assert "clipped" not in run(clip=cp.ClipValue(1e6)).history


def test_clipping_comes_after_the_penalty_and_before_the_update() -> None:
    p = LINEAR.first_parameters(np.random.default_rng(0))
    p.vector[...] = [100.0, -100.0, 0.0]
    result = run(LINEAR, loss="squared", parameters=p, optimizer=cp.SGD(0.5), l2=1e3, clip=cp.ClipValue(1.0), steps=1)
    np.testing.assert_allclose(result.parameters.vector[:2], [99.5, -99.5])
    assert result.history["loss"][0] > 1e3
