"""The same rng repeats a run bit for bit; each random stream depends on it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import clearprop as cp

X = np.random.default_rng(0).normal(size=(23, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
LINEAR = cp.Network(2, [cp.Dense(1)])


def run(network: cp.Network = NETWORK, y: Any = Y, **more: Any) -> cp.Result:
    return cp.train(network, X, y, **({"loss": "binary_cross_entropy", "steps": 12, "rng": 0} | more))


DROPPED = cp.Network(2, [cp.Dense(6, "tanh"), cp.Dropout(0.4), cp.Dense(1, "sigmoid")])


@pytest.mark.parametrize(
    ("network", "more"),
    [(NETWORK, {}), (NETWORK, {"batch_size": 5}), (DROPPED, {}), (DROPPED, {"batch_size": 5, "validation_data": 0.3})],
    ids=["full batch", "mini-batches", "dropout", "all"],
)
def test_the_same_rng_repeats_a_run_bit_for_bit(network: cp.Network, more: dict[str, Any]) -> None:
    first, second, other = (run(network, rng=rng, **more) for rng in (7, 7, 8))
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()
    assert first.history["loss"].tobytes() == second.history["loss"].tobytes()
    assert not np.array_equal(first.parameters.vector, other.parameters.vector)


def test_each_stream_depends_on_the_seed() -> None:
    """With the same first parameters, another seed still draws other batches, and other dropouts."""
    for network, more in ((NETWORK, {"batch_size": 5}), (DROPPED, {})):
        p = network.first_parameters(np.random.default_rng(0))
        first, other = (run(network, rng=rng, parameters=p, **more) for rng in (0, 1))
        assert not np.array_equal(first.parameters.vector, other.parameters.vector)
    p = NETWORK.first_parameters(np.random.default_rng(0))
    first, other = (run(rng=rng, parameters=p) for rng in (0, 1))
    np.testing.assert_array_equal(first.parameters.vector, other.parameters.vector)  # nothing is drawn here


def test_dropout_draws_anew_each_step_and_not_when_predicting() -> None:
    """With parameters that stand still, the gradient changes with the draw alone."""
    network = cp.Network(2, [cp.Dropout(0.5), cp.Dense(1, weight="zeros", bias="zeros")])
    gradients: list[bytes] = []

    class Look(cp.Callback):
        def on_step(self, training):
            gradients.append(training.gradients.vector.tobytes())

    result = run(network, Y - 0.5, loss="squared", optimizer=cp.SGD(1e-300), steps=6, callbacks=[Look()])
    assert len(set(gradients)) == 6
    again = run(network, Y - 0.5, loss="squared", optimizer=cp.SGD(1e-300), steps=6, callbacks=[Look()])
    assert gradients[6:] == gradients[:6]
    np.testing.assert_array_equal(result.predict(X), again.predict(X))


def test_a_generator_is_drawn_from() -> None:
    first, second = (run(rng=np.random.default_rng(3)) for _ in range(2))
    assert first.parameters.vector.tobytes() == second.parameters.vector.tobytes()
    generator = np.random.default_rng(3)
    assert not np.array_equal(run(rng=generator).parameters.vector, run(rng=generator).parameters.vector)
    assert not np.array_equal(run(rng=None).parameters.vector, run(rng=None).parameters.vector)


def test_shuffling() -> None:
    ordered = run(batch_size=5, shuffle=False)
    assert not np.array_equal(ordered.parameters.vector, run(batch_size=5).parameters.vector)
    p = NETWORK.first_parameters(np.random.default_rng(0))
    first, other = (run(batch_size=5, shuffle=False, rng=rng, parameters=p) for rng in (0, 1))
    np.testing.assert_array_equal(first.parameters.vector, other.parameters.vector)


def test_deterministic_keeps_blas_to_one_thread() -> None:
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads() -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    seen: list[set[int]] = []

    class Look(cp.Callback):
        def on_step(self, training):
            seen.append(threads())

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        run(deterministic=True, callbacks=[Look()], steps=2)
        assert seen == [{1} if before else set()] * 2  # some systems' BLAS says nothing
        assert threads() == before
        run(callbacks=[Look()], steps=1)
        assert seen[-1] == before


def test_training_in_a_thread() -> None:
    results: list[cp.Result] = []
    thread = threading.Thread(target=lambda: results.append(run()))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(results[0].parameters.vector, run().parameters.vector)
