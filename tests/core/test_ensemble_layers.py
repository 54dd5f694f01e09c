"""Layers of several networks side by side, and the piecewise-linear encoding."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop import testing
from clearprop.errors import InputError

X = np.random.default_rng(0).normal(size=(20, 3))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(("groups", "width", "units"), [(1, 3, 2), (2, 1, 4), (3, 4, 1), (5, 2, 3)])
def test_derivative_of_groups(groups: int, width: int, units: int, shared: bool) -> None:
    layer = cp.GroupedDense(units, "tanh", groups=groups, shared=shared)
    assert testing.check_layer(layer, groups * width).error < 1e-12


def test_each_group_is_a_dense_layer() -> None:
    layer, rng = cp.GroupedDense(2, "silu", groups=3), np.random.default_rng(1)
    network = cp.Network(6, [layer])
    p = network.first_parameters(rng)
    x = rng.normal(size=(7, 6))
    a = layer.forward(p.layers[0], x).a
    for g in range(3):
        views = {"weight": p["0.weight"][g], "bias": p["0.bias"][g]}
        one = cp.Dense(2, "silu").forward(views, x[:, 2 * g : 2 * g + 2]).a
        np.testing.assert_allclose(a[:, 2 * g : 2 * g + 2], one, rtol=1e-14)


def test_first_values_are_those_of_a_group() -> None:
    """The fan of a group, not of all of them; and each group's own draw."""
    network = cp.Network(2000, [cp.GroupedDense(50, "relu", groups=4)])
    weight = network.first_parameters(np.random.default_rng(0))["0.weight"]
    assert weight.shape == (4, 500, 50)
    assert weight.std() == pytest.approx(np.sqrt(2 / 500), rel=0.02)
    assert all(abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05 for a, b in itertools.pairwise(weight))
    assert cp.GroupedDense(50, groups=4, shared=True).shapes(2000) == {"weight": (500, 50), "bias": (50,)}


def ensemble(count: int) -> cp.Network:
    return cp.Network(
        3,
        [
            cp.Members(count), cp.GroupedDense(5, "tanh", groups=count, shared=True), cp.Dropout(0.2),
            cp.GroupedDense(4, "relu", groups=count), cp.GroupedDense(1, "sigmoid", groups=count),
        ],
    )  # fmt: skip


def test_a_whole_ensemble() -> None:
    network = ensemble(4)
    assert network.n_outputs == 4
    y = np.repeat((X[:, :1] > 0).astype(float), 4, axis=1)
    assert testing.check_network(network, "binary_cross_entropy", x=X, y=y).error < 1e-10
    result = cp.train(network, X, y, loss="binary_cross_entropy", epochs=30, batch_size=5, rng=0)
    assert result.history["loss"][-1] < result.history["loss"][0]
    assert result.predict(X).shape == (20, 4)


def test_members_of_their_own_learn_as_if_alone() -> None:
    """Without shared weights each member's parameters go the way that it goes by itself, but for the mean over them."""
    layers = [cp.GroupedDense(4, "tanh", groups=2), cp.GroupedDense(1, groups=2)]
    both = cp.Network(6, layers)
    p = both.first_parameters(np.random.default_rng(2))
    x, y = np.hstack([X, X]), np.repeat(X[:, :1] ** 2, 2, axis=1)
    settings: dict[str, Any] = {"loss": "squared", "steps": 20, "engine": "reference"}
    whole = cp.train(both, x, y, optimizer=cp.SGD(0.1), parameters=p, **settings).parameters
    alone = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(1)])
    for m in range(2):
        q = alone.first_parameters(np.random.default_rng(0))
        for name in q:
            q[name][...] = p[name][m]
        found = cp.train(alone, X, y[:, :1], optimizer=cp.SGD(0.05), parameters=q, **settings).parameters
        for name in q:
            np.testing.assert_allclose(whole[name][m], found[name], rtol=1e-10, atol=1e-13)


def test_encoding() -> None:
    layer = cp.PiecewiseLinear(((0.0, 1.0, 4.0), (), (-1.0, 1.0)))
    x = np.array([[-5.0, 3.0, 0.0], [0.5, -3.0, 9.0], [2.5, 0.0, -1.0], [9.0, 1.0, 1.0]])
    wanted = [[0, 0, 3, 0.5], [0.5, 0, -3, 1], [1, 0.5, 0, 0], [1, 1, 1, 1]]
    assert layer.forward({}, x).a.tolist() == wanted
    assert testing.check_layer(layer, 3, x=x + 0.01).error < 1e-12
    assert cp.Network(3, [layer, cp.Dense(2)]).widths == (3, 4, 2)


def test_nan_stays_nan() -> None:
    a = cp.PiecewiseLinear(((0.0, 1.0),)).forward({}, np.array([[np.nan], [np.inf], [-np.inf]])).a
    assert np.isnan(a[0, 0])
    assert a[1:, 0].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cp.PiecewiseLinear(((0.0,),)), "two or more finite numbers, ascending"),
        (lambda: cp.PiecewiseLinear(((), (0.0, 1.0, 1.0))), "edges of column 1"),
        (lambda: cp.PiecewiseLinear(((0.0, float("inf")),)), "finite"),
        (
            lambda: cp.Network(3, [cp.PiecewiseLinear(((0.0, 1.0),))]),
            "layer 0: there are edges for 1 columns, and 3 come in",
        ),
        (lambda: cp.Network(5, [cp.GroupedDense(1, groups=2)]), "5 columns can't be 2 groups"),
        (lambda: cp.GroupedDense(1, groups=0), "groups"),
        (lambda: cp.Members(0), "count"),
    ],
    ids=["one edge", "equal edges", "infinite", "columns", "groups", "no group", "no member"],
)
def test_what_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
