"""Rows of a table to a workspace and back."""

from __future__ import annotations

from typing import Any

from clearprop.engines.kernels.exponentials import number
from clearprop.engines.kernels.jit import inlined, kernel
from clearprop.engines.kernels.vectors import lanes
from clearprop.engines.kernels.views import copy, fill, part


@inlined
def padded(rows: int, like: Any) -> int:
    """Return how many rows a block of so many is padded to: whole pairs of vectors; a single row stays one.

    A distance of a multiple of 2,048 bytes between columns is avoided: they would share few places of the cache.
    """
    if rows == 1:
        return 1
    wide = 2 * lanes(like)
    n = (rows + wide - 1) // wide * wide
    return n + wide if n * like.itemsize % 2048 == 0 else n


@kernel
def gather(
    table: Any, width: int, n_rows: int, by_column: bool, order: Any, shuffled: bool, first: int, rows: int, w: Any,
    at: int, n: int,
) -> None:  # fmt: skip
    """Write rows first … first + rows − 1 (of ``order``, where it is shuffled) by columns; padding repeats a row."""
    if by_column:
        for j in range(width):
            copy(part(w, at + j * n, rows), part(table, j * n_rows + first, rows))
    else:
        for r in range(rows):
            row = (order[first + r] if shuffled else first + r) * width
            for j in range(width):
                w[at + j * n + r] = table[row + j]
    if rows < n:
        for j in range(width):
            fill(part(w, at + j * n + rows, n - rows), w[at + j * n])


@inlined
def gather_rows(table: Any, width: int, order: Any, first: int, rows: int, w: Any, at: int) -> None:
    """Copy rows of a shuffled table as they are."""
    for r in range(rows):
        row = order[first + r] * width
        copy(part(w, at + r * width, width), part(table, row, width))


@kernel
def scatter(w: Any, at: int, width: int, n: int, first: int, rows: int, table: Any) -> None:
    """Write a block's columns back as rows."""
    for r in range(rows):
        for j in range(width):
            table[(first + r) * width + j] = w[at + j * n + r]


@inlined
def total_weight(weight: Any, order: Any, shuffled: bool, first: int, rows: int) -> float:
    """Return the sum of some rows' weights."""
    total = 0.0
    for r in range(first, first + rows):
        total += float(weight[order[r] if shuffled else r])
    return total


@inlined
def weigh(
    weight: Any, order: Any, shuffled: bool, first: int, rows: int, total: float, w: Any, at: int, n: int
) -> None:
    """Write what each row's loss counts: its weight (1 where there are none) by the total; 0 for padding."""
    if len(weight) == 0:
        fill(part(w, at, rows), number(w[0], 1.0 / total))
    else:
        for r in range(rows):
            w[at + r] = weight[order[first + r] if shuffled else first + r] / number(w[0], total)
    fill(part(w, at + rows, n - rows), number(w[0], 0.0))
