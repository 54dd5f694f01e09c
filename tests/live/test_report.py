"""A report holds a run and the page in one file of bounded size, and no name in it is ever markup."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from clearprop.errors import FileError, InputError
from clearprop.live.messages import decode, encode
from clearprop.live.saved import report
from clearprop.live.saved.recorded import Recorded

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;'\"<!--"


def told(n_frames: int = 20, size: int = 337, title: str = EVIL) -> list[bytes]:
    random = np.random.default_rng(0)
    messages = [encode({"type": "hello", "title": title})]
    for k in range(n_frames):
        header = {"type": "frame", "id": k, "branch": 0, "step": k, "loss": 0.5, "keep": "" if k else "first"}
        messages.append(encode(header, {"vector": random.normal(size=size).astype(np.float32)}))
    return [*messages, encode({"type": "event", "branch": 0, "step": 3, "text": EVIL, "kind": "note"})]


class Elements(HTMLParser):
    """The elements of a page as a browser would find them, with their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = tag, attributes, text + data

    def only(self, tag: str, **attributes: str) -> str:
        (text,) = [text for name, found, text in self.found if name == tag and attributes.items() <= found.items()]
        return text


def messages_of(page: str) -> list[bytes]:
    data = base64.b64decode(Elements(page).only("script", id="recording"))
    messages: list[bytes] = []
    while data:
        length = int.from_bytes(data[:4], "little") + 4
        messages.append(data[:length])
        data = data[length:]
    return messages


def test_names_from_the_data_are_never_markup() -> None:
    page = report.html(told())
    elements = Elements(page)
    assert [tag for tag, _, _ in elements.found].count("script") == 2
    assert not {"img", "a", "iframe", "link"} & {tag for tag, _, _ in elements.found}
    assert elements.only("title").strip() == EVIL
    assert [decode(m).header["text"] for m in messages_of(page) if decode(m).header["type"] == "event"] == [EVIL]


def test_only_the_script_and_the_style_that_are_inside_may_run() -> None:
    page = report.html(told())
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for kind, element in (("script-src", re.findall(r"<script>(.*?)</script>", page, re.S)), (
        "style-src", re.findall(r"<style>(.*?)</style>", page, re.S)
    )):  # fmt: skip
        (text,) = element
        assert rules[kind] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    assert rules["default-src"] == "'none'"
    assert not {"connect-src", "frame-src", "font-src"} & rules.keys()


def test_a_large_run_is_thinned_to_the_size_and_says_the_rest_whole() -> None:
    messages = told(300, size=10_000)
    page = report.html(messages, n_bytes=4_000_000)
    assert 2_000_000 < len(page.encode()) <= 4_000_000
    frames = Recorded.gather(messages_of(page)).frames
    assert {0, 299} <= set(frames)
    assert 30 < len(frames) < 300


def test_five_hundred_frames_of_moons_are_under_five_megabytes_and_all_there() -> None:
    page = report.html(told(500))
    assert len(page.encode()) <= 5_000_000
    assert len(Recorded.gather(messages_of(page)).frames) == 500


def test_an_empty_recording_is_refused() -> None:
    with pytest.raises(InputError, match="no frame"):
        report.html(told(0))


def test_a_report_is_made_of_a_file(tmp_path: Path) -> None:
    Recorded.gather(told()).save(tmp_path / "run.safetensors")
    report.write(tmp_path / "run.safetensors", tmp_path / "run.html")
    assert len(Recorded.gather(messages_of((tmp_path / "run.html").read_text())).frames) == 20
    (tmp_path / "other").write_text("text")
    with pytest.raises(FileError):
        report.write(tmp_path / "other", tmp_path / "run.html")
    assert "<html" in (tmp_path / "run.html").read_text()


def test_a_checkout_without_the_built_page_says_how_to_build_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "files", lambda _package: tmp_path)
    with pytest.raises(InputError, match="npm run build"):
        report.html(told())


def test_nothing_in_the_script_ends_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"embedded.js": 'say("</script><!--<script>")', "assets/index.css": 'a::after { content: "</style>" }'}
    monkeypatch.setattr(report, "asset", parts.__getitem__)
    page = report.html(told())
    assert page.count("</script>") == 2  # the recording's and the script's own
    assert page.count("</style>") == 1
    assert 'say("<\\/script><\\!--<script>")' in page
