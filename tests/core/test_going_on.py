"""A new run that begins with a result has its parameters and its optimiser's memory; all else begins anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError, InputTypeError

X = np.random.default_rng(0).normal(size=(30, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
NETWORK = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
RULES = [cp.SGD(0.3), cp.Nesterov(0.1), cp.RMSProp(), cp.Adam(0.05), cp.AdamW(0.05, weight_decay=0.1), cp.LBFGS()]


def train(rule: cp.Optimizer, steps: int, **more: Any) -> cp.Result:
    return cp.train(NETWORK, X, Y, loss="binary_cross_entropy", optimizer=rule, steps=steps, **more)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_two_runs_on_the_same_rows_are_one(tmp_path: Path, rule: cp.Optimizer, engine: str) -> None:
    whole = train(rule, 12, rng=0, engine=engine)
    train(rule, 5, rng=0, engine=engine).save(tmp_path / "first")
    second = train(rule, 4, parameters=cp.load(tmp_path / "first"), rng=7, engine=engine)
    second.save(tmp_path / "second")
    third = train(rule, 3, parameters=cp.load(tmp_path / "second"), rng=8, engine=engine)
    assert (third.progress.age, third.progress.step) == (9, 3)
    assert third.parameters.vector.tobytes() == whole.parameters.vector.tobytes()


def test_other_rows_and_batches() -> None:
    first = train(cp.Adam(), 10, rng=0)
    before = first.parameters.vector.copy()
    second = cp.train(
        NETWORK, X[:7], Y[:7], loss="binary_cross_entropy", epochs=2, batch_size=2, parameters=first, rng=1
    )
    assert (second.progress.step, len(second.history["loss"]), second.progress.age) == (8, 8, 10)
    assert np.array_equal(first.parameters.vector, before)


def test_the_optimiser_remembers() -> None:
    """Adam's first steps from zero moments are larger: without its memory the second run would be another one."""
    first = train(cp.Adam(0.05), 10, rng=0)
    on, anew = (train(cp.Adam(0.05), 1, parameters=p, rng=0) for p in (first, first.parameters))
    assert not np.allclose(on.parameters.vector, anew.parameters.vector, atol=1e-3)


def test_what_does_not_fit() -> None:
    first = train(cp.Adam(), 2, rng=0)
    with pytest.raises(InputError, match=r"made by adam.* whose memory momentum"):
        train(cp.Momentum(), 2, parameters=first)
    with pytest.raises(InputError, match="another network or dtype"):
        train(cp.Adam(), 2, parameters=first, dtype="float32")
    nothing: Any = {"0.weight": 1.0}
    with pytest.raises(InputTypeError, match="a Parameters object or a Result"):
        train(cp.Adam(), 2, parameters=nothing)
