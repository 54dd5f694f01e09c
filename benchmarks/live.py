"""What watching costs: training with and without a viewer, in interleaved runs that come to the same weights.

``python benchmarks/live.py`` prints tables, ``--write`` puts them into docs/live.md, and ``--page`` measures the page
itself, too, in Chromium. It needs ``pip install 'clearprop[live]' playwright``. The viewer is a process of its own that
reads the stream as fast as it comes, 30 pictures a second, as a browser does at best; a stalled one opens it and reads
nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter, sleep
from typing import Any

import live_page
import numpy as np
import page

import clearprop as cp
from clearprop.bench import machine

PAGE = page.PAGE.with_name("live.md")
VIEWER = """
import http.client, json, sys, time, urllib.parse
url, stalled = sys.argv[1], sys.argv[2] == "stalled"
parts = urllib.parse.urlsplit(url)
token = parts.fragment.partition("=")[2]
line = http.client.HTTPConnection(parts.hostname, parts.port)
origin = {"Origin": f"http://{parts.netloc}", "Content-Type": "application/json"}
line.request("POST", "/session", json.dumps({"token": token}), origin)
answer = line.getresponse()
assert answer.status < 300, answer.status
answer.read()
cookie = answer.getheader("Set-Cookie").partition(";")[0]
line.request("GET", "/stream?client=benchmark", headers={"Cookie": cookie})
stream = line.getresponse()
assert stream.status == 200, stream.status
print("watching", flush=True)
while True:
    if stalled:
        time.sleep(1)
    elif not stream.read1(65536):
        break
"""
VIEWERS = ("none", "reading", "stalled")


@dataclass(frozen=True)
class Job:
    """A training: a network, its rows and how long it goes."""

    name: str
    layers: tuple[int, ...]
    rows: int
    batch_size: int | None
    steps: int


JOBS = (
    Job("2-16-16-1, all 150 rows", (2, 16, 16, 1), 150, None, 300_000),
    Job("784-128-64-10, batch 128", (784, 128, 64, 10), 4096, 128, 8_000),
)


def prepare(job: Job) -> dict[str, Any]:
    """Return what ``train`` is called with."""
    random = np.random.default_rng(0)
    inputs, *hidden, outputs = job.layers
    x = random.normal(size=(job.rows, inputs)).astype(np.float32)
    last = cp.Dense(outputs, "softmax" if outputs > 1 else "sigmoid")
    y = np.eye(outputs, dtype=np.float32)[random.integers(outputs, size=job.rows)] if outputs > 1 else x[:, :1] > 0
    return {
        "network": cp.Network(inputs, [*(cp.Dense(units, "relu") for units in hidden), last]), "x": x,
        "y": np.asarray(y, np.float32), "loss": "categorical_cross_entropy" if outputs > 1 else "binary_cross_entropy",
        "optimizer": cp.SGD(0.01), "batch_size": job.batch_size, "rng": 0, "dtype": np.float32,
    }  # fmt: skip


def timed(settings: dict[str, Any], steps: int, viewer: str) -> tuple[float, bytes]:
    """Train, with a viewer or without any live page; return µs a step and the final weights' bytes."""
    settings = dict(settings)
    network, x, y = (settings.pop(name) for name in ("network", "x", "y"))
    if viewer == "none":
        began = perf_counter()
        result = cp.train(network, x, y, steps=steps, **settings)
        return (perf_counter() - began) / steps * 1e6, result.parameters.vector.tobytes()
    live, ready = cp.Live(open_browser=False), threading.Event()
    looker: list[subprocess.Popen[str]] = []
    start, end = _Start(lambda: ready.wait(20)), _End()
    thread = threading.Thread(target=_look, args=(live, viewer, looker, ready))
    thread.start()
    result = cp.train(network, x, y, steps=steps, callbacks=[end, live, start], **settings)
    thread.join()
    live.close()
    for process in looker:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    return (end.time - start.time) / steps * 1e6, result.parameters.vector.tobytes()


class _Start(cp.Callback):
    """Waits at a run's start, after the page has begun, until the viewer watches; then notes the time."""

    def __init__(self, wait: Callable[[], Any]) -> None:
        self._wait, self.time = wait, 0.0

    def on_start(self, training: Any) -> None:
        self._wait()
        self.time = perf_counter()


class _End(cp.Callback):
    """Notes when a run ends, before the page waits for those who look."""

    def __init__(self) -> None:
        self.time = 0.0

    def on_end(self, training: Any) -> None:
        self.time = perf_counter()


def _look(live: Any, viewer: str, looker: list[subprocess.Popen[str]], ready: threading.Event) -> None:
    while not live.url:
        sleep(0.01)
    process = subprocess.Popen(  # noqa: S603 - our own viewer
        [sys.executable, "-c", VIEWER, live.url, viewer], stdout=subprocess.PIPE, text=True
    )
    looker.append(process)
    assert process.stdout is not None
    process.stdout.readline()
    ready.set()


def measure(job: Job, repeats: int, share: float = 1.0) -> dict[str, list[float]]:
    """Return µs a step of interleaved runs for each viewer; all of them must come to the same bits."""
    settings, steps = prepare(job), max(10, int(job.steps * share))
    timed(settings, min(steps, 200), "none")  # kernels are loaded
    found: dict[str, list[float]] = {viewer: [] for viewer in VIEWERS}
    weights: set[bytes] = set()
    for _ in range(repeats):
        for viewer in VIEWERS:
            microseconds, vector = timed(settings, steps, viewer)
            found[viewer].append(microseconds)
            weights.add(vector)
    assert len(weights) == 1, "a page changed what was learnt"
    return found


def costs(found: dict[str, dict[str, list[float]]]) -> list[list[str]]:
    """Return each job's µs an update unwatched and watched, by the median of what each pair of runs says."""
    rows = [["training", "µs an update, unwatched", "a viewer at 30 pictures a second", "a viewer that has stalled"]]
    for name, times in found.items():
        alone = times["none"]
        cells = [name, f"{median(alone):.2f}"]
        for viewer in VIEWERS[1:]:
            ratio = median(t / a for t, a in zip(times[viewer], alone, strict=True))
            cells.append(f"{median(times[viewer]):.2f} ({100 * (ratio - 1):+.1f} %)")
        rows.append(cells)
    return rows


def main() -> None:
    """Measure, print the tables, and maybe write them."""
    parser = argparse.ArgumentParser(description="What watching costs.")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--share", type=float, default=1.0, help="of each job's steps")
    parser.add_argument("--page", action="store_true", help="measure the page in Chromium, too")
    parser.add_argument("--soak", type=float, default=120.0, help="seconds for which the page's heap is watched")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/live.md")
    given = parser.parse_args()
    text = [
        f"Measured on {machine.state()}; medians of {given.repeats} interleaved runs, held to 2 %:",
        page.table(costs({job.name: measure(job, given.repeats, given.share) for job in JOBS}), 1),
    ]
    if given.page:
        text.append(page.table(live_page.rows(live_page.measure(min(given.repeats, 5), 10, given.soak)), 1))
    print("\n\n".join(text))
    if given.write:
        page.put("live", "\n\n".join(text), PAGE)


if __name__ == "__main__":
    main()
