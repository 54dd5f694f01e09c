"""A run that is stopped, saved, loaded and continued is the run that was never stopped, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError

X = np.random.default_rng(0).normal(size=(40, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
PLAIN = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
DROPPED = cp.Network(2, [cp.Dense(5, "relu"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(1, "sigmoid")])
STEPS = 20


class Pause(cp.Callback):
    def __init__(self, at: int) -> None:
        self.at = at

    def on_step(self, training):
        if training.progress.step == self.at:
            training.stop("paused")


def events(result: cp.Result) -> list[Any]:
    return [event for event in result.history.events if event.text != "ended: paused"]


def assert_same_run(first: cp.Result, second: cp.Result) -> None:
    a, b = first.progress, second.progress
    assert a.parameters.vector.dtype == b.parameters.vector.dtype
    assert a.parameters.vector.tobytes() == b.parameters.vector.tobytes()
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()
    assert a.state.keys() == b.state.keys()
    for name in a.state:
        assert a.state[name].dtype == b.state[name].dtype
        assert a.state[name].tobytes() == b.state[name].tobytes()
    assert (a.step, a.seed, a.rate_factor, a.memory, a.stopped) == (b.step, b.seed, b.rate_factor, b.memory, b.stopped)
    assert (a.best is None) == (b.best is None)
    if a.best is not None and b.best is not None:
        assert a.best[:2] == b.best[:2]
        assert a.best.vector.tobytes() == b.best.vector.tobytes()
    assert (a.average is None) == (b.average is None)
    if a.average is not None and b.average is not None:
        assert a.average.epochs == b.average.epochs
        assert a.average.vector.tobytes() == b.average.vector.tobytes()
    assert list(first.history) == list(second.history)
    for name in first.history:
        assert first.history[name].tobytes() == second.history[name].tobytes()
        assert first.history.steps(name).tolist() == second.history.steps(name).tolist()
    assert events(first) == events(second)


def in_two_parts(folder: Path, at: int, network: cp.Network, make: dict[str, Any], steps: int) -> cp.Result:
    """Train to ``at``, save, load, and go on."""

    def train(**more: Any) -> cp.Result:
        hooks = [*(hook() for hook in make.get("callbacks", [])), *more.pop("callbacks", [])]
        schedule = make.get("schedule", "constant")
        rest = {key: value for key, value in make.items() if key not in ("callbacks", "schedule")}
        return cp.train(
            network, X, Y, loss="binary_cross_entropy", steps=steps, callbacks=hooks,
            schedule=schedule() if callable(schedule) else schedule, **rest, **more,
        )  # fmt: skip

    if not at:
        return train(rng=3)
    part = train(rng=3, callbacks=[Pause(at)])
    assert part.progress.step == at
    part.save(folder / "run.safetensors")
    before = {name: array.copy() for name, array in part.progress.state.items()}
    again = cp.load(folder / "run.safetensors")
    assert_same_run(part, again)
    whole = train(resume=again)
    for name, array in before.items():  # the run that is gone on with isn't changed
        np.testing.assert_array_equal(again.progress.state[name], array)
    assert again.progress.step == at
    assert_same_run(whole, train(resume=part))
    return whole


OPTIMIZERS = [
    cp.SGD(0.2), cp.Momentum(0.1), cp.Nesterov(0.1), cp.RMSProp(), cp.Adam(0.01), cp.AdamW(0.01), cp.Rprop(),
    cp.LBFGS(), cp.SGD(0.2, weight_decay=0.1),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_every_optimizer(tmp_path: Path, optimizer: cp.Optimizer) -> None:
    for at in (1, 10):
        whole = in_two_parts(tmp_path, 0, PLAIN, {"optimizer": optimizer}, STEPS)
        assert_same_run(whole, in_two_parts(tmp_path, at, PLAIN, {"optimizer": optimizer}, STEPS))


MORE: dict[str, dict[str, Any]] = {
    "mini-batches": {"batch_size": 7},
    "mini-batches in order": {"batch_size": 7, "shuffle": False},
    "float32": {"batch_size": 7, "dtype": "float32"},
    "weights": {"batch_size": 7, "sample_weight": np.arange(40.0)},
    "penalties and clipping": {"batch_size": 7, "l1": 0.01, "l2": 0.1, "clip": cp.ClipGlobalNorm(0.1)},
    "rate factors": {"batch_size": 7, "rate_factors": {"*.bias": 0.1}, "optimizer": cp.Adam(0.01)},
    "validation split": {"batch_size": 7, "validation_data": 0.3, "metrics": ["accuracy"]},
    "cosine": {"schedule": "cosine_decay"},
    "one cycle": {"schedule": cp.schedules.OneCycle()},
    "warm-up": {"schedule": cp.schedules.WarmUp(8, "cosine_decay"), "batch_size": 7},
    "early stopping": {
        "batch_size": 7, "validation_data": 0.3, "optimizer": cp.SGD(3.0),
        "callbacks": [lambda: cp.EarlyStopping(patience=2)],
    },
    "averaging": {"batch_size": 7, "averaging": 0.5, "dtype": "float32"},
    "averaging and early stopping": {
        "batch_size": 7, "validation_data": 0.3, "optimizer": cp.SGD(3.0), "averaging": 0.5,
        "callbacks": [lambda: cp.EarlyStopping(patience=2)],
    },
    "plateau": {
        "batch_size": 7, "validation_data": 0.3, "optimizer": cp.SGD(3.0),
        "schedule": lambda: cp.ReduceOnPlateau(patience=1, factor=0.5),
    },
    "both": {
        "validation_data": 0.3, "optimizer": cp.SGD(3.0), "schedule": lambda: cp.ReduceOnPlateau("loss", patience=1),
        "callbacks": [lambda: cp.EarlyStopping("validation_accuracy", patience=4)],
    },
}  # fmt: skip


@pytest.mark.parametrize("network", [PLAIN, DROPPED], ids=["plain", "dropout"])
@pytest.mark.parametrize("name", MORE)
def test_all_that_a_run_may_have(tmp_path: Path, name: str, network: cp.Network) -> None:
    """Stopped within an epoch, at its end, and late; the last ones where early stopping may have ended the run."""
    whole = in_two_parts(tmp_path, 0, network, MORE[name], 40)
    for at in (9, 12, 25):
        if at < whole.progress.step:
            assert_same_run(whole, in_two_parts(tmp_path, at, network, MORE[name], 40))


def test_early_stopping_and_plateaus_do_act_above(tmp_path: Path) -> None:
    whole = in_two_parts(tmp_path, 0, PLAIN, MORE["early stopping"], 40)
    assert "has not improved" in whole.stopped
    assert in_two_parts(tmp_path, 0, PLAIN, MORE["plateau"], 40).progress.rate_factor < 1


def test_twenty_is_ten_and_ten(tmp_path: Path) -> None:
    more: dict[str, Any] = {"loss": "binary_cross_entropy", "optimizer": "adam", "batch_size": 7}
    whole = cp.train(DROPPED, X, Y, epochs=20, rng=1, **more)
    cp.train(DROPPED, X, Y, epochs=10, rng=1, **more).save(tmp_path / "ten.safetensors")
    again = cp.train(DROPPED, X, Y, epochs=20, resume=cp.load(tmp_path / "ten.safetensors"), **more)
    assert [event.step for event in again.history.events] == [0, 60, 120]
    del again.history.events[1]  # the first part's end, which is part of its history
    assert_same_run(whole, again)


def test_dead_units_are_told_once() -> None:
    network = cp.Network(2, [cp.Dense(5, "relu", bias=np.full(5, -1e3)), cp.Dense(1, "sigmoid")])
    more: dict[str, Any] = {"loss": "binary_cross_entropy"}
    with pytest.warns(cp.errors.ClearpropWarning, match="dead ReLUs"):
        part = cp.train(network, X, Y, steps=1, rng=0, **more)
    whole = cp.train(network, X, Y, steps=9, resume=part, **more)  # a warning here would be an error
    assert sum("dead" in event.text for event in whole.history.events) == 1


def test_going_on_without_early_stopping_gives_the_last_parameters() -> None:
    more: dict[str, Any] = {"loss": "binary_cross_entropy", "validation_data": (X, Y)}
    part = cp.train(PLAIN, X, Y, steps=5, rng=0, callbacks=[cp.EarlyStopping()], **more)
    assert part.progress.best is not None
    whole = cp.train(PLAIN, X, Y, steps=10, resume=part, **more)
    assert whole.progress.best is None
    np.testing.assert_array_equal(
        whole.parameters.vector, cp.train(PLAIN, X, Y, steps=10, rng=0, **more).parameters.vector
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"rng": 0}, r"has its parameters and its rng already; leave out parameters= and rng="),
        ({"parameters": PLAIN.first_parameters(np.random.default_rng(0))}, "leave out parameters="),
        ({"network": DROPPED}, "has another network or dtype"),
        ({"dtype": "float32"}, "has another network or dtype"),
        ({"optimizer": "sgd"}, r"was made by adam, whose memory sgd can't use; give the same one"),
        ({"steps": 10}, "has done 10 steps already; steps and epochs count from its start, so ask for more"),
    ],
)
def test_what_does_not_fit(more: dict[str, Any], message: str) -> None:
    part = cp.train(PLAIN, X, Y, loss="binary_cross_entropy", steps=10, rng=0)
    options: dict[str, Any] = {"network": PLAIN, "steps": 20, "loss": "binary_cross_entropy"} | more
    with pytest.raises(InputError, match=message):
        cp.train(options.pop("network"), X, Y, resume=part, **options)
