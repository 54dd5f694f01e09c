"""What viewers are sent: all of it once, the newest first, and never more than may be kept."""

from __future__ import annotations

from threading import Thread
from time import sleep

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError
from clearprop.live.commands import Commands
from clearprop.live.cursor import Cursor, travelling
from clearprop.live.messages import decode
from clearprop.live.recording import Recording
from clearprop.live.watching import Watching

X, Y = cp.datasets.make("moons", 60, seed=1)
NETWORK = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])


@pytest.fixture(autouse=True)
def _a_frame_of_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clearprop.live.pace._GLANCES", 1e9)
    monkeypatch.setattr("clearprop.live.pace.DEAR", 2.0)


def recorded(steps: int = 200, frames: int = 500, n_bytes: int = 10**9, **settings: object) -> Recording:
    """Return a recording that has a frame of every step."""
    recording = Recording(frames=frames, n_bytes=n_bytes)
    watching = Watching(recording, Commands(), frames_per_second=1e9)
    watching.always = True
    cp.train(NETWORK, X, Y, loss="binary_cross_entropy", steps=steps, rng=0, callbacks=[watching], **settings)
    return recording


def drained(recording: Recording, cursor: Cursor | None = None) -> list[tuple[dict, dict]]:
    cursor, found = cursor or Cursor(), []
    while messages := recording.messages(cursor):
        found += [decode(message) for message in messages]
    return [(message.header, message.arrays) for message in found]


def of(found: list[tuple[dict, dict]], kind: str) -> list[tuple[dict, dict]]:
    return [each for each in found if each[0]["type"] == kind]


def test_a_viewer_gets_everything_once() -> None:
    recording = recorded(100, frames=1000)
    cursor = Cursor()
    found = drained(recording, cursor)
    assert len(of(found, "data")) == len(of(found, "branch")) == 1
    steps = [header["step"] for header, _ in of(found, "frame")]
    assert sorted(steps) == sorted(set(steps))
    assert max(steps) == 100
    assert drained(recording, cursor) == []


def test_the_newest_frame_comes_first() -> None:
    recording = recorded(100)
    first = [decode(message).header for message in recording.messages(Cursor())]
    assert [header["step"] for header in first if header["type"] == "frame"] == [100]
    assert first[-1]["type"] == "state"
    assert first[-1]["phase"] == "finished"


def test_curves_hold_what_the_history_holds() -> None:
    recording = recorded(150)
    history = recording.branch(0).history
    header, arrays = next(each for each in of(drained(recording), "series") if each[0]["name"] == "loss")
    assert header["replace"]
    np.testing.assert_array_equal(arrays["values"], history["loss"])
    np.testing.assert_array_equal(arrays["steps"], history.steps("loss"))


def test_what_is_added_to_a_curve_is_thinned_to_its_ends_and_each_columns_lowest_and_highest() -> None:
    recording, cursor = recorded(10), Cursor()
    drained(recording, cursor)
    branch, values = recording.branch(0), np.random.default_rng(0).normal(size=7_001)
    values[[0, 777, 4_321, 7_000]] = 0.125, 50.0, -50.0, 0.25
    branch.history.extend("loss", np.arange(10, 7_011), values)
    recording.publish(recording.state, branch)
    header, arrays = next(each for each in of(drained(recording, cursor), "series") if each[0]["name"] == "loss")
    steps, sent = arrays["steps"].astype(int), arrays["values"]
    assert not header["replace"]
    assert 200 < len(sent) <= 402
    assert (np.diff(steps) > 0).all()
    np.testing.assert_array_equal(sent, branch.history["loss"][steps])
    assert {10, 787, 4_331, 7_010} <= set(steps.tolist())


def test_parameters_too_large_for_float32_travel_as_its_largest() -> None:
    recording = recorded(5)
    vector = recording.frames(recording.branch(0))[-1].progress.parameters.vector
    for dtype, huge in ((np.float64, 1e300), (np.float32, np.inf)):
        large = vector.astype(dtype)
        large[0] = -huge
        sent = travelling(large)
        assert sent.dtype == np.float32
        assert sent[0] == np.finfo(np.float32).min
        np.testing.assert_array_equal(sent[1:], vector[1:].astype(np.float32))


def test_a_look_wakes_viewers_once() -> None:
    recording, woken = Recording(), []
    watching = Watching(recording, Commands(), frames_per_second=1e9)
    leave = recording.listen(lambda: woken.append(recording.state.get("step")))
    cp.train(NETWORK, X, Y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[watching])
    leave()
    steps = [step for step in woken if step not in (None, 0, 19, 20)]  # a run's start and end tell more
    assert len(steps) == len(set(steps)) > 10


