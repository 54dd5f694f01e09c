from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearprop as cp
from clearprop import testing

LAYERS = {
    "dense": lambda units: cp.Dense(units, "tanh"),
    "dropout": lambda _: cp.Dropout(0.4),
    "layer_norm": lambda _: cp.LayerNorm(),
    "scale": lambda _: cp.Scale(),
    "members": lambda units: cp.Members(units),
    "grouped_dense": lambda units: cp.GroupedDense(units, "silu", groups=1),
    "piecewise_linear": lambda _: Bends(),
    "periodic": lambda units: cp.Periodic(units + 1, frequencies=3),
}


class Bends(cp.PiecewiseLinear):
    """Edges for however many columns come; every third column has none."""

    def __init__(self) -> None:
        super().__init__(((-0.95, -0.31, 0.03, 0.87), (), (-2.03, 2.01)) * 3)

    def n_outputs(self, n_inputs: int) -> int:
        return cp.PiecewiseLinear(self.edges[:n_inputs]).n_outputs(n_inputs)

    def forward(self, parameters, x, rng=None):
        return cp.PiecewiseLinear(self.edges[: x.shape[1]]).forward(parameters, x)

    def backward(self, parameters, cache, gradient, into, need_input=True):
        return cp.PiecewiseLinear(self.edges[: cache.x.shape[1]]).backward(
            parameters, cache, gradient, into, need_input
        )


@pytest.mark.parametrize("kind", LAYERS)
@given(n_inputs=st.integers(1, 9), units=st.integers(1, 9), rows=st.integers(1, 9), seed=st.integers(0, 2**32))
def test_contract_and_derivative(kind: str, n_inputs: int, units: int, rows: int, seed: int) -> None:
    """Shapes, dtypes, nothing changed, ``into`` overwritten, and every derivative: see check_layer."""
    report = testing.check_layer(LAYERS[kind](units), n_inputs, rows=rows, rng=seed)
    assert report.error <= 1e-11  # a LayerNorm of two nearly equal columns cancels; test_gradients holds 1e-12
    assert report.method == "complex step"


@pytest.mark.parametrize("kind", LAYERS)
def test_no_rows(kind: str) -> None:
    network = cp.Network(3, [LAYERS[kind](2)])
    parameters = network.first_parameters(np.random.default_rng(0))
    output, cache = network.forward(parameters, np.empty((0, 3)), np.random.default_rng(0))
    assert output.shape == (0, network.n_outputs)
    into = parameters.like(np.full_like(parameters.vector, np.nan))
    assert network.backward(parameters, cache, output, into).shape == (0, 3)
    assert (into.vector == 0).all()


def test_worked_example_of_a_dense_layer() -> None:
    layer = cp.Dense(3, "leaky_relu")
    weight = np.array([[0.5, 1.0], [0.1, -0.5], [-0.1, 0.1]]).T
    cache = layer.forward({"weight": weight, "bias": np.array([1.0, -1.0, 0.0])}, np.array([[5.0, 2.0]]))
    np.testing.assert_allclose(cache.z, [[5.5, -1.5, -0.3]])
    np.testing.assert_allclose(cache.a, [[5.5, -0.075, -0.015]])


def test_dense_without_need_of_the_input() -> None:
    layer = cp.Dense(2)
    parameters = {"weight": np.ones((3, 2)), "bias": np.zeros(2)}
    into = {"weight": np.empty((3, 2)), "bias": np.empty(2)}
    cache = layer.forward(parameters, np.ones((4, 3)))
    assert layer.backward(parameters, cache, np.ones((4, 2)), into, need_input=False) is None
    assert into["weight"].tolist() == [[4.0, 4.0]] * 3


def test_dropout() -> None:
    x = np.ones((500, 200))
    layer = cp.Dropout(0.3)
    cache = layer.forward({}, x, np.random.default_rng(0))
    kept = cache.a != 0
    assert kept.mean() == pytest.approx(0.7, abs=0.01)
    assert set(np.unique(cache.a)) == {0.0, 1 / 0.7}
    assert cache.a.mean() == pytest.approx(1, abs=0.01)
    gradient = np.random.default_rng(1).normal(size=x.shape)
    np.testing.assert_array_equal(layer.backward({}, cache, gradient, {}), gradient * cache.a)  # x is 1 everywhere


def test_dropout_lets_everything_through_outside_training_and_at_rate_0() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    for layer, rng in ((cp.Dropout(0.9), None), (cp.Dropout(0.0), np.random.default_rng(0))):
        cache = layer.forward({}, x, rng)
        np.testing.assert_array_equal(cache.a, x)
        np.testing.assert_array_equal(layer.backward({}, cache, x, {}), x)


def test_dropout_draws_the_same_for_float32() -> None:
    wide, narrow = (
        cp.Dropout(0.5).forward({}, np.ones((9, 9), dtype), np.random.default_rng(3)).a for dtype in ("f8", "f4")
    )
    np.testing.assert_array_equal(wide, narrow)


def test_layer_norm() -> None:
    x = np.random.default_rng(0).normal(3, 5, size=(6, 8))
    parameters = {"scale": np.arange(8.0), "shift": np.ones(8)}
    cache = cp.LayerNorm().forward(parameters, x)
    np.testing.assert_allclose(cache.z.mean(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(cache.z.std(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(cache.a, cache.z * np.arange(8.0) + 1)
    constant = cp.LayerNorm().forward({"scale": np.ones(3), "shift": np.zeros(3)}, np.full((1, 3), 7.0))
    assert constant.a.tolist() == [[0.0, 0.0, 0.0]]


def test_first_values() -> None:
    network = cp.Network(3, [cp.LayerNorm(), cp.Dense(2, "relu", bias=[1.0, 2.0]), cp.Dense(1, weight="zeros")])
    p = network.first_parameters(np.random.default_rng(0))
    assert p["0.scale"].tolist() == [1.0, 1.0, 1.0]
    assert p["0.shift"].tolist() == [0.0, 0.0, 0.0]
    assert p["1.bias"].tolist() == [1.0, 2.0]
    assert (p["1.weight"] != 0).all()
    assert p["2.weight"].tolist() == [[0.0], [0.0]]


def test_a_layer_of_ones_own_in_a_network() -> None:
    @dataclass(frozen=True)
    class Stretch(cp.Layer):
        """A scale for each column; a setting of its own, and no first value named: it starts at 0."""

        power: int = 1

        def shapes(self, n_inputs):
            return {"stretch": (n_inputs,)}

        def forward(self, parameters, x, rng=None):
            a = x * parameters["stretch"] ** self.power
            return cp.Cache(x, a, a)

        def backward(self, parameters, cache, gradient, into, need_input=True):
            s = parameters["stretch"]
            into["stretch"][...] = (gradient * cache.x).sum(axis=0) * self.power * s ** (self.power - 1)
            return gradient * s**self.power

    assert testing.check_layer(Stretch(3), 4).error < 1e-12
    network = cp.Network(2, [cp.Dense(3, "tanh"), Stretch(2), cp.Dense(1)])
    assert "Stretch  power=2" in str(network)
    parameters = network.first_parameters(np.random.default_rng(0))
    assert parameters["1.stretch"].tolist() == [0.0] * 3
    assert testing.check_network(network, "squared").error < 1e-12
