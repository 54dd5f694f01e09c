"""What a page may do to any run: pause, update by update, its pace, its rate, bookmarks."""

from __future__ import annotations

import time

import numpy as np
import pytest
from running import running

import clearprop as cp


def test_pause_holds_the_step() -> None:
    with running(paused=False, steps=10**6, engine="reference") as run:
        run.do("pause")
        step = run.state["step"]
        time.sleep(0.15)
        assert run.state["step"] == run.recording.branch(0).training.progress.step == step
        run.do("play")
        run.wait(lambda: run.state["step"] > step)


@pytest.mark.parametrize("batch_size", [None, 16, 7])
def test_one_update_is_one_and_one_epoch_is_all_batches(batch_size: int | None) -> None:
    with running(batch_size=batch_size) as run:
        for _ in range(3):
            before = run.state["step"]
            run.do("step")
            run.wait(lambda before=before: run.state["step"] == before + 1 and run.state["phase"] == "paused")
        run.do("epoch")
        rows = len(run.setup.data.x)
        run.wait(lambda: run.state["step"] == 3 + -(-rows // (batch_size or rows)) and run.state["phase"] == "paused")


def test_a_pace_is_kept() -> None:
    with running(steps=10**6, engine="reference") as run:
        run.do("pace", steps_per_second=40)
        run.do("play")
        time.sleep(1.0)
        run.do("pause")
        assert 20 <= run.state["step"] <= 60


def test_a_rate_change_is_used_by_the_next_update() -> None:
    with running() as run:
        for _ in range(2):
            run.do("step")
        run.wait(lambda: run.state["step"] == 2 and run.state["phase"] == "paused")
        before = run.vector().copy()
        run.do("rate", value=0.125)
        assert run.state["step"] == 2
        run.do("step")
        run.wait(lambda: run.state["step"] == 3 and run.state["phase"] == "paused")
        _, gradient = cp.value_and_gradient(
            run.setup.network, cp.Parameters(run.setup.network.layout, before), run.setup.data.x, run.setup.data.y,
            loss=run.setup.loss,
        )  # fmt: skip
        np.testing.assert_array_equal(run.vector(), before - 0.125 * gradient.vector)
        branch = run.recording.branch(0)
        assert branch.changes == [(2, "rate", {"value": 0.125, "rate_factor": 0.5})]
        assert [frame.step for frame in run.recording.frames(branch) if frame.keep == "command"] == [2]


def test_bookmarks_stay_and_go() -> None:
    with running() as run:
        run.do("step")
        run.phase("paused")
        run.do("bookmark")
        branch = run.recording.branch(0)
        marked = [frame for frame in run.recording.frames(branch) if frame.keep == "bookmark"]
        assert len(marked) == 1
        run.do("bookmark", frame=marked[0].id)
        assert not [frame for frame in run.recording.frames(branch) if frame.keep == "bookmark"]
