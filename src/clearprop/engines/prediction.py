"""Predictions by the compiled kernels: one row in microseconds, many in blocks that stay in the cache."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines import plan as plans
from clearprop.engines.kernels.steps import predict
from clearprop.engines.workers import WORTH, Workers, one_blas_thread, threads_of_blas
from clearprop.engines.workspace import NOTHING, Workspace
from clearprop.losses.loss import Loss
from clearprop.network import Network


class Predictor:
    """One network in one dtype, ready to predict."""

    def __init__(self, network: Network, loss: Loss, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self._network, self._loss = network, loss
        self._space = Workspace(network, loss, dtype, 2**40)
        products = [n * m for n, m in zip(network.widths, network.widths[1:], strict=False)]
        self._work, self._large = sum(products), max(products) >= plans.LARGE
        self._n_outputs = network.n_outputs

    def outputs(self, vector: Array, x: Array) -> tuple[Array, bool]:
        """Return the outputs (rows, n_outputs), and whether all inputs were finite."""
        rows, space = len(x), self._space
        out = np.empty((rows, self._n_outputs), self.dtype)
        if rows * self._work > 10 * WORTH:
            return out, self._shared(vector, x.reshape(-1), out.reshape(-1), rows)
        finite = predict(
            space.plan, space.layers, space.settings, vector, x.reshape(-1), out.reshape(-1), NOTHING, space.work[0],
            0, rows,
        )  # fmt: skip
        return out, finite

    def _shared(self, vector: Array, x: Array, out: Array, rows: int) -> bool:
        """Have each thread predict its part of the rows."""
        workers = Workers(min(threads_of_blas(), rows // 16))
        length = -(-rows // workers.count)
        spaces = [self._space, *(self._space.like() for _ in range(workers.count - 1))]
        finite = [True] * workers.count

        def part(worker: int) -> int:
            space = spaces[worker]
            finite[worker] = predict(
                space.plan, space.layers, space.settings, vector, x, out, NOTHING, space.work[0],
                min(worker * length, rows), min((worker + 1) * length, rows),
            )  # fmt: skip
            return worker

        with one_blas_thread():
            workers.run(part, bool)
        workers.close()
        return all(finite)
