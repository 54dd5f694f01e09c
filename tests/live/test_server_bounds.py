"""What the network side may take: bytes, seconds, connections, streams; and clients that do not read."""

from __future__ import annotations

import socket
import sys
import time
import types
from typing import Any

import numpy as np
import pytest


def closed_after(link: socket.socket, seconds: float = 10.0) -> float:
    """Seconds until the server closes a connection, whatever it sends before."""
    began = time.monotonic()
    link.settimeout(seconds)
    try:
        while link.recv(1 << 16):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - began


@pytest.mark.parametrize("path", ["/command", "/ask", "/session", "/link"])
def test_a_body_that_is_too_long_is_refused(site: Any, path: str) -> None:
    assert site.post(path, b'"' + b"x" * 66_000 + b'"').status == 413
    assert site.post(path, b"x", Content_Length="9999999999999").status == 413
    assert site.post(path, b"", Content_Length="9999999999999", Expect="100-continue").status == 413
    chunked = (
        site.head("POST", path, Transfer_Encoding="chunked") + b"2000\r\n%b\r\n" % (b"x" * 0x2000) * 9 + b"0\r\n\r\n"
    )
    assert site.say(chunked).status == 413
    assert site.commands.heard == []


def test_a_chunked_body_of_a_usual_length_is_read(site: Any) -> None:
    body = b'{"client": "a", "name": "pause"}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    assert site.say(site.head("POST", "/command", Transfer_Encoding="chunked") + chunks).status == 200


