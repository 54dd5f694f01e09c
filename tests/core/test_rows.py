"""The gate: what train takes, refuses and warns of; weights, splits and dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import ClearpropWarning, InputError, InputTypeError

X = np.random.default_rng(0).normal(size=(12, 2))
Y = np.arange(12.0) % 2
NETWORK = cp.Network(2, [cp.Dense(3, "tanh"), cp.Dense(1, "sigmoid")])


def run(x: Any = X, y: Any = Y, **more: Any) -> cp.Result:
    return cp.train(NETWORK, x, y, **({"loss": "binary_cross_entropy", "steps": 4, "rng": 0} | more))


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"x": X[:, :1]}, InputError, r"x must have 2 columns; got shape \(12, 1\)"),
        ({"x": X[:5]}, InputError, "x has 5 rows and y has 12; they must be equal"),
        ({"x": X[:0], "y": Y[:0]}, InputError, "x has no rows; at least one is needed"),
        ({"x": np.where(X > 1, np.nan, X)}, InputError, r"x holds nan at row \d+, column \d"),
        ({"x": [["a", "b"]] * 12}, InputTypeError, "x holds text"),
        ({"y": np.full(12, np.nan)}, InputError, r"y holds nan at row 0, column 0 \(12 values of 12 are not finite\)"),
        ({"y": [0, None] * 6}, InputTypeError, "y holds None at row 1"),
        ({"y": np.ones((12, 2))}, InputError, "y has 2 columns and the network has 1 outputs"),
        ({"sample_weight": [1] * 5}, InputError, "one number for each of the 12 rows; got 5"),
        ({"sample_weight": [-1.0] + [1] * 11}, InputError, "sample_weight must not be negative; row 0 has -1"),
        ({"sample_weight": [np.nan] + [1] * 11}, InputError, "sample_weight holds nan at row 0"),
        ({"sample_weight": np.zeros(12)}, InputError, "every sample_weight is zero, so there is nothing to learn from"),
        ({"sample_weight": ["a"] * 12}, InputTypeError, "sample_weight holds text"),
        ({"validation_data": 0}, InputError, "must leave rows on both sides of 0 and 1; 0 of 12 rows is 0"),
        ({"validation_data": 0.01}, InputError, "0.01 of 12 rows is 0"),
        ({"validation_data": 1.5}, InputError, "1.5 of 12 rows is 0"),
        ({"validation_data": True}, InputError, "True of 12 rows is 0"),
        ({"validation_data": "abc"}, InputError, r"must be \(x, y\), \(x, y, sample_weight\) or a share such as 0\.2"),
        ({"validation_data": (X,)}, InputError, r"must be \(x, y\)"),
        ({"validation_data": (X[:, :1], Y)}, InputError, "validation x must have 2 columns"),
        ({"validation_data": (X, Y[:3])}, InputError, "validation x has 12 rows and y has 3"),
        ({"dtype": "float16"}, InputError, "dtype must be 'float32' or 'float64'; got 'float16'"),
        ({"dtype": "foo"}, InputError, "dtype must be 'float32' or 'float64'; got 'foo'"),
        ({"steps": 0}, InputError, "steps must be a whole number, at least 1; got 0"),
        ({"steps": 2.5}, InputError, "steps must be a whole number"),
        ({"steps": None}, InputError, r"either steps= \(updates\) or epochs= \(passes over the rows\)"),
        ({"epochs": 3}, InputError, "either steps="),
        ({"steps": None, "epochs": -1}, InputError, "epochs must be a whole number"),
        ({"batch_size": 0}, InputError, "batch_size must be a whole number, at least 1; got 0"),
        ({"l1": -1}, InputError, "l1 must be at least 0"),
        ({"l2": "a"}, InputTypeError, "l2 must be a number"),
        ({"clip": "value"}, InputError, "unknown clip 'value'; did you mean 'clip_value'"),
        ({"loss": "bce"}, InputError, "unknown loss 'bce'"),
        ({"optimizer": "sdg"}, InputError, "unknown optimizer 'sdg'; did you mean 'sgd'"),
        ({"schedule": "step"}, InputError, "unknown schedule 'step'; did you mean 'step_decay'"),
        ({"metrics": ["acuracy"]}, InputError, "unknown metric 'acuracy'; did you mean 'accuracy'"),
        ({"metrics": [3]}, InputTypeError, "a metric is a name or a function"),
        ({"engine": "compile"}, InputError, r"unknown engine 'compile'; did you mean 'compiled'\?.*reference"),
        ({"rng": -1}, InputError, "a seed must be 0 or more"),
        ({"rng": "x"}, InputTypeError, "rng must be a whole number"),
        ({"callbacks": cp.EarlyStopping()}, InputTypeError, r"callbacks must be a list, such as \[EarlyStopping\(\)\]"),
        ({"callbacks": [cp.EarlyStopping]}, InputTypeError, "a callback must be a Callback object"),
        ({"parameters": np.zeros(13)}, InputTypeError, "parameters must be a Parameters object"),
        ({"resume": "run.safetensors"}, InputTypeError, r"resume must be a Result, such as load\(file\)"),
    ],
)
def test_what_is_refused(more: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(**more)


def test_not_a_network() -> None:
    with pytest.raises(InputTypeError, match=r"the network must be a Network\(n_inputs, layers\); got \[Dense"):
        cp.train([cp.Dense(1)], X, Y, loss="squared", steps=1)  # pyright: ignore[reportArgumentType] - that is the test


def test_parameters_of_another_network() -> None:
    other = cp.Network(2, [cp.Dense(1, "sigmoid")]).first_parameters(np.random.default_rng(0))
    with pytest.raises(InputError, match=r"another network's: Parameters\(3 float64: .*; this network:\nlayer"):
        run(parameters=other)


def test_inputs_are_never_changed() -> None:
    x, y, w = X.copy(), Y.copy(), np.linspace(0, 1, 12)
    first = NETWORK.first_parameters(np.random.default_rng(1))
    before = first.vector.copy()
    for array in (x, y, w):
        array.setflags(write=False)
    result = run(x, y, sample_weight=w, parameters=first, validation_data=(x, y, w), batch_size=5, l2=0.1)
    np.testing.assert_array_equal(first.vector, before)
    result.predict(x)
    cp.value_and_gradient(NETWORK, first, x, y, loss="binary_cross_entropy", sample_weight=w)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize("more", [{}, {"batch_size": 4}, {"validation_data": 0.25}, {"dtype": "float32"}], ids=str)
def test_weight_0_is_the_row_left_out(more: dict[str, Any]) -> None:
    w = np.array([1, 0, 2, 0.5, 0, 1, 3, 1, 0, 1, 2, 1])
    kept = w > 0
    first, second = run(sample_weight=w, **more), run(X[kept], Y[kept], sample_weight=w[kept], **more)
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()
    for name in first.history:
        np.testing.assert_array_equal(first.history[name], second.history[name])
    value, gradient = cp.value_and_gradient(
        NETWORK, first.parameters, X, Y, loss="binary_cross_entropy", sample_weight=w
    )
    again, other = cp.value_and_gradient(
        NETWORK, first.parameters, X[kept], Y[kept], loss="binary_cross_entropy", sample_weight=w[kept]
    )
    assert value == again
    np.testing.assert_array_equal(gradient.vector, other.vector)


def test_only_the_weights_ratios_count() -> None:
    w = np.linspace(1, 2, 12)
    expected = run(sample_weight=w).parameters.vector
    for factor in (2.0**10, 1e300, 1e-300, 2e307):
        np.testing.assert_allclose(run(sample_weight=w * factor).parameters.vector, expected, rtol=1e-9)
    np.testing.assert_allclose(run(sample_weight=w[:, None]).parameters.vector, expected)
    np.testing.assert_allclose(run(sample_weight=np.ones(12)).parameters.vector, run().parameters.vector, rtol=1e-9)


def test_a_weight_is_a_count() -> None:
    """A row with weight 2 is the same row twice."""
    twice = run(np.vstack([X, X[:3]]), np.concatenate([Y, Y[:3]])).parameters.vector
    once = run(sample_weight=[2] * 3 + [1] * 9).parameters.vector
    np.testing.assert_allclose(once, twice, rtol=1e-9)


def test_validation_split() -> None:
    """A quarter is held out, the same for the same rng, and the rest is what is trained on."""
    seen: list[tuple[Any, Any]] = []

    class Look(cp.Callback):
        def on_start(self, training):
            seen.append((training.batches.rows.x, training.validation.x))

    for seed in (0, 0, 1):
        run(rng=seed, validation_data=0.25, callbacks=[Look()])
    (kept, held), again, other = seen
    assert (len(kept), len(held)) == (9, 3)
    assert {tuple(row) for row in np.vstack([kept, held])} == {tuple(row) for row in X}
    np.testing.assert_array_equal(held, again[1])
    assert not np.array_equal(held, other[1])
    assert kept.tolist() == [row for row in X.tolist() if row in kept.tolist()]  # in the table's order
    given_out = run(kept, [Y[X.tolist().index(row)] for row in kept.tolist()], validation_data=None)
    np.testing.assert_array_equal(run(validation_data=0.25).parameters.vector, given_out.parameters.vector)


def test_validation_never_teaches() -> None:
    plain = run().parameters.vector
    for data in ((X + 5, Y), (X, Y, np.arange(12.0)), [X, Y]):
        watched = run(validation_data=data, metrics=["accuracy"], callbacks=[cp.EarlyStopping(patience=100)])
        np.testing.assert_array_equal(watched.progress.parameters.vector, plain)
        assert len(watched.history["validation_loss"]) == 4


def test_validation_loss_is_weighted() -> None:
    w = np.arange(1.0, 13.0)
    result = run(validation_data=(X, Y, w), steps=1)
    expected = cp.value_and_gradient(NETWORK, result.parameters, X, Y, loss="binary_cross_entropy", sample_weight=w)[0]
    assert result.history["validation_loss"][0] == pytest.approx(expected, rel=1e-12)


def test_one_class_only() -> None:
    with pytest.warns(ClearpropWarning, match=r"every row of y is the same \(\[1\.\]\), so there is nothing") as caught:
        cp.train(NETWORK, X, np.ones(12), loss="binary_cross_entropy", steps=2)
    assert caught[0].filename == __file__  # it points at the call, not at our inside


@pytest.mark.parametrize("given", ["float32", "float64"])
@pytest.mark.parametrize("asked", [None, "float32", "float64", np.float32])
def test_dtype(given: str, asked: Any) -> None:
    result = run(X.astype(given), Y, dtype=asked)
    expected = np.dtype(asked or given)
    assert result.parameters.vector.dtype == expected
    assert all(array.dtype == expected for array in result.progress.state.values())
    assert result.predict(X).dtype == expected
    assert result.predict(X.astype(np.float32)).dtype == expected
    assert result.predict(X[:0]).shape == (0, 1)


def test_predict_refuses_what_train_refuses() -> None:
    result = run()
    with pytest.raises(InputError, match="x must have 2 columns"):
        result.predict(np.ones((3, 3)))
    with pytest.raises(InputError, match="x holds nan at row 0, column 1"):
        result.predict([[1, float("nan")]])


def test_memory_of_the_activations_is_estimated() -> None:
    network = cp.Network(1, [cp.Dense(10**8, "relu"), cp.Dense(1)])
    with pytest.raises(cp.errors.TooLargeError, match="the activations of 1,000 rows would take about"):
        cp.train(network, np.ones((1000, 1)), np.arange(1000.0), loss="squared", steps=1)