def test_a_run_that_is_held_back_stands_at_a_frame_when_it_is_paused() -> None:
    recording, commands = Recording(), Commands()
    watching = Watching(recording, commands, frames_per_second=1.0)  # few: a pause will come between them
    watching.always, watching.pace.wanted = True, 40.0
    settings = {"loss": "binary_cross_entropy", "steps": 10**6, "engine": "reference", "callbacks": [watching]}
    run = Thread(target=cp.train, args=(NETWORK, X, Y), kwargs=settings)
    run.start()
    try:
        while recording.state.get("step", 0) < 1:
            sleep(0.01)
        sleep(0.25)
        commands.submit("page", "pause", {}).result(10)
        frames = recording.frames(recording.branch(0))
        assert 0 < frames[-1].step == recording.state["step"]
    finally:
        commands.submit("page", "stop", {}).result(10)
        run.join(20)


def test_a_long_curve_keeps_its_spike() -> None:
    recording = recorded(10)
    branch = recording.branch(0)
    branch.history.extend("loss", np.arange(10, 50_010), np.where(np.arange(50_000) == 777, 1e6, 0.5))
    recording.publish(recording.state, branch)
    _, arrays = next(each for each in of(drained(recording), "series") if each[0]["name"] == "loss")
    assert len(arrays["values"]) < 2500
    assert arrays["values"].max() == 1e6
    assert arrays["steps"][arrays["values"].argmax()] == 787


def test_a_curve_goes_on_where_it_was() -> None:
    recording = recorded(30)
    cursor, branch = Cursor(), recording.branch(0)
    drained(recording, cursor)
    branch.history.record("loss", 30, 0.25)
    recording.publish(recording.state, branch)
    ((header, arrays),) = of(drained(recording, cursor), "series")
    assert not header["replace"]
    assert (arrays["steps"].tolist(), arrays["values"].tolist()) == ([30.0], [0.25])


def test_frames_are_thinned_evenly_and_marked_ones_stay() -> None:
    recording = Recording(frames=40)
    watching = Watching(recording, Commands(), frames_per_second=1e9)
    watching.always = True
    marked = []

    class Mark(cp.Callback):
        def on_step(self, training: object) -> None:
            if training.progress.step == 33:
                marked.append(recording.add_frame(watching.branch, training.progress, "bookmark"))

    cp.train(NETWORK, X, Y, loss="binary_cross_entropy", steps=1000, rng=0, callbacks=[watching, Mark()])
    frames = recording.frames(recording.branch(0))
    steps = [frame.step for frame in frames]
    assert len(frames) == 40
    assert steps[0] == 0
    assert steps[-1] == 1000
    assert 33 in steps
    gaps = np.diff([step for step in steps if step != 33])
    assert gaps.max() <= 4 * np.median(gaps)


def test_frames_that_are_gone_are_said_to_be() -> None:
    recording = recorded(30)
    cursor = Cursor()
    before = {header["id"] for header, _ in of(drained(recording, cursor), "frame")}
    branch = recording.branch(0)
    recording._frames._most = 10
    progress = branch.training.progress
    progress.step += 1
    progress.parameters.vector += 1
    recording.add_frame(branch, progress)
    found = drained(recording, cursor)
    ((dropped, _),) = of(found, "dropped")
    kept = {frame.id for frame in recording.frames(branch)}
    assert set(dropped["frames"]) == before - kept
    with pytest.raises(InputError, match="isn't kept any more"):
        recording.frame(dropped["frames"][0])


def test_memory_is_bounded_by_bytes_too() -> None:
    recording = recorded(200, n_bytes=20_000)
    frame = recording.frames(recording.branch(0))[0].progress
    each = frame.parameters.vector.nbytes * 3  # Adam's two moments
    assert len(recording.frames(recording.branch(0))) <= 20_000 // each


def test_a_frame_is_a_copy() -> None:
    recording = recorded(20)
    branch = recording.branch(0)
    before = recording.frames(branch)[-1].progress.parameters.vector.copy()
    branch.training.progress.parameters.vector += 1
    np.testing.assert_array_equal(recording.frames(branch)[-1].progress.parameters.vector, before)


def test_the_state_is_told_again_as_a_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = recorded(10)
    cursor = Cursor()
    drained(recording, cursor)
    assert recording.messages(cursor) == []
    monkeypatch.setattr("clearprop.live.cursor.HEARTBEAT", -1.0)
    assert [decode(message).header["type"] for message in recording.messages(cursor)] == ["state"]


def test_listeners_are_woken_until_they_leave() -> None:
    recording, woken = Recording(), []
    leave = recording.listen(lambda: woken.append(1))
    assert recording.watched
    recording.tell({"type": "hello"})
    leave()
    recording.tell({"type": "hello"})
    assert woken == [1]


def test_readers_in_other_threads_never_stumble() -> None:
    recording = Recording(frames=30)
    watching = Watching(recording, Commands(), frames_per_second=1e9)
    watching.always, over, wrong = True, [], []

    def read() -> None:
        cursor = Cursor()
        try:
            while not over:
                for message in recording.messages(cursor):
                    header, arrays = decode(message)
                    if header["type"] == "series":
                        assert len(arrays["steps"]) == len(arrays["values"])
        except Exception as error:  # noqa: BLE001 - told below
            wrong.append(error)

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    cp.train(NETWORK, X, Y, loss="binary_cross_entropy", steps=300, batch_size=16, rng=0, callbacks=[watching])
    over.append(1)
    for reader in readers:
        reader.join()
    assert wrong == []
