"""What is answered at each path: files, commands, questions, uploads."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

import pytest

from clearprop.errors import InputError
from clearprop.live.messages import decode
from clearprop.live.server import assets


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built page of three files, and one beside them that isn't for anybody."""
    folder = tmp_path / "assets"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Ä</title>", encoding="utf-8")
    (folder / "assets" / "app-1a2b.js").write_text("let a = 1;", encoding="utf-8")
    (folder / "assets" / "app.css").write_text("body {}", encoding="utf-8")
    (folder / "report.html").write_text("not served", encoding="utf-8")
    monkeypatch.setattr(assets, "files", lambda _: tmp_path)
    return folder


def test_the_page_comes_from_memory(built: Path, serve: Any) -> None:
    site = serve(enter=False)
    (built / "index.html").unlink()
    (built / "assets" / "later.js").write_text("", encoding="utf-8")
    index = site.get("/")
    assert (index.status, index.body.decode()) == (200, "<!doctype html><title>Ä</title>")
    assert index.headers["content-type"] == "text/html; charset=utf-8"
    assert index.headers["cache-control"] == "no-store"
    script = site.get("/assets/app-1a2b.js")
    assert (script.body, script.headers["content-type"]) == (b"let a = 1;", "text/javascript; charset=utf-8")
    assert script.headers["cache-control"] == "no-cache"
    assert site.get("/assets/app.css").headers["content-type"] == "text/css; charset=utf-8"
    site.enter()
    for path in ("/report.html", "/assets/report.html", "/assets/later.js", "/assets/APP.css", "/assets/app%2ecss"):
        assert site.get(path).status == 404


def test_a_page_that_was_not_built_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, serve: Any) -> None:
    monkeypatch.setattr(assets, "files", lambda _: tmp_path)
    answer = serve(enter=False).get("/")
    assert answer.status == 503
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"npm run build" in answer.body


def test_a_command_is_handed_on_and_answered(site: Any) -> None:
    answer = site.post("/command", {"client": "a-1", "name": "rate", "value": 0.1})
    assert (answer.status, answer.json) == (200, {"ok": True, "branch": 3})
    assert site.commands.heard == [("a-1", "rate", {"value": 0.1})]


def test_a_command_that_is_refused_says_why(site: Any) -> None:
    answer = site.post("/command", {"client": "a", "name": "bad"})
    assert (answer.status, answer.json) == (400, {"error": "expected a rate above 0; got -1"})


def test_a_bug_is_logged_and_not_told(site: Any, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        answer = site.post("/command", {"client": "a", "name": "broken"})
    assert (answer.status, answer.json) == (500, {"error": "internal error"})
    assert caplog.records[0].name == "clearprop.live"
    assert "KeyError" in caplog.text
    assert site.post("/command", {"client": "a", "name": "play"}).status == 200  # and all goes on


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"pause"',
        b'{"client": "a"}',
        b'{"name": "pause"}',
        b'{"client": 1, "name": "pause"}',
        b'{"client": "a", "name": ["pause"]}',
        b'{"client": "a b", "name": "pause"}',
        b'{"client": "", "name": "pause"}',
        b'{"client": "a", "name": "rate", "value": NaN}',
        b'{"client": "a", "name": "rate", "value": Infinity}',
        b'\xff{"client": "a", "name": "pause"}',
        b'{"client": "a", "name": "' + b"a" * 65 + b'"}',
        b'{"client": "a", "name": "pause", "deep": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b'{"client": "a", "name": "pause", "long": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_command_is_refused(site: Any, body: bytes) -> None:
    answer = site.post("/command", body)
    assert answer.status == 400
    assert answer.json["error"].startswith("expected ")
    assert site.commands.heard == []


def test_a_question_is_answered_in_the_worker(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(recording: Any, what: str, values: dict[str, Any]) -> bytes:
        if what == "bad":
            raise InputError("frame 7 isn't kept any more")
        if what == "broken":
            raise ZeroDivisionError
        return json.dumps([recording is site.recording, what, values, threading.current_thread().name]).encode()

    monkeypatch.setitem(sys.modules, "clearprop.live.asks", types.SimpleNamespace(answer=answer))
    found = site.post("/ask", {"what": "gradient", "frame": 2})
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.json == [True, "gradient", {"frame": 2}, "clearprop-answers_0"]
    refused = site.post("/ask", {"what": "bad"})
    assert refused.status == 200  # a 4xx would stand in the browser's console as the page's fault
    assert decode(refused.body).header["type"] == "refused"
    assert decode(refused.body).header["error"] == "frame 7 isn't kept any more"
    assert site.post("/ask", {"what": "broken"}).status == 500
    assert site.post("/ask", {"frame": 2}).status == 400


def test_questions_are_answered_one_at_a_time_and_few_wait(
    serve: Any, monkeypatch: pytest.MonkeyPatch, tools: Any
) -> None:
    site, go = serve(asks=2), threading.Event()
    at_once: list[int] = []
    lock = threading.Lock()

    def answer(*_: Any) -> bytes:
        at_once.append(lock.acquire(blocking=False))
        go.wait(10)
        lock.release()
        return b"done"

    monkeypatch.setitem(sys.modules, "clearprop.live.asks", types.SimpleNamespace(answer=answer))
    links = []
    for _ in range(4):
        link = site.connect()
        body = b'{"what": "gradient"}'
        link.sendall(site.head("POST", "/ask", Content_Length=str(len(body))) + body)
        links.append(link)
        time.sleep(0.05)
    assert tools.answer(links[3]).status == 429  # one is being answered, two wait
    go.set()
    assert [tools.answer(link).status for link in links[:3]] == [200, 200, 200]
    assert at_once == [True, True, True]
    assert site.post("/ask", {"what": "gradient"}).status == 200


def test_few_commands_wait(serve: Any, tools: Any) -> None:
    site = serve(commands=2, command_seconds=1.0)
    body = b'{"client": "a", "name": "hang"}'
    links = [site.connect() for _ in range(2)]
    for link in links:
        link.sendall(site.head("POST", "/command", Content_Length=str(len(body))) + body)
    assert tools.wait_for(lambda: len(site.commands.hanging) == 2)
    assert site.post("/command", {"client": "a", "name": "pause"}).status == 429
    site.commands.hanging[0].set_result({"branch": 5})
    assert tools.answer(links[0]).json == {"ok": True, "branch": 5}
    late = tools.answer(links[1])
    assert late.status == 503
    assert "step boundary" in late.json["error"]
    site.commands.hanging[1].set_result({})  # still possible: nothing was cancelled
    assert site.post("/command", {"client": "a", "name": "pause"}).status == 200


def test_a_file_is_uploaded_by_its_name(site: Any) -> None:
    answer = site.post("/upload?name=people%20%C3%A4.csv", b"age,city\n22,Bonn\n,Kiel\n")
    assert answer.status == 200
    assert answer.json["n_rows"] == 2
    assert [column["name"] for column in answer.json["columns"]] == ["age", "city"]
    bad = site.post("/upload?name=bad.csv", b"age,city\n22\n")
    assert bad.status == 400
    assert "bad.csv" in bad.json["error"]
    for query in ("", "?name=", "?name=a%0ab.csv", "?name=" + "a" * 256):
        assert site.post(f"/upload{query}", b"age\n1\n").status == 400


@pytest.mark.parametrize("client", ["", "a%20b", "%00", "a" * 65, "%3Cb%3E"])
def test_a_stream_wants_a_plain_name(site: Any, client: str) -> None:
    assert site.get(f"/stream?client={client}").status == 400
    assert site.get("/stream").status == 400
