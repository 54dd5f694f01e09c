"""Categories' codes as rows of a learnt table; ``settings[layer[EXTRA]:]``: columns passed on, each column's levels."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.engines.kernels.codes import EXTRA, N_IN, WEIGHT
from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel
from clearprop.engines.kernels.views import copy, fill, part


@inlined
def _row(code: Any, levels: float) -> int:
    """Return the table's row of a column's code: -1 for every number that isn't 1 … levels when rounded, NaN too."""
    whole = np.rint(code)
    return int(whole) - 1 if 1.0 <= whole <= levels else -1


@kernel
def look_up(
    layer: Any, settings: Any, units: int, p: Any, x: Any, x_at: int, w: Any, out: int, n: int
) -> None:  # fmt: skip
    """Write the columns that are passed on, then each category's row of the table."""
    at, table, zero = layer[EXTRA], layer[WEIGHT], number(w[0], 0.0)
    into = out + int(settings[at]) * n
    for j in range(layer[N_IN]):
        levels, column = settings[at + 1 + j], part(x, x_at + j * n, n)
        if levels == 0.0:
            copy(part(w, out, n), column)
            out += n
            continue
        for r in range(n):
            row = _row(column[r], levels)
            for u in range(units):
                w[into + u * n + r] = p[table + row * units + u] if row >= 0 else zero
        into += units * n
        table += int(levels) * units


@kernel
def add_by_code(
    layer: Any, settings: Any, units: int, g: Any, x: Any, x_at: int, w: Any, d: int, n: int, rows: int, more: bool
) -> None:  # fmt: skip
    """Write (or add) the derivative by the table: for each code the sum over the rows that have it."""
    at, table = layer[EXTRA], layer[WEIGHT]
    d += int(settings[at]) * n
    for j in range(layer[N_IN]):
        levels, column = settings[at + 1 + j], part(x, x_at + j * n, n)
        if levels == 0.0:
            continue
        if not more:
            fill(part(g, table, int(levels) * units), number(g[0], 0.0))
        for r in range(rows):
            row = _row(column[r], levels)
            if row >= 0:
                for u in range(units):
                    g[table + row * units + u] += w[d + u * n + r]
        d += units * n
        table += int(levels) * units


@kernel
def pass_back(settings: Any, at: int, width: int, w: Any, d: int, into: int, n: int) -> None:
    """Write the derivative by x: 0 by a code."""
    for j in range(width):
        if settings[at + 1 + j] == 0.0:
            copy(part(w, into + j * n, n), part(w, d, n))
            d += n
        else:
            fill(part(w, into + j * n, n), number(w[0], 0.0))
