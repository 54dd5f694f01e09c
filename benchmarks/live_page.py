"""How the live page itself does, in a headless Chromium: how soon it is there, how smooth, how quick, how large."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from threading import Thread
from time import monotonic
from typing import Any, NamedTuple

PLAY = "from clearprop.cli.main import run; run()"
LARGE = """
import numpy as np
import clearprop as cp

random = np.random.default_rng(0)
x, y = random.uniform(size=(500, 64)), np.eye(10)[random.integers(10, size=500)]
network = cp.Network(64, [cp.Dense(512, "relu"), cp.Dense(512, "relu"), cp.Dense(10, "softmax")])
cp.watch(
    network, x, y, loss="categorical_cross_entropy", optimizer=cp.SGD(0.05), steps=1_000_000, batch_size=64, rng=0,
    open_browser=False,
)
"""
ENDLESS = ("play", "--no-browser", "--port", "0", "--steps", "1000000000")  # 400 updates a second
SHOWN = "header [data-step]:not([data-step=''])"
# Times between the browser's frames, in milliseconds, and how many pictures of the network came meanwhile.
FRAMES = """seconds => new Promise((resolve) => {
    const canvas = document.querySelector(".network-over"), times = [], shown = new Set();
    const begun = performance.now();
    let before = begun;
    const look = () => requestAnimationFrame(() => {
        const now = performance.now();
        times.push(now - before);
        shown.add(canvas.dataset.frame);
        before = now;
        if (now - begun < 1000 * seconds) look();
        else resolve([times, shown.size]);
    });
    look();
})"""
# Milliseconds from a key on the timeline to the frame that shows what it did.
ANSWERS = """async (count) => {
    const times = [];
    for (let k = 0; k < count; k++) {
        await new Promise((done) => setTimeout(done, 150));
        const start = performance.now();
        document.querySelector(".scrubber").dispatchEvent(new KeyboardEvent("keydown", {
            key: k % 2 ? "ArrowRight" : "ArrowLeft", bubbles: true, cancelable: true}));
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        times.push(performance.now() - start);
    }
    return times;
}"""


class Found(NamedTuple):
    """What was measured."""

    first: float
    """Seconds from the command to the first frame that is shown."""
    share: float
    """Of the browser's frames, with 33 maps on the page: within 33 ms."""
    pictures: float
    """Pictures of the network a second."""
    answers: list[float]
    """Milliseconds from an input to its answer, with a network of 64-512-512-10 that trains."""
    elements: int
    """In the page of that network."""
    growth: float
    """Bytes by which the heap grew in the soak."""
    slope: float
    """Bytes a minute: of the line through the heap's sizes."""
    soak: float
    """Seconds that the soak took."""


@contextmanager
def started(*arguments: str) -> Iterator[str]:
    """Run Python, and return the page's address."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-c", *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        reader = Thread(target=process.stderr.read)  # on, or a full pipe would stop the run
        try:
            found = next(filter(None, (re.search(r"watching at (http://\S+)", line) for line in process.stderr)), None)
            assert found is not None, "no page began"
            reader.start()
            yield found[1]
        finally:
            process.kill()
            process.wait()
            if reader.ident is not None:
                reader.join()
            process.stderr.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """Return a headless browser."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("there is no Chromium to measure the page in; apt-get install chromium")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


def opened(browser: Any, url: str) -> Any:
    """Return the page of a run, once it shows a frame."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.wait_for_selector(SHOWN)
    page.wait_for_selector(".scrubber")
    return page


def measure(repeats: int, seconds: float, soak: float) -> Found:
    """Measure all of it: ``seconds`` of frames, ``soak`` seconds of the heap."""
    first: list[float] = []
    with chromium() as browser:
        for _ in range(repeats):
            began = monotonic()
            with started(PLAY, *ENDLESS) as url:
                page = opened(browser, url)
                first.append(monotonic() - began)
                page.close()
        with started(PLAY, *ENDLESS) as url:
            page = opened(browser, url)
            page.wait_for_timeout(1000 * min(20.0, 2 * seconds))  # until the history is full
            times, pictures = page.evaluate(FRAMES, seconds)
            growth, slope = heap(page, soak)
            page.close()
        with started(LARGE) as url:
            page = opened(browser, url)
            page.wait_for_timeout(2000)
            answers = page.evaluate(ANSWERS, 4 * repeats)
            elements = page.evaluate("document.querySelectorAll('*').length")
            page.close()
    share = sum(time < 33.5 for time in times) / len(times)  # two ticks of 60 Hz are 33.3 ms
    return Found(median(first), share, pictures / seconds, answers, elements, growth, slope, soak)


def heap(page: Any, soak: float) -> tuple[float, float]:
    """Return by how many bytes the heap grows, and how many a minute, after everything unused is thrown away."""
    tools = page.context.new_cdp_session(page)
    times, sizes, began = [], [], monotonic()
    while not times or times[-1] < soak:
        tools.send("HeapProfiler.collectGarbage")
        times.append(monotonic() - began)
        sizes.append(page.evaluate("performance.memory.usedJSHeapSize"))
        page.wait_for_timeout(1000 * min(soak / 12, 60))
    middle, level = sum(times) / len(times), sum(sizes) / len(sizes)
    rise = sum((t - middle) * (size - level) for t, size in zip(times, sizes, strict=True))
    return sizes[-1] - sizes[0], 60 * rise / sum((t - middle) ** 2 for t in times)


def rows(found: Found) -> list[list[str]]:
    """Return what was measured beside what it is held to."""
    worst, middle = max(found.answers), median(found.answers)
    return [
        ["the page", "measured", "held to"],
        ["from the command to the first frame", f"{found.first:.2f} s", "3 s"],
        ["33 maps: frames within 33 ms", f"{100 * found.share:.1f} %", "95 %"],
        ["33 maps: pictures of the network a second", f"{found.pictures:.0f}", "—"],
        ["64-512-512-10: input answered (slowest)", f"{middle:.0f} ms ({worst:.0f} ms)", "200 ms"],
        ["64-512-512-10: elements of the page", f"{found.elements:,}", "1,500"],
        [
            f"the heap's growth in {found.soak / 60:.3g} min (a minute)",
            f"{found.growth / 1e6:.2f} MB ({found.slope / 1e6:+.2f} MB)",
            "20 MB in 30 min",
        ],
    ]
