"""The compiled engine: whole training steps in machine code, made by Numba. It must agree with the reference engine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeGuard

import numpy as np
from numpy.random import PCG64, Generator

from clearprop.arrays import Array
from clearprop.data.batches import Batches
from clearprop.engines import layer_table
from clearprop.engines import plan as plans
from clearprop.engines.kernels import codes
from clearprop.engines.kernels.steps import run
from clearprop.engines.prediction import Predictor
from clearprop.engines.reference import ReferenceEngine
from clearprop.engines.segments import Segments
from clearprop.engines.stretch import Stretches
from clearprop.engines.stretches import CLIPS, CompiledStretches
from clearprop.engines.workers import WORTH, Workers, one_blas_thread, threads_of_blas
from clearprop.engines.workspace import NOTHING, Workspace, flat
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer, State, UpdateRule
from clearprop.parameters import Parameters

_LONG = 10**9  # multiplications of a step that takes so long that Ctrl-C must find Python free: some 20 ms
_SHARES = 4  # of a batch, whatever the number of threads, where the same bits are wanted for each


@dataclass(frozen=True)
class CompiledEngine(ReferenceEngine):
    """Computes what the reference engine does, with every loop in machine code.

    Layers and losses that no kernel knows (people's own) run by their own formulas, the others compiled;
    ``fallbacks`` names them. Prediction of such a network is the reference's.

    Parameters
    ----------
    network, loss
    deterministic : bool
        Give the same bits for 1, 2 and 4 threads: large batches are always cut into four shares.
    """

    deterministic: bool = False
    name = "compiled"

    @cached_property
    def fallbacks(self) -> list[str]:
        """What runs by its own formulas, in words."""
        own = [f"layer {i} ({self.network.layers[i]})" for i in plans.unknown_layers(self.network)]
        return own if type(self.loss) in plans.LOSSES else [*own, f"the loss ({self.loss})"]

    @cached_property
    def threads(self) -> int:
        """How many threads share the rows of large steps: 1 where layers are so wide that BLAS's own are faster."""
        return 1 if self._by_blas else threads_of_blas()

    @cached_property
    def _by_blas(self) -> bool:
        return plans.largest_product(self.network) >= plans.WIDE and not self.deterministic

    def session(self) -> AbstractContextManager[Any]:
        """Return what a run lies in: BLAS on one thread, where large layers are multiplied by threads of our own."""
        if self._by_blas or plans.largest_product(self.network) < layer_table.LARGE:
            return nullcontext()
        _ = self.threads  # counted before they are limited
        return one_blas_thread()

    def gradient(
        self,
        parameters: Parameters,
        x: Any,
        targets: Any,
        weight: Any = None,
        *,
        into: Parameters,
        rng: Generator | None = None,
    ) -> float:
        if self.fallbacks or (rng is not None and not _is_fresh(rng)):
            return self._segments.gradient(parameters, x, targets, weight, into, rng)
        rows = len(x)
        if rows == 0:
            return super().gradient(parameters, x, targets, weight, into=into, rng=rng)
        workers, space = self._space(parameters.vector.dtype, rows)
        space.set_rows(rows, rows)
        if rng is not None:
            _read_state(rng, space.generators)
        space.plan[codes.DRAWS] = rng is not None
        record = np.zeros((1, 3))
        arguments: list[Any] = [
            space.plan, space.reals, space.layers, space.settings, space.arrays, _NO_FACTORS, parameters.vector,
            space.gradients, space.nothing, space.nothing, flat(x),
            flat(targets), space.nothing if weight is None else flat(weight), NOTHING,
            _NO_SEED, space.generators, space.work, space.partial, _NO_RATE, record, workers.flags, 0, 1,
        ]  # fmt: skip
        workers.run(partial(run, *arguments), bool, aside=workers.count > 1)
        into.vector[...] = space.gradients[0, : len(into.vector)]  # its rows are padded
        return float(record[0, codes.RECORD_LOSS])

    def stretches(
        self,
        parameters: Parameters,
        state: State,
        optimizer: Optimizer,
        batches: Batches,
        clip: Clip | None,
        l1: float,
        l2: float,
        age: int,
        rate_factors: Mapping[str, float],
    ) -> Stretches | None:
        if self.fallbacks or not _is_known(optimizer) or (clip is not None and type(clip) not in CLIPS):
            return None
        workers, space = self._new_space(parameters.vector.dtype, batches.batch_size)
        stretches = CompiledStretches(
            space, workers, parameters, state, optimizer, batches, clip, l1, l2, age, rate_factors
        )
        stretches.aside = self._work(batches.batch_size) > _LONG
        return stretches

    def predict(self, parameters: Parameters, x: Any) -> Any:
        if plans.unknown_layers(self.network):
            return super().predict(parameters, x)
        return self._predictor(parameters.vector.dtype).outputs(parameters.vector, x)[0]

    def evaluate(self, parameters: Parameters, x: Any, targets: Any, weight: Any = None) -> tuple[float, Any]:
        if plans.unknown_layers(self.network):
            return super().evaluate(parameters, x, targets, weight)
        dtype = parameters.vector.dtype
        scores = np.empty((len(x), self.network.n_outputs), dtype) if self.from_z else None
        prediction, _ = self._predictor(dtype).outputs(parameters.vector, x, scores)
        return float(self.loss.value_and_gradient(prediction, targets, weight, z=scores)[0]), prediction

    def finite_outputs(self, parameters: Parameters, x: Any) -> Any:
        if plans.unknown_layers(self.network):
            return None
        out, finite = self._predictor(parameters.vector.dtype).outputs(parameters.vector, x)
        return out if finite else None

    def _work(self, rows: int) -> int:
        return 3 * rows * sum(plans.multiplications(self.network))

    def _space(self, dtype: Any, rows: int) -> tuple[Workers, Workspace]:
        """Return the threads and the memory for batches of so many rows, kept until others are asked for."""
        key = (np.dtype(dtype), rows)
        if self._kept.get("key") != key:
            self._kept.update(key=key, space=self._new_space(dtype, rows))
        return self._kept["space"]

    def _new_space(self, dtype: Any, rows: int) -> tuple[Workers, Workspace]:
        worth = self._work(rows) >= WORTH and rows >= 32
        workers = min(self.threads, _SHARES if self.deterministic else rows // 16) if worth else 1
        shares = _SHARES if worth and self.deterministic else workers
        return Workers(workers), Workspace(self.network, self.loss, dtype, rows, workers, shares)

    @cached_property
    def _kept(self) -> dict[str, Any]:
        return {}

    def _predictor(self, dtype: Any) -> Predictor:
        predictor = self._kept.get("predictor")
        if predictor is None or predictor.dtype != dtype:
            predictor = self._kept["predictor"] = Predictor(self.network, self.loss, dtype)
        return predictor

    @cached_property
    def _segments(self) -> Segments:
        return Segments(self.network, self.loss, self.from_z)


_NO_SEED, _NO_RATE, _NO_FACTORS = np.zeros(0, np.uint32), np.zeros(1), np.zeros(0)


def _is_known(optimizer: Optimizer) -> TypeGuard[UpdateRule]:
    return type(optimizer) in plans.RULES


def _is_fresh(rng: Generator) -> bool:
    """Tell whether a kernel can go on from a generator: a PCG64 with no half draw left."""
    return type(rng.bit_generator) is PCG64 and not rng.bit_generator.state["has_uint32"]


def _read_state(rng: Generator, generators: Array) -> None:
    state: dict[str, int] = rng.bit_generator.state["state"]
    low = (1 << 64) - 1
    words = [state["state"] >> 64, state["state"] & low, state["inc"] >> 64, state["inc"] & low, 0, 0]
    generators[:, 0, :6] = np.array(words, np.uint64)
