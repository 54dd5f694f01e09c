"""A run that diverges is told of, and goes on from where it was good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from running import running

from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError


def test_divergence_is_told_and_recovered_from() -> None:
    with running(steps=10**6, engine="reference") as run:
        run.do("rate", value=1e6)
        run.do("play")
        run.phase("diverged")
        told = run.state["diverged"]
        assert told["step"] >= 1
        assert told["tensor"]
        assert np.isfinite(run.vector()).all()
        with pytest.raises(InputError, match="has diverged"):
            run.do("play")
        run.do("recover", how="back")
        run.phase("paused")
        assert np.isfinite(run.vector()).all()
        assert run.state["branch"] == 1


def test_a_diverged_validation_is_recovered_from_where_there_was_a_finite_one(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate, losses = ReferenceEngine.evaluate, iter([None, None, np.inf])

    def third_is_infinite(self: Any, *rows: Any) -> Any:
        loss, prediction = evaluate(self, *rows)
        return next(losses, None) or loss, prediction

    monkeypatch.setattr(ReferenceEngine, "evaluate", third_is_infinite)
    with running(batch_size=20, engine="reference") as run:
        for step in range(1, 9):
            run.do("step")
            run.wait(lambda step=step: run.state["step"] == step)
        run.do("step")
        run.phase("diverged")
        assert run.state["diverged"]["tensor"] == "validation loss"
        run.do("recover", how="back")
        run.phase("paused")
        assert (run.state["branch"], run.state["step"]) == (1, 6)


def test_halving_goes_on_at_half_the_rate() -> None:
    with running(steps=10**6, engine="reference") as run:
        run.do("rate", value=1e6)
        run.do("play")
        run.phase("diverged")
        run.do("recover", how="halve")
        assert run.recording.branch(1).training.progress.rate_factor * 0.25 == pytest.approx(5e5)
