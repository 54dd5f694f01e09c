"""Whole runs agree with the reference engine's: parameters, history, events, the steps that callbacks are told of."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import clearprop as cp

NETWORK = cp.Network(3, [cp.Dense(9, "tanh"), cp.Dense(6, "silu"), cp.Dense(1, "sigmoid")])
DROPPED = cp.Network(3, [cp.Scale(), cp.Dense(9, "relu"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(1, "sigmoid")])
RULES: list[cp.Optimizer] = [
    cp.SGD(0.2), cp.Momentum(0.05), cp.Nesterov(0.05), cp.RMSProp(0.01), cp.Adam(0.02), cp.AdamW(0.02),
    cp.Rprop(), cp.SGD(0.2, weight_decay=0.1), cp.RMSProp(0.01, weight_decay=0.1),
    cp.Adam(0.02, beta1=0.5, epsilon=1e-3),
]  # fmt: skip


class Told(cp.Callback):
    """Writes down the steps and epochs that it is told of, and the loss and a weight that it sees there."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.seen: list[tuple[str, int, float, float]] = []

    def on_step(self, training: Any) -> None:
        self._write("step", training)

    def on_epoch(self, training: Any) -> None:
        self._write("epoch", training)

    def on_end(self, training: Any) -> None:
        self._write("end", training)

    def _write(self, what: str, training: Any) -> None:
        progress = training.progress
        self.seen.append((what, progress.step, progress.history.last("loss"), float(progress.parameters.vector[0])))


def run(engine: str, network: cp.Network, xy: tuple[np.ndarray, np.ndarray], **more: Any) -> tuple[cp.Result, Any]:
    hooks = [hook() for hook in more.pop("callbacks", [])]
    schedule = more.pop("schedule", "constant")
    options = {"loss": "binary_cross_entropy", "optimizer": cp.Adam(0.02), "steps": 60, "rng": 4} | more
    result = cp.train(
        network, *xy, engine=engine, callbacks=hooks, schedule=schedule() if callable(schedule) else schedule, **options
    )
    return result, [hook.seen for hook in hooks if isinstance(hook, Told)]


def close(found: Any, expected: Any, what: str = "") -> None:
    np.testing.assert_allclose(
        found, expected, rtol=1e-9, atol=1e-9 * abs(np.asarray(expected)).max(initial=0), err_msg=what
    )


def same(network: cp.Network, xy: tuple[np.ndarray, np.ndarray], **more: Any) -> cp.Result:
    """Run both engines, compare all that came of it, and return the compiled one's result."""
    expected, told = run("reference", network, xy, **more)
    found, told_too = run("compiled", network, xy, **more)
    assert (found.engine, expected.engine) == ("compiled", "reference")
    close(found.progress.parameters.vector, expected.progress.parameters.vector)
    close(found.parameters.vector, expected.parameters.vector)
    for name, moment in expected.progress.state.items():
        close(found.progress.state[name], moment, name)
    assert list(found.history) == list(expected.history)
    for name, series in expected.history.items():
        assert found.history.steps(name).tolist() == expected.history.steps(name).tolist()
        close(found.history[name], series, name)
    assert found.history.events[1:] == expected.history.events[1:]
    assert [event.text.split(":")[0] for event in (found.history.events[0], expected.history.events[0])] == [
        "engine compiled", "engine reference",
    ]  # fmt: skip
    a, b = found.progress, expected.progress
    assert (a.step, a.stopped, a.rate_factor, a.memory.keys()) == (b.step, b.stopped, b.rate_factor, b.memory.keys())
    for mine, theirs in zip(told_too, told, strict=True):
        assert [each[:2] for each in mine] == [each[:2] for each in theirs]
        close([each[2:] for each in mine], [each[2:] for each in theirs])
    return found


@pytest.mark.parametrize("network", [NETWORK, DROPPED], ids=["plain", "dropout"])
@pytest.mark.parametrize("optimizer", RULES, ids=str)
def test_every_update_rule(optimizer: cp.Optimizer, network: cp.Network, rows: Any) -> None:
    same(network, rows, optimizer=optimizer)
    same(network, rows, optimizer=optimizer, batch_size=13)


