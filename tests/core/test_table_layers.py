"""Layers for tables: periodic embeddings of numbers, embeddings of categories; and no derivative that nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop import testing
from clearprop.errors import InputError

X = np.random.default_rng(0).normal(size=(20, 3))
CODES = np.array([[1, 0.3, 2, 0], [2, 0.4, 3, 1], [0, 0.7, 9, 2], [2, 1, -1, 2], [2, -0.2, 3, 17]])


@pytest.mark.parametrize("columns", [None, (True, False, True), (False, True, False)], ids=str)
@pytest.mark.parametrize(("units", "frequencies"), [(2, 1), (4, 16), (3, 5)])
def test_derivative_of_waves(columns: Any, units: int, frequencies: int) -> None:
    layer = cp.Periodic(units, frequencies, 0.3, columns)
    report = testing.check_layer(layer, 3)
    assert report.error < 1e-12
    assert report.method == "complex step"


def test_waves_written_out() -> None:
    network = cp.Network(3, [cp.Periodic(3, 2, 1.0, (False, True, True))])
    p = network.first_parameters(np.random.default_rng(1))
    wanted = [X]
    for k, j in enumerate((1, 2)):
        h = np.cos(2 * np.pi * X[:, [j]] * p["0.frequency"][k] + p["0.phase"][k])
        wanted.append(h @ p["0.weight"][k] + p["0.bias"][k])
    assert network.n_outputs == 3 + 2 * 2
    np.testing.assert_allclose(network.predict(p, X), np.hstack(wanted), rtol=1e-13)


def test_first_waves() -> None:
    p = cp.Network(200, [cp.Periodic()]).first_parameters(np.random.default_rng(0))
    assert {name: values.shape for name, values in p.items()} == {
        "0.frequency": (200, 16), "0.phase": (200, 16), "0.weight": (200, 16, 3), "0.bias": (200, 3)
    }  # fmt: skip
    assert p["0.frequency"].std() == pytest.approx(0.1, rel=0.05)
    for name, most in {"phase": np.pi, "weight": 0.25, "bias": 0.25}.items():
        values = p[f"0.{name}"]
        assert 0.95 * most < values.max() < most
        assert -most < values.min() < -0.95 * most


@pytest.mark.parametrize("levels", [(2, 0, 3, 2), (2, 0, 0, 0), (2, 1, 3, 2)], ids=str)
def test_derivative_of_codes(levels: tuple[int, ...]) -> None:
    assert testing.check_layer(cp.Embedding(levels, 3), 4, x=CODES).error < 1e-12


def test_codes_become_rows_of_the_table() -> None:
    layer = cp.Embedding((2, 0, 3, 0), units=2)
    table = np.arange(2.0, 12).reshape(5, 2)
    a = layer.forward({"weight": table}, CODES).a
    np.testing.assert_array_equal(a[:, :2], CODES[:, [1, 3]])
    first, second = np.vstack([table[:2], [0, 0]]), np.vstack([table[2:], [0, 0]])
    np.testing.assert_array_equal(a[:, 2:4], first[[0, 1, -1, 1, 1]])
    np.testing.assert_array_equal(a[:, 4:], second[[1, 2, -1, -1, 2]])


@pytest.mark.parametrize("code", [0, -1, 3, -1e300, 1e300, np.inf, np.nan, 0.4, 2.6])
def test_other_numbers_count_as_unseen(code: float) -> None:
    a = cp.Embedding((2,), units=3).forward({"weight": np.ones((2, 3))}, np.array([[code], [2.0]])).a
    assert a.tolist() == [[0.0] * 3, [1.0] * 3]


def test_only_codes_of_the_batch_have_a_derivative() -> None:
    layer, into = cp.Embedding((4, 4), units=2), {"weight": np.full((8, 2), np.nan)}
    parameters = {"weight": np.random.default_rng(0).normal(size=(8, 2))}
    x, gradient = np.array([[2.0, 0], [2, 4], [0, 0]]), np.arange(12.0).reshape(3, 4)
    dx = layer.backward(parameters, layer.forward(parameters, x), gradient, into)
    wanted = np.zeros((8, 2))
    wanted[1], wanted[7] = gradient[0, :2] + gradient[1, :2], gradient[1, 2:]
    np.testing.assert_array_equal(into["weight"], wanted)
    assert (dx == 0).all()


def test_many_rows_of_one_code_keep_their_digits() -> None:
    layer = cp.Embedding((1,), units=1)
    parameters, into = {"weight": np.ones((1, 1), np.float32)}, {"weight": np.zeros((1, 1), np.float32)}
    gradient = np.full((300_000, 1), 0.1, np.float32)
    layer.backward(parameters, layer.forward(parameters, np.ones_like(gradient)), gradient, into, need_input=False)
    assert into["weight"].item() == pytest.approx(30_000, rel=1e-6)


def test_first_table() -> None:
    weight = cp.Network(2, [cp.Embedding((0, 3000))]).first_parameters(np.random.default_rng(0))["0.weight"]
    assert weight.shape == (3000, 8)
    assert weight.std() == pytest.approx(1, rel=0.03)
    assert weight.mean() == pytest.approx(0, abs=0.03)


def table() -> tuple[cp.Network, np.ndarray, np.ndarray]:
    """Two numbers and a category of five levels (0 is missing), and what depends on all of them."""
    rng = np.random.default_rng(3)
    x = np.hstack([rng.normal(size=(60, 2)), rng.integers(0, 6, (60, 1))])
    network = cp.Network(
        3,
        [
            cp.Embedding((0, 0, 5), units=2), cp.Periodic(3, 4, columns=(True, True, False, False)), cp.Scale(),
            cp.Dense(8, "tanh"), cp.Dense(1),
        ],
    )  # fmt: skip
    return network, x, np.sin(x[:, :1]) + np.array([0, 1, -1, 0.5, 2, -2])[x[:, 2].astype(int)][:, None]


def test_a_network_of_them_learns_and_is_kept(tmp_path: Path) -> None:
    network, x, y = table()
    assert network.widths == (3, 4, 8, 8, 8, 1)
    assert testing.check_network(network, "squared", x=x[:8], y=y[:8]).error < 1e-10
    result = cp.train(network, x, y, loss="squared", optimizer=cp.AdamW(0.02), epochs=40, batch_size=20, rng=0)
    assert result.history["loss"][-1] < 0.2 * result.history["loss"][0]
    result.save(tmp_path / "model.safetensors")
    again = cp.load(tmp_path / "model.safetensors")
    assert again.network == network
    assert again.predict(x).tobytes() == result.predict(x).tobytes()


def test_decay_acts_on_mixtures_and_tables_alone() -> None:
    from clearprop.engines.reference import weights

    network = table()[0]
    p = network.first_parameters(np.random.default_rng(0))
    assert list(weights(p)) == ["0.weight", "1.weight", "3.weight", "4.weight"]


@dataclass(frozen=True)
class Watched(cp.Layer):
    """Twice x, and a note of how it was called back."""

    calls: Any
    learns: bool = False

    def shapes(self, n_inputs: int) -> Any:
        return {"shift": (n_inputs,)} if self.learns else {}

    def forward(self, parameters: Any, x: Any, rng: Any = None) -> cp.Cache:
        return cp.Cache(x, 2 * x, 2 * x)

    def backward(self, parameters: Any, cache: Any, gradient: Any, into: Any, need_input: bool = True) -> Any:
        for name in into:
            into[name][...] = gradient.sum(axis=0)
        self.calls.append((self.learns, need_input))
        return 2 * gradient


@pytest.mark.parametrize(
    ("layers", "calls"),
    [
        ([False, False, True, False], [(False, True), (True, False)]),
        ([True, False], [(False, True), (True, False)]),
        ([False], []),
    ],
    ids=["two below", "none below", "none learns"],
)
def test_no_derivative_below_the_first_layer_that_learns(layers: list[bool], calls: list[tuple[bool, bool]]) -> None:
    seen: list[tuple[bool, bool]] = []
    network = cp.Network(3, [Watched(seen, learns) for learns in layers])
    p = network.first_parameters(np.random.default_rng(0))
    output, cache = network.forward(p, X)
    into = p.copy()
    assert network.backward(p, cache, output, into, need_input=False) is None
    assert seen == calls
    seen.clear()
    np.testing.assert_array_equal(network.backward(p, cache, output, into), 2 ** len(layers) * output)
    assert seen == [(learns, True) for learns in layers[::-1]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cp.Periodic(1), "units must be at least 2"),
        (lambda: cp.Periodic(frequencies=0), "frequencies must be a whole number"),
        (lambda: cp.Periodic(sigma=0.0), "sigma must be above 0"),
        (lambda: cp.Periodic(columns=(False, False)), "True at least once"),
        (lambda: cp.Periodic(columns=(0, 2)), "True or False for each column"),
        (lambda: cp.Network(3, [cp.Periodic(columns=(True, False))]), "layer 0: Periodic's columns are 2, and 3 come"),
        (lambda: cp.Embedding((0, 0)), "above 0 for a column at least"),
        (lambda: cp.Embedding((3, -1)), "column 1 has -1"),
        (lambda: cp.Embedding((2.0,)), r"column 0 has 2\.0"),
        (lambda: cp.Embedding((True,)), "column 0 has True"),
        (lambda: cp.Embedding((2**24 + 1,)), "from 0 to 16,777,216"),
        (lambda: cp.Embedding((3,), units=0), "units must be a whole number"),
        (lambda: cp.Network(3, [cp.Embedding((3, 0))]), "layer 0: there are levels for 2 columns, and 3 come in"),
    ],
)
def test_what_cannot_be(make: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()
