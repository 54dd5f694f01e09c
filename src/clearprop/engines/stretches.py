"""Many updates in one call of a kernel: what lies between two looks of anybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.data.batches import Batches
from clearprop.engines import plan as plans
from clearprop.engines.kernels import codes
from clearprop.engines.kernels.steps import run
from clearprop.engines.kernels.threads import STATUS
from clearprop.engines.stretch import Stretch
from clearprop.engines.workers import Workers
from clearprop.engines.workspace import NOTHING, Workspace, flat, words_of
from clearprop.optimizers.clipping import Clip, ClipGlobalNorm, ClipNorm, ClipValue
from clearprop.optimizers.optimizer import State, UpdateRule
from clearprop.parameters import Parameters
from clearprop.streams import stream

CLIPS: dict[type[Clip], int] = {
    ClipValue: codes.CLIP_VALUE,
    ClipNorm: codes.CLIP_NORM,
    ClipGlobalNorm: codes.CLIP_GLOBAL_NORM,
}
_TRANSPOSED = 4_000_000  # numbers of a table up to which a copy of it by columns is worth its memory


class CompiledStretches:
    """``run(step, rates)`` does as many updates as there are rates, in place, on a run's parameters and memory."""

    def __init__(
        self,
        workspace: Workspace,
        workers: Workers,
        parameters: Parameters,
        state: State,
        optimizer: UpdateRule,
        batches: Batches,
        clip: Clip | None,
        l1: float,
        l2: float,
        age: int,
        rate_factors: Mapping[str, float],
    ) -> None:
        self._workspace, self._workers, self._batches = workspace, workers, batches
        plan, reals = workspace.plan, workspace.reals
        plans.set_rule(plan, reals, optimizer)
        reals[codes.L1], reals[codes.L2], plan[codes.AGE] = l1, l2, age
        if clip is not None:
            plan[codes.CLIP], reals[codes.LIMIT] = CLIPS[type(clip)], clip.limit
        x, targets, weight = batches.rows
        by_column = batches.per_epoch == 1 and x.size <= _TRANSPOSED
        workspace.set_rows(len(x), batches.batch_size, batches.shuffle, by_column)
        moments = [state[name] for name in optimizer.moments]
        self._moments = [*moments, workspace.nothing, workspace.nothing][:2]
        self._vector = parameters.vector
        row_wise = not by_column or bool(plan[codes.ROWWISE])
        self._x = flat(x if row_wise else x.T)
        self._targets = flat(targets.T if by_column else targets)
        self._weight = workspace.nothing if weight is None else flat(weight)
        self._order = np.zeros(len(x), np.int64) if batches.shuffle else NOTHING
        self._epoch = -1
        self._entropy = words_of(batches.seed)
        names = parameters.layout.places
        self._factors = np.array([rate_factors.get(name, 1.0) for name in names]) if rate_factors else np.zeros(0)
        self._kept = [self._vector.copy(), *(moment.copy() for moment in self._moments)]
        self.aside = False

    def keep(self) -> None:
        """Remember the parameters and the memory as they are now."""
        for kept, array in zip(self._kept, [self._vector, *self._moments], strict=True):
            kept[...] = array

    def restore(self) -> None:
        """Go back to what was kept."""
        for kept, array in zip(self._kept, [self._vector, *self._moments], strict=True):
            array[...] = kept

    def run(self, step: int, rates: Array, stopped: Callable[[], bool]) -> Stretch:
        """Do the updates from ``step`` on, one for each rate, or fewer where one is not finite or somebody stops."""
        epoch, k = divmod(step, self._batches.per_epoch)
        if k and self._batches.shuffle and epoch != self._epoch:
            self._order[:] = stream(self._batches.seed, "shuffle", epoch).permutation(len(self._order))
        record = np.zeros((len(rates), 3))
        workspace, workers = self._workspace, self._workers
        arguments: list[Any] = [
            workspace.plan, workspace.reals, workspace.layers, workspace.settings, workspace.arrays,
            self._factors, self._vector, workspace.gradients, *self._moments, self._x, self._targets, self._weight,
            self._order, self._entropy, workspace.generators, workspace.work, workspace.partial, rates, record,
            workers.flags, step, step + len(rates),
        ]  # fmt: skip
        done = workers.run(partial(run, *arguments), stopped, self.aside)
        self._epoch = (done - 1) // self._batches.per_epoch
        losses, penalties, clipped = record[: done - step].T
        return Stretch(done, not workers.flags[STATUS], losses, penalties, clipped != 0)
