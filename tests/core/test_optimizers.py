from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.optimizers.optimizer import Optimizer, UpdateRule

RULES = [
    cp.SGD(0.1), cp.Momentum(0.1, 0.8), cp.Nesterov(0.1, 0.8), cp.RMSProp(0.01), cp.Adam(0.01), cp.AdamW(0.01),
    cp.Rprop(0.01),
]  # fmt: skip


def steps_of(rule: UpdateRule, gradients: np.ndarray, rate: float | None = None) -> np.ndarray:
    p = np.zeros_like(gradients[0])
    state = rule.first_state(p)
    for step, g in enumerate(gradients):
        rule.step(p, g.copy(), state, step=step, rate=rule.rate if rate is None else rate, loss=0.0, evaluate=no_loss)
    return p


def no_loss() -> float:
    raise AssertionError("an elementwise rule evaluates nothing")


GRADIENTS = np.array([[1.0, -2.0], [0.5, 2.0], [-3.0, 0.1]])


def test_sgd() -> None:
    np.testing.assert_allclose(steps_of(cp.SGD(0.1), GRADIENTS), -0.1 * GRADIENTS.sum(axis=0))


def test_momentum() -> None:
    v = p = np.zeros(2)
    for g in GRADIENTS:
        v = 0.9 * v - 0.1 * g
        p = p + v
    np.testing.assert_allclose(steps_of(cp.Momentum(0.1), GRADIENTS), p)


def test_nesterov_is_momentum_looking_ahead() -> None:
    """In Sutskever's words: the gradient is taken where the velocity leads, p + momentum · v."""
    v = theta = np.zeros(2)
    for g in GRADIENTS:
        v = 0.9 * v - 0.1 * g
        theta = theta + v
    np.testing.assert_allclose(steps_of(cp.Nesterov(0.1), GRADIENTS), theta + 0.9 * v)


def test_rmsprop() -> None:
    v = p = np.zeros(2)
    for g in GRADIENTS:
        v = 0.9 * v + 0.1 * g**2
        p = p - 0.01 * g / (np.sqrt(v) + 1e-8)
    np.testing.assert_allclose(steps_of(cp.RMSProp(0.01), GRADIENTS), p)


def test_adam() -> None:
    m = v = p = np.zeros(2)
    for t, g in enumerate(GRADIENTS, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        p = p - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(steps_of(cp.Adam(0.01), GRADIENTS), p)
    np.testing.assert_allclose(steps_of(cp.AdamW(0.01), GRADIENTS), p)  # the decay is the engine's part


def test_rprop() -> None:
    """Sizes by hand: kept at first, then × 1.2 or × 0.5; the step after a turn is left out."""
    np.testing.assert_allclose(steps_of(cp.Rprop(0.1), GRADIENTS[:1]), [-0.1, 0.1])
    np.testing.assert_allclose(steps_of(cp.Rprop(0.1), GRADIENTS[:2]), [-0.1 - 0.12, 0.1])
    np.testing.assert_allclose(steps_of(cp.Rprop(0.1), GRADIENTS), [-0.22, 0.1 - 0.05])
    np.testing.assert_allclose(steps_of(cp.Rprop(0.1), GRADIENTS, rate=0.05), [-0.11, 0.05 - 0.025])
    limits = cp.Rprop(0.1, smallest=0.09, largest=0.11)
    np.testing.assert_allclose(steps_of(limits, GRADIENTS), [-0.1 - 0.11, 0.1 - 0.09])


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_blocks_give_the_same_bits(rule: UpdateRule, monkeypatch: pytest.MonkeyPatch) -> None:
    gradients = np.random.default_rng(0).normal(size=(5, 1003)).astype(np.float32)
    whole = steps_of(rule, gradients)
    assert whole.dtype == np.float32
    monkeypatch.setattr(UpdateRule, "block", 64)
    np.testing.assert_array_equal(steps_of(rule, gradients), whole)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_everything_happens_in_place_and_in_the_dtype(rule: UpdateRule, dtype: str) -> None:
    p = np.ones(6, dtype)
    gradient = np.linspace(-1, 1, 6).astype(dtype)
    state = rule.first_state(p)
    assert set(state) == set(rule.moments)
    arrays = dict(state)
    for step in range(3):
        before = gradient.copy()
        assert rule.step(p, gradient, state, step=step, rate=rule.rate, loss=0.0, evaluate=no_loss) is None
        np.testing.assert_array_equal(gradient, before)
    assert p.dtype == dtype
    assert all(state[name] is arrays[name] and array.dtype == dtype for name, array in state.items())


@given(size=st.integers(0, 20))
def test_any_length(size: int) -> None:
    for rule in RULES:
        assert steps_of(rule, np.ones((2, size))).shape == (size,)


def test_weight_decay_shrinks_weights_only_and_before_the_step() -> None:
    network = cp.Network(2, [cp.Dense(3), cp.LayerNorm(), cp.Dense(1)])
    p = network.first_parameters(np.random.default_rng(0))
    p.vector[...] = 1.0
    g = p.like(np.full_like(p.vector, 0.5))
    rule = cp.SGD(0.1, weight_decay=0.2)
    engine = ReferenceEngine(network, cp.Squared())
    engine.update(rule, p, g, rule.first_state(p.vector), step=0, rate=0.05, loss=0.0, evaluate=no_loss)
    for name, array in p.items():
        first = 1 - 0.05 * 0.2 if name.endswith("weight") else 1.0
        np.testing.assert_allclose(array, first - 0.05 * 0.5, err_msg=name)


@pytest.mark.parametrize("rule", [*RULES, cp.LBFGS()], ids=str)
def test_each_learns(rule: Optimizer, xy: tuple[np.ndarray, np.ndarray], network: cp.Network) -> None:
    result = cp.train(network, *xy, loss="binary_cross_entropy", optimizer=rule, steps=300, rng=1)
    assert result.history["loss"][-1] < 0.95 * result.history["loss"][0]


def test_a_rule_of_ones_own() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class SignDescent(UpdateRule):
        moments = ("count",)

        def update(self, p, g, state, step, rate):
            state["count"] += 1
            p -= rate * np.sign(g)

    x = np.random.default_rng(0).normal(size=(20, 2))
    network = cp.Network(2, [cp.Dense(1, weight="zeros")])
    result = cp.train(network, x, x.sum(axis=1), loss="squared", optimizer=SignDescent(0.01), steps=120, rng=0)
    np.testing.assert_allclose(result.parameters["0.weight"], 1, atol=0.02)
    assert (result.progress.state["count"] == 120).all()
