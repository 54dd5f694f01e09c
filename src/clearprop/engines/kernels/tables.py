"""A Dense layer that multiplies by a table, made of its weights anew for each block of rows.

Two things become cheap so. Members that share W, each with a scale s of its own on the inputs, compute x (s ⊙ W)
instead of (x ⊙ s) W: no scaled inputs are stored, and the derivatives by both W and s come from that by s ⊙ W. And a
number that was encoded piecewise-linearly is 1 in the intervals below it, a share t in its own, 0 in those above; so
its part of z is (1 − t) S[k] + t S[k + 1], with k its interval and S[k] the sum of the first k rows of W: two rows are
read, however many intervals there are.

``settings[layer[EXTRA]:]``: how many columns are such numbers; for each the first of its rows of W, and how many there
are; how many columns are as they are; for each its row of W. The numbers come first in a workspace, as three columns
each: which row of the table is S[k], then t, then 1 − t. The table holds S[0] … S[count] for each number, of two
vectors of units at a time, so that it stays in the first cache; behind it lie those units' rows of W, of W's
derivative, and z or dz of a few rows; then s, and the other columns' rows of s ⊙ W, of all units.
"""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.blas import gemm
from clearprop.engines.kernels.codes import BIAS, EXTRA, FEW_ROWS, GROUPS, N_OUT, SCALING, TABLE, WEIGHT
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel, reduction
from clearprop.engines.kernels.vectors import (
    add,
    lanes,
    load,
    multiply_add,
    spread,
    store,
    total,
    zeros_like,
)
from clearprop.engines.kernels.views import copy, fill, part


@inlined
def _sizes(settings: Any, at: int) -> tuple[int, int, int, int]:
    """Return how many columns are numbers, how many rows their sums have, how many others there are, their place."""
    numbers, rows = int(settings[at]), 0
    for k in range(numbers):
        rows += int(settings[at + 2 + 2 * k]) + 1
    place = at + 1 + 2 * numbers
    return numbers, rows, int(settings[place]), place + 1


@kernel
def _copy_scales(layer: Any, p: Any, member: int, w: Any, scales: int, width: int) -> None:
    """Write what a member multiplies each input by."""
    if layer[SCALING] < 0:
        fill(part(w, scales, width), number(w[0], 1.0))
    else:
        copy(part(w, scales, width), part(p, layer[SCALING] + member * width, width))


@kernel
def table_product(layer: Any, settings: Any, p: Any, x: Any, x_at: int, w: Any, z: int, n: int, rows: int) -> None:
    """Write z = x (s ⊙ W) + b for every member."""
    groups, table, at, pair = layer[GROUPS], layer[TABLE], layer[EXTRA], 2 * lanes(w)
    units = layer[N_OUT] // groups
    numbers, sums, others, place = _sizes(settings, at)
    width, weights = sums - numbers + others, table + sums * pair
    lines = weights + 2 * (sums - numbers) * pair
    scales = lines + FEW_ROWS * pair
    rest = scales + width
    for unit in range(0, units, pair):
        _take(settings, at, p, layer[WEIGHT] + unit, units, w, weights)
        for m in range(groups):
            _copy_scales(layer, p, m, w, scales, width)
            _add_up(settings, at, w, scales, weights, table)
            for first in range(0, rows, FEW_ROWS):
                some = min(FEW_ROWS, rows - first)
                _read(w, table, x, x_at + first, numbers, lines, n, some)
                for j in range(pair):
                    bias, column = p[layer[BIAS] + unit + j], z + (m * units + unit + j) * n
                    into = part(w, column + first, some)
                    for r in range(some):
                        into[r] = w[lines + r * pair + j] + bias
            for j in range(pair):  # padding stays finite in every activation
                fill(part(w, z + (m * units + unit + j) * n + rows, n - rows), number(w[0], 0.0))
    for m in range(groups if others > 0 else 0):
        _copy_scales(layer, p, m, w, scales, width)
        _scale_others(settings, place, p, layer[WEIGHT], units, w, scales, rest)
        here, one = x_at + 3 * numbers * n, number(w[0], 1.0)
        gemm(False, True, rows, units, others, x, here, n, w, rest, units, one, w, z + m * units * n, n)


