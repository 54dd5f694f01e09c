"""What watching costs: runs that are watched in every second quarter of a second, and come to the same weights.

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
VIEWERS = ("reading", "stalled")
QUARTER = 0.25  # seconds
STEPS = 1_000_000_000  # more than there is time for


@dataclass(frozen=True)
class Job:
    """A training: a network and its rows."""

    name: str
    layers: tuple[int, ...]
    rows: int
    batch_size: int | None


JOBS = (
    Job("2-16-16-1, all 150 rows", (2, 16, 16, 1), 150, None),
    Job("784-128-64-10, batch 128", (784, 128, 64, 10), 4096, 128),
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


class Alternating(cp.Callback):
    """Lets a live page look at a run in every second quarter of a second, and measures all of them.

    So what a slow spell of the machine does to an update, it does to both kinds alike.
    """

    def __init__(self, live: cp.Live, quarters: int, ready: threading.Event) -> None:
        self.live, self._ready = live, ready
        self.quarters: list[tuple[int, float]] = []  # updates, seconds; the odd ones are watched
        self._most, self._first, self._speed = quarters, 0, 0.0

    @property
    def _watched(self) -> bool:
        return len(self.quarters) % 2 == 1

    def on_start(self, training: Any) -> None:
        self.live.on_start(training)
        assert self._ready.wait(20), "the viewer didn't come"
        self._began = perf_counter()

    def on_step(self, training: Any) -> None:
        if self._watched:
            self.live.on_step(training)
        step, now = training.progress.step, perf_counter()
        self._speed = (step - self._first) / max(now - self._began, 1e-9)
        if now - self._began >= QUARTER:
            self.quarters.append((step - self._first, now - self._began))
            self._first, self._began = step, now
            if len(self.quarters) == self._most:
                training.stop("enough")

    def on_epoch(self, training: Any) -> None:
        if self._watched:
            self.live.on_epoch(training)

    def next_step(self, step: int, per_epoch: int) -> int:
        if self._watched:
            return self.live.next_step(step, per_epoch)
        left = QUARTER - (perf_counter() - self._began)
        return step + max(1, round(left * self._speed))

    def on_end(self, training: Any) -> None:
        self.live.on_end(training)


def alternate(settings: dict[str, Any], viewer: str, quarters: int) -> Alternating:
    """Train, watched in every second quarter of a second, and check that the weights come out as without a page."""
    live, ready, looker = cp.Live(open_browser=False), threading.Event(), list[subprocess.Popen[str]]()
    thread = threading.Thread(target=_look, args=(live, viewer, looker, ready))
    thread.start()
    alternating = Alternating(live, quarters, ready)
    watched = cp.train(**settings, steps=STEPS, callbacks=[alternating])
    thread.join()
    live.close()
    for process in looker:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    alone = cp.train(**settings, steps=watched.progress.step)
    same = alone.parameters.vector.tobytes() == watched.parameters.vector.tobytes()
    assert same, "a page changed what was learnt"
    return alternating


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


def measure(job: Job, quarters: int) -> dict[str, list[tuple[float, float]]]:
    """Return, for each kind of viewer, pairs of neighbours: µs an update unwatched and watched."""
    settings = prepare(job)
    cp.train(**settings, steps=200)  # kernels are loaded
    found: dict[str, list[tuple[float, float]]] = {}
    for viewer in VIEWERS:
        times = [seconds / steps * 1e6 for steps, seconds in alternate(settings, viewer, quarters).quarters]
        found[viewer] = list(zip(times[2::2], times[3::2], strict=False))  # first comes what was sent at the start
    return found


def costs(found: dict[str, dict[str, list[tuple[float, float]]]]) -> list[list[str]]:
    """Return each job's µs an update unwatched and watched, by the median of what each pair of quarters says."""
    rows = [["training", "µs an update, unwatched", "a viewer at 30 pictures a second", "a viewer that has stalled"]]
    for name, pairs in found.items():
        cells = [name, f"{median(alone for alone, _ in pairs[VIEWERS[0]]):.2f}"]
        for viewer in VIEWERS:
            ratios = [watched / alone for alone, watched in pairs[viewer]]
            cost = f"{100 * (median(ratios) - 1):+.1f} ± {100 * scatter(ratios):.1f} %"
            cells.append(f"{median(watched for _, watched in pairs[viewer]):.2f} ({cost})")
        rows.append(cells)
    return rows


def scatter(ratios: list[float]) -> float:
    """Return half the notch of a box plot, 1.57 IQR / √n: about 95 % of medians lie within it (McGill et al., 1978)."""
    lower, upper = np.quantile(ratios, (0.25, 0.75))
    return 1.57 * float(upper - lower) / len(ratios) ** 0.5


def main() -> None:
    """Measure, print the tables, and maybe write them."""
    parser = argparse.ArgumentParser(description="What watching costs.")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each run")
    parser.add_argument("--page", action="store_true", help="measure the page in Chromium, too")
    parser.add_argument("--soak", type=float, default=120.0, help="seconds for which the page's heap is watched")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/live.md")
    given = parser.parse_args()
    quarters = max(4, round(given.seconds / QUARTER))
    text = [
        f"Measured on {machine.state()}; {given.seconds:g} s of each, medians of the pairs of quarters; held to 2 %:",
        page.table(costs({job.name: measure(job, quarters) for job in JOBS}), 1),
    ]
    if given.page:
        text.append(page.table(live_page.rows(live_page.measure(5, 10, given.soak)), 1))
    print("\n\n".join(text))
    if given.write:
        page.put("live", "\n\n".join(text), PAGE)


if __name__ == "__main__":
    main()
