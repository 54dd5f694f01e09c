"""The history, and the metrics recorded in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

import clearprop as cp
from clearprop.errors import InputError, InputTypeError
from clearprop.training.history import History
from clearprop.training.metrics import METRICS, resolve_metric


def test_history_grows() -> None:
    history = History()
    for i in range(1000):
        history.record("loss", 2 * i, i / 7)
    np.testing.assert_array_equal(history["loss"], np.arange(1000) / 7)
    np.testing.assert_array_equal(history.steps("loss"), 2 * np.arange(1000))
    assert history["loss"].dtype == np.float64
    assert history.steps("loss").dtype == np.int64
    again = History()
    again.extend("loss", history.steps("loss"), history["loss"])
    again.extend("none", np.empty(0, np.int64), np.empty(0))
    np.testing.assert_array_equal(again["loss"], history["loss"])
    assert list(again) == ["loss", "none"]
    assert again["none"].shape == (0,)


def test_history_reads_like_a_mapping() -> None:
    history = History()
    assert repr(history) == "History(empty; 0 events)"
    assert np.isnan(history.last("loss"))
    assert history.last("loss", 3.0) == 3.0
    history.begin("loss")
    assert history.last("loss", 3.0) == 3.0
    history.record("loss", 0, 0.5)
    history.note(4, "look")
    assert history.last("loss") == 0.5
    assert history.events == [(4, "look")]
    assert (len(history), "loss" in history, "rate" in history) == (1, True, False)
    assert repr(history) == "History(loss × 1; 1 events)"
    assert dict(history).keys() == {"loss"}
    for ask in (history.__getitem__, history.steps):
        with pytest.raises(InputError, match="unknown series 'los'; did you mean 'loss'"):
            ask("los")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_metrics_of_quantities(dtype: type) -> None:
    rng = np.random.default_rng(0)
    y, p = rng.normal(size=(2, 30, 3)).astype(dtype)
    rtol = 1e-5 if dtype == np.float32 else 1e-12
    assert METRICS["mean_squared_error"](p, y) == pytest.approx(sk.mean_squared_error(y, p), rel=rtol)
    assert METRICS["root_mean_squared_error"](p, y) == pytest.approx(sk.mean_squared_error(y, p) ** 0.5, rel=rtol)
    assert METRICS["mean_absolute_error"](p, y) == pytest.approx(sk.mean_absolute_error(y, p), rel=rtol)
    assert METRICS["r2"](p, y) == pytest.approx(sk.r2_score(y, p), rel=rtol)
    y[:, 0] = 2.5
    assert METRICS["r2"](p, y) == pytest.approx(sk.r2_score(y[:, 1:], p[:, 1:]) * 2 / 3, rel=rtol)


def test_accuracy() -> None:
    assert METRICS["accuracy"](np.array([[0.6], [0.5], [0.4]]), np.array([[1.0], [0.0], [1.0]])) == 2 / 3
    assert METRICS["accuracy"](np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]]), np.eye(3)[[0, 1]]) == 0.5


def test_a_metric_of_ones_own() -> None:
    def bias(prediction: Any, target: Any) -> float:
        return float((prediction - target).mean())

    class Largest:
        def __call__(self, prediction: Any, target: Any) -> float:
            return float(prediction.max())

    x = np.random.default_rng(0).normal(size=(20, 2))
    y = (x[:, 0] > x[:, 1]).astype(float)
    network = cp.Network(2, [cp.Dense(1, "sigmoid")])
    result = cp.train(
        network, x, y, loss="squared", epochs=3, validation_data=(x, y), metrics=[bias, Largest(), "accuracy"]
    )
    assert {"validation_bias", "validation_Largest", "validation_accuracy"} <= set(result.history)
    assert result.history.last("validation_bias") == pytest.approx(float((result.predict(x)[:, 0] - y).mean()))
    with pytest.raises(InputTypeError, match="a metric is a name or a function of"):
        resolve_metric(3)  # pyright: ignore[reportArgumentType] - that is the test