MORE: dict[str, dict[str, Any]] = {
    "in order": {"shuffle": False, "batch_size": 16},
    "one row": {"batch_size": 1},
    "weights": {"sample_weight": np.arange(61.0), "batch_size": 7},
    "weights of a full batch": {"sample_weight": np.arange(61.0)},
    "l1": {"l1": 0.01, "batch_size": 8},
    "l2": {"l2": 0.1, "batch_size": 8},
    "both, with decay": {"l1": 0.01, "l2": 0.1, "optimizer": cp.SGD(0.2, weight_decay=0.05)},
    "clip values": {"clip": cp.ClipValue(0.02), "batch_size": 8},
    "clip norms": {"clip": cp.ClipNorm(0.05), "batch_size": 8, "l2": 0.1},
    "clip the global norm": {"clip": cp.ClipGlobalNorm(0.1), "batch_size": 8},
    "a clip that never acts": {"clip": cp.ClipGlobalNorm(1e9)},
    "cosine": {"schedule": "cosine_decay", "batch_size": 8},
    "one cycle": {"schedule": cp.schedules.OneCycle()},
    "warm-up": {"schedule": cp.schedules.WarmUp(17, "cosine_decay"), "batch_size": 8},
    "validation": {"validation_data": 0.3, "metrics": ["accuracy", "mean_squared_error"], "batch_size": 7},
    "early stopping": {
        "validation_data": 0.3, "optimizer": cp.SGD(3.0), "callbacks": [lambda: cp.EarlyStopping(patience=2)],
    },
    "a plateau": {
        "validation_data": 0.3, "optimizer": cp.SGD(3.0), "batch_size": 9,
        "schedule": lambda: cp.ReduceOnPlateau(patience=1, factor=0.5),
    },
    "told of each step": {"batch_size": 16, "callbacks": [lambda: Told(1)]},
    "told of every fifth and seventh": {"batch_size": 16, "callbacks": [lambda: Told(5), lambda: Told(7)]},
    "squared": {"loss": "squared", "callbacks": [lambda: Told(100)]},
    "rate factors": {"rate_factors": {"*.bias": 0.1, "*.weight": 3.0}, "batch_size": 8},
    "rate factors and decay": {
        "rate_factors": {"*.weight": 0.5, "1.*": 0.0}, "batch_size": 8, "optimizer": cp.SGD(0.2, weight_decay=0.3),
    },
    "smoothed": {"loss": cp.BinaryCrossEntropy(label_smoothing=0.1)},
}  # fmt: skip


@pytest.mark.parametrize("network", [NETWORK, DROPPED], ids=["plain", "dropout"])
@pytest.mark.parametrize("name", MORE)
def test_all_that_a_run_may_have(name: str, network: cp.Network, rows: Any) -> None:
    result = same(network, rows, **MORE[name])
    if name.startswith("clip"):
        assert len(result.history["clipped"])
    if name in ("early stopping", "a plateau"):
        assert (result.stopped != "all steps done") == (name == "early stopping")
        assert (result.progress.rate_factor < 1) == (name == "a plateau")


def test_what_shares_its_rows_between_threads(rows: Any, share: Any) -> None:
    share(3)
    for name in ("weights", "both, with decay", "clip values", "clip norms", "clip the global norm", "in order"):
        for network in (NETWORK, DROPPED):
            same(network, rows, **(MORE[name] | {"batch_size": 48}))
            same(network, rows, **(MORE[name] | {"batch_size": 48, "deterministic": True}))


def test_columns_of_every_loss(rows: Any) -> None:
    x, y = rows
    targets = np.stack([y, np.sin(x[:, 0]), x[:, 1] ** 2], axis=1)
    for loss in ("squared", "absolute", cp.Huber(0.3), cp.Quantile(0.3)):
        same(cp.Network(3, [cp.Dense(7, "gelu"), cp.Dense(3)]), (x, targets), loss=loss, batch_size=20)
    labels = np.digitize(x[:, 0], [-0.5, 0.5])
    for loss in ("categorical_cross_entropy", cp.CategoricalCrossEntropy(label_smoothing=0.1)):
        same(cp.Network(3, [cp.Dense(7, "mish"), cp.Dense(3, "softmax")]), (x, labels), loss=loss, batch_size=20)
    counts = np.random.default_rng(0).poisson(2.0, (61, 2))
    same(cp.Network(3, [cp.Dense(7, "elu"), cp.Dense(2, "exponential")]), (x, counts), loss="poisson")
    same(cp.Network(3, [cp.Dense(7, "selu"), cp.Dense(2, "softplus")]), (x, counts), loss="poisson", batch_size=20)


def test_dead_units_are_told_alike(rows: Any) -> None:
    network = cp.Network(3, [cp.Dense(5, "relu", bias=np.full(5, -1e3)), cp.Dense(1, "sigmoid")])
    for batch_size in (None, 16):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = same(network, rows, batch_size=batch_size)
        assert len(caught) == 2
        assert "dead ReLUs" in result.history.events[1].text


def test_a_saved_model_predicts_alike(rows: Any, tmp_path: Any) -> None:
    x, _ = rows
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        found, _ = run("compiled", DROPPED, rows, dtype=dtype, batch_size=16)
        found.save(tmp_path / "run.safetensors")
        loaded = cp.load(tmp_path / "run.safetensors")
        assert loaded.engine == "compiled"
        expected = cp.Result(loaded.network, loaded.loss, loaded.optimizer, loaded.progress, "reference").predict(x)
        assert loaded.predict(x).dtype == found.predict(x).dtype == dtype
        np.testing.assert_array_equal(loaded.predict(x), found.predict(x))
        np.testing.assert_allclose(loaded.predict(x), expected, atol=tolerance)
        np.testing.assert_allclose(loaded.predict(x[::2, :][::-1]), expected[::2][::-1], atol=tolerance)
