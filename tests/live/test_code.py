"""The code that repeats a branch: run, it gives the same parameters bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.live import sources
from clearprop.live.code.expressions import expression
from clearprop.live.code.script import ask, code
from clearprop.live.commands import Commands
from clearprop.live.recording import Recording
from clearprop.live.session import Session
from clearprop.live.setup import Setup
from clearprop.live.sources.uploads import Uploads
from clearprop.live.watching import Watching
from clearprop.network import Network
from clearprop.training.loop import Training

Values = dict[str, Any] | Callable[[Recording], dict[str, Any]]


class Hand(cp.Callback):
    """Asks for things at steps, one after another, and at the end of the last run for its end."""

    def __init__(self, recording: Recording, commands: Commands, plan: list[tuple[int, str, Values]]) -> None:
        self.recording, self.commands, self.plan = recording, commands, plan
        self.asked: list[Future[Any]] = []
        self.watching: Any = None

    def on_start(self, training: Training) -> None:
        self.commands.submit("hand", "play", {})

    def on_step(self, training: Training) -> None:
        if self.plan and training.progress.step >= self.plan[0][0]:
            self.ask()
            self.watching._next = 0  # it looks thirty times a second; this run takes less than that

    def ask(self) -> None:
        _, name, values = self.plan.pop(0)
        done = self.commands.submit("hand", name, values(self.recording) if callable(values) else values)
        self.asked.append(done)

    def on_diverged(self, training: Training, error: Exception) -> None:
        if self.plan:
            self.ask()
        else:
            self.commands.submit("hand", "finish", {})

    def on_end(self, training: Training) -> None:
        if not self.plan and all(future.done() for future in self.asked):
            self.commands.submit("hand", "finish", {})


def watched(plan: list[tuple[int, str, Values]], **settings: Any) -> Recording:
    """Return the recording of a run on moons to which things are done."""
    recording, commands = Recording(), Commands()
    source = settings.pop("source", {"kind": "dataset", "name": "moons", "n_rows": 60, "seed": 3})
    hidden = settings.pop("hidden", [cp.Dense(5, "tanh")])
    setup = Setup(
        Network(2, [*hidden, cp.Dense(1, "sigmoid")]), sources.make(source),
        cp.BinaryCrossEntropy(),
        **{"optimizer": cp.SGD(0.25), "steps": 60, "seed": 7, "engine": "reference", **settings},
    )  # fmt: skip
    hand = Hand(recording, commands, plan)
    session = Session(Setup(**{**vars(setup), "callbacks": (hand,)}), recording, commands, Uploads())
    session.watching.always = True
    hand.watching = session.watching
    session.run()
    assert not hand.plan
    assert all(future.result()["ok"] for future in hand.asked)
    return recording


def repeats(recording: Recording, branch: int) -> str:
    """Check that a branch's code gives its parameters, and return the code."""
    text = code(recording.branch(branch), recording)
    names: dict[str, Any] = {}
    exec(compile(text, "<code>", "exec"), names)  # noqa: S102 - what is tested is that it runs
    wanted = recording.branch(branch).training.progress
    got = names["result"].progress
    assert got.step == wanted.step, text
    assert got.parameters.vector.tobytes() == wanted.parameters.vector.tobytes(), text
    return text


def frame_at(step: int, branch: int = 0) -> Callable[[Recording], dict[str, Any]]:
    def find(recording: Recording) -> dict[str, Any]:
        frames = [frame for frame in recording.frames(recording.branch(branch)) if frame.step <= step]
        return {"frame": frames[-1].id}

    return find


def test_a_plain_run():
    text = repeats(watched([]), 0)
    assert text.startswith('"""Run 1 on moons, as it was trained on the page: 60 updates."""')  # as the page calls it
    assert "ByHand" not in text
    assert 'cp.datasets.make("moons", 60, seed=3)' in text
    assert all("clearprop" in line for line in text.splitlines() if line.startswith(("import", "from")))


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": cp.Adam(0.02), "batch_size": 16, "l2": 0.01, "clip": cp.ClipNorm(0.5)},
        {"schedule": "one_cycle", "l1": 0.001, "metrics": ["accuracy"]},
        {"hidden": [cp.Dense(4, cp.LeakyReLU(0.2)), cp.Dropout(0.3), cp.LayerNorm()], "dtype": "float32"},
        {"source": {"kind": "points", "x": [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 4, "y": [0, 1, 1] * 4}},
        {"schedule": cp.ReduceOnPlateau(patience=2, min_delta=1.0)},
    ],
)
def test_settings(settings: dict[str, Any]):
    repeats(watched([], **settings), 0)


