"""What watching costs: training with and without a viewer, in interleaved runs that come to the same weights.

``python benchmarks/live.py`` prints a table. It needs ``pip install 'clearprop[live]'``. The viewer is a process of its
own that reads the stream as fast as it comes, as a browser does at best; a stalled one opens it and reads nothing.
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

import numpy as np

import clearprop as cp

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


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What watching costs.")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--share", type=float, default=1.0, help="of each job's steps")
    given = parser.parse_args()
    print("| job | µs a step, unwatched | a viewer reads | a viewer stalls |\n| --- | --- | --- | --- |")
    for job in JOBS:
        found = measure(job, given.repeats, given.share)
        alone = found["none"]
        cells = [
            f"{median(times):.2f} ({100 * (median(t / a for t, a in zip(times, alone, strict=True)) - 1):+.1f} %)"
            for times in (found["reading"], found["stalled"])
        ]
        print(f"| {job.name} | {median(alone):.2f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
