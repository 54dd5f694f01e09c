"""What needs another training: rewind, a seed, a frame, settings, a weight, a network, data; each exact."""

from __future__ import annotations

import numpy as np
import pytest
from running import running

import clearprop as cp
from clearprop.streams import stream


def test_rewind_repeats_the_losses() -> None:
    with running(paused=False, batch_size=16) as run:
        run.phase("finished")
        answer = run.do("rewind")
        assert answer["branch"] == 1
        run.do("play")
        run.phase("finished")
        np.testing.assert_array_equal(run.losses(0), run.losses(1))


def test_a_new_seed_gives_other_weights() -> None:
    with running() as run:
        first = run.vector().copy()
        run.do("seed", seed=9)
        assert (run.vector() != first).any()
        expected = run.setup.network.first_parameters(stream(9, "init"))
        np.testing.assert_array_equal(run.vector(), expected.vector)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum", "rprop", "lbfgs"])
def test_continuing_from_a_frame_goes_the_same_way(optimizer: str) -> None:
    settings = {} if optimizer in ("rprop", "lbfgs") else {"batch_size": 16}
    with running(optimizer=optimizer, steps=60, **settings) as run:
        for _ in range(25):
            run.do("step")
            step = run.state["step"]
            run.wait(lambda: run.state["phase"] == "paused")
        run.do("play")
        run.phase("finished")
        ended = run.vector().copy()
        frames = run.recording.frames(run.recording.branch(0))
        middle = next(frame for frame in frames if frame.step == min(step, 20))
        answer = run.do("continue", frame=middle.id)
        assert (answer["branch"], answer["step"]) == (1, middle.step)
        run.do("play")
        run.phase("finished")
        np.testing.assert_array_equal(run.vector(), ended)
        np.testing.assert_array_equal(run.losses(1), run.losses(0))
        for name in run.recording.branch(0).history:
            np.testing.assert_array_equal(run.recording.branch(1).history[name], run.recording.branch(0).history[name])


def test_settings_change_at_a_step_as_a_resumed_run_would() -> None:
    with running(batch_size=16) as run:
        for _ in range(5):
            run.do("step")
            run.wait(lambda: run.state["phase"] == "paused")
        run.do("set", l2=0.01)
        run.do("play")
        run.phase("finished")
        first = run.alone(steps=5)
        then = cp.train(
            run.setup.network, run.setup.data.x, run.setup.data.y, loss=run.setup.loss, optimizer=run.setup.optimizer,
            batch_size=16, steps=400, l2=0.01, resume=first, validation_data=run.setup.data.validation,
        )  # fmt: skip
        np.testing.assert_array_equal(run.vector(), then.progress.parameters.vector)


def test_another_optimiser_begins_with_no_memory() -> None:
    with running() as run:
        run.do("step")
        run.wait(lambda: run.state["step"] == 1 and run.state["phase"] == "paused")
        before = run.vector().copy()
        run.do("set", optimizer="adam")
        run.do("step")
        run.wait(lambda: run.state["step"] == 2 and run.state["phase"] == "paused")
        moved = np.abs(run.vector() - before)
        rate = cp.Adam().rate
        assert moved[moved > 0].min() > 0.99 * rate  # Adam's first step is ± its rate, if its moments begin at zero
        assert moved.max() <= rate * 1.001


def test_an_edited_weight_is_written_down() -> None:
    with running() as run:
        before = run.vector().copy()
        run.do("edit", parameter="0.weight", index=3, value=2.5)
        after = run.vector()
        assert after[3] == 2.5
        assert (after != before).sum() == 1
        assert run.recording.branch(0).changes == [(0, "edit", {"parameter": "0.weight", "index": 3, "value": 2.5})]


def test_another_network_and_other_data_are_branches() -> None:
    with running() as run:
        run.do("restart", hidden=[{"units": 3, "activation": "tanh"}, {"units": 2, "activation": "relu"}])
        assert run.recording.branch(1).header["network"]["widths"] == [2, 3, 2, 1]
        run.do("restart", hidden=[])
        assert run.recording.branch(2).header["network"]["widths"] == [2, 1]
        run.do("data", source={"kind": "points", "x": [[0, 0], [1, 1], [0, 1], [1, 0]] * 4, "y": [0, 1, 2, 0] * 4})
        header = run.recording.branch(3).header
        assert header["network"]["widths"] == [2, 3]
        assert header["loss"]["type"] == "loss.categorical_cross_entropy"
        assert run.recording.data(header["data"]).task == "multiclass"
        run.do("step")
        run.wait(lambda: run.state["step"] == 1)
