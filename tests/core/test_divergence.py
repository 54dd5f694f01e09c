"""A run stops at the first value that is not finite, keeps what was finite, and says where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import DivergenceError

X = np.random.default_rng(0).normal(size=(23, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
LINEAR = cp.Network(2, [cp.Dense(1)])


def run(network: cp.Network = NETWORK, y: Any = Y, **more: Any) -> cp.Result:
    return cp.train(network, X, y, **({"loss": "binary_cross_entropy", "steps": 12, "rng": 0} | more))


def test_divergence() -> None:
    with pytest.raises(DivergenceError) as caught:
        run(LINEAR, loss="squared", optimizer=cp.SGD(1e3), steps=500)
    error = caught.value
    result = error.result
    assert isinstance(error, ArithmeticError)
    assert error.step == result.progress.step > 10
    assert error.tensor in ("loss", "gradient of 0.weight", "0.weight")
    assert np.isfinite(result.parameters.vector).all()
    assert np.isfinite(error.largest_gradient)
    assert len(result.history["loss"]) == error.step
    assert np.isfinite(result.history["loss"]).all()
    assert result.stopped == f"diverged: {error.tensor} at step {error.step}"
    for words in (f"at step {error.step}", "rate 1000", "Try a lower rate, such as", "ClipGlobalNorm", "|x| up to"):
        assert words in str(error)
    again = run(LINEAR, loss="squared", optimizer=cp.SGD(1e3), steps=error.step)
    np.testing.assert_array_equal(again.parameters.vector, result.parameters.vector)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_callbacks_are_told_before_the_error_is_raised(engine: str) -> None:
    told: list[Any] = []

    class Told(cp.Callback):
        def on_diverged(self, training: Any, error: DivergenceError) -> None:
            told.append((error, training.progress.step, training.progress.parameters.vector.copy()))

        def on_end(self, training: Any) -> None:
            told.append("ended")

    with pytest.raises(DivergenceError) as caught:
        run(LINEAR, loss="squared", optimizer=cp.SGD(1e3), steps=500, callbacks=[Told()], engine=engine)
    ((error, step, vector),) = told
    assert error is caught.value
    assert step == error.step
    assert np.isfinite(vector).all()


def test_callbacks_are_told_of_a_validation_that_diverges() -> None:
    told: list[str] = []

    class Told(cp.Callback):
        def on_diverged(self, training: Any, error: DivergenceError) -> None:
            told.append(error.tensor)

    with pytest.raises(DivergenceError):
        run(
            LINEAR, loss="squared", optimizer=cp.SGD(1e-3), callbacks=[Told()], engine="reference",
            validation_data=(1e200 * X, Y),
        )  # fmt: skip
    assert told == ["validation loss"]


def test_divergence_of_a_parameter() -> None:
    p = LINEAR.first_parameters(np.random.default_rng(0))
    with pytest.raises(DivergenceError, match=r"at step 0: 0\.weight is not finite") as caught:
        run(LINEAR, 1e10 * Y, loss="squared", parameters=p, optimizer=cp.SGD(1e300))
    np.testing.assert_array_equal(caught.value.result.parameters.vector, p.vector)
    assert caught.value.largest_gradient > 1e9


def test_divergence_of_the_gradient_and_of_the_start() -> None:
    class Broken(cp.Squared):
        def derivative(self, prediction, target):
            return np.full_like(prediction, np.inf)

    with pytest.raises(DivergenceError, match=r"gradient of 0\.weight is not finite") as caught:
        run(LINEAR, loss=Broken())
    assert np.isnan(caught.value.largest_gradient)
    p = LINEAR.first_parameters(np.random.default_rng(0))
    p.vector[0] = np.nan
    with pytest.raises(DivergenceError, match="step 0: loss is not finite"):
        run(LINEAR, loss="squared", parameters=p)


def test_divergence_of_the_validation_loss() -> None:
    with pytest.raises(DivergenceError, match="at step 1: validation loss is not finite") as caught:
        run(LINEAR, loss="squared", validation_data=(1e200 * X, Y))
    assert caught.value.tensor == "validation loss"
    assert np.isfinite(caught.value.result.parameters.vector).all()


def test_a_validation_that_diverges_gives_back_what_could_be_validated() -> None:
    class Leap(cp.Callback):
        def on_step(self, training: Any) -> None:
            if training.progress.step == 3:
                training.progress.parameters.vector *= 1e100  # still finite, as is its training loss

    options: dict[str, Any] = {
        "loss": "squared", "optimizer": cp.SGD(0.1), "schedule": "cosine_decay", "validation_data": (1e60 * X, Y),
        "engine": "reference",
    }  # fmt: skip
    with pytest.raises(DivergenceError, match="at step 3: validation loss is not finite") as caught:
        run(LINEAR, callbacks=[Leap()], **options)
    result = caught.value.result
    assert result.progress.step == caught.value.step == len(result.history["loss"])
    assert f"(rate {result.history.last('rate'):g}," in str(caught.value)
    seen: list[Any] = []

    class Seen(cp.Callback):
        def on_epoch(self, training: Any) -> None:
            seen.append(training.progress.parameters.vector.copy())

    run(LINEAR, callbacks=[Seen()], **options)
    np.testing.assert_array_equal(result.parameters.vector, seen[1])
    assert abs(result.progress.parameters.vector).max() > 1e90  # the run itself is where it stopped
    with pytest.raises(DivergenceError) as caught:
        run(LINEAR, callbacks=[Leap(), cp.EarlyStopping(patience=5, min_delta=1e200)], **options)
    np.testing.assert_array_equal(caught.value.result.parameters.vector, seen[0])  # early stopping's own choice


def test_large_finite_values_are_not_divergence() -> None:
    """Squares of 1e25 overflow in float32; the values themselves are finite."""
    first = LINEAR.first_parameters(np.random.default_rng(0), np.float32)
    first.vector[...] = [0, 0, 1e25]
    result = cp.train(
        LINEAR, np.eye(2, dtype="f4"), [0.0, 1.0], loss="absolute", parameters=first, steps=2, rng=0, dtype="float32"
    )
    assert result.parameters["0.bias"][0] == np.float32(1e25)


def test_overflow_in_training_warns_of_nothing() -> None:
    """A passing overflow inside a formula is for the divergence check to judge, not a RuntimeWarning."""
    network = cp.Network(2, [cp.Dense(1, "exponential", weight=[[400.0], [400.0]])])
    with pytest.raises(DivergenceError):
        run(network, loss="poisson", y=np.arange(23.0))


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_squares_that_overflow_do_not_end_the_learning_in_silence(optimizer: str) -> None:
    x = np.full((4, 1), 1e10, np.float32)
    y = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    with pytest.raises(DivergenceError, match="the optimiser's square is not finite") as caught:
        cp.train(
            cp.Network(1, [cp.Dense(1, weight=[[1e5]])]), x, y, loss="squared", optimizer=optimizer, steps=5, rng=0
        )
    assert np.isfinite(caught.value.result.parameters.vector).all()


def test_metrics_need_names_of_their_own() -> None:
    def loss(prediction: Any, target: Any) -> float:
        return float(prediction.mean() - target.mean())

    network = cp.Network(1, [cp.Dense(1)])
    for metrics in ([loss], ["r2", "r2"]):
        with pytest.raises(cp.errors.InputError, match="already"):
            cp.train(network, [[0], [1.0]], [0, 1.0], loss="squared", steps=1, metrics=metrics)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_predictions_that_overflow_say_so(engine: str) -> None:
    network = cp.Network(2, [cp.Dense(3, "relu"), cp.Dense(1)])
    result = cp.train(
        network, np.ones((4, 2)), np.arange(4.0), loss="squared", steps=1, dtype="float32", engine=engine, rng=0
    )
    result.progress.parameters.vector[...] = 1e38
    for x in (np.ones((1, 2), np.float32), np.ones((3, 2)), [[1, 2]]):
        with pytest.warns(cp.errors.ClearpropWarning, match="predictions are not finite"):
            assert not np.isfinite(result.predict(x)).any()
