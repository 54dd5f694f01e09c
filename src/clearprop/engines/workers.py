"""Threads that run one kernel together, and how many of them a piece of work is worth."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines.kernels.threads import ABORTED, FLAGS, STOP

WORTH = 3_000_000
"""Multiplications (and additions) a step below which a second thread's barriers cost more than it gains: measured."""
_GLANCE = 0.05  # seconds between looks at whether somebody wants to stop


def threads_of_blas() -> int:
    """Return how many threads BLAS would use: what the machine, its settings and ``threadpool_limits`` allow."""
    counts = [int(library["num_threads"]) for library in _libraries().info() if library["user_api"] == "blas"]
    return max(min(counts, default=1), 1)


def one_blas_thread() -> AbstractContextManager[Any]:
    """Keep BLAS to one thread for a while: threads that each multiply their own rows beat threads within BLAS."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> Any:
    """Return what sets the threads of this process's libraries: found once, since looking takes 2 ms."""
    from threadpoolctl import ThreadpoolController

    from clearprop.engines.kernels.blas import NUMPYS

    if not NUMPYS:
        import scipy.linalg.cython_blas  # noqa: F401 # pyright: ignore - no types; loaded, so that its threads count too

    return ThreadpoolController()


@dataclass
class Workers:
    """``run(task)`` calls ``task(0)``, ``task(1)``, … at the same time, and returns what they return.

    The first is called directly, which spares it waking up; ``aside`` has it run in a thread, too, so that Ctrl-C finds
    Python free while it takes long.
    """

    count: int
    flags: Array = field(default_factory=lambda: np.zeros(FLAGS, np.int64))

    def __post_init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def run(self, task: Callable[[int], int], stopped: Callable[[], bool], aside: bool = False) -> int:
        """Run the task in every worker; once ``stopped()`` is true those aside leave at their next block of rows."""
        self.flags[:] = 0
        if self.count == 1 and not aside:
            return task(0)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count, "clearprop")
        futures = [self._pool.submit(task, worker) for worker in range(0 if aside else 1, self.count)]
        try:
            done = None if aside else task(0)
        except BaseException:  # a second Ctrl-C, just before it began: the others would wait for it forever
            self.flags[ABORTED] = 1
            raise
        while wait(futures, _GLANCE).not_done:
            if stopped():
                self.flags[STOP] = 1
        return futures[0].result() if done is None else done

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
