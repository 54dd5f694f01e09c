from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError, InputTypeError, TooLargeError
from clearprop.network import ROWS


@given(
    widths=st.lists(st.integers(1, 9), min_size=2, max_size=6),
    rows=st.integers(0, 9),
    dtype=st.sampled_from(["f4", "f8"]),
)
def test_shapes(widths: list[int], rows: int, dtype: str) -> None:
    network = cp.Network(widths[0], [cp.Dense(units, "tanh") for units in widths[1:]])
    assert network.widths == tuple(widths)
    assert network.n_parameters == sum(a * b + b for a, b in pairwise(widths))
    parameters = network.first_parameters(np.random.default_rng(0), dtype)
    x = np.random.default_rng(1).normal(size=(rows, widths[0])).astype(dtype)
    output, cache = network.forward(parameters, x)
    assert output.shape == (rows, widths[-1])
    assert output.dtype == np.dtype(dtype)
    assert [c.a.shape[1] for c in cache] == widths[1:]
    assert cache[0].x is x
    np.testing.assert_array_equal(network.predict(parameters, x), output)


def test_forward_by_hand() -> None:
    network = cp.Network(2, [cp.Dense(2, "relu"), cp.Dense(1, "sigmoid")])
    p = network.first_parameters(np.random.default_rng(0))
    p.vector[...] = [1, 2, 3, 4, 0.5, -0.5, 1, -1, 0.25]
    output, cache = network.forward(p, np.array([[1.0, -1.0]]))
    np.testing.assert_array_equal(cache[0].z, [[1 - 3 + 0.5, 2 - 4 - 0.5]])
    np.testing.assert_array_equal(cache[0].a, [[0.0, 0.0]])
    np.testing.assert_allclose(output, 1 / (1 + np.exp(-0.25)))


def test_many_rows_are_predicted_a_few_at_a_time() -> None:
    network = cp.Network(3, [cp.Dense(5, "tanh"), cp.Dense(2, "softmax")])
    parameters = network.first_parameters(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2 * ROWS + 17, 3))
    whole = network.forward(parameters, x)[0]
    np.testing.assert_allclose(network.predict(parameters, x), whole, rtol=1e-14)
    engine = ReferenceEngine(network, cp.CategoricalCrossEntropy())
    targets = np.eye(2)[np.random.default_rng(2).integers(0, 2, len(x))]
    loss, prediction = engine.evaluate(parameters, x, targets)
    np.testing.assert_allclose(prediction, whole, rtol=1e-14)
    assert loss == pytest.approx(-np.log((whole * targets).sum(axis=1)).mean(), rel=1e-12)
    np.testing.assert_array_equal(engine.predict(parameters, x), network.predict(parameters, x))


def test_table_of_layers() -> None:
    network = cp.Network(1, [cp.Dense(1000), cp.Dropout(0.25), cp.LayerNorm(), cp.Dense(2, cp.LeakyReLU(0.01))])
    assert str(network).splitlines() == [
        "layer  kind       settings                           output  parameters",
        "    0  Dense      activation=identity                 1,000       2,000",
        "    1  Dropout    rate=0.25                           1,000           0",
        "    2  LayerNorm  epsilon=1e-05                       1,000       2,000",
        "    3  Dense      activation=leaky_relu(slope=0.01)       2       2,002",
        "1 input, 2 outputs, 6,002 parameters",
    ]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: cp.Network(0, [cp.Dense(1)]),
            InputError,
            "a network's n_inputs must be a whole number, at least 1; got 0",
        ),
        (lambda: cp.Network(2, []), InputError, r"at least one layer, such as Dense\(1, 'sigmoid'\)"),
        (lambda: cp.Network(2, cp.Dense(1)), InputTypeError, "layers must be a list of layers"),
        (lambda: cp.Network(2, None), InputTypeError, "layers must be a list of layers"),
        (lambda: cp.Network(2, [cp.Dense(1), "tanh"]), InputTypeError, "layer 1 must be a layer, .*; got 'tanh'"),
        (lambda: cp.Network(2, [cp.Dense]), InputTypeError, "layer 0 must be a layer"),
    ],
)
def test_wrong_networks(make, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_wrong_columns() -> None:
    network = cp.Network(3, [cp.Dense(1)])
    parameters = network.first_parameters(np.random.default_rng(0))
    for x in (np.ones((4, 2)), np.ones(3), np.ones((1, 3, 1))):
        with pytest.raises(InputError, match=r"x must have shape \(rows, 3\); got"):
            network.forward(parameters, x)


def test_a_layer_of_ten_thousand_million_units_takes_nothing() -> None:
    network = cp.Network(2, [cp.Dense(10**10), cp.Dense(1, "sigmoid")])
    assert network.n_parameters == 4 * 10**10 + 1
    with pytest.raises(TooLargeError, match=r"would take about .* GiB, and this machine has"):
        network.first_parameters(np.random.default_rng(0))
    with pytest.raises(TooLargeError):
        cp.train(network, np.ones((2, 2)), [0, 1], loss="binary_cross_entropy", steps=1)


def test_no_parameters_at_all() -> None:
    network = cp.Network(2, [cp.Dropout(0.5)])
    result = cp.train(network, np.eye(2), np.eye(2), loss="squared", optimizer="sgd", steps=3, clip="clip_norm", rng=0)
    assert len(result.history["loss"]) == 3
    assert result.parameters.vector.shape == (0,)


def test_what_was_computed_stays_as_it_is() -> None:
    """A cache, an evaluation and a prediction are their holder's own, whatever is computed afterwards."""
    layers = [cp.Dense(5, "leaky_relu"), cp.Dropout(0.5), cp.Dense(4, "relu"), cp.LayerNorm(), cp.Dense(3, "softmax")]
    network = cp.Network(2, layers)
    engine = ReferenceEngine(network, cp.CategoricalCrossEntropy())
    p = network.first_parameters(np.random.default_rng(0))
    x, other = np.random.default_rng(1).normal(size=(2, 9, 2))
    y = np.eye(3)[[0, 1, 2] * 3]

    def everything(rows: np.ndarray) -> list[np.ndarray]:
        output, cache = network.forward(p, rows, np.random.default_rng(2))
        found = [output, engine.evaluate(p, rows, y)[1], engine.predict(p, rows), network.predict(p, rows)]
        return found + [np.asarray(array) for one in cache for array in one if array is not None]

    kept = everything(x)
    before = [array.copy() for array in kept]
    engine.gradient(p, other, y, into=p.copy(), rng=np.random.default_rng(3))
    engine.gradient(p, x, y, into=p.copy(), rng=np.random.default_rng(2))
    everything(other)
    for array, copied in zip(kept, before, strict=True):
        np.testing.assert_array_equal(array, copied)


def test_engine_evaluates_with_weights() -> None:
    network = cp.Network(2, [cp.Dense(1, "sigmoid")])
    p = network.first_parameters(np.random.default_rng(0))
    x, y, w = np.random.default_rng(1).normal(size=(9, 2)), np.ones((9, 1)), np.arange(1.0, 10.0)
    engine = ReferenceEngine(network, cp.BinaryCrossEntropy())
    loss = engine.evaluate(p, x, y, w)[0]
    assert loss == pytest.approx(-(w * np.log(network.predict(p, x)[:, 0])).sum() / w.sum(), rel=1e-13)
    assert loss == pytest.approx(engine.gradient(p, x, y, w, into=p.copy()), rel=1e-13)
