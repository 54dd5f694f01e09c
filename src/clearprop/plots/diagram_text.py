"""The texts of a network's diagram: the table below it and the legend above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from clearprop.arrays import Array
from clearprop.plots.diagram_layout import Column
from clearprop.plots.style import INK, NEGATIVE, POSITIVE, SMALL, add_legend, legend_columns, shown

LINE = 1.45 * SMALL
"""Points from one line of text to the next."""
CHARACTER = 0.55 * SMALL
"""Points that a character takes."""
DASHES = (0, (4, 2))
"""A line's style where its weight is below 0."""
ROWS = ("layer", "settings", "units", "parameters", "largest |w|")
FEW_ROWS = ("units", "parameters")


def write_table(axes: Any, x: Array, columns: Sequence[Column], rows: Sequence[str]) -> None:
    """Write below each column what it is."""
    limit = max(4, int((x[1] - x[0]) / CHARACTER) - 1)
    for row, heading in enumerate(rows):
        height = (len(rows) - row) * LINE
        axes.text(0, height, heading, va="bottom", fontsize=SMALL, weight="bold")
        for column, at in zip(columns, x, strict=True):
            axes.text(at, height, _cell(column, heading, limit), ha="center", va="bottom", fontsize=SMALL)


def _cell(column: Column, heading: str, limit: int) -> str:
    return {
        "layer": shown(column.kind, limit),
        "settings": shown(column.settings, limit),
        "units": _count(column.width, limit),
        "parameters": _count(column.n_parameters, limit) if column.n_parameters else "",
        "largest |w|": f"{column.largest:.2g}" if column.weight is not None else "",
    }[heading]


def _count(number: int, limit: int) -> str:
    """Return a number in full where it fits, else rounded: 100,480 or 100k."""
    text = f"{number:,}"
    if len(text) <= limit:
        return text
    power = min((len(str(number)) - 1) // 3, 3)
    return f"{number / 1000**power:.3g}{' kMG'[power]}"


def add_sign_legend(axes: Any, width: float) -> tuple[Legend, float]:
    """Put the legend into the axes' upper end; return it and its height."""
    signs: tuple[tuple[str, Any, str], ...] = ((POSITIVE, "-", "> 0"), (NEGATIVE, DASHES, "< 0"))
    lines = [Line2D([], [], color=color, linestyle=style, linewidth=2) for color, style, _ in signs]
    dots = [axes.scatter([], [], s=80, facecolor=color, edgecolor=INK, linestyle=style) for color, style, _ in signs]
    names = [f"{what} {side}" for what in ("weight", "bias") for *_, side in signs]
    columns = legend_columns([len(name) for name in names], width)
    legend = add_legend(axes, [*lines, *dots], names, loc="upper left", ncols=columns)
    return legend, -(-len(names) // columns) * 1.3 * LINE
