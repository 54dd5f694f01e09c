"""A session that runs in a thread of its own, and a page that commands it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import numpy as np

import clearprop as cp
from clearprop.live.commands import Commands
from clearprop.live.recording import Recording
from clearprop.live.session import Session
from clearprop.live.setup import Setup
from clearprop.live.sources import make
from clearprop.live.sources.suggestion import suggest
from clearprop.live.sources.uploads import Uploads
from clearprop.result import Result


class Run:
    """A session in a thread of its own, and a page that commands it."""

    def __init__(self, *, paused: bool = True, steps: int = 400, **settings: Any) -> None:
        self.recording, self.commands = Recording(), Commands()
        self.recording.listen(lambda: None)
        data = settings.pop("data", None) or make({"kind": "dataset", "name": "moons", "n_rows": 80})
        found = suggest(data, hidden=(6,))
        optimizer = cp.Optimizer.resolve(settings.pop("optimizer", found.optimizer))
        self.setup = Setup(found.network, data, found.loss, optimizer, steps, 3, **settings)
        self.session = Session(self.setup, self.recording, self.commands, Uploads(), paused=paused)
        self.session.watching.always = True
        self.result: Result | None = None
        self._thread = Thread(target=self._run)
        self._thread.start()
        self.wait(lambda: bool(self.recording.state.get("total_steps")))

    def _run(self) -> None:
        self.result = self.session.run()

    def do(self, name: str, client: str = "page", **values: Any) -> dict[str, Any]:
        return self.commands.submit(client, name, values).result(10)

    def wait(self, met: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < end, f"never came: {self.recording.state}"
            assert self._thread.is_alive(), "the session died"
            time.sleep(0.002)

    def phase(self, name: str) -> None:
        self.wait(lambda: self.state["phase"] == name)

    @property
    def state(self) -> dict[str, Any]:
        return self.recording.state

    def losses(self, branch: int) -> np.ndarray:
        return self.recording.branch(branch).history["loss"]

    def vector(self) -> np.ndarray:
        return self.recording.branch(self.state["branch"]).training.progress.parameters.vector

    def alone(self, **settings: Any) -> Result:
        """Train the same without a page."""
        s = self.setup
        given = {"steps": s.steps, "batch_size": s.batch_size, "optimizer": s.optimizer} | settings
        return cp.train(
            s.network, s.data.x, s.data.y, loss=s.loss, validation_data=s.data.validation, rng=s.seed, **given
        )

    def end(self) -> None:
        if self._thread.is_alive():
            self.do("finish", client=self.state["controller"] or "page")
        self._thread.join(20)
        assert not self._thread.is_alive()


@contextmanager
def running(**settings: Any) -> Iterator[Run]:
    run = Run(**settings)
    try:
        yield run
    finally:
        run.end()
