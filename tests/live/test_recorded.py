"""A recording is told again as it was, thinned without losing a mark, and read from a file that nothing in runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import clearprop as cp
from clearprop.errors import FileError, InputError
from clearprop.live.commands import Commands
from clearprop.live.cursor import Cursor
from clearprop.live.messages import decode, encode
from clearprop.live.recording import Recording
from clearprop.live.saved.recorded import Recorded, load, recorded, save
from clearprop.live.watching import Watching


def run(steps: int = 40) -> Recording:
    """Record a small real run."""
    recording = Recording()
    watching = Watching(recording, Commands())
    watching.always = True
    x, y = cp.datasets.make("moons", 40)
    network = cp.Network(2, [cp.Dense(3, "tanh"), cp.Dense(1, "sigmoid")])
    cp.train(
        network, x, y, loss="binary_cross_entropy", steps=steps, rng=0, validation_data=0.25, callbacks=[watching],
        engine="reference",
    )  # fmt: skip
    return recording


def frame(number: int, keep: str = "", branch: int = 0, size: int = 10) -> bytes:
    header = {"type": "frame", "id": number, "branch": branch, "step": 10 * number, "loss": 0.5, "keep": keep}
    return encode(header, {"vector": np.full(size, number, np.float32)})


def content(messages: list[bytes]) -> list[tuple[Any, Any]]:
    decoded = map(decode, messages)
    return [
        ({**header, "arrays": None}, {name: array.tolist() for name, array in arrays.items()})
        for header, arrays in decoded
    ]


def test_all_that_a_run_told_comes_back_from_a_file(tmp_path: Path) -> None:
    recording = run()
    whole = recorded(recording)
    save(recording, tmp_path / "run.safetensors")
    again = load(tmp_path / "run.safetensors")
    assert content(again.messages()) == content(whole.messages())
    kinds = {header["type"] for header, _ in content(whole.messages())}
    assert kinds == {"data", "branch", "series", "event", "frame", "state"}
    history = recording.branch(0).history
    steps, values = again.series[0, "loss"]
    assert steps.tolist() == history.steps("loss").tolist()
    assert values.tolist() == history["loss"].tolist()
    last = again.frames[max(again.frames)]
    expected = recording.frame(max(again.frames)).progress.parameters.vector
    assert last[1].tolist() == expected.astype(np.float32).tolist()


def test_later_messages_change_what_earlier_ones_said() -> None:
    curve = {"type": "series", "branch": 0, "name": "loss"}
    one, two = ({"steps": np.array([float(k)]), "values": np.array([k / 10])} for k in (1, 2))
    told = Recorded.gather([
        encode({"type": "hello", "title": "old"}), encode({"type": "hello", "title": "new"}),
        frame(0, "first"), frame(1), frame(2), frame(3),
        encode({"type": "keep", "id": 1, "keep": "bookmark"}), encode({"type": "keep", "id": 9, "keep": "best"}),
        encode({"type": "dropped", "frames": [2, 77]}),
        encode({**curve, "replace": True}, one), encode({**curve, "replace": True}, two),
        encode({**curve, "replace": False}, one), encode({"type": "worked"}),
    ])  # fmt: skip
    assert told.once["hello"]["title"] == "new"
    assert {number: header["keep"] for number, (header, _) in told.frames.items()} == {0: "first", 1: "bookmark", 3: ""}
    assert [part.tolist() for part in told.series[0, "loss"]] == [[2.0, 1.0], [0.2, 0.1]]


def test_a_cursor_is_told_everything_once() -> None:
    told = Recorded.gather([frame(0), frame(1)])
    cursor = Cursor()
    assert len(told.messages(cursor)) == 2
    assert told.messages(cursor) == []
    assert len(told.messages(Cursor())) == 2
    told.listen(lambda: None)()


def test_thinning_keeps_marks_and_each_branchs_last_and_halves_the_rest() -> None:
    marks = {0: "first", 7: "best", 11: "command", 20: "bookmark"}
    told = Recorded.gather([frame(k, marks.get(k, ""), branch=k // 32) for k in range(64)])
    thin = told.thinned(20 * 40)
    assert sum(vector.nbytes for _, vector in thin.frames.values()) <= 20 * 40
    assert {*marks, 31, 63} <= set(thin.frames)
    assert len(thin.frames) > 10
    assert told.thinned(10**6).frames.keys() == told.frames.keys()
    assert set(told.thinned(0).frames) == {*marks, 31, 63}  # less than that isn't a run


def test_a_long_curve_is_told_in_parts() -> None:
    steps = np.arange(4500.0)
    curve = encode({"type": "series", "branch": 0, "name": "loss", "replace": True}, {"steps": steps, "values": steps})
    messages = Recorded.gather([curve]).messages()
    assert [decode(message).header["replace"] for message in messages] == [True, False, False]
    assert Recorded.gather(messages).series[0, "loss"][0].tolist() == steps.tolist()


@pytest.mark.parametrize(
    "damage", ["frames/0", "series/0/steps", "data/0/x", "text", "kind"], ids=lambda damage: damage.replace("/", "-")
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "run.safetensors"
    save(run(5), path)
    tensors = load_file(path)
    if damage == "kind":
        cp.train(cp.Network(1, [cp.Dense(1)]), [[0.0]], [1.0], loss="squared", steps=1).save(path)
    elif damage == "text":
        save_file(tensors, path, {"clearprop": '{"format": 1, "kind": "recording", "once": {"hello": 5}}'})
    else:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
        del tensors[damage]
        save_file(tensors, path, metadata)
    with pytest.raises(FileError, match=r"run\.safetensors"):
        load(path)


def test_a_file_that_is_not_there_or_not_ours(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(FileError):
        load(tmp_path / "text")
    with pytest.raises(InputError):
        Recorded.gather([b"no message"])
