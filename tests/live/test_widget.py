"""The notebook's widget: a recording goes down a comm in turns, commands and questions come back."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from threading import enumerate as enumerate_threads
from time import monotonic, sleep
from typing import Any

import pytest

import clearprop as cp
from clearprop.errors import InputError, MissingExtraError
from clearprop.live.commands import Commands
from clearprop.live.messages import decode, encode
from clearprop.live.recording import Recording
from clearprop.live.saved import widget
from clearprop.live.saved.recorded import Recorded, recorded
from clearprop.live.watching import Watching


class Wire:
    """A comm's end: what was sent down."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []

    def __call__(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers or []))

    def wait(self, kind: str, count: int = 1) -> list[tuple[dict[str, Any], list[bytes]]]:
        end = monotonic() + 10
        while monotonic() < end:
            found = [each for each in self.sent if each[0]["type"] == kind]
            if len(found) >= count:
                return found
            sleep(0.01)
        raise AssertionError(f"no {count} {kind} came: {[content for content, _ in self.sent]}")


def kinds(buffers: list[bytes]) -> list[str]:
    return [decode(buffer).header["type"] for buffer in buffers]


def run(recording: Recording, columns: int = 2) -> None:
    watching = Watching(recording, Commands())
    watching.always = True
    x, y = cp.datasets.make("moons", 40)
    x = x.repeat(columns // 2, axis=1)
    network = cp.Network(columns, [cp.Dense(3, "tanh"), cp.Dense(1, "sigmoid")])
    cp.train(network, x, y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[watching], engine="reference")


def threads() -> int:
    return sum(thread.name == "clearprop-widget" for thread in enumerate_threads())


class Deaf:
    """Commands that answer as the test says."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, dict[str, Any]]] = []

    def submit(self, client: str, name: str, values: dict[str, Any]) -> Future[dict[str, Any]]:
        self.got.append((client, name, values))
        future = Future[dict[str, Any]]()
        if name == "play":
            future.set_result({"ok": True, "step": 3})
        else:
            future.set_exception(InputError("no such thing") if name == "fly" else RuntimeError("a secret"))
        return future


@pytest.fixture
def fed() -> Iterator[tuple[widget.Feed, Wire, Recording, Deaf]]:
    wire, recording, commands = Wire(), Recording(), Deaf()
    feed = widget.Feed(recording, commands, wire)
    yield feed, wire, recording, commands
    feed.close()


def test_a_run_comes_down_in_turns(fed: tuple[widget.Feed, Wire, Recording, Deaf]) -> None:
    feed, wire, recording, _ = fed
    assert recording.watched
    run(recording)
    end = monotonic() + 10
    while monotonic() < end:
        told = [message for content, buffers in wire.sent if content["type"] == "messages" for message in buffers]
        if Recorded.gather(told).frames.keys() == recorded(recording).frames.keys():
            break
        sleep(0.02)
    else:
        raise AssertionError("the run's frames didn't all come")
    turns = [content for content, _ in wire.wait("messages")]
    assert [content["turn"] for content in turns] == list(range(len(turns)))
    assert [content["fresh"] for content in turns] == [True] + [False] * (len(turns) - 1)
    assert len(turns) < 60  # it pauses between turns, whatever training does
    feed.hear({"type": "open"})
    assert wire.wait("at")[0][0]["turn"] >= len(turns)


def test_a_front_end_that_lost_something_gets_everything_again(
    fed: tuple[widget.Feed, Wire, Recording, Deaf],
) -> None:
    feed, wire, recording, _ = fed
    run(recording)
    wire.wait("messages")
    sleep(0.4)
    before = len(wire.sent)
    feed.hear({"type": "again"})
    end = monotonic() + 10
    while len(wire.sent) < before + 2 and monotonic() < end:
        sleep(0.02)
    again = wire.sent[before:]
    assert again[0][0] == {"type": "messages", "turn": 0, "fresh": True}
    assert {"data", "branch", "series", "frame", "state"} <= set(kinds(again[0][1]))


def test_commands_are_submitted_and_answered(fed: tuple[widget.Feed, Wire, Recording, Deaf]) -> None:
    feed, wire, _, commands = fed
    for number, name in enumerate(("play", "fly", "burn")):
        feed.hear({"type": "command", "client": "a", "id": number, "name": name, "values": {"k": 1}})
    assert commands.got == [("a", name, {"k": 1}) for name in ("play", "fly", "burn")]
    answers = [content for content, _ in wire.wait("answer", 3)]
    assert answers[0] == {
        "type": "answer", "client": "a", "id": 0, "ok": True, "values": {"ok": True, "step": 3}
    }  # fmt: skip
    assert answers[1] == {"type": "answer", "client": "a", "id": 1, "ok": False, "error": "no such thing"}
    assert answers[2]["error"].startswith("internal error")  # what went wrong inside is not for a page
    assert "secret" not in answers[2]["error"]


def test_questions_are_answered(fed: tuple[widget.Feed, Wire, Recording, Deaf]) -> None:
    feed, wire, recording, _ = fed
    run(recording)
    number = max(frame.id for frame in recording.frames(recording.branch(0)))
    feed.hear({"type": "ask", "client": "a", "id": 0, "name": "gradient", "values": {"frame": number}})
    feed.hear({"type": "ask", "client": "a", "id": 1, "name": "gradient", "values": {"frame": 10_000}})
    (good, buffers), (bad, _) = wire.wait("answer", 2)
    assert (good["ok"], kinds(buffers)) == (True, ["gradient"])
    assert bad["ok"] is False
    assert "frame" in bad["error"]


@pytest.mark.parametrize(
    "content", [None, "text", {}, {"type": "party"}, {"type": "command"}, {"type": "ask", "id": 2}]
)
def test_odd_contents_harm_nothing(fed: tuple[widget.Feed, Wire, Recording, Deaf], content: Any) -> None:
    fed[0].hear(content)


def test_a_recording_from_a_file_is_shown_and_says_that_it_is_no_run() -> None:
    recording = Recording()
    run(recording)
    wire, told = Wire(), recorded(recording)
    feed = widget.Feed(told, None, wire)
    assert len(wire.wait("messages")[0][1]) == len(told.messages())
    feed.hear({"type": "command", "client": "a", "id": 0, "name": "play", "values": {}})
    feed.hear({"type": "ask", "client": "a", "id": 1, "name": "gradient", "values": {}})
    assert all("recording" in content["error"] for content, _ in wire.wait("answer", 2))
    feed.close()


def test_a_closed_wire_ends_the_feeding_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    recording = Recording()

    def closed(_content: dict[str, Any], _buffers: list[bytes]) -> None:
        raise OSError("the wire is closed")

    feed = widget.Feed(recording, None, closed)
    run(recording)
    feed.close()
    assert "the wire is closed" in caplog.text


def test_a_notebook_gets_the_widget_a_picture_and_a_line() -> None:
    recording = Recording()
    assert "image/png" not in widget.mimebundle(Recorded.gather([encode({"type": "hello", "title": "t"})]))
    run(recording)
    bundle = widget.mimebundle(recording, Deaf())
    assert "model_id" in bundle["application/vnd.jupyter.widget-view+json"]
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == "a run of Clearprop: finished"


def test_a_run_that_is_shown_again_is_fed_to_the_newest_widget_only() -> None:
    recording = Recording()
    run(recording)
    before = threads()
    for _ in range(3):
        widget.mimebundle(recording, Deaf())
    assert threads() == before + 1


def test_a_picture_of_more_columns_is_the_loss() -> None:
    from clearprop.live.saved import still

    recording = Recording()
    run(recording, columns=4)
    picture = still.picture(recording)
    assert picture is not None
    assert picture == still.picture(recorded(recording))


def test_without_anywidget_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widget._widget_class.cache_clear()  # pyright: ignore[reportPrivateUsage] - as if nobody had asked before
    recording = Recording()
    run(recording)
    with pytest.raises(MissingExtraError, match=r"clearprop\[notebook\]"):
        widget.widget(recording)
    bundle = widget.mimebundle(recording)
    assert bundle.keys() == {"text/plain", "image/png"}
    assert "clearprop[notebook]" in bundle["text/plain"]


def test_a_run_that_never_stops_talking_is_told_in_few_turns() -> None:
    class Talker(Recording):
        def messages(self, cursor: Any) -> list[bytes]:
            cursor.headers += 1
            return [encode({"type": "state", "phase": "running"})] if cursor.headers % 2 else []

    wire, talker = Wire(), Talker()
    feed = widget.Feed(talker, None, wire)
    end = monotonic() + 1.0
    while monotonic() < end:
        talker.publish({"phase": "running"})
        sleep(0.001)
    feed.close()
    assert 1 <= len(wire.sent) <= 15
