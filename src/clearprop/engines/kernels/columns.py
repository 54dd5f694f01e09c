"""Layers that act on each column by itself: learnt scales, and the piecewise-linear encoding."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.elementwise import sum_of_products
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import kernel
from clearprop.engines.kernels.views import copy, fill, part


@kernel
def multiply_columns(p: Any, scale: int, x: Any, x_at: int, width: int, w: Any, out: int, n: int) -> None:
    """Write each column of x times its scale."""
    for j in range(width):
        column, into, factor = part(x, x_at + j * n, n), part(w, out + j * n, n), p[scale + j]
        for r in range(n):
            into[r] = column[r] * factor


@kernel
def scale_columns(p: Any, scale: int, w: Any, x_at: int, width: int, n: int) -> None:
    """Multiply each column by its scale, in place."""
    for j in range(width):
        column, factor = part(w, x_at + j * n, n), p[scale + j]
        for r in range(n):
            column[r] *= factor


@kernel
def sum_by_columns(g: Any, scale: int, x: Any, x_at: int, width: int, w: Any, d: int, n: int, more: bool) -> None:
    """Write (or add) the derivative by each column's scale: Σ d ⊙ x."""
    for j in range(width):
        by_scale = sum_of_products(part(w, d + j * n, n), part(x, x_at + j * n, n))
        g[scale + j] = g[scale + j] + by_scale if more else by_scale


@kernel
def encode(settings: Any, at: int, x: Any, x_at: int, width: int, w: Any, out: int, n: int) -> None:
    """Write the part of each interval of a column that lies below x, held to 0 and 1; NaN stays."""
    zero, one = number(w[0], 0.0), number(w[0], 1.0)
    for j in range(width):
        column, count = part(x, x_at + j * n, n), int(settings[at])
        for t in range(count):
            low, inverse = number(zero, settings[at + 1 + t]), number(zero, settings[at + 1 + count + t])
            into = part(w, out, n)
            for r in range(n):
                share = (column[r] - low) * inverse
                share = zero if share < zero else share
                into[r] = one if share > one else share
            out += n
        if count == 0:
            copy(part(w, out, n), column)
            out += n
        at += 1 + 2 * count


@kernel
def locate(settings: Any, at: int, x: Any, x_at: int, width: int, w: Any, out: int, n: int) -> None:
    """Write each encoded column as three: its row of a table (see ``tables``), t and 1 − t; then the other columns.

    t is the part below x of the interval that x lies in, held to 0 in a column's first and to 1 in its last; NaN stays.
    """
    zero, one = number(w[0], 0.0), number(w[0], 1.0)
    others, place, before = out, at, 0
    for _ in range(width):
        others += 3 * n if settings[place] > 0.0 else 0
        place += 1 + 2 * int(settings[place])
    for j in range(width):
        column, count = part(x, x_at + j * n, n), int(settings[at])
        if count == 0:
            copy(part(w, others, n), column)
            others += n
        else:
            row, share, rest = part(w, out, n), part(w, out + n, n), part(w, out + 2 * n, n)
            for t in range(count):
                low, inverse = number(zero, settings[at + 1 + t]), number(zero, settings[at + 1 + count + t])
                here = number(zero, float(before + t))
                for r in range(n):
                    above = (column[r] - low) * inverse
                    inside = t == 0 or above >= zero
                    row[r] = here if inside else row[r]
                    share[r] = above if inside else share[r]
            for r in range(n):
                above = zero if share[r] < zero else share[r]
                share[r] = one if above > one else above
                rest[r] = one - share[r]
            out += 3 * n
            before += count + 1
        at += 1 + 2 * count


@kernel
def slopes(settings: Any, at: int, w: Any, a: int, width: int, d: int, into: int, n: int) -> None:
    """Write the derivative by x: Σ d / width over the intervals inside of which x lies."""
    zero, one = number(w[0], 0.0), number(w[0], 1.0)
    for j in range(width):
        out, count = part(w, into + j * n, n), int(settings[at])
        if count == 0:
            copy(out, part(w, d, n))
            a, d = a + n, d + n
        else:
            fill(out, zero)
        for t in range(count):
            share, here, inverse = part(w, a, n), part(w, d, n), number(zero, settings[at + 1 + count + t])
            for r in range(n):
                out[r] += here[r] * (inverse if zero < share[r] < one else zero)
            a, d = a + n, d + n
        at += 1 + 2 * count
