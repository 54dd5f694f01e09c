"""The moving average of the parameters: validated, kept and predicted with, while the updates stay as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError, InputTypeError

X = np.random.default_rng(0).normal(size=(40, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
NETWORK = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
DECAY = 0.6


class Ends(cp.Callback):
    """Keeps the parameters after each epoch."""

    def __init__(self) -> None:
        self.vectors: list[Any] = []

    def on_epoch(self, training: Any) -> None:
        self.vectors.append(training.progress.parameters.vector.copy())


def run(**more: Any) -> tuple[cp.Result, list[Any]]:
    ends = Ends()
    settings: dict[str, Any] = {"epochs": 6, "averaging": DECAY, "engine": "reference", **more}
    hooks = [ends, *settings.pop("callbacks", [])]
    result = cp.train(
        NETWORK, X, Y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), batch_size=8, callbacks=hooks, rng=0,
        **settings,
    )  # fmt: skip
    return result, ends.vectors


def average(vectors: list[Any]) -> Any:
    """By the definition: each epoch's parameters by its weight."""
    weights = DECAY ** np.arange(len(vectors))[::-1]
    return weights @ np.array(vectors) / weights.sum()


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_result_is_the_average_by_its_definition(engine: str) -> None:
    result, vectors = run(engine=engine)
    assert len(vectors) == 6
    np.testing.assert_allclose(result.parameters.vector, average(vectors), rtol=1e-13)
    np.testing.assert_allclose(
        result.predict(X), NETWORK.forward(result.parameters.like(average(vectors)), X)[0], rtol=1e-12
    )


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_the_updates_stay_as_they_are(engine: str) -> None:
    averaged, alone = run(engine=engine)[0], run(engine=engine, averaging=0.0)[0]
    assert averaged.progress.parameters.vector.tobytes() == alone.progress.parameters.vector.tobytes()
    assert averaged.history["loss"].tobytes() == alone.history["loss"].tobytes()
    assert alone.progress.average is None


def test_every_epochs_end_counts_where_nobody_looks_at_it() -> None:
    alone = cp.train(
        NETWORK, X, Y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), batch_size=8, epochs=6, rng=0,
        averaging=DECAY, engine="compiled",
    )  # fmt: skip
    assert alone.parameters.vector.tobytes() == run(engine="compiled")[0].parameters.vector.tobytes()


def test_an_epoch_that_has_not_ended_is_not_in_it() -> None:
    """40 rows by 8 are 5 updates an epoch; of 12, the last two are no epoch's end."""
    result, vectors = run(epochs=None, steps=12)
    assert len(vectors) == 2
    np.testing.assert_allclose(result.parameters.vector, average(vectors), rtol=1e-13)
    before = run(epochs=None, steps=4)[0]
    assert before.parameters.vector.tobytes() == before.progress.parameters.vector.tobytes()


def test_the_average_is_what_is_validated() -> None:
    result, vectors = run(validation_data=(X, Y))
    for k, loss in enumerate(result.history["validation_loss"]):
        parameters = result.parameters.like(average(vectors[: k + 1]))
        expected, _ = cp.value_and_gradient(NETWORK, parameters, X, Y, loss="binary_cross_entropy")
        assert loss == pytest.approx(expected, rel=1e-12)


def test_early_stopping_keeps_the_best_average() -> None:
    result, vectors = run(validation_data=(X, Y), epochs=12, callbacks=[cp.EarlyStopping(patience=50)])
    best = result.progress.best
    assert best is not None
    np.testing.assert_allclose(best.vector, average(vectors[: best.step // 5]), rtol=1e-13)
    assert best.value == result.history["validation_loss"].min()


def test_going_on_without_it_gives_the_last_parameters() -> None:
    part = run()[0]
    whole = cp.train(
        NETWORK, X, Y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), batch_size=8, epochs=9, resume=part
    )
    assert whole.progress.average is None
    assert whole.parameters.vector.tobytes() == run(epochs=9, averaging=0.0)[0].parameters.vector.tobytes()


@pytest.mark.parametrize("decay", [-0.1, 1.0, np.nan])
def test_a_decay_that_averages_nothing_is_refused(decay: float) -> None:
    with pytest.raises(InputError, match="averaging"):
        run(averaging=decay)


def test_text_is_no_decay() -> None:
    with pytest.raises(InputTypeError, match="averaging"):
        run(averaging="much")
