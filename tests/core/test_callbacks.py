"""Callbacks: who is told what, early stopping, plateaus and dead units."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import ClearpropWarning, InputError

X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])


def run(**more: Any) -> cp.Result:
    return cp.train(NETWORK, X, Y, **({"loss": "binary_cross_entropy", "epochs": 8, "rng": 0} | more))


class Script(cp.Callback):
    """Plays these values, one an epoch, as a metric for others to watch."""

    def __init__(self, *values: float) -> None:
        self.values = values

    def metric(self, *_: object) -> float:
        return self.values[min(self.played, len(self.values) - 1)]

    def on_start(self, training):
        self.played = 0

    def on_epoch(self, training):
        self.played += 1


def scripted(*values: float, **more: Any) -> cp.Result:
    script = Script(*values)

    def played(*_: Any) -> float:
        return script.metric()

    more["callbacks"] = [script, *more.get("callbacks", [])]
    return run(**({"epochs": len(values), "validation_data": (X, Y), "metrics": [played]} | more))


def test_who_is_told_what_and_when() -> None:
    told: list[tuple[str, int]] = []

    class Note(cp.Callback):
        def on_start(self, training):
            told.append(("start", training.progress.step))

        def on_step(self, training):
            told.append(("step", training.progress.step))

        def on_epoch(self, training):
            told.append(("epoch", training.progress.step))
            assert training.progress.history.steps("validation_loss")[-1] == training.progress.step

        def on_end(self, training):
            told.append(("end", training.progress.step))
            assert training.progress.stopped == "all steps done"

    class Seldom(Note):
        every = 3

    run(epochs=2, batch_size=10, validation_data=(X, Y), callbacks=[Note()])
    assert told == [
        ("start", 0),
        ("step", 1),
        ("step", 2),
        ("epoch", 2),
        ("step", 3),
        ("step", 4),
        ("epoch", 4),
        ("end", 4),
    ]
    told.clear()
    run(epochs=None, steps=7, callbacks=[Seldom()], validation_data=(X, Y))
    assert [step for kind, step in told if kind == "step"] == [3, 6]
    cp.Callback().on_start(None), cp.Callback().on_end(None)  # pyright: ignore[reportArgumentType] - they do nothing


def test_a_callback_may_stop_the_run() -> None:
    class Stop(cp.Callback):
        def on_step(self, training):
            if training.progress.step == 3:
                training.stop("enough")

    result = run(callbacks=[Stop()])
    assert (result.stopped, result.progress.step) == ("enough", 3)
    assert result.history.events[-1].text == "ended: enough"

    class Never(cp.Callback):
        def on_start(self, training):
            training.stop("before it began")

    assert run(callbacks=[Never()]).progress.step == 0


def test_a_callback_may_change_the_rate() -> None:
    class Halve(cp.Callback):
        def on_step(self, training):
            training.progress.rate_factor *= 0.5

    result = run(optimizer=cp.SGD(0.8), epochs=4, callbacks=[Halve()])
    assert result.history["rate"].tolist() == [0.8, 0.4, 0.2, 0.1]


def test_early_stopping_restores_the_best() -> None:
    vectors: list[Any] = []

    class Keep(cp.Callback):
        def on_step(self, training):
            vectors.append(training.progress.parameters.vector.copy())

    stopping = cp.EarlyStopping("validation_played", patience=2)
    result = scripted(5, 3, 4, 2, 2, 2.5, 1, callbacks=[stopping, Keep()])
    assert result.stopped == "validation_played has not improved since step 4"
    assert result.progress.step == 6
    assert result.progress.best is not None
    assert result.progress.best[:2] == (4, 2.0)
    np.testing.assert_array_equal(result.parameters.vector, vectors[3])
    np.testing.assert_array_equal(result.progress.parameters.vector, vectors[5])
    np.testing.assert_array_equal(result.predict(X), NETWORK.predict(result.parameters, X))


def test_early_stopping_waits_in_epochs() -> None:
    stopping = cp.EarlyStopping("validation_played", patience=2)
    result = scripted(5, 3, 3, 3, 3, callbacks=[stopping], batch_size=6)
    assert result.progress.step == 4 * 4  # four batches an epoch; the best was epoch 2


def test_min_delta() -> None:
    stopping = cp.EarlyStopping("validation_played", patience=2, min_delta=0.5)
    assert scripted(5, 4.6, 4.55, 1, callbacks=[stopping]).progress.step == 3
    assert scripted(5, 4.4, 4.3, 3.8, callbacks=[stopping]).stopped == "all steps done"


def test_early_stopping_on_what_should_be_large() -> None:
    values = iter([0.5, 0.9, 0.6, 0.7])

    def accuracy(*_: Any) -> float:
        return next(values)

    stopping = cp.EarlyStopping("validation_accuracy", patience=2)
    result = run(validation_data=(X, Y), metrics=[accuracy], callbacks=[stopping])
    assert result.progress.best is not None
    assert result.progress.best.step == 2
    assert result.progress.step == 4


def test_early_stopping_adds_the_metric_that_it_watches() -> None:
    result = run(validation_data=0.25, callbacks=[cp.EarlyStopping("validation_r2", patience=100)])
    assert len(result.history["validation_r2"]) == 8


def test_early_stopping_on_the_training_loss() -> None:
    """The mean over the epoch's batches."""
    result = run(batch_size=5, callbacks=[cp.EarlyStopping("loss", patience=50)], epochs=6)
    means = result.history["loss"].reshape(6, 4).mean(axis=1)
    assert result.progress.best is not None
    assert result.progress.best.value == means.min()


