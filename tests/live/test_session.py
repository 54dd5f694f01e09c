"""What a page may do to a run, each at a step's boundary, and exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import ClearpropError, InputError, InputTypeError
from clearprop.live.commands import Commands
from clearprop.live.frames import until
from clearprop.live.recording import Recording
from clearprop.live.session import Session
from clearprop.live.setup import Setup
from clearprop.live.sources import make
from clearprop.live.sources.suggestion import suggest
from clearprop.live.sources.uploads import Uploads
from clearprop.result import Result


class Run:
    """A session in a thread of its own, and a page that commands it."""

    def __init__(self, *, paused: bool = True, steps: int = 400, **settings: Any) -> None:
        self.recording, self.commands = Recording(), Commands()
        self.recording.listen(lambda: None)
        data = settings.pop("data", None) or make({"kind": "dataset", "name": "moons", "n_rows": 80})
        found = suggest(data, hidden=(6,))
        optimizer = cp.Optimizer.resolve(settings.pop("optimizer", found.optimizer))
        self.setup = Setup(found.network, data, found.loss, optimizer, steps, 3, **settings)
        self.session = Session(self.setup, self.recording, self.commands, Uploads(), paused=paused)
        self.session.watching.always = True
        self.result: Result | None = None
        self._thread = Thread(target=self._run)
        self._thread.start()
        self.wait(lambda: bool(self.recording.state.get("total_steps")))

    def _run(self) -> None:
        self.result = self.session.run()

    def do(self, name: str, client: str = "page", **values: Any) -> dict[str, Any]:
        return self.commands.submit(client, name, values).result(10)

    def wait(self, met: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"never came: {self.recording.state}"
            assert self._thread.is_alive(), "the session died"
            time.sleep(0.002)

    def phase(self, name: str) -> None:
        self.wait(lambda: self.state["phase"] == name)

    @property
    def state(self) -> dict[str, Any]:
        return self.recording.state

    def losses(self, branch: int) -> np.ndarray:
        return self.recording.branch(branch).history["loss"]

    def vector(self) -> np.ndarray:
        return self.recording.branch(self.state["branch"]).training.progress.parameters.vector

    def alone(self, **settings: Any) -> Result:
        """Train the same without a page."""
        s = self.setup
        given = {"steps": s.steps, "batch_size": s.batch_size, "optimizer": s.optimizer} | settings
        return cp.train(
            s.network, s.data.x, s.data.y, loss=s.loss, validation_data=s.data.validation, rng=s.seed, **given
        )

    def end(self) -> None:
        if self._thread.is_alive():
            self.do("finish", client=self.state["controller"] or "page")
        self._thread.join(20)
        assert not self._thread.is_alive()


@contextmanager
def running(**settings: Any) -> Iterator[Run]:
    run = Run(**settings)
    try:
        yield run
    finally:
        run.end()


def test_a_run_with_a_page_is_the_run_without() -> None:
    with running(paused=False, batch_size=16) as run:
        run.phase("finished")
        np.testing.assert_array_equal(run.vector(), run.alone().progress.parameters.vector)
        np.testing.assert_array_equal(run.losses(0), run.alone().history["loss"])


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
        expected = run.setup.network.first_parameters(cp_stream(9))
        np.testing.assert_array_equal(run.vector(), expected.vector)


def cp_stream(seed: int) -> np.random.Generator:
    from clearprop.streams import stream

    return stream(seed, "init")


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


def test_what_is_refused_changes_nothing() -> None:
    with running(batch_size=16) as run:
        run.do("step")
        run.wait(lambda: run.state["step"] == 1 and run.state["phase"] == "paused")
        before = run.vector().copy()
        for name, values, words in [
            ("set", {"optimizer": "lbfgs"}, "mini-batches"),
            ("set", {"l2": -1}, "l2"),
            ("set", {"colour": 1}, "unknown setting"),
            ("rate", {"value": 0}, "above 0"),
            ("rate", {"value": "a"}, "must be a number"),
            ("pace", {"steps_per_second": -3}, "above 0"),
            ("edit", {"parameter": "9.weight", "index": 0, "value": 1}, "9.weight"),
            ("edit", {"parameter": "0.weight", "index": 10**6, "value": 1}, "has 12 numbers"),
            ("edit", {"parameter": "0.weight", "index": 0, "value": 1e300}, "finite"),
            ("continue", {"frame": 10**6}, "isn't kept"),
            ("restart", {"hidden": "many"}, "must be a list"),
            ("restart", {"hidden": [{"units": 0}]}, "at least 1"),
            ("restart", {"hidden": [{"units": 10**9}]}, "2,048"),
            ("restart", {"hidden": [{"units": 4}] * 40}, "16 layers"),
            ("restart", {"loss": "poisson"}, "unknown loss"),
            ("data", {"source": {"kind": "dataset", "name": "mons"}}, "did you mean 'moons'"),
            ("data", {}, "kind"),
            ("recover", {"how": "back"}, "hasn't diverged"),
            ("seed", {"seed": -1}, "0 or more"),
            ("bookmark", {"frame": 10**6}, "isn't kept"),
            ("fly", {}, "unknown command"),
        ]:
            with pytest.raises((InputError, InputTypeError), match=words):
                run.do(name, **values)
            run.phase("paused")
        assert run.state["branch"] == 0
        assert run.state["step"] == 1
        np.testing.assert_array_equal(run.vector(), before)
        run.do("step")
        run.wait(lambda: run.state["step"] == 2)


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


def test_a_finished_run_goes_on_when_asked() -> None:
    with running(paused=False, steps=20) as run:
        run.phase("finished")
        run.do("step")
        run.wait(lambda: run.state["step"] == 21 and run.state["phase"] == "finished")
        run.do("play")
        run.wait(lambda: run.state["step"] == 41 and run.state["phase"] == "finished")
        run.do("more", steps=9)
        run.do("play")
        run.wait(lambda: run.state["step"] == 50 and run.state["phase"] == "finished")


def test_one_page_controls_until_another_takes_over() -> None:
    with running() as run:
        run.do("step", client="a")
        with pytest.raises(InputError, match="another page controls"):
            run.do("play", client="b")
        run.do("control", client="b")
        assert run.state["controller"] == "b"
        run.do("step", client="b")


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


def test_the_session_returns_what_was_trained_last() -> None:
    run = Run(steps=30, paused=False)
    run.phase("finished")
    run.end()
    assert run.result is not None
    assert run.result.progress.step == 30
    np.testing.assert_array_equal(run.result.parameters.vector, run.alone().parameters.vector)


def test_nothing_waits_for_an_answer_after_the_end() -> None:
    commands = Commands()
    first = commands.submit("a", "play", {})
    commands.close("it is over")
    second = commands.submit("a", "play", {})
    for future in (first, second):
        with pytest.raises(ClearpropError, match="it is over"):
            future.result(1)


def test_a_queue_is_bounded() -> None:
    commands = Commands()
    futures = [commands.submit("a", "play", {}) for _ in range(65)]
    assert [future.done() for future in futures] == [False] * 64 + [True]
    with pytest.raises(InputError, match="64 commands wait"):
        futures[-1].result(1)


def test_a_history_until_a_step_is_what_it_was_then() -> None:
    run = Run(steps=30, paused=False, batch_size=16)
    run.phase("finished")
    run.end()
    s = run.setup
    short, whole = run.alone(steps=20).history, run.recording.branch(0).history
    cut = until(whole, 20)
    assert set(cut) == set(short)
    for name in short:
        np.testing.assert_array_equal(cut[name], short[name])
        np.testing.assert_array_equal(cut.steps(name), short.steps(name))
    assert s.steps == 30
