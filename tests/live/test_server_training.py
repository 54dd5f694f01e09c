"""What the network side does never reaches training, and nothing of it is left afterwards."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearprop import Dense, Network, train
from clearprop.training.callbacks import Callback

RUBBISH = [
    b"",
    b"GET / HTTP/1.1\r\nHost:",
    b"\x00\xff" * 50,
    b"POST /command HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\n{",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n" * 20,
]


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.skipif(os.name != "posix", reason="descriptors are counted in /dev/fd")
def test_nothing_is_left_of_two_hundred_rough_connections(serve: Any, tools: Any) -> None:
    threads, open_before = threading.active_count(), descriptors()
    site = serve(header_seconds=1.0)
    assert site.post("/upload?name=a.csv", b"a\n1\n").status == 200  # so that the worker has begun
    for i in range(200):
        link = site.connect(receive=1 << 12 if i % 7 == 0 else 0)
        link.sendall(RUBBISH[i % 5] if i % 3 else site.head("GET", f"/stream?client=page-{i}"))
        if i % 2:
            link.close()
    site.close()
    assert not any(thread.name == "clearprop-page" for thread in threading.enumerate())
    assert tools.wait_for(lambda: threading.active_count() == threads)
    assert descriptors() == open_before


class Publish(Callback):
    """Tells a recording what a page is told: the state and a frame every few steps."""

    def __init__(self, site: Any) -> None:
        self.recording, self.steps = site.recording, 0

    def on_start(self, training: Any) -> None:
        self.branch = self.recording.begin({"type": "branch"}, training, 0, None, 0)

    def on_step(self, training: Any) -> None:
        self.steps += 1
        if self.steps % 5 == 0:
            self.recording.add_frame(self.branch, training.progress)
            self.recording.publish({"phase": "running", "step": self.steps}, self.branch)


def weights(*callbacks: Callback) -> bytes:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 4))
    y = (x[:, :1] * x[:, 1:2] > 0).astype(np.float64)
    network = Network(4, [Dense(16, "tanh"), Dense(16, "tanh"), Dense(1, "sigmoid")])
    result = train(
        network,
        x,
        y,
        loss="binary_cross_entropy",
        epochs=15,
        batch_size=10,
        rng=3,
        engine="reference",
        callbacks=callbacks,
    )
    return result.parameters.vector.tobytes()


def flood(site: Any, count: int) -> None:
    """Open half a request, and streams and pages that nobody reads, so many of each, and hold on to them."""
    for i in range(count):
        try:
            half, mute = site.connect(), site.connect(receive=1 << 12)
            half.sendall(site.head("POST", "/command", Content_Length="50")[: 20 + i % 60])
            mute.sendall(site.head("GET", "/stream?client=mute" if i % 2 else "/") * (1 if i % 2 else 20))
        except ConnectionError:
            pass  # refused, as it should be where there are too many


@pytest.mark.parametrize("count", [50, pytest.param(500, marks=pytest.mark.long)])
def test_a_flood_changes_nothing_of_a_run(serve: Any, count: int) -> None:
    alone = weights()
    site = serve(header_seconds=2.0, stall_seconds=2.0)
    thread = threading.Thread(target=flood, args=(site, count))
    thread.start()
    under_way = True
    while under_way:  # the last run begins with all of them there
        under_way = thread.is_alive()
        publish = Publish(site)
        assert weights(publish) == alone
    thread.join()
    assert publish.steps == 450
    assert len(site.sockets) > 2 * count
    for link in site.sockets:
        link.close()
    assert site.get("/nothing").status in (404, 503)


def test_a_server_that_breaks_breaks_alone(serve: Any) -> None:
    site = serve()
    alone = weights()

    def broken(_: Any) -> list[bytes]:
        raise SystemExit

    site.recording.messages = broken
    link = site.stream()
    assert weights(Publish(site)) == alone
    link.close()
    site.server.stop()