@pytest.mark.parametrize("kind", [cp.EarlyStopping, cp.ReduceOnPlateau])
def test_what_cannot_be_watched(kind: Any) -> None:
    with pytest.raises(
        InputError, match=r"watches 'validation_loss', but there is no validation data.*validation_data=0\.2"
    ):
        run(callbacks=[kind()])
    with pytest.raises(
        InputError, match=r"can't watch 'validation_f1'; it can: loss, validation_loss, validation_accuracy"
    ):
        run(validation_data=0.2, callbacks=[kind("validation_f1")])
    with pytest.raises(InputError, match="can't watch 'speed'"):
        run(validation_data=0.2, callbacks=[kind("speed")])


def test_reduce_on_plateau() -> None:
    plateau = cp.ReduceOnPlateau("validation_played", patience=2, factor=0.5, smallest=0.2)
    values = (5, 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3)
    result = scripted(*values, optimizer=cp.SGD(1.0), schedule=plateau)
    assert result.history["rate"].tolist() == [1.0] * 4 + [0.5] * 2 + [0.25] * 6
    assert [event for event in result.history.events if "plateau" in event.text] == [
        (4, "validation_played on a plateau: rate × 0.5"),
        (6, "validation_played on a plateau: rate × 0.5"),
    ]
    as_callback = scripted(*values, optimizer=cp.SGD(1.0), callbacks=[plateau])
    np.testing.assert_array_equal(as_callback.parameters.vector, result.parameters.vector)


def test_a_metric_that_is_no_number() -> None:
    for callback in (
        cp.EarlyStopping("validation_played", patience=3),
        cp.ReduceOnPlateau("validation_played", patience=3),
    ):
        with pytest.warns(ClearpropWarning, match="validation_played is nan, which counts as no improvement"):
            result = scripted(float("nan"), 2, 1, float("nan"), callbacks=[callback])
        assert result.stopped == "all steps done"
        assert sum("counts as no improvement" in event.text for event in result.history.events) == 2
        assert result.progress.best is None or result.progress.best.value == 1


@pytest.mark.parametrize("share", [0.8, 1.0])
def test_dead_units(share: float) -> None:
    bias = np.where(np.arange(20) < 20 * share, -1e3, 1.0)
    network = cp.Network(2, [cp.Dense(20, "relu", bias=bias), cp.Dense(1, "sigmoid")])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = cp.train(network, X, Y, loss="binary_cross_entropy", steps=9, rng=0)
    told = [event for event in result.history.events if "dead" in event.text]
    if share < 0.9:
        assert not caught
        assert not told
    else:
        text = (
            "100% of layer 0's units give 0 for every row (dead ReLUs) after epoch 1; try a lower rate, scaled inputs"
        )
        assert [str(w.message)[: len(text)] for w in caught] == [text]
        assert [event.step for event in told] == [1]


def test_dead_units_are_looked_for_after_epochs_1_2_4_and_8(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    network = cp.Network(2, [cp.Dense(3, "relu"), cp.Dense(1, "sigmoid")])
    forward = cp.Network.forward

    def counted(self: cp.Network, parameters: Any, x: Any, rng: Any = None) -> Any:
        if len(x) == 7:  # every third of 20 rows, so that no more than ten are looked at
            looks.append(len(x))
        return forward(self, parameters, x, rng)

    from clearprop.training.callbacks import DeadUnits

    monkeypatch.setattr(DeadUnits, "rows", 9)
    monkeypatch.setattr(cp.Network, "forward", counted)
    cp.train(network, X, Y, loss="binary_cross_entropy", steps=9, rng=0)
    assert len(looks) == 4
