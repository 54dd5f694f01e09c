"""What no kernel knows runs by its own formulas, the rest compiled: same results, and the engine says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.arrays import namespace
from clearprop.engines.compiled import CompiledEngine
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation
from clearprop.layers.layer import Cache
from clearprop.losses.loss import Loss
from clearprop.optimizers.optimizer import UpdateRule


@dataclass(frozen=True)
class OwnScale(cp.Layer):
    """a = x (1 + scale)."""

    def shapes(self, n_inputs):
        return {"scale": (n_inputs,)}

    def forward(self, parameters, x, rng=None):
        a = x * (1.0 + parameters["scale"])
        return Cache(x, a, a)

    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] = (gradient * cache.x).sum(axis=0)
        return gradient * (1.0 + parameters["scale"])


@dataclass(frozen=True)
class OwnCube(Activation):
    """a = z + z³ / 10."""

    def __call__(self, z):
        return z + 0.1 * z**3

    def derivative(self, z, a):
        return 1.0 + 0.3 * z**2


@dataclass(frozen=True)
class OwnFourth(Loss):
    """ℓ = (ŷ − y)⁴."""

    def value(self, prediction, target):
        return (prediction - target) ** 4

    def derivative(self, prediction, target):
        return 4.0 * (prediction - target) ** 3


@dataclass(frozen=True)
class OwnSigns(UpdateRule):
    """p ← p − rate · sign of an average of gradients."""

    moments = ("average",)

    def update(self, p, g, state, step, rate):
        state["average"] *= 0.5
        state["average"] += g
        p -= rate * namespace(p).sign(state["average"])


@dataclass(frozen=True)
class OwnClip(cp.ClipValue):
    """Clips twice as far out."""

    def __call__(self, gradients):
        before = gradients.vector.copy()
        np.clip(gradients.vector, -2 * self.limit, 2 * self.limit, out=gradients.vector)
        return bool((before != gradients.vector).any())


class OwnDense(cp.Dense):
    """A subclass, which may compute something else, isn't taken for what it extends."""

    def forward(self, parameters, x, rng=None):
        return super().forward(parameters, 2.0 * x, rng)

    def backward_from_z(self, parameters, cache, dz, into, need_input=True):
        dx = super().backward_from_z(parameters, cache, dz, into, need_input)
        return None if dx is None else 2.0 * dx


SIGMOID = cp.Dense(1, "sigmoid")
NETWORKS: dict[str, tuple[list[cp.Layer], list[str]]] = {
    "a layer": ([cp.Dense(5, "tanh"), OwnScale(), SIGMOID], ["layer 1"]),
    "the first": ([OwnScale(), cp.Dense(5, "gelu"), cp.LayerNorm(), SIGMOID], ["layer 0"]),
    "the last": ([cp.Dense(5, "relu"), cp.Dense(1), OwnScale()], ["layer 2"]),
    "two, with dropout between": (
        [OwnScale(), cp.Dropout(0.3), OwnScale(), cp.LayerNorm(), SIGMOID], ["layer 0", "layer 2"],
    ),
    "an activation": ([cp.Dense(5, OwnCube()), cp.Dense(4, "softmax"), SIGMOID], ["layer 0"]),
    "an activation at the end": ([cp.Dense(5, "elu"), cp.Dense(1, OwnCube())], ["layer 1"]),
    "a subclass": ([OwnDense(5, "tanh"), cp.Dense(3, "mish"), SIGMOID], ["layer 0"]),
    "a subclass at the end": ([cp.Dense(5, "tanh"), OwnDense(1, "sigmoid")], ["layer 1"]),
}  # fmt: skip


def both(network: cp.Network, xy: Any, **more: Any) -> cp.Result:
    """Run both engines; they must come to the same."""
    options = {"loss": "squared", "optimizer": cp.Adam(0.02), "steps": 60, "batch_size": 16, "rng": 1} | more
    expected = cp.train(network, *xy, engine="reference", **options)
    found = cp.train(network, *xy, engine="compiled", **options)
    assert found.engine == "compiled"
    np.testing.assert_allclose(found.parameters.vector, expected.parameters.vector, rtol=1e-9, atol=1e-10)
    for name, series in expected.history.items():
        np.testing.assert_allclose(found.history[name], series, rtol=1e-9, atol=1e-10)
        assert found.history.steps(name).tolist() == expected.history.steps(name).tolist()
    assert found.history.events[1:] == expected.history.events[1:]
    x = xy[0][::2]
    np.testing.assert_allclose(found.predict(x), expected.predict(x), atol=1e-9)
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_own_layers_and_activations(name: str, rows: Any) -> None:
    layers, said = NETWORKS[name]
    network = cp.Network(3, layers)
    fallbacks = CompiledEngine(network, cp.Squared()).fallbacks
    assert [text.split(" (")[0] for text in fallbacks] == said
    losses = (
        ["squared"]
        if layers[-1] != SIGMOID and name != "a subclass at the end"
        else ["squared", "binary_cross_entropy"]
    )
    for loss in losses:
        both(network, rows, loss=loss, l2=0.01, clip=cp.ClipGlobalNorm(1.0))
    both(network, rows, sample_weight=np.arange(61.0), validation_data=0.2)


def test_an_own_loss(rows: Any) -> None:
    network = cp.Network(3, [cp.Dense(5, "tanh"), cp.Dropout(0.2), cp.Dense(1, "sigmoid")])
    assert CompiledEngine(network, OwnFourth()).fallbacks == [f"the loss ({OwnFourth()})"]
    both(network, rows, loss=OwnFourth())


def test_an_own_rule_and_an_own_clip(rows: Any) -> None:
    network = cp.Network(3, [cp.Dense(5, "tanh"), cp.LayerNorm(), cp.Dense(1, "sigmoid")])
    assert not CompiledEngine(network, cp.Squared()).fallbacks
    both(network, rows, optimizer=OwnSigns(0.01, weight_decay=0.1))
    result = both(network, rows, clip=OwnClip(0.01))
    assert len(result.history["clipped"])


def test_lbfgs_goes_step_by_step(rows: Any) -> None:
    network = cp.Network(3, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
    both(network, rows, loss="binary_cross_entropy", optimizer="lbfgs", batch_size=None, steps=20, l2=0.01)


def test_in_float32_and_with_other_rows(rows: Any) -> None:
    network = cp.Network(3, [cp.Dense(70, "tanh"), OwnScale(), cp.Dense(70, "relu"), cp.Dense(1)])
    engine, reference = CompiledEngine(network, cp.Squared()), ReferenceEngine(network, cp.Squared())
    p = network.first_parameters(np.random.default_rng(0), np.float32)
    x, y = (np.asarray(each, np.float32).reshape(61, -1) for each in rows)
    for n in (61, 1, 17):
        expected, found = p.copy(), p.copy()
        a = reference.gradient(p, x[:n], y[:n], into=expected)
        assert engine.gradient(p, x[:n], y[:n], into=found) == pytest.approx(a, rel=1e-5)
        np.testing.assert_allclose(found.vector, expected.vector, atol=1e-5 * abs(expected.vector).max())
        assert engine.predict(p, x[:n]).dtype == found.vector.dtype == np.float32
