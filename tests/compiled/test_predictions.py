"""Predictions of a compiled run: of many rows in blocks and by threads, and from several threads of one's own."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.compiled import CompiledEngine

NETWORK = cp.Network(20, [cp.Dense(70, "tanh"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(3, "softmax")])
X = np.random.default_rng(1).normal(size=(5_000, 20))


def trained(dtype: str = "float64") -> cp.Result:
    labels = np.digitize(X[:300, 0], [-0.5, 0.5])
    return cp.train(
        NETWORK, X[:300], labels, loss="categorical_cross_entropy", steps=10, rng=0, engine="compiled", dtype=dtype
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_number_of_rows(dtype: str, share: Any) -> None:
    result = trained(dtype)
    x = X.astype(dtype)
    tolerance = 1e-13 if dtype == "float64" else 3e-6
    for threads in (0, 1, 3):
        if threads:
            share(threads)
        for n in (1, 2, 15, 16, 17, 31, 33, 48, 257, 2_049, 5_000):
            found = result.predict(x[:n])
            assert found.dtype == dtype
            np.testing.assert_allclose(found, NETWORK.predict(result.parameters, x[:n]), atol=tolerance)


def test_from_several_threads_at_once() -> None:
    """A result that a server shares between its threads gives each its own answer."""
    result = trained()
    parts = [X[i : i + 700] + i for i in range(0, 4_000, 100)]
    expected = [NETWORK.predict(result.parameters, part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            for found, wanted in zip(pool.map(result.predict, parts), expected, strict=True):
                np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_predictions_are_not_overwritten_by_the_next() -> None:
    result = trained()
    first = result.predict(X[:9])
    kept = first.copy()
    result.predict(X[9:18])
    np.testing.assert_array_equal(first, kept)


def test_a_pickled_result_predicts() -> None:
    result = trained()
    expected = result.predict(X[:9])
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - our own
    np.testing.assert_array_equal(again.predict(X[:9]), expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    x = X.copy()
    x[4_321, 7] = bad
    with pytest.raises(cp.errors.InputError, match="row 4321, column 7"):
        trained().predict(x)


@pytest.mark.parametrize("n", [1, 40])
@pytest.mark.parametrize(
    "activation", ["relu", "leaky_relu", "elu", "selu", "sigmoid", "tanh", "softplus", "exponential"]
)
def test_a_sum_that_overflows(activation: str, n: int) -> None:
    """What an activation makes of infinity is the reference's, too: it may well be finite."""
    network = cp.Network(2, [cp.Dense(3, activation, weight=[[1e200] * 3, [1e200] * 3])])
    p = network.first_parameters(np.random.default_rng(0))
    engine = CompiledEngine(network, cp.Squared())
    for x in (-1e200, 1e200):
        rows = np.full((n, 2), x)
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(engine.predict(p, rows), network.predict(p, rows), rtol=1e-12)


def test_the_best_parameters_are_taken_and_later_changes_seen() -> None:
    result = trained()
    before = result.predict(X[:5])
    result.progress.parameters.vector[...] *= 0.5
    np.testing.assert_allclose(result.predict(X[:5]), NETWORK.predict(result.parameters, X[:5]), atol=1e-13)
    assert not np.allclose(result.predict(X[:5]), before)
