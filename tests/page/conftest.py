"""A real browser (Debian's Chromium) on a real run: what every test of the page stands on.

Every page that a test opens is held to this at its end: nothing on the console, and no request off this machine.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import clearprop as cp

playwright_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
_spec = importlib.util.spec_from_file_location("view", Path(__file__).with_name("view.py"))
assert _spec is not None
assert _spec.loader is not None
view = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(view)

PATIENCE: float = view.PATIENCE
GONE = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE"
CLEARPROP = [sys.executable, "-c", "from clearprop.cli.main import run; run()"]


@dataclass
class Run:
    """A command that trains and shows a page."""

    process: subprocess.Popen[str]
    url: str = ""
    said: list[str] = field(default_factory=list[str])
    folder: Path = Path()

    def result(self) -> Any:
        """Return what a script has saved, once it has ended."""
        assert self.process.wait(PATIENCE) == 0, "".join(self.said)
        return cp.load(self.folder / "result.safetensors")

    @property
    def origin(self) -> str:
        return self.url.partition("/#")[0]

    def end(self) -> int:
        """End it as a person would, by Ctrl-C, or by force."""
        self.process.send_signal(2)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def started(command: list[str], folder: Path) -> Run:
    process = subprocess.Popen(  # noqa: S603 - the tests' own commands
        command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    run = Run(process, folder=folder)
    assert process.stderr is not None
    for line in process.stderr:
        run.said.append(line)
        found = re.search(r"watching at (http://\S+)", line)
        if found:
            run.url = found[1]
            break
    else:
        process.kill()
        raise AssertionError(f"no page began: {''.join(run.said)}")
    for stream in (process.stderr, process.stdout):  # read on, or the run would stop at a full pipe
        Thread(target=lambda stream=stream: run.said.extend(stream or ()), daemon=True).start()
    return run


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Callable[[str], Run]]:
    """Return what runs a script of the user's own."""
    runs: list[Run] = []

    def start(text: str) -> Run:
        file = tmp_path / "script.py"
        file.write_text(text)
        runs.append(started([sys.executable, str(file)], tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        stop(run)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Return what runs ``clearprop play --no-browser --port 0`` with further arguments."""
    runs: list[Run] = []

    def start(*arguments: str) -> Run:
        endless = () if "--steps" in arguments else ("--steps", "1000000000")
        runs.append(started([*CLEARPROP, "play", "--no-browser", "--port", "0", *arguments, *endless], tmp_path))
        return runs[-1]

    yield start
    for run in runs:
        stop(run)


WATCH = """
import clearprop as cp

x, y = cp.datasets.make("moons", 50)
network = cp.Network(2, [cp.Dense(8, "tanh"), cp.Dense(1, "sigmoid")])
result = cp.watch(
    network, x[:40], y[:40], loss="binary_cross_entropy", validation_data=(x[40:], y[40:]), rng=0, open_browser=False,
    {settings}
)
result.save("result.safetensors")
"""


@pytest.fixture
def watch(script: Callable[[str], Run]) -> Callable[..., Run]:
    """Return what runs ``cp.watch`` on 40 points in batches of 16, and saves its result: ``watch("settings", ...)``."""

    def start(*settings: str) -> Run:
        given = ["optimizer=cp.SGD(0.25)", "steps=100_000", "batch_size=16", "paused=True"]
        names = {setting.partition("=")[0] for setting in settings}
        whole = [*settings, *(setting for setting in given if setting.partition("=")[0] not in names)]
        return script(WATCH.format(settings=", ".join(whole)))

    return start


def stop(run: Run) -> None:
    run.process.kill()
    run.process.wait()
    for stream in (run.process.stderr, run.process.stdout):
        if stream is not None:
            stream.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return where Chromium is; without one a test is skipped, but in CI it fails."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("no Chromium: apt-get install chromium")
    assert path is not None
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """Return a headless Chromium."""
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
        )
        yield browser
        browser.close()


@dataclass
class Watched:
    """What a page did that no page may."""

    errors: list[str] = field(default_factory=list[str])
    foreign: list[str] = field(default_factory=list[str])
    expected: str = r"^$"


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Return what opens an address in a context of its own: ``open_page(url, gone=..., expected=..., **options)``.

    With ``gone`` the run ends before the page does, so the browser may say that it can't be reached; ``expected`` is a
    pattern of what else it may say on the console.
    """
    contexts: list[tuple[Any, Watched]] = []

    def open_(url: str, *, gone: bool = False, expected: str = r"^$", context: Any = None, **options: Any) -> Any:
        options = {"viewport": {"width": 1440, "height": 900}, **options}
        watched = Watched(expected=f"{expected}|{GONE}" if gone else expected)
        if context is None:
            context = browser.new_context(**options)
            context.set_default_timeout(1000 * PATIENCE)
            context.on("request", lambda request: note_foreign(watched, request.url))
            contexts.append((context, watched))
        page = context.new_page()
        page.on("console", lambda m: watched.errors.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: watched.errors.append(str(error)))
        page.goto(url)
        return view.View(page)

    yield open_
    for context, watched in contexts:
        context.close()
        assert not watched.foreign, f"requests off this machine: {watched.foreign}"
        odd = [error for error in watched.errors if not re.search(watched.expected, error)]
        assert not odd, f"on the console: {odd}"


def note_foreign(watched: Watched, url: str) -> None:
    if not re.match(r"(http://(127\.0\.0\.1|localhost)[:/]|file:|blob:|about:|data:)", url):
        watched.foreign.append(url)