@kernel
def _take(settings: Any, at: int, p: Any, weight: int, units: int, w: Any, weights: int) -> None:
    """Copy two vectors of units of the numbers' rows of W: members read them one after the other."""
    wide = lanes(w)
    for k in range(int(settings[at])):
        first, count = int(settings[at + 1 + 2 * k]), int(settings[at + 2 + 2 * k])
        for i in range(first, first + count):
            store(w, weights, load(p, weight + i * units))
            store(w, weights + wide, load(p, weight + i * units + wide))
            weights += 2 * wide


@kernel
def _add_up(settings: Any, at: int, w: Any, scales: int, weights: int, table: int) -> None:
    """Write S of every number."""
    wide = lanes(w)
    for k in range(int(settings[at])):
        first, count = int(settings[at + 1 + 2 * k]), int(settings[at + 2 + 2 * k])
        a, b = zeros_like(w), zeros_like(w)
        for i in range(first, first + count):
            store(w, table, a)
            store(w, table + wide, b)
            s = spread(w, scales + i)
            a, b = multiply_add(load(w, weights), s, a), multiply_add(load(w, weights + wide), s, b)
            table, weights = table + 2 * wide, weights + 2 * wide
        store(w, table, a)
        store(w, table + wide, b)
        table += 2 * wide


@kernel
def _read(w: Any, table: int, x: Any, x_at: int, numbers: int, lines: int, n: int, rows: int) -> None:
    """Write Σ (1 − t) S[k] + t S[k + 1] over a row's numbers, row by row."""
    wide = lanes(w)
    for r in range(rows):
        a = b = e = f = zeros_like(w)
        c = x_at + r
        for _ in range(numbers):
            q, t, u = table + int(x[c]) * 2 * wide, spread(x, c + n), spread(x, c + 2 * n)
            a, b = multiply_add(load(w, q), u, a), multiply_add(load(w, q + wide), u, b)
            e, f = multiply_add(load(w, q + 2 * wide), t, e), multiply_add(load(w, q + 3 * wide), t, f)
            c += 3 * n
        store(w, lines, add(a, e))
        store(w, lines + wide, add(b, f))
        lines += 2 * wide


@kernel
def _scale_others(settings: Any, place: int, p: Any, weight: int, units: int, w: Any, scales: int, rest: int) -> None:
    """Write the other columns' rows of s ⊙ W."""
    for k in range(int(settings[place - 1])):
        i = int(settings[place + k])
        into, row, scale = part(w, rest, units), part(p, weight + i * units, units), w[scales + i]
        for j in range(units):
            into[j] = scale * row[j]
        rest += units


@kernel
def table_gradient(
    layer: Any, settings: Any, p: Any, g: Any, x: Any, x_at: int, w: Any, d: int, n: int, rows: int, more: bool
) -> None:
    """Write (or add) the derivatives by W and the members' scales, from that by their product, in the table's place."""
    groups, table, at, pair = layer[GROUPS], layer[TABLE], layer[EXTRA], 2 * lanes(w)
    units, zero = layer[N_OUT] // groups, number(w[0], 0.0)
    numbers, sums, others, place = _sizes(settings, at)
    width, weights = sums - numbers + others, table + sums * pair
    lines = weights + 2 * (sums - numbers) * pair
    scales = lines + FEW_ROWS * pair
    rest = scales + width
    if not more:
        fill(part(g, layer[WEIGHT], width * units), zero)
        if layer[SCALING] >= 0:
            fill(part(g, layer[SCALING], groups * width), zero)
    for unit in range(0, units, pair):
        _take(settings, at, p, layer[WEIGHT] + unit, units, w, weights)
        fill(part(w, weights + (sums - numbers) * pair, (sums - numbers) * pair), zero)
        for m in range(groups):
            fill(part(w, table, sums * pair), zero)
            for first in range(0, rows, FEW_ROWS):
                some = min(FEW_ROWS, rows - first)
                for j in range(pair):
                    column = part(w, d + (m * units + unit + j) * n + first, some)
                    for r in range(some):
                        w[lines + r * pair + j] = column[r]
                _collect(w, table, x, x_at + first, numbers, lines, n, some)
            _copy_scales(layer, p, m, w, scales, width)
            _hand_on(settings, at, w, scales, weights, table, g, layer[SCALING] + m * width, layer[SCALING] >= 0)
        _give(settings, at, g, layer[WEIGHT] + unit, units, w, weights + (sums - numbers) * pair)
    for m in range(groups if others > 0 else 0):
        here = x_at + 3 * numbers * n
        gemm(True, False, units, others, rows, w, d, n, x, here, n, zero, w, rest, units)
        _copy_scales(layer, p, m, w, scales, width)
        for k in range(others):
            i = int(settings[place + k])
            q, change = layer[WEIGHT] + i * units, part(w, rest + k * units, units)
            by_scale = _hand_on_row(part(g, q, units), part(p, q, units), change, w[scales + i])
            if layer[SCALING] >= 0:
                g[layer[SCALING] + m * width + i] += by_scale
        d += units * n


