"""Make every screenshot in docs/images/live again: ``python docs/make_screenshots.py``.

Every screen and state, light and dark, 1440 × 900 and 360 × 740; with names as arguments only those (``watch help``).
It needs Chromium and ``pip install playwright pillow``.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

IMAGES = Path(__file__).parent / "images" / "live"
SIZES = {"wide": (1440, 900), "narrow": (360, 740)}
THEMES = ("light", "dark")
N_BYTES = 150_000
CLEARPROP = "from clearprop.cli.main import run; run()"
RUNG = "Pace.slowed, Pace.pictures = property(lambda _: True), property(lambda _: 5.0); "
SLOWED = "from clearprop.live.pace import Pace; " + RUNG + CLEARPROP
DYING = f"import os, threading; threading.Timer(25, os._exit, (0,)).start(); {CLEARPROP}"
# A page that has been told nothing but what may be done: all, or (as for a script's run that hasn't begun) nothing.
SILENT = """
import sys, time
from clearprop.live.callback import hello
from clearprop.live.commands import Commands
from clearprop.live.recording import Recording
from clearprop.live.server import Server
from clearprop.live.sources.uploads import Uploads

recording = Recording()
recording.tell(hello("", {controls}, datasets=["moons"]))
print("watching at", Server(recording, Commands(), Uploads()).start(), file=sys.stderr, flush=True)
time.sleep(600)
"""
EMPTY, WAITING = SILENT.format(controls=("control", "data")), SILENT.format(controls=())


@contextmanager
def played(program: str, *arguments: str) -> Generator[str]:
    """Run ``clearprop play``, or what stands for it, and yield its page's address."""
    steps = () if "--steps" in arguments else ("--steps", "1000000000")
    whole = [sys.executable, "-c", program, "play", "--no-browser", "--port", "0", *arguments, *steps]
    process = subprocess.Popen(whole, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # noqa: S603 - ours
    try:
        assert process.stderr is not None  # noqa: S101 - it is a pipe
        for line in process.stderr:
            found = re.search(r"watching at (http://\S+)", line)
            if found:
                yield found[1]
                return
        raise SystemExit("clearprop play began no page")
    finally:
        process.kill()
        process.wait()


def screen(name: str) -> Callable[[Any], None]:
    """Return what shows a screen of a paused run."""

    def act(page: Any) -> None:
        pause(page)
        page.click(f"[data-screen='{name}']")

    return act


def pause(page: Any, at: int = 400) -> None:
    """Bring the run to a pause some hundreds of updates after its start, where there is most to see."""
    page.wait_for_selector("[data-command='pause'], .phase-paused")
    if page.locator("[data-command='pause']").count():  # a lesson begins at a pause
        page.click("[data-command='pause']")
    page.wait_for_selector(".phase-paused")
    page.keyboard.press("r")
    page.wait_for_selector("header [data-step='0']")
    command(page, "pace", steps_per_second=200)
    page.click("[data-command='play']")
    while int(page.get_attribute("header [data-step]", "data-step") or 0) < at:
        page.wait_for_timeout(50)
    page.click("[data-command='pause']")
    page.wait_for_selector(".phase-paused")


def command(page: Any, name: str, **values: Any) -> None:
    """Give a command as the page itself does."""
    client = page.evaluate("sessionStorage.getItem('clearprop.client')")
    page.evaluate(
        "body => fetch('command', {method: 'POST', body, headers: {'content-type': 'application/json'}})",
        json.dumps({"client": client, "name": name, **values}),
    )


def diverge(page: Any) -> None:
    """Give the run a rate at which it runs away."""
    pause(page)
    box = page.get_by_label("Rate", exact=True)
    box.fill("1e6")
    box.press("Enter")
    page.wait_for_timeout(300)
    page.click("[data-command='play']")
    page.wait_for_selector("[data-state='diverged']")


def branch(page: Any) -> None:
    """Go back, and continue from there."""
    pause(page)
    slider = page.locator(".scrubber")
    slider.focus()
    for _ in range(6):
        slider.press("ArrowLeft")
    page.click("[data-command='continue']")
    page.wait_for_timeout(1500)


def finish(page: Any) -> None:
    """Wait for the run's end."""
    page.wait_for_selector("[data-state='finished']")


def second(page: Any) -> None:
    """Open the run in a second tab, and take control there."""
    pause(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.click("[data-state='second-tab'] button")
    page.wait_for_selector("[data-state='second-tab']")


def disconnected(page: Any) -> None:
    """Let the page look for a run that has gone."""
    pause(page)
    page.wait_for_selector("[data-state='disconnected']")


def shown(state: str) -> Callable[[Any], None]:
    """Return what waits for a state that comes by itself."""

    def act(page: Any) -> None:
        page.wait_for_selector(f"[data-state='{state}']")

    return act


def bad_file(page: Any) -> None:
    """Open a table whose third row is too short."""
    pause(page)
    page.click("[data-screen='data']")
    page.get_by_role("button", name="Your file").click()
    table = b"age,fare,class\n22,7.25,third\n38,first\n26,7.92,third\n"
    page.set_input_files("input[type='file']", {"name": "passengers.csv", "mimeType": "text/csv", "buffer": table})
    page.locator("[role='alert']").scroll_into_view_if_needed()


def help_(page: Any) -> None:
    """Open the keys."""
    pause(page)
    page.keyboard.press("?")


def bad_token(page: Any) -> None:
    """Use a link that has been used."""
    page.goto(page.url.partition("#")[0] + "?again#token=used")
    page.context.clear_cookies()
    page.reload()
    page.wait_for_selector("[data-state='bad-token']")


Picture = tuple[str, str, tuple[str, ...], Callable[[Any], None]]
PICTURES: tuple[Picture, ...] = (
    ("watch", CLEARPROP, (), screen("watch")),
    ("explain", CLEARPROP, (), screen("explain")),
    ("diagnose", CLEARPROP, (), screen("diagnose")),
    ("data", CLEARPROP, (), screen("data")),
    ("watch-spirals", CLEARPROP, ("--data", "spirals"), screen("watch")),
    ("lesson", CLEARPROP, ("--lesson", "moons"), screen("watch")),
    ("empty", EMPTY, (), shown("empty")),
    ("waiting", WAITING, (), shown("waiting")),
    ("slowed", SLOWED, (), shown("slowed")),
    ("diverged", CLEARPROP, (), diverge),
    ("branch", CLEARPROP, (), branch),
    ("finished", CLEARPROP, ("--steps", "300"), finish),
    ("second-tab", CLEARPROP, (), second),
    ("disconnected", DYING, (), disconnected),
    ("bad-token", CLEARPROP, (), bad_token),
    ("bad-file", CLEARPROP, (), bad_file),
    ("help", CLEARPROP, (), help_),
)


def small(png: bytes) -> bytes:
    """Return a PNG of at most 256 colours, fewer where it would be too large."""
    with Image.open(io.BytesIO(png)) as picture:
        plain = picture.convert("RGB")
    for colours in (256, 128, 64, 32):
        file = io.BytesIO()
        plain.quantize(colours, dither=Image.Dither.NONE).save(file, format="PNG", optimize=True)
        if file.tell() <= N_BYTES:
            break
    return file.getvalue()


def make(folder: Path, names: tuple[str, ...] = ()) -> list[Path]:
    """Take the pictures (or those named), and return their files."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("no Chromium: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, program, arguments, act in PICTURES:
            if names and name not in names:
                continue
            for size, (width, height) in SIZES.items():
                files += taken(
                    browser, folder, name, (program, *arguments), act, size, {"width": width, "height": height}
                )
        browser.close()
    return files


def taken(
    browser: Any, folder: Path, name: str, started: tuple[str, ...], act: Callable[[Any], None], size: str,
    viewport: dict[str, int],
) -> Iterator[Path]:  # fmt: skip
    """Bring one run into one state, and take its picture in both themes."""
    with played(*started) as url:
        page = browser.new_context(viewport=viewport, reduced_motion="reduce").new_page()
        page.goto(url)
        act(page)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(1200)  # maps are painted in slices
            file = folder / f"{name}-{size}-{theme}.png"
            file.write_bytes(small(page.screenshot()))
            yield file
        page.context.close()


if __name__ == "__main__":
    for written in make(IMAGES, tuple(sys.argv[1:])):
        print(f"{written}: {written.stat().st_size / 1000:.0f} kB")  # noqa: T201 - a script says what it made
