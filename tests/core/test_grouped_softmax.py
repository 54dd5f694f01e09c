"""Several classes for several members side by side: softmax and its cross-entropy by groups of columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop import testing
from clearprop.errors import InputError

X = np.random.default_rng(0).normal(size=(20, 3))
LABELS = np.argmax(X, axis=1)


def of_group(values: np.ndarray, g: int, groups: int) -> np.ndarray:
    width = values.shape[1] // groups
    return values[:, g * width : (g + 1) * width]


@pytest.mark.parametrize("groups", [1, 2, 5])
def test_each_group_is_a_softmax(groups: int) -> None:
    rng = np.random.default_rng(1)
    z, gradient = rng.normal(size=(2, 7, 3 * groups))
    f, one = cp.Softmax(groups), cp.Softmax()
    a = f(z)
    back = f.backward(z, a, gradient)
    for g in range(groups):
        zg, ag = of_group(z, g, groups), of_group(a, g, groups)
        np.testing.assert_array_equal(ag, one(zg))
        np.testing.assert_array_equal(of_group(back, g, groups), one.backward(zg, ag, of_group(gradient, g, groups)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_the_mean_over_the_groups(smoothing: float, joint: bool, weighted: bool) -> None:
    rng, groups = np.random.default_rng(2), 3
    z = 2 * rng.normal(size=(6, 4 * groups))
    y = rng.dirichlet(np.ones(4), (6, groups)).reshape(z.shape)
    y[0] = np.tile([0, 1, 0, 0], groups)
    w = rng.uniform(0.1, 2, 6) if weighted else None
    loss, alone = cp.CategoricalCrossEntropy(smoothing, groups), cp.CategoricalCrossEntropy(smoothing)
    value, gradient = loss.value_and_gradient(cp.Softmax(groups)(z), y, w, z=z if joint else None)
    values = []
    for g in range(groups):
        zg = of_group(z, g, groups)
        expected = alone.value_and_gradient(cp.Softmax()(zg), of_group(y, g, groups), w, z=zg if joint else None)
        values.append(expected[0])
        np.testing.assert_allclose(of_group(gradient, g, groups), expected[1] / groups, rtol=1e-13, atol=1e-16)
    assert value == pytest.approx(np.mean(values), rel=1e-13)


def ensemble(groups: int) -> cp.Network:
    return cp.Network(
        3,
        [
            cp.Members(groups), cp.GroupedDense(4, "tanh", groups=groups, shared=True),
            cp.GroupedDense(3, cp.Softmax(groups), groups=groups),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("groups", [1, 4])
def test_a_whole_ensemble(groups: int, tmp_path: Path) -> None:
    network, loss = ensemble(groups), cp.CategoricalCrossEntropy(0.05, groups)
    assert loss.joins(network.output_activation)
    assert not loss.joins(cp.Softmax(groups + 1))
    assert testing.check_network(network, loss, x=X, y=LABELS).error < 1e-10
    result = cp.train(network, X, LABELS, loss=loss, optimizer=cp.Adam(0.02), epochs=60, batch_size=10, rng=0)
    assert result.history["loss"][-1] < 0.6 * result.history["loss"][0]
    prediction = result.predict(X)
    np.testing.assert_allclose(prediction.reshape(20, groups, 3).sum(axis=2), 1, rtol=1e-12)
    result.save(tmp_path / "model.safetensors")
    again = cp.load(tmp_path / "model.safetensors")
    assert (again.network, again.loss) == (network, loss)
    assert again.predict(X).tobytes() == prediction.tobytes()


def test_members_with_classes_learn_as_if_alone() -> None:
    layers = [cp.GroupedDense(4, "tanh", groups=2), cp.GroupedDense(3, cp.Softmax(2), groups=2)]
    p = cp.Network(6, layers).first_parameters(np.random.default_rng(2))
    settings: dict[str, Any] = {"steps": 20, "engine": "reference"}
    loss = cp.CategoricalCrossEntropy(groups=2)
    both = cp.train(
        cp.Network(6, layers), np.hstack([X, X]), LABELS, loss=loss, optimizer=cp.SGD(0.2), parameters=p, **settings
    ).parameters
    alone = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(3, "softmax")])
    for m in range(2):
        q = alone.first_parameters(np.random.default_rng(0))
        for name in q:
            q[name][...] = p[name][m]
        found = cp.train(
            alone, X, LABELS, loss="categorical_cross_entropy", optimizer=cp.SGD(0.1), parameters=q, **settings
        ).parameters
        for name in q:
            np.testing.assert_allclose(both[name][m], found[name], rtol=1e-10, atol=1e-13)


def test_targets() -> None:
    loss, rows = cp.CategoricalCrossEntropy(groups=2), np.eye(3)[[2, 0]]
    wanted = np.hstack([rows, rows])
    for y in ([2, 0], np.array([[2.0], [0.0]]), wanted):
        targets = loss.targets(y, 6, np.float32)
        np.testing.assert_array_equal(targets, wanted)
        assert targets.dtype == np.float32


@pytest.mark.parametrize(
    ("y", "n_outputs", "message"),
    [
        ([0, 1], 5, "in 2 groups needs a multiple of 2 outputs; the network has 5"),
        ([0, 1], 2, "an output for each class"),
        ([0, 3], 6, "whole numbers from 0 to 2; row 1 has 3"),
        ([[0.0, 1, 0]], 6, r"one-hot rows \(6\); got shape \(1, 3\)"),
        ([[1.0, 0, 1, 0], [1, 0, 0.5, 0]], 4, "sum to 1 in each group; row 1 of group 1 sums to 0.5"),
    ],
)
def test_wrong_targets(y: object, n_outputs: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cp.CategoricalCrossEntropy(groups=2).targets(y, n_outputs, np.float64)


@pytest.mark.parametrize("groups", [(1, 3), (3, 1), (2, 3)], ids=str)
def test_other_groups_than_the_networks_are_refused(groups: tuple[int, int]) -> None:
    network = cp.Network(3, [cp.Dense(12, cp.Softmax(groups[0]))])
    loss = cp.CategoricalCrossEntropy(groups=groups[1])
    with pytest.raises(InputError, match=f"groups={groups[0]}, and the loss has groups={groups[1]}; give both"):
        cp.train(network, X, LABELS, loss=loss, steps=1)


def test_the_mean_over_groups_of_sigmoids() -> None:
    """Other probabilities than a softmax's have no groups of their own: any number goes with them."""
    network, loss = cp.Network(3, [cp.Dense(6, "sigmoid")]), cp.CategoricalCrossEntropy(groups=2)
    assert not loss.joins(cp.Sigmoid())
    assert testing.check_network(network, loss, x=X, y=LABELS).error < 1e-10


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cp.Softmax(0), "Softmax's groups must be a whole number"),
        (lambda: cp.CategoricalCrossEntropy(groups=0), "groups must be a whole number"),
        (
            lambda: cp.Network(3, [cp.Dense(2), cp.Dense(5, cp.Softmax(2))]),
            "layer 1: softmax in 2 groups needs a multiple of 2 units; got 5",
        ),
    ],
)
def test_what_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
