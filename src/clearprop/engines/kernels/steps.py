"""Whole training steps, one after the other."""

from __future__ import annotations

import math
from typing import Any

from clearprop.engines.kernels import updates
from clearprop.engines.kernels.blocks import gather, gather_rows, padded, total_weight, weigh
from clearprop.engines.kernels.codes import (
    ADAM,
    AGE,
    BATCH,
    BLOCK,
    BY_COLUMN,
    CLIP,
    CLIP_GLOBAL_NORM,
    CLIP_NORM,
    CLIP_VALUE,
    DECAY,
    DRAWS,
    FROM_Z,
    HYPER,
    INPUTS,
    IS_WEIGHT,
    JOINT_BINARY,
    L1,
    L2,
    LIMIT,
    LOSS,
    LOSS_SETTING,
    LOWEST,
    N_ROWS,
    NO_CLIP,
    NO_RULE,
    OUTPUTS,
    PARTS,
    PER_EPOCH,
    RECORD_CLIPPED,
    RECORD_LOSS,
    RECORD_PENALTY,
    RMSPROP,
    ROWWISE,
    RULE,
    SCRATCH,
    SHARE,
    SHARES,
    SHUFFLE,
    SIZE,
    SPARE,
    START,
    VALUES,
    WORKERS,
    A,
    D,
    Y,
    Z,
)
from clearprop.engines.kernels.elementwise import add
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import entry, inlined, kernel
from clearprop.engines.kernels.layers import backward, draw_masks, forward
from clearprop.engines.kernels.losses import smooth, value_and_derivative
from clearprop.engines.kernels.random import permute, start
from clearprop.engines.kernels.threads import ABORTED, STATUS, STOP, read, wait_for_all, write
from clearprop.engines.kernels.views import fill, part
from clearprop.streams import KEYS

SHUFFLING, DROPPING = KEYS["shuffle"], KEYS["dropout"]
_PART = 1_024  # numbers updated at a time: what belongs to them stays in the first cache