def test_a_live_rate():
    recording = watched([(20, "rate", {"value": 0.05}), (40, "rate", {"value": 0.5})])
    assert len(recording.branch(0).changes) == 2
    assert "rates={" in repeats(recording, 0)


def test_other_settings_and_an_edit():
    plan: list[tuple[int, str, Values]] = [
        (0, "edit", {"parameter": "1.bias", "index": 0, "value": 0.5}),
        (10, "rate", {"value": 0.1}),
        (20, "set", {"optimizer": "adam", "l2": 0.01}),
        (30, "edit", {"parameter": "0.weight", "index": 2, "value": -1.5}),
        (40, "set", {"batch_size": 10, "clip": "clip_value"}),
        (45, "rate", {"value": 0.002}),
    ]
    recording = watched(plan)
    assert len(recording.branch(0).changes) == 6
    text = repeats(recording, 0)
    assert "optimizer.first_state" in text


def test_branches():
    plan: list[tuple[int, str, Values]] = [
        (20, "rate", {"value": 0.05}),
        (30, "bookmark", {"frame": None}),
        (40, "continue", frame_at(30)),
        (45, "set", {"optimizer": "momentum"}),
        (50, "continue", frame_at(30)),
        (55, "rewind", {}),
        (20, "restart", {"hidden": [{"units": 3, "activation": "relu"}]}),
    ]
    recording = watched(plan)
    for number in range(5):
        repeats(recording, number)
    assert [recording.branch(k).header["from_step"] for k in range(5)] == [0, 30, 30, 0, 0]


def test_a_schedule_that_was_stopped_midway():
    plan: list[tuple[int, str, Values]] = [(15, "bookmark", {"frame": None}), (30, "continue", frame_at(15))]
    recording = watched(plan, schedule="one_cycle")
    repeats(recording, 0)
    repeats(recording, 1)


def test_half_the_rate_after_a_divergence():
    plan: list[tuple[int, str, Values]] = [
        (20, "bookmark", {"frame": None}),
        (30, "rate", {"value": 1e6}),
        (10**9, "recover", {"how": "halve"}),
    ]
    recording = watched(plan, hidden=[cp.Dense(5, "leaky_relu")] * 2)
    assert recording.branch(1).header["from_step"] > 0
    repeats(recording, 0)
    repeats(recording, 1)


def test_the_ask():
    recording = watched([])
    header, arrays = ask(recording, {"branch": 0})
    assert header["text"] == code(recording.branch(0), recording)
    assert arrays == {}
    with pytest.raises(cp.errors.InputError, match="no branch"):
        ask(recording, {})


def test_arrays_and_tables_are_placeholders():
    recording = watched([])
    data = recording.data(0)
    data.source.clear()
    data.source.update({"kind": "arrays"})
    text = code(recording.branch(0), recording)
    assert "x_train, y_train = ...  # shapes (45, 2) and (45, 1)" in text
    data.source.update({"kind": "table", "file": 'a "b".csv', "target": "fare", "features": ["é"], "task": None})
    data.source.update({"seed": 0, "validation": 0.25})
    text = code(recording.branch(0), recording)
    compile(text, "<code>", "exec")
    assert 'read_table("a \\"b\\".csv")' in text


@pytest.mark.parametrize(
    "value",
    [
        cp.Dense(3, "relu", weight=np.ones((2, 3))), cp.SGD(0.5, weight_decay=0.1), cp.Softmax(groups=2), cp.GELU(),
        cp.schedules.StepDecay(5), cp.schedules.WarmUp(3), cp.initializers.Normal(0.5), cp.ClipNorm(2.0),
        cp.Periodic(), cp.GroupedDense(2, "tanh", groups=3), cp.Huber(2.0), cp.LBFGS(),
    ],
)  # fmt: skip
def test_expressions_make_the_same(value: Any):
    made = eval(expression(value), {"cp": cp})  # noqa: S307 - what is tested is that it can be evaluated
    assert (made if not isinstance(made, str) else type(value)()).describe() == value.describe()


def test_a_scripts_average_over_epochs_is_repeated():
    recording = Recording()
    watching = Watching(recording, Commands())
    watching.always = True
    x, y = cp.datasets.make("moons", 60, seed=3)
    network = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
    result = cp.train(
        network, x, y, loss="binary_cross_entropy", epochs=4, batch_size=20, averaging=0.5, rng=0, callbacks=[watching]
    )
    assert "averaging=0.5" in code(recording.branch(0), recording)
    newest = recording.frames(recording.branch(0))[-1]
    assert newest.progress.averaged.vector.tobytes() == result.parameters.vector.tobytes()