@kernel
def _collect(w: Any, table: int, x: Any, x_at: int, numbers: int, lines: int, n: int, rows: int) -> None:
    """Add (1 − t) dz to each number's S[k] and t dz to its S[k + 1]."""
    wide = lanes(w)
    for r in range(rows):
        a, b = load(w, lines), load(w, lines + wide)
        c = x_at + r
        for _ in range(numbers):
            q, t, u = table + int(x[c]) * 2 * wide, spread(x, c + n), spread(x, c + 2 * n)
            store(w, q, multiply_add(a, u, load(w, q)))
            store(w, q + wide, multiply_add(b, u, load(w, q + wide)))
            store(w, q + 2 * wide, multiply_add(a, t, load(w, q + 2 * wide)))
            store(w, q + 3 * wide, multiply_add(b, t, load(w, q + 3 * wide)))
            c += 3 * n
        lines += 2 * wide


@kernel
def _hand_on(
    settings: Any, at: int, w: Any, scales: int, weights: int, table: int, g: Any, by_scale: int, scaled: bool
) -> None:
    """Add to W's derivative and to the scales' those by S: a row of W is a part of all sums above it."""
    wide, intervals = lanes(w), 0
    for k in range(int(settings[at])):
        intervals += int(settings[at + 2 + 2 * k])
    for k in range(int(settings[at])):
        first, count = int(settings[at + 1 + 2 * k]), int(settings[at + 2 + 2 * k])
        a, b = zeros_like(w), zeros_like(w)
        for i in range(count - 1, -1, -1):
            q, v = table + (i + 1) * 2 * wide, weights + i * 2 * wide
            a, b = add(a, load(w, q)), add(b, load(w, q + wide))
            s, d = spread(w, scales + first + i), v + intervals * 2 * wide
            store(w, d, multiply_add(a, s, load(w, d)))
            store(w, d + wide, multiply_add(b, s, load(w, d + wide)))
            if scaled:
                products = multiply_add(b, load(w, v + wide), multiply_add(a, load(w, v), zeros_like(w)))
                g[by_scale + first + i] += total(products)
        table += (count + 1) * 2 * wide
        weights += count * 2 * wide


@kernel
def _give(settings: Any, at: int, g: Any, weight: int, units: int, w: Any, changes: int) -> None:
    """Add two vectors of units to the numbers' rows of W's derivative."""
    wide = lanes(w)
    for k in range(int(settings[at])):
        first, count = int(settings[at + 1 + 2 * k]), int(settings[at + 2 + 2 * k])
        for q in range(weight + first * units, weight + (first + count) * units, units):
            store(g, q, add(load(g, q), load(w, changes)))
            store(g, q + wide, add(load(g, q + wide), load(w, changes + wide)))
            changes += 2 * wide


@reduction
def _hand_on_row(into: Any, weights: Any, change: Any, scale: Any) -> Any:
    """Add scale · change, and return Σ change ⊙ weights."""
    products = change[0] - change[0]
    for j in range(len(into)):
        products += change[j] * weights[j]
        into[j] += scale * change[j]
    return products


@kernel
def table_input(layer: Any, settings: Any, p: Any, w: Any, d: int, into: int, n: int, rows: int) -> None:
    """Write dx = Σ dz (s ⊙ W)ᵀ over the members, but not by encoded numbers, below which nothing learns."""
    groups, scales, at = layer[GROUPS], layer[TABLE], layer[EXTRA]
    units = layer[N_OUT] // groups
    numbers, sums, others, place = _sizes(settings, at)
    width = sums - numbers + others
    into, rest = into + 3 * numbers * n, scales + width
    for m in range(groups):
        _copy_scales(layer, p, m, w, scales, width)
        _scale_others(settings, place, p, layer[WEIGHT], units, w, scales, rest)
        beta = number(w[0], 1.0 if m > 0 else 0.0)
        gemm(False, False, rows, others, units, w, d, n, w, rest, units, beta, w, into, n)
        d += units * n
    for k in range(others):  # sums over the rows go over the padded ones too
        fill(part(w, into + k * n + rows, n - rows), number(w[0], 0.0))
