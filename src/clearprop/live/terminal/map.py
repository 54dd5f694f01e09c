"""The network's answers over the plane of its two features, two points of it in each cell of the terminal."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from rich.segment import Segment

from clearprop.arrays import Array
from clearprop.live.data import Data
from clearprop.live.terminal.colours import GROUND, HELD, LEARNT, SHADES, mixed, pair, rgb_of
from clearprop.live.terminal.frame import Lines, fitted
from clearprop.network import Network
from clearprop.parameters import Parameters

_STRENGTH = 0.72
_POINTS_A_CELL = 0.16
"""At most so many points are drawn, so that the map can still be seen."""
_MARGIN = 0.08
_UNSURE = 0.2
_WHITE = (255, 255, 255)

Points = dict[tuple[int, int], tuple[int, str]]
"""What stands in a cell where there is a point: its class, and its glyph."""


class Map:
    """Pictures of data with two features: regions in their class's colour, points as glyphs.

    Where a number is predicted, blue stands for the lowest and orange for the highest target.

    Parameters
    ----------
    network : Network
    data : Data
        Of two features.
    """

    def __init__(self, network: Network, data: Data) -> None:
        self._network, self._data = network, data
        everything = data.x if data.validation is None else np.concatenate([data.x, data.validation[0]])
        low, high = everything.min(axis=0), everything.max(axis=0)
        room = np.where(high > low, _MARGIN * (high - low), 1.0)
        self._low, self._high = low - room, high + room
        self._range = float(data.y.min()), float(data.y.max())
        self._grids: dict[tuple[int, int], Array] = {}
        self._placed: dict[tuple[int, int], Points] = {}

    def lines(self, parameters: Parameters, width: int, height: int, *, colored: bool) -> Lines:
        """Return the picture for some parameters, in the middle of its room."""
        columns = min(width, 3 * height)  # a cell is twice as high as wide: a plane not too far from square
        classes, sure = self._answers(parameters, columns, 2 * height)
        points = self._points(columns, height)
        edge = Segment(" " * ((width - columns) // 2))
        if not colored:
            rows = [[Segment(text)] for text in _shaded(classes[::2], sure[::2], points)]
        else:
            colors = mixed(rgb_of(classes), GROUND, 1 - _STRENGTH * sure)
            rows = _cells(colors[::2], colors[1::2], points)
        return [fitted([edge, *cells], width) for cells in rows]

    def _answers(self, parameters: Parameters, columns: int, rows: int) -> tuple[Array, Array]:
        """Return the likeliest class at each place, and how sure the network is of it, from 0 to 1."""
        size = (columns, rows)
        if size not in self._grids:
            across = self._low[0] + (np.arange(columns) + 0.5) / columns * (self._high[0] - self._low[0])
            up = self._high[1] - (np.arange(rows) + 0.5) / rows * (self._high[1] - self._low[1])
            plane = np.column_stack([np.tile(across, rows), np.repeat(up, columns)])
            self._grids = {size: plane.astype(parameters.vector.dtype)}
        with np.errstate(all="ignore"):
            said: Any = self._network.predict(parameters, self._grids[size])
            said = np.nan_to_num(np.asarray(self._network.mean_of_members(said), np.float64))
        if self._data.task == "multiclass":
            count = said.shape[1]
            classes, sure = said.argmax(axis=1), (said.max(axis=1) * count - 1) / (count - 1)
        else:
            low, high = (0.0, 1.0) if self._data.task == "binary" else self._range
            share = (said[:, 0] - low) / ((high - low) or 1.0)
            classes, sure = (share > 0.5).astype(np.intp), np.abs(2 * share - 1)
        return classes.reshape(rows, columns), np.clip(sure, 0, 1).reshape(rows, columns)

    def _points(self, columns: int, rows: int) -> Points:
        size = (columns, rows)
        if size not in self._placed:
            self._placed = {size: self._place(columns, rows)}
        return self._placed[size]

    def _place(self, columns: int, rows: int) -> Points:
        found: Points = {}
        sets = [(self._data.x, self._data.y, LEARNT)]
        if self._data.validation is not None:
            sets.append((*self._data.validation, HELD))
        stride = -(-sum(len(x) for x, _, _ in sets) // max(int(_POINTS_A_CELL * columns * rows), 1))
        for x, y, glyphs in sets:
            x, y = x[::stride], y[::stride]
            place = (x - self._low) / (self._high - self._low)
            across, down = (place[:, 0] * columns).astype(int).tolist(), ((1 - place[:, 1]) * rows).astype(int).tolist()
            for i, j, k in zip(down, across, self._classes(y).tolist(), strict=True):
                found[i, j] = k, glyphs[k % len(glyphs)]
        return found

    def _classes(self, y: Array) -> Array:
        if self._data.task == "multiclass":
            return y.argmax(axis=1)
        middle = 0.5 if self._data.task == "binary" else sum(self._range) / 2
        return (y[:, 0] > middle).astype(np.intp)


def _shaded(classes: Array, sure: Array, points: Points) -> list[str]:
    """Return the picture for a terminal without colours: unsure places blank, each class with its own sign."""
    signs = np.where(sure > _UNSURE, classes % (len(SHADES) - 1) + 1, 0).tolist()
    cells = [[SHADES[sign] for sign in row] for row in signs]
    for (i, j), (_, glyph) in points.items():
        cells[i][j] = glyph
    return ["".join(row) for row in cells]


def _cells(upper: Array, lower: Array, points: Points) -> list[list[Segment]]:
    """Return rows of cells, neighbours that are alike as one."""
    places = list(points)
    looks = upper << 24 | lower
    for n, (i, j) in enumerate(places):
        looks[i, j] = -1 - n  # unlike its neighbours
    rows: list[list[Segment]] = []
    for i, row in enumerate(looks):
        starts = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist()]
        ends = [*starts[1:], len(row)]
        segments: list[Segment] = []
        for start, end, look in zip(starts, ends, row[starts].tolist(), strict=True):
            if look >= 0:
                segments.append(Segment("▀" * (end - start), pair(look >> 24, look & 0xFFFFFF)))
            else:
                k, glyph = points[places[-1 - look]]
                segments.append(Segment(glyph, pair(_bright(k), int(lower[i, start]), True)))
        rows.append(segments)
    return rows


@lru_cache(maxsize=1024)
def _bright(k: int) -> int:
    """Return the colour of a point of class k: a light one, that shows on its own region."""
    return int(mixed(rgb_of(np.array(k)), _WHITE, np.array(0.55)))
