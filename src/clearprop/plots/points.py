"""Rows of data on a map: a class by colour and marker; what was learnt from by a thin edge, the rest by a thick one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D

from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError
from clearprop.plots.models import Kind, Response
from clearprop.plots.style import class_style


class Points(NamedTuple):
    """Rows of data to show on a map."""

    x: Array
    """Shape (rows, 2)."""
    answers: Array
    """Places in the classes, or the numbers to be predicted; shape (rows,)."""
    held_out: bool = False
    """Whether the model didn't learn from them."""


def answers_of(response: Response, y: Any, what: str, n_rows: int, output: int | None) -> Array:
    """Return a user's targets as places in the response's classes, or as numbers.

    Raises
    ------
    InputError
        For another number of rows, a label that isn't one of the classes, or a number that is not finite.
    """
    if len(y) != n_rows:
        raise InputError(f"{what} has {len(y)} rows and x has {n_rows}; they must be equal")
    if response.kind != "regression":
        return response.places(y, what)
    targets = as_matrix(np.asarray(y).reshape(n_rows, -1), what)
    return targets[:, (output or 0) if targets.shape[1] > 1 else 0]


def scatter(axes: Any, points: Points, kind: Kind, image: Any) -> list[PathCollection]:
    """Draw the points of each class, or for a regression all of them, coloured on the image's scale."""
    x, answers, held_out = points
    size = float(np.clip(6000 / len(x), 22 if kind == "regression" else 8, 36))  # a number's colour needs room
    color, width = edge_of(kind, held_out)
    style = {"s": size, "zorder": 3, "edgecolor": color, "linewidth": width}
    if kind == "regression":
        marker = marker_of(kind, held_out)
        return [axes.scatter(*x.T, c=answers, marker=marker, cmap=image.get_cmap(), norm=image.norm, **style)]
    scatters: list[PathCollection] = []
    for k in np.unique(answers).tolist():
        face, marker = class_style(k)
        scatters.append(axes.scatter(*x[answers == k].T, facecolor=face, marker=marker, **style))
    return scatters


def marker_of(kind: Kind, held_out: bool) -> str:
    """Return the marker of points that have no class."""
    return "D" if kind == "regression" and held_out else "o"


def edge_of(kind: Kind, held_out: bool) -> tuple[str, float]:
    """Return the colour and width of the line around a point."""
    return ("black", 1.6) if held_out else ("white", 0.6) if kind == "regression" else ("#555555", 0.5)


def handle(kind: Kind, color: str, marker: str, held_out: bool = False) -> Line2D:
    """Return a legend's entry for points."""
    edge, width = edge_of(kind, held_out)
    return Line2D(
        [], [], linestyle="none", marker=marker, markerfacecolor=color, markeredgecolor=edge, markeredgewidth=width
    )
