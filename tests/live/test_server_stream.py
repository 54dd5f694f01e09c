"""The stream: what a viewer is sent, when, and how often."""

from __future__ import annotations

import logging
import socket
import threading
import time
from itertools import pairwise
from typing import Any

from clearprop.live.messages import decode


class Viewer:
    """Reads a stream's messages."""

    def __init__(self, link: socket.socket) -> None:
        self.file = link.makefile("rb")
        assert self.file.readline().startswith(b"HTTP/1.1 200")
        while self.file.readline() != b"\r\n":
            pass
        self.buffer = b""

    def part(self) -> bytes:
        size = int(self.file.readline(), 16)
        data = self.file.read(size)
        self.file.readline()
        return data

    def bytes(self, size: int) -> bytes:
        while len(self.buffer) < size:
            part = self.part()
            assert part, "the stream has ended"
            self.buffer += part
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def message(self) -> tuple[dict[str, Any], dict[str, Any]]:
        size = self.bytes(4)
        return decode(size + self.bytes(int.from_bytes(size, "little")))


def test_a_viewer_gets_what_there_is_and_then_what_is_new(site: Any) -> None:
    viewer = Viewer(site.stream())
    assert [viewer.message()[0]["type"] for _ in range(2)] == ["hello", "state"]
    time.sleep(0.2)  # the stream has nothing to send now, and waits
    began = time.monotonic()
    site.recording.publish({"phase": "running", "step": 7})
    assert viewer.message()[0]["step"] == 7
    assert time.monotonic() - began < 0.5  # woken, not found at the next heartbeat


def test_messages_of_any_length_arrive_whole(serve: Any) -> None:
    site = serve()
    long = "x" * 1_000_000
    site.recording.tell({"type": "event", "text": long})
    viewer = Viewer(site.stream())
    assert [viewer.message()[0].get("text") for _ in range(2)] == [None, long]


def test_there_is_a_heartbeat(site: Any) -> None:
    viewer = Viewer(site.stream())
    began = time.monotonic()
    while viewer.message()[0]["type"] != "state":
        pass
    assert viewer.message()[0]["type"] == "state"
    assert 1.9 < time.monotonic() - began < 4


def test_a_busy_run_is_looked_at_sixty_times_a_second_at_most(serve: Any) -> None:
    site = serve()
    looks: list[float] = []
    own = site.recording.messages
    site.recording.messages = lambda cursor: looks.append(time.monotonic()) or own(cursor)
    viewer = Viewer(site.stream())
    end = time.monotonic() + 1
    step = 0
    while time.monotonic() < end:
        site.recording.publish({"phase": "running", "step": step})
        step += 1
        time.sleep(0.001)
    while viewer.message()[0].get("step") != step - 1:  # the newest always arrives
        pass
    gaps = [after - before for before, after in pairwise(looks)]
    assert 5 < len(looks) < 65
    assert sum(gap < 0.015 for gap in gaps) <= 2


def test_each_viewer_has_its_own_cursor_and_name(serve: Any) -> None:
    site = serve()
    cursors: dict[str, Any] = {}
    own = site.recording.messages
    site.recording.messages = lambda cursor: cursors.setdefault(cursor.client, cursor) and own(cursor)
    first, second = Viewer(site.stream("one")), Viewer(site.stream("two"))
    assert first.message()[0]["type"] == second.message()[0]["type"] == "hello"
    assert set(cursors) == {"one", "two"}
    assert cursors["one"] is not cursors["two"]


def test_nobody_listens_before_the_first_and_after_the_last_viewer(serve: Any, tools: Any) -> None:
    site = serve()
    assert not site.recording._listeners
    link = site.stream()
    Viewer(link)
    assert len(site.recording._listeners) == 1
    link.shutdown(socket.SHUT_RDWR)
    assert tools.wait_for(lambda: not site.recording._listeners)


def test_stop_ends_streams_properly_and_at_once(serve: Any) -> None:
    site = serve()
    viewers = [Viewer(site.stream(f"page-{i}")) for i in range(5)]
    own = site.recording.messages
    site.recording.messages = lambda cursor: [bytes(1 << 24)] if cursor.client == "mute" else own(cursor)
    site.recording.publish({"phase": "closed"})
    unread, idle = site.stream("mute", receive=1 << 12), site.connect()
    assert unread.recv(12) == b"HTTP/1.1 200"
    began = time.monotonic()
    site.server.stop()
    site.server.stop()  # a second time is nothing
    assert time.monotonic() - began < 1.5
    for viewer in viewers:
        while part := viewer.part():
            viewer.buffer += part  # the last part is empty: that is how an answer ends
        assert b'"closed"' in viewer.buffer
    assert not site.recording._listeners
    assert idle.recv(10) == b""
    unread.close()


def test_waking_is_quick_and_without_errors_even_after_the_end(serve: Any) -> None:
    site = serve()
    wakes: list[Any] = []
    own = site.recording.listen
    site.recording.listen = lambda wake: wakes.append(wake) or own(wake)
    Viewer(site.stream())
    began = time.perf_counter()
    for _ in range(1000):
        wakes[0]()
    assert time.perf_counter() - began < 0.1
    site.server.stop()
    for _ in range(3):
        wakes[0]()


def test_an_error_in_a_stream_stays_there(serve: Any, caplog: Any) -> None:
    site = serve()
    own = site.recording.messages

    def messages(cursor: Any) -> list[bytes]:
        if cursor.client == "bad":
            raise ZeroDivisionError
        return own(cursor)

    site.recording.messages = messages
    with caplog.at_level(logging.ERROR):
        bad = site.stream("bad")
        bad.settimeout(5)
        while bad.recv(1 << 16):
            pass
    assert "ZeroDivisionError" in caplog.text
    assert Viewer(site.stream("good")).message()[0]["type"] == "hello"
    assert any(thread.name == "clearprop-page" for thread in threading.enumerate())