def test_a_body_without_end_is_cut_off(serve: Any) -> None:
    site = serve(body_seconds=0.3)
    link = site.connect()
    link.sendall(site.head("POST", "/command", Transfer_Encoding="chunked"))
    began, sent = time.monotonic(), 0
    try:
        while time.monotonic() - began < 10:
            link.sendall(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
            sent += 0x8000
    except ConnectionError:
        pass
    assert time.monotonic() - began < 5


def test_a_body_without_end_is_refused_before_its_time_is_over(site: Any, tools: Any) -> None:
    link = site.connect()
    began = time.monotonic()
    link.sendall(site.head("POST", "/command", Transfer_Encoding="chunked") + b"12000\r\n" + b"x" * 0x12000 + b"\r\n")
    assert tools.answer(link).status == 413
    assert time.monotonic() - began < 5


def test_a_length_that_is_a_lie_is_cut_off(serve: Any, tools: Any) -> None:
    site = serve(body_seconds=0.3)
    link = site.connect()
    link.sendall(site.head("POST", "/command", Content_Length="500") + b'{"client":')
    assert tools.answer(link).status == 408
    assert closed_after(link) < 1
    short = site.connect()  # more than it said: the rest is another request, and no good one
    body = b'{"client": "a", "name": "pause"}'
    short.sendall(site.head("POST", "/command", Content_Length=str(len(body))) + body + b"rubbish\r\n\r\n")
    said = b""
    while part := short.recv(1 << 16):
        said += part
    assert said.count(b"HTTP/1.1 ") == said.count(b"HTTP/1.1 200") + said.count(b"HTTP/1.1 400") == 2
    for length in ("-1", "1e3", "0x10", "5, 6", ""):
        assert site.post("/command", b"{}", Content_Length=length).status == 400
    both = site.post("/command", b"0\r\n\r\n", Content_Length="4", Transfer_Encoding="chunked")
    assert both.status == 400
    assert site.get("/", Content_Length="3").status == 400
    assert site.get("/", Transfer_Encoding="chunked").status == 400
    assert site.commands.heard == [("a", "pause", {})]


def test_uploads_are_bounded(serve: Any, tools: Any) -> None:
    site = serve(upload_bytes=1000, uploads=1, upload_seconds=0.5)
    assert site.post("/upload?name=a.csv", b"a\n" + b"1\n" * 499).status == 200
    assert site.post("/upload?name=a.csv", b"a\n" + b"1\n" * 500).status == 413
    link = site.connect()
    link.sendall(site.head("POST", "/upload?name=a.csv", Content_Length="10") + b"a\n")
    time.sleep(0.1)
    assert site.post("/upload?name=b.csv", b"a\n1\n").status == 429
    assert tools.answer(link).status == 408
    assert site.post("/upload?name=b.csv", b"a\n1\n").status == 200


def test_the_usual_upload_is_thirty_two_megabytes(site: Any) -> None:
    assert site.post("/upload?name=a.csv", b"a\n" + b"1\n" * 50_000).status == 200
    assert site.post("/upload?name=a.csv", b"", Content_Length=str((32 << 20) + 1)).status == 413


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_header_without_end_is_cut_off(serve: Any, said: bytes) -> None:
    site = serve(header_seconds=0.5)
    link = site.connect()
    link.sendall(said)
    assert 0.3 < closed_after(link) < 3


def test_a_header_that_drips_is_cut_off(serve: Any) -> None:
    site = serve(header_seconds=0.5)
    link = site.connect()
    began = time.monotonic()
    try:
        while time.monotonic() - began < 5:
            link.sendall(b"G")
            time.sleep(0.05)
    except ConnectionError:
        pass
    assert time.monotonic() - began < 3


def test_a_second_header_without_end_is_cut_off(serve: Any, tools: Any) -> None:
    site = serve(header_seconds=0.5)
    link = site.connect()
    link.sendall(site.head("GET", "/nothing"))
    assert tools.answer(link).status == 404
    link.sendall(b"GET / HT")
    assert 0.3 < closed_after(link) < 3


def test_a_stream_outlives_the_time_for_its_header(serve: Any, tools: Any) -> None:
    site = serve(header_seconds=0.3)
    link = site.stream()
    assert tools.wait_for(lambda: bool(site.recording._listeners))
    time.sleep(0.8)
    assert site.recording._listeners
    link.close()


@pytest.mark.long
def test_by_default_a_header_may_take_ten_seconds(site: Any) -> None:
    link = site.connect()
    link.sendall(b"GET / HTTP/1.1\r\n")
    assert 9.5 < closed_after(link, 20) < 12


def test_a_header_that_is_too_long_is_refused(site: Any) -> None:
    for size in (20_000, 200_000, 2_000_000):
        assert site.get("/", Padding="x" * size).status in (400, 431)
    assert site.get("/", **{f"Padding_{i}": "x" * 1000 for i in range(30)}).status in (400, 431)


def test_a_header_that_grows_is_refused_before_it_ends(site: Any, tools: Any) -> None:
    link = site.connect()
    began = time.monotonic()
    link.sendall(b"GET / HTTP/1.1\r\nPadding: " + b"x" * 17_000)
    assert tools.answer(link).status == 400
    assert time.monotonic() - began < 5


def test_there_are_only_so_many_connections(serve: Any, tools: Any) -> None:
    site = serve(connections=8, header_seconds=1.0)
    idle = [site.connect() for _ in range(8)]
    time.sleep(0.1)
    assert tools.answer(site.connect()).status == 503
    assert tools.answer(site.connect()).headers["x-content-type-options"] == "nosniff"
    assert all(closed_after(link) < 3 for link in idle)
    assert site.get("/nothing").status == 404


def test_the_thirty_third_stream_is_refused(site: Any, tools: Any) -> None:
    streams = [site.stream(f"page-{i}") for i in range(32)]
    assert all(link.recv(12) == b"HTTP/1.1 200" for link in streams)
    refused = site.stream()
    assert refused.recv(12) == b"HTTP/1.1 503"
    for link in streams:
        link.close()
    assert tools.wait_for(lambda: not site.recording._listeners)
    again = site.stream()
    assert again.recv(12) == b"HTTP/1.1 200"
    again.close()


def test_a_stream_that_is_not_read_is_dropped_and_keeps_nothing(serve: Any, tools: Any) -> None:
    site = serve(stall_seconds=0.5)
    asked: list[int] = []
    site.recording.messages = lambda _: asked.append(1) or [bytes(1 << 20)] * 4
    link = site.stream(receive=1 << 14)
    assert tools.wait_for(lambda: bool(site.recording._listeners))
    assert tools.wait_for(lambda: not site.recording._listeners, 10)
    assert sum(asked) <= 4  # what it could not take was never asked for
    link.close()


def test_a_stream_that_is_read_slowly_goes_on(serve: Any) -> None:
    site = serve(stall_seconds=1.0)
    site.recording.messages = lambda _: [np.random.default_rng(0).bytes(1 << 20)]
    link = site.stream(receive=1 << 14)
    link.settimeout(5)
    end, taken = time.monotonic() + 3, 0
    while time.monotonic() < end:
        taken += len(link.recv(1 << 15))
        time.sleep(0.1)
    assert taken > 200_000
    assert site.recording._listeners


def test_a_long_answer_that_is_read_slowly_arrives_whole(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site = serve(stall_seconds=0.5)
    fake = types.SimpleNamespace(answer=lambda *_: bytes(4 << 20))
    monkeypatch.setitem(sys.modules, "clearprop.live.asks", fake)
    link = site.connect(1 << 14)
    body = b'{"what": "code"}'
    link.sendall(site.head("POST", "/ask", Content_Length=str(len(body)), Connection="close") + body)
    taken = 0
    while part := link.recv(1 << 16):
        taken += len(part)
        time.sleep(len(part) / 2e6)
    assert taken > 4 << 20


def test_an_answer_that_is_not_read_is_dropped(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site = serve(stall_seconds=0.5)
    fake = types.SimpleNamespace(answer=lambda *_: bytes(40 << 20))
    monkeypatch.setitem(sys.modules, "clearprop.live.asks", fake)
    link = site.connect(1 << 14)
    body = b'{"what": "code"}'
    link.sendall(site.head("POST", "/ask", Content_Length=str(len(body))) + body)
    time.sleep(2)
    assert closed_after(link) < 3
