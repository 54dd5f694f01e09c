"""Names from data are text, and other hosts stay out, as a real browser has it."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

EVIL = "<img src=x onerror=window.evil=1>"


def test_names_that_are_html_are_shown_as_text(
    play: Callable[..., Any], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    rows = "".join(f"{k % 7},{k % 5},{EVIL if k % 2 else 'no'}\n" for k in range(60))
    (tmp_path / "evil.csv").write_text(f"{EVIL}a,<script>window.evil=2</script>,<b>target</b>\n{rows}")
    view = open_page(play("evil.csv", "--target", "<b>target</b>").url)
    view.pause()
    for screen in ("watch", "explain", "diagnose", "data"):
        view.show(screen)
        view.page.wait_for_timeout(500)
        assert view.page.evaluate("window.evil === undefined")
        made = view.page.locator("img[src='x'], #page script, b:text-is('target')")
        assert made.count() == 0, made.first.evaluate("(element) => element.outerHTML")
        said = view.said()
        assert re.search(f"{re.escape(EVIL)}(?!a)", said), f"{screen} should name the class"
        assert screen == "diagnose" or f"{EVIL}a" in said, f"{screen} should name the feature"


def test_a_host_name_that_leads_here_is_refused(play: Callable[..., Any], browser: Any, chromium: str) -> None:
    """DNS rebinding: a foreign name that has come to mean this machine."""
    port = urlsplit(play().url).port
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    misled = browser.browser_type.launch(executable_path=chromium, args=arguments)
    answer = misled.new_page().goto(f"http://evil.example:{port}/")
    assert 400 <= answer.status < 500
    misled.close()


STRANGE = [
    ("GET", "/", {"Host": "evil.example"}),
    ("GET", "/stream?client=a", {}),
    ("POST", "/command", {"Origin": "null"}),
    ("POST", "/command", {"Origin": "http://evil.example"}),
    ("POST", "/command", {}),
    ("PUT", "/command", {}),
    ("TRACE", "/", {}),
    ("GET", "/assets/../messages.py", {}),
    ("GET", "/assets/%2e%2e/messages.py", {}),
    ("GET", "/assets/..%5cmessages.py", {}),
]


def test_strangers_are_refused_and_change_nothing(watch: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    run = watch()
    view = open_page(run.url, expected="status of 413")
    stands = view.pause()
    assert view.command("step", more="x" * 10_000_000)["status"] == 413  # even from the page itself
    for method, path, headers in STRANGE:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(run.url).port, timeout=10)
        body = None if method == "GET" else b'{"name": "step", "client": "x"}'
        connection.request(method, path, body=body, headers=headers)
        status = connection.getresponse().status
        connection.close()
        assert 400 <= status < 500, f"{method} {path} {headers}: {status}"
    view.page.wait_for_timeout(300)
    assert view.step() == stands