@entry
def run(
    plan: Any,
    reals: Any,
    layers: Any,
    settings: Any,
    arrays: Any,
    factors: Any,
    p: Any,
    gradients: Any,
    first: Any,
    second: Any,
    x: Any,
    y: Any,
    weight: Any,
    order: Any,
    entropy: Any,
    generators: Any,
    work: Any,
    partial: Any,
    rates: Any,
    record: Any,
    flags: Any,
    step: int,
    end: int,
    worker: int,
) -> int:
    """Do updates step … end − 1, as one of several workers that all run this function.

    Parameters
    ----------
    plan, reals, layers, settings, arrays
        See ``codes``.
    factors : array of float64
        A factor on the rate for each row of ``arrays``; empty where all are 1.
    p, first, second : arrays (parameters,)
        The parameters and the rule's moments.
    gradients : array (shares, parameters)
        The whole gradient ends in row 0.
    x, y, weight : flat arrays
        All rows; ``weight`` may be empty.
    order : array (rows,) of int64
        The epoch's order; must be that of the epoch of ``step`` where the run begins within one.
    entropy : array of uint32
        The seed's words; empty where ``generators`` hold the step's stream already.
    generators : array (workers, 2, 10) of uint64
        A step's stream, and scratch, for each worker; see ``random``.
    work : array (workers, size)
    partial : array (shares,) of float64
    rates : array (steps,)
    record : array (steps, 3)
    flags : array of int64
        Zeros at the start, but for ``STOP``.

    Returns
    -------
    int
        The step to go on with. Where a value was not finite, ``flags[STATUS]`` isn't 0, and the update of the step
        before has been done with it.
    """
    workers, shares, batch = plan[WORKERS], plan[SHARES], plan[BATCH]
    per_epoch, shuffled = plan[PER_EPOCH], plan[SHUFFLE] != 0
    begin, turn = step, 0
    low, high = _part(len(p), worker, workers)
    while step < end:
        k = step % per_epoch
        if shuffled and k == 0:
            if worker == 0:
                start(generators[0, 0], entropy, SHUFFLING, step // per_epoch)
                permute(order, generators[0, 0])
            turn += 1
            wait_for_all(flags, workers, turn)
        origin = k * batch
        rows = min(batch, plan[N_ROWS] - origin)
        if plan[DRAWS] and len(entropy) > 0:
            start(generators[worker, 0], entropy, DROPPING, step)
        again = per_epoch == 1 and step > begin and shares == workers
        for share in range(worker, shares, workers):
            partial[share] = _gradient_of_share(
                plan, reals, layers, settings, p, gradients[share], x, y, weight, order, generators[worker],
                work[worker], flags, origin, rows, share, again,
            )  # fmt: skip
        turn += 1
        wait_for_all(flags, workers, turn)
        if read(flags, ABORTED) != 0:
            return step
        loss = 0.0
        for share in range(shares):
            loss += partial[share]
        rate = rates[step - begin]
        turn = _finish_gradient(
            plan, reals, arrays, p, gradients, record[step - begin], flags, low, high, workers, turn
        )
        if worker == 0:
            record[step - begin, RECORD_LOSS] = loss
        sound = math.isfinite(loss)
        if plan[RULE] != NO_RULE:
            if reals[DECAY] != 0.0:
                for i in range(len(arrays)):
                    a, b = max(arrays[i, START], low), min(arrays[i, START] + arrays[i, SIZE], high)
                    if arrays[i, IS_WEIGHT] != 0 and a < b:
                        speed = rate * factors[i] if len(factors) > 0 else rate
                        updates.scale(part(p, a, b - a), 1.0 - speed * reals[DECAY])
            hyper = part(reals, HYPER, len(reals) - HYPER)
            for i in range(max(len(factors), 1)):
                a, b, speed = low, high, rate
                if len(factors) > 0:
                    a, b = max(arrays[i, START], low), min(arrays[i, START] + arrays[i, SIZE], high)
                    speed = rate * factors[i]
                sound &= _update(plan[RULE], hyper, p, gradients[0], first, second, a, b, step + plan[AGE], speed)
        if not sound:
            write(flags, STATUS, 1)
        turn += 1
        wait_for_all(flags, workers, turn)
        step += 1
        if read(flags, STATUS) != 0:
            return step
    return step


@inlined
def _part(size: int, worker: int, workers: int) -> tuple[int, int]:
    """Return the part of the parameters that a worker updates: whole cache lines."""
    length = ((size + workers - 1) // workers + 15) // 16 * 16
    return min(worker * length, size), min((worker + 1) * length, size)


@inlined
def _gradient_of_share(
    plan: Any, reals: Any, layers: Any, settings: Any, p: Any, g: Any, x: Any, y: Any, weight: Any, order: Any,
    generators: Any, w: Any, flags: Any, origin: int, batch: int, share: int, again: bool,
) -> float:  # fmt: skip
    """Write the gradient of a share of a batch's rows, block by block, and return its part of the loss.

    ``again`` says that the rows are those of the step before: a single block of them is in the workspace still.
    """
    shares, block = plan[SHARES], plan[BLOCK]
    length = ((batch + shares - 1) // shares + 15) // 16 * 16 if shares > 1 else batch
    first, last = min(share * length, batch), min((share + 1) * length, batch)
    if first == last:
        fill(g, number(p[0], 0.0))
        return 0.0
    loss, more = 0.0, False
    shuffled, by_column, rowwise = plan[SHUFFLE] != 0, plan[BY_COLUMN] != 0, plan[ROWWISE] != 0
    n_in, n_out = plan[INPUTS], plan[OUTPUTS]
    parts = plan[PARTS]
    total = float(batch * parts)
    if len(weight) > 0:
        total = parts * total_weight(weight, order, shuffled, origin, batch)
    end, row = layers[len(layers) - 1], first
    while row < last:
        if read(flags, STOP) != 0:
            write(flags, ABORTED, 1)
            return loss
        rows = min(block, last - row)
        n = padded(rows, w)
        here = origin + row
        size = n_out * n
        targets, shared = plan[Y] * n, plan[SHARE] * n
        source, x_at = (x, here * n_in) if rowwise and not shuffled else (w, 0)
        if not again or last - first > block:
            if not rowwise:
                gather(x, n_in, plan[N_ROWS], by_column, order, shuffled, here, rows, w, 0, n)
            elif shuffled:
                gather_rows(x, n_in, order, here, rows, w, 0)
            gather(y, n_out, plan[N_ROWS], by_column, order, shuffled, here, rows, w, targets, n)
            smooth(plan[LOSS], reals[LOSS_SETTING], part(w, targets, size), n_out // parts)
            weigh(weight, order, shuffled, here, rows, total, w, shared, n)
        scratch = part(w, plan[SCRATCH] * n, 2 * n)
        draw_masks(layers, settings, w, n, rows, row, batch, generators[0], generators[1], plan[DRAWS] != 0)
        forward(layers, settings, p, source, x_at, rowwise, w, scratch, n, rows, True, plan[LOSS] == JOINT_BINARY)
        z, a, d, values = end[Z] * n, end[A] * n, plan[D] * n, plan[VALUES] * n
        loss += value_and_derivative(
            plan[LOSS], reals[LOSS_SETTING], parts, part(w, z, size), part(w, a, size), part(w, targets, size),
            part(w, shared, n), part(w, d, size), part(w, values, size), scratch, n, rows,
        )  # fmt: skip
        backward(
            layers, settings, p, g, source, x_at, rowwise, w, plan[D], plan[SPARE], scratch, n, rows,
            plan[FROM_Z] != 0, more, plan[LOWEST],
        )  # fmt: skip
        more = True
        row += rows
    return loss


@inlined
def _finish_gradient(
    plan: Any, reals: Any, arrays: Any, p: Any, gradients: Any, record: Any, flags: Any, low: int, high: int,
    workers: int, turn: int,
) -> int:  # fmt: skip
    """Add the shares' gradients, the penalties' derivatives, and clip; return the barriers' count."""
    g = gradients[0]
    for share in range(1, plan[SHARES]):
        add(part(g, low, high - low), part(gradients[share], low, high - low))
    l1, l2, limit, clip = reals[L1], reals[L2], reals[LIMIT], plan[CLIP]
    if l1 != 0.0 or l2 != 0.0:
        penalty = 0.0
        for i in range(len(arrays)):
            if arrays[i, IS_WEIGHT] != 0:
                a, b = arrays[i, START], arrays[i, START] + arrays[i, SIZE]
                penalty += updates.penalty(part(p, a, b - a), l1, l2)
                a, b = max(a, low), min(b, high)
                if a < b:
                    updates.add_penalty(part(p, a, b - a), part(g, a, b - a), l1, l2)
        record[RECORD_PENALTY] = penalty
        turn += 1
        wait_for_all(flags, workers, turn)
    if clip == NO_CLIP:
        return turn
    if clip == CLIP_VALUE:
        most = updates.largest(part(g, low, high - low)) if low < high else 0.0
        if most > limit and math.isfinite(most):  # an infinite one must be seen
            updates.clip_values(part(g, low, high - low), limit)
            record[RECORD_CLIPPED] = 1.0
        return turn
    if l1 == 0.0 and l2 == 0.0 and workers > 1:
        turn += 1
        wait_for_all(flags, workers, turn)
    if clip == CLIP_GLOBAL_NORM:
        factor = _shrinking(g, limit)
        turn += 1
        wait_for_all(flags, workers, turn)
        if factor != 1.0:
            record[RECORD_CLIPPED] = 1.0
            if low < high:
                updates.scale(part(g, low, high - low), factor)
    elif clip == CLIP_NORM:
        for i in range(len(arrays)):
            a, b = arrays[i, START], arrays[i, START] + arrays[i, SIZE]
            factor = _shrinking(part(g, a, b - a), limit)
            turn += 1
            wait_for_all(flags, workers, turn)
            a, b = max(a, low), min(b, high)
            if factor != 1.0:
                record[RECORD_CLIPPED] = 1.0
                if a < b:
                    updates.scale(part(g, a, b - a), factor)
    return turn


@kernel
def _shrinking(g: Any, limit: float) -> float:
    """Return the factor that brings a gradient's norm down to the limit; 1 where it is within."""
    if len(g) == 0:
        return 1.0
    most = updates.largest(g)
    if most == 0.0 or not math.isfinite(most):
        return 1.0
    norm = updates.norm(g, most)
    return limit / norm if norm > limit else 1.0


@inlined
def _update(
    rule: int, hyper: Any, p: Any, g: Any, first: Any, second: Any, low: int, high: int, step: int, rate: float
) -> bool:
    """Update a part of the parameters; tell whether gradient, parameters and memory are finite."""
    broken = 0.0
    for a in range(low, high, _PART):
        b = min(a + _PART, high)
        broken += updates.brokenness(part(g, a, b - a))
        updates.update(
            rule, hyper, part(p, a, b - a), part(g, a, b - a), part(first, a, b - a), part(second, a, b - a), step, rate
        )
        broken += updates.brokenness(part(p, a, b - a))
        if rule == ADAM:
            broken += updates.brokenness(part(second, a, b - a))
        elif rule == RMSPROP:
            broken += updates.brokenness(part(first, a, b - a))
    return broken == 0.0
