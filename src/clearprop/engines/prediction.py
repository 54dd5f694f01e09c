"""Predictions by the compiled kernels: one row in microseconds, many in blocks that stay in the cache."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines import plan as plans
from clearprop.engines.kernels.passes import predict
from clearprop.engines.workers import Workers, one_blas_thread, threads_of_blas
from clearprop.engines.workspace import NOTHING, Workspace, flat
from clearprop.losses.loss import Loss
from clearprop.network import Network

_SHARED = 30_000_000
"""Multiplications from which on rows are shared between threads."""


class Predictor:
    """One network in one dtype, ready to predict."""

    def __init__(self, network: Network, loss: Loss, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self._network, self._loss = network, loss
        self._space = Workspace(network, loss, dtype, 2**40)
        self._work = sum(plans.multiplications(network))
        self._by_blas = plans.largest_product(network) >= plans.WIDE
        self._n_outputs = network.n_outputs
        self._lock = Lock()

    def outputs(self, vector: Array, x: Array, scores: Array | None = None) -> tuple[Array, bool]:
        """Return the outputs (rows, n_outputs), and whether they and x are finite; write the last z to ``scores``."""
        rows, space = len(x), self._space
        out = np.empty((rows, self._n_outputs), self.dtype)
        arguments: list[Any] = [flat(vector), flat(x), out.reshape(-1)]
        arguments += [space.nothing if scores is None else scores.reshape(-1), NOTHING]
        if rows * self._work > _SHARED and not self._by_blas:
            return out, self._shared(arguments, rows)
        alone = self._lock.acquire(blocking=False)  # else another thread predicts at this moment: memory of its own
        try:
            return out, _predict(space if alone else space.like(), arguments, 0, rows)
        finally:
            if alone:
                self._lock.release()

    def _shared(self, arguments: list[Any], rows: int) -> bool:
        """Have each thread predict its part of the rows."""
        workers = Workers(max(min(threads_of_blas(), rows // 16), 1))
        length = -(-rows // workers.count)
        spaces = [self._space.like() for _ in range(workers.count)]
        finite = [True] * workers.count

        def part(worker: int) -> int:
            first, last = min(worker * length, rows), min((worker + 1) * length, rows)
            finite[worker] = _predict(spaces[worker], arguments, first, last)
            return worker

        with one_blas_thread():
            workers.run(part, bool, aside=workers.count > 1)
        workers.close()
        return all(finite)


def _predict(space: Workspace, arguments: list[Any], first: int, last: int) -> bool:
    every: list[Any] = [space.plan, space.layers, space.settings, *arguments, space.work[0], first, last]
    return predict(*every)
