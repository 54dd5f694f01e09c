"""Curves in braille: each cell of a terminal holds 2 × 4 dots."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np
from rich.segment import Segment
from rich.style import Style

from clearprop.arrays import Array
from clearprop.live.terminal.colours import MUTED
from clearprop.live.terminal.frame import Lines, fitted

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_DECADES = 2.0
"""An axis that spans more is logarithmic."""
_FLOATS = 300  # 10 to the power of more may be no float


class Line(NamedTuple):
    """A curve: values at steps, which don't fall, and how it is drawn; a dashed one leaves out every other cell."""

    steps: Array
    values: Array
    style: Style
    dashed: bool = False


class Axis(NamedTuple):
    """The values at the lower and upper end, as logarithms where ``log``."""

    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, lines: list[Line]) -> Axis:
        """Return the axis for some curves, logarithmic where they span more than two decades."""
        low, high = min(float(line.values.min()) for line in lines), max(float(line.values.max()) for line in lines)
        log = low > 0 and log10(high) - log10(low) > _DECADES
        if log:
            low, high = log10(low), log10(high)
        room = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
        return cls(low - room, high + room, log)

    def place(self, values: Array) -> Array:
        """Return where values lie on it: 0 at the lower end, 1 at the upper one."""
        return ((np.log10(values) if self.log else values) - self.low) / (self.high - self.low)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Return at most so many round values, as (place, text)."""
        raw = (self.high - self.low) / max(most, 1)
        if self.log:
            step = max(1.0, ceil(raw))
        else:
            power = 10.0 ** floor(log10(raw))
            step = power * next(f for f in (1, 2, 5, 10) if f * power >= raw * (1 - 1e-9))
        found: list[tuple[float, str]] = []
        for k in range(ceil(self.low / step), floor(self.high / step) + 1):
            value = k * step
            found.append(((value - self.low) / (self.high - self.low), self._text(value)))
        return found or [(0.5, self._text((self.low + self.high) / 2))]

    def _text(self, place: float) -> str:
        if not self.log:
            return f"{place:.4g}"
        return f"{10.0**place:.4g}" if abs(place) < _FLOATS else f"1e{place:.0f}"


def dots(line: Line, axis: Axis, span: tuple[float, float], columns: int, rows: int) -> Array:
    """Return which dots a curve covers, shape (4 rows, 2 columns), booleans; a column from its lowest to its highest.

    So no spike is lost, however many steps a column stands for.

    Parameters
    ----------
    span : (float, float)
        The first and the last step of the picture.

    Examples
    --------
    >>> line = Line(np.arange(4), np.array([0.0, 1.0, 2.0, 3.0]), MUTED)
    >>> dots(line, Axis(0.0, 3.0, False), (0, 3), columns=2, rows=1).astype(int)
    array([[0, 0, 0, 1],
           [0, 0, 1, 0],
           [0, 1, 0, 0],
           [1, 0, 0, 0]])
    """
    width, height = 2 * columns, 4 * rows
    first, last = span
    edges = first + (np.arange(1, width) - 0.5) / (width - 1) * max(last - first, 1)
    starts = np.concatenate([[0], np.searchsorted(line.steps, edges)])
    ends = np.append(starts[1:], len(line.steps))
    filled = np.flatnonzero(ends > starts)
    picture = np.zeros((height, width), dtype=bool)
    if not len(filled):
        return picture
    lowest, highest = (
        np.clip(np.rint((1 - axis.place(extreme.reduceat(line.values, starts[filled]))) * (height - 1)), 0, height - 1)
        for extreme in (np.minimum, np.maximum)
    )
    every = np.arange(
        int(filled[0]), int(filled[-1]) + 1
    )  # between two values that lie apart the curve is a straight line
    top, bottom = np.interp(every, filled, highest), np.interp(every, filled, lowest)
    top[1:], bottom[1:] = np.minimum(top[1:], bottom[:-1] + 1), np.maximum(bottom[1:], top[:-1] - 1)
    height_of = np.arange(height)[:, None]
    picture[:, every] = (height_of >= np.rint(top)) & (height_of <= np.rint(bottom))
    return picture


def curves(lines: list[Line], width: int, height: int) -> Lines:
    """Return curves over the steps, with their axes; later ones lie above earlier ones.

    Parameters
    ----------
    lines : list of Line
        Those without values are left out.
    width, height : int
        Of the picture, in cells.
    """
    lines = [line for line in lines if len(line.values)]
    if not lines or width < 16 or height < 3:
        return [[Segment(" " * width)] for _ in range(height)]
    axis, rows = Axis.of(lines), height - 1
    marks = {round((1 - place) * (4 * rows - 1)) // 4: text for place, text in axis.ticks(max(2, rows // 3))}
    gutter = max(map(len, marks.values())) + 1
    columns = width - gutter
    span = (float(min(line.steps[0] for line in lines)), float(max(line.steps[-1] for line in lines)))
    codes, owner = _cells(lines, axis, span, columns, rows)
    picture: Lines = []
    for row in range(rows):
        label = marks.get(row, "")
        margin = Segment(f"{label:>{gutter - 1}}{'┤' if label else '│'}", MUTED)
        picture.append([margin, *_row(codes[row], owner[row], lines)])
    first, last = f"{span[0]:,.0f}", f"{span[1]:,.0f} steps"
    foot = f"{' ' * (gutter - 1)}╰{first}{last:>{max(columns - len(first), 1)}}"
    return [*picture, fitted([Segment(foot, MUTED)], width)]


def _cells(lines: list[Line], axis: Axis, span: tuple[float, float], columns: int, rows: int) -> tuple[Array, Array]:
    """Return each cell's braille code, and the number of the line it belongs to."""
    codes, owner = np.zeros((rows, columns), np.int64), np.zeros((rows, columns), np.int64)
    for number, line in enumerate(lines):
        picture = dots(line, axis, span, columns, rows).reshape(rows, 4, columns, 2)
        if line.dashed:
            picture[:, :, 1::2] = False
        found = (picture * _BITS[None, :, None, :]).sum(axis=(1, 3))
        codes |= found
        owner[found > 0] = number
    return codes, owner


def _row(codes: Array, owner: Array, lines: list[Line]) -> Iterator[Segment]:
    text = "".join(map(chr, (codes + 0x2800).tolist())).replace("\u2800", " ")
    ends = [*(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(text)]
    start = 0
    for end in ends:
        yield Segment(text[start:end], lines[int(owner[start])].style)
        start = end
