"""A run is the same bits however it is cut into stretches, where it is resumed, and when it is done again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp

NETWORK = cp.Network(3, [cp.Dense(9, "tanh"), cp.Dropout(0.2), cp.Dense(6, "gelu"), cp.Dense(1, "sigmoid")])
STEPS = 60
MORE: dict[str, dict[str, Any]] = {
    "full batch": {},
    "mini-batches": {"batch_size": 8, "optimizer": cp.AdamW(0.02)},
    "in order": {"batch_size": 8, "shuffle": False, "optimizer": "rprop"},
    "float32": {"batch_size": 8, "dtype": "float32", "optimizer": "nesterov"},
    "much": {
        "batch_size": 8, "l1": 0.001, "l2": 0.01, "clip": cp.ClipGlobalNorm(0.1), "schedule": "cosine_decay",
        "sample_weight": np.arange(1.0, 62.0), "validation_data": 0.3, "metrics": ["accuracy"],
    },
}  # fmt: skip


class Look(cp.Callback):
    def __init__(self, every: int) -> None:
        self.every = every

    def on_step(self, training: Any) -> None:
        assert training.progress.step % self.every == 0


class Pause(cp.Callback):
    def __init__(self, at: int) -> None:
        self.at = at

    def on_step(self, training: Any) -> None:
        if training.progress.step == self.at:
            training.stop("paused")


def run(rows: Any, name: str, **more: Any) -> cp.Result:
    options = {"loss": "binary_cross_entropy", "steps": STEPS, "engine": "compiled"} | MORE[name] | more
    return cp.train(NETWORK, *rows, **options)


@pytest.mark.parametrize("name", MORE)
def test_callbacks_change_nothing(name: str, rows: Any, assert_same_bits: Any) -> None:
    whole = run(rows, name, rng=2**70 + 1)
    assert_same_bits(whole, run(rows, name, rng=2**70 + 1))
    for every in ([1], [7], [10**6], [3, 4]):
        assert_same_bits(whole, run(rows, name, rng=2**70 + 1, callbacks=[Look(k) for k in every]))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", MORE)
def test_resumed_anywhere(name: str, threads: int, rows: Any, tmp_path: Any, share: Any, assert_same_bits: Any) -> None:
    """Saved, loaded and gone on with, within an epoch and at its end."""
    share(threads)
    whole = run(rows, name, rng=3)
    for at in (1, 5, 8, 16, 31, STEPS - 1):
        part = run(rows, name, rng=3, callbacks=[Pause(at)])
        assert part.progress.step == at
        part.save(tmp_path / "run.safetensors")
        again = run(rows, name, resume=cp.load(tmp_path / "run.safetensors"))
        assert again.engine == "compiled"
        assert_same_bits(whole, again)
        assert_same_bits(whole, run(rows, name, resume=part))


def test_resumed_by_the_engine_that_began(rows: Any, assert_same_bits: Any) -> None:
    whole = run(rows, "much", rng=3)
    part = run(rows, "much", rng=3, callbacks=[Pause(20)])
    assert_same_bits(whole, run(rows, "much", resume=part, engine="auto"))


def test_short_and_long_stretches(rows: Any, monkeypatch: pytest.MonkeyPatch, assert_same_bits: Any) -> None:
    """However the clock runs: one step at a time, and all at once."""
    whole = run(rows, "much", rng=3, validation_data=None)
    for seconds in (1e-9, 1e9):
        monkeypatch.setattr("clearprop.training.loop._STRETCH", seconds)
        assert_same_bits(whole, run(rows, "much", rng=3, validation_data=None))


def test_a_stretch_grows_only_where_it_was_as_long_as_it_might_be(rows: Any) -> None:
    class Look(cp.Callback):
        def on_step(self, training):
            self.length = training._length

    look = Look()
    network = cp.Network(3, [cp.Dense(1, "sigmoid")])
    cp.train(network, *rows, loss="squared", steps=50, callbacks=[look], rng=0, engine="compiled")
    assert look.length <= 4  # at 4 ^ 50 a whole number is no longer one of the processor's
