"""A network as columns of units with lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.plots.diagram_layout import Column, Edge, columns_of, strongest_edges
from clearprop.plots.diagram_text import CHARACTER, DASHES, FEW_ROWS, LINE, ROWS, add_sign_legend, write_table
from clearprop.plots.models import network_of
from clearprop.plots.style import (
    INK,
    NEGATIVE,
    POSITIVE,
    SMALL,
    new_axes,
    shown,
    sign_map,
)

_ROOMY = 200.0  # points; axes that are lower show less
_WIDEST = 180.0  # points between two columns


class NetworkDiagramDisplay:
    """A network's layers as columns of units, and its weights as lines between them.

    A line is orange for a weight above 0, blue and dashed below; it is the wider and darker, the larger its |weight| is
    as a share of its layer's largest. A unit's fill is its bias, likewise. Layers that treat each value for
    itself (Dropout, LayerNorm) are bars across the lines. Make one with ``from_estimator``.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    feature_names, output_names : sequence of str, optional
        Written beside the units.
    max_units : int
        How many units a column shows at most (fewer in low axes): the first ones; below, how many more.
    max_edges : int
        How many lines are drawn at most: the strongest.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes and figure.
    edges_ : LineCollection
    units_ : list of PathCollection
        Of the inputs and of each layer with weights.
    legend_ : Legend

    Raises
    ------
    InputError
        For limits below 1, or another number of names than of inputs or outputs.

    Examples
    --------
    >>> import clearprop as cp
    >>> import matplotlib.pyplot as plt
    >>> network = cp.Network(2, [cp.Dense(3, "tanh"), cp.Dense(1)])
    >>> parameters = network.first_parameters(np.random.default_rng(0))
    >>> display = cp.plots.NetworkDiagramDisplay(network, parameters).plot()
    >>> len(display.edges_.get_segments())
    9
    >>> plt.close(display.figure_)
    """

    ax_: Axes
    figure_: Figure | SubFigure
    edges_: LineCollection
    units_: list[PathCollection]
    legend_: Legend

    def __init__(
        self,
        network: Network,
        parameters: Parameters,
        *,
        feature_names: Sequence[object] | None = None,
        output_names: Sequence[object] | None = None,
        max_units: int = 16,
        max_edges: int = 400,
    ) -> None:
        if max_units < 1 or max_edges < 1:
            raise InputError(f"max_units and max_edges must be at least 1; got {max_units!r} and {max_edges!r}")
        for what, names, wanted in (
            ("feature_names", feature_names, network.n_inputs),
            ("output_names", output_names, network.n_outputs),
        ):
            if names is not None and len(names) != wanted:
                raise InputError(f"{what} must have {wanted} names; got {len(names)}")
        self.columns = columns_of(network, parameters)
        self.max_units, self.max_edges = max_units, max_edges
        self.feature_names = [shown(name, 16) for name in feature_names or ()]
        self.output_names = [shown(name, 16) for name in output_names or ()]

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        feature_names: Sequence[object] | None = None,
        output_names: Sequence[object] | None = None,
        max_units: int = 16,
        max_edges: int = 400,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw a model's network.

        Parameters
        ----------
        estimator : Result, or fitted scikit-learn multi-layer perceptron
        feature_names, output_names, max_units, max_edges
            As for the class.
        ax, **kwargs
            As for ``plot``.

        Raises
        ------
        InputTypeError
            If the estimator has no network.
        """
        network, parameters = network_of(estimator, "a network diagram")
        display = cls(
            network, parameters, feature_names=feature_names, output_names=output_names, max_units=max_units,
            max_edges=max_edges,
        )  # fmt: skip
        return display.plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : Axes, optional
            Where; by default on a new figure, the wider the more layers there are.
        **kwargs
            Handed to the LineCollection of the edges, such as ``alpha``.

        Returns
        -------
        NetworkDiagramDisplay
            This object.
        """
        axes = new_axes(ax, figsize=(max(6.4, 1.6 + 0.85 * len(self.columns)), 4.8), whole=True)
        axes.set_axis_off()
        # Positions are in points as the axes are now, so that texts and units can be given the room they need.
        width, height = (axes.get_window_extent().size * 72 / axes.figure.dpi).tolist()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        self.legend_, legend_height = add_sign_legend(axes, width)
        rows = ROWS if height > _ROOMY else FEW_ROWS
        floor, ceiling = (len(rows) + 2.5) * LINE, height - legend_height
        max_units = int(np.clip((ceiling - floor) / 6, 1, self.max_units))
        x = self._places(width)
        y, step = self._heights(floor, ceiling, max_units)
        edges, n_edges = strongest_edges(self.columns, max_units, self.max_edges)
        self._links(axes, x, y)
        self.edges_ = axes.add_collection(self._lines(edges, x, y, kwargs), autolim=False)
        self.units_ = [
            self._units(axes, column, at, heights, step)
            for column, at, heights in zip(self.columns, x, y, strict=True)
            if not column.is_bar
        ]
        self._names(axes, x, y, step)
        write_table(axes, x, self.columns, rows)
        if height > _ROOMY:
            cut = f"; the {len(edges)} strongest of {n_edges:,} lines" if len(edges) < n_edges else ""
            note = f"a line's width: |w| as a share of its layer's largest{cut}"
            axes.text(0, 0, note, va="bottom", fontsize=SMALL)
        self.ax_, self.figure_ = axes, axes.figure
        return self

    def _places(self, width: float) -> Array:
        """Return where the columns are from left to right, with room for the table's headings and the names."""
        left = max([len(ROWS[-1]) + 2, *(len(name) + 3 for name in self.feature_names)]) * CHARACTER + 12
        right = max([5, *(len(name) + 3 for name in self.output_names)]) * CHARACTER
        room = max(width - left - right, 10.0)
        used = min(room, _WIDEST * (len(self.columns) - 1))
        return left + (room - used) / 2 + np.linspace(0, used, len(self.columns))

    def _heights(self, floor: float, ceiling: float, max_units: int) -> tuple[list[Array], float]:
        """Return each column's heights, from the top unit down, and the distance between two units."""
        counts = [min(column.width, max_units) for column in self.columns]
        step = float(np.clip((ceiling - floor) / max(counts), 1.0, 26.0))
        middle = (floor + ceiling) / 2
        return [middle + step * ((count - 1) / 2 - np.arange(count)) for count in counts], step

    def _links(self, axes: Any, x: Array, y: list[Array]) -> None:
        """Draw bars, and the straight lines on which each value comes to them."""
        for place, column in enumerate(self.columns):
            if not column.is_bar:
                continue
            top, bottom = y[place][0] + 7, y[place][-1] - 7
            bar = Rectangle((x[place] - 5, bottom), 10, top - bottom, facecolor="#DDDDDD", edgecolor=INK, zorder=3)
            axes.add_patch(bar)
            if column.width == self.columns[place - 1].width:
                axes.hlines(y[place], x[place - 1], x[place], color="#9A9A9A", linewidth=0.8, zorder=1)

    def _lines(self, edges: Sequence[Edge], x: Array, y: list[Array], options: dict[str, Any]) -> LineCollection:
        segments = [[(x[e.column - 1], y[e.column - 1][e.source]), (x[e.column], y[e.column][e.target])] for e in edges]
        style: dict[str, Any] = {
            "linewidths": [0.4 + 2.4 * e.strength for e in edges],
            "colors": [to_rgba(POSITIVE if e.weight >= 0 else NEGATIVE, 0.25 + 0.75 * e.strength) for e in edges],
            "linestyles": ["-" if e.weight >= 0 else DASHES for e in edges],
            "zorder": 2,
        }
        return LineCollection(segments, **(style | options))

    def _units(self, axes: Any, column: Column, at: float, heights: Array, step: float) -> PathCollection:
        size = min(0.8 * step, 15.0) ** 2
        if column.bias is None:
            marker = "s" if column.kind == "input" else "o"
            return axes.scatter(
                np.full(len(heights), at), heights, s=size, marker=marker, facecolor="white", edgecolor=INK, zorder=4
            )
        bias = column.bias[: len(heights)]
        faces = sign_map()(0.5 + 0.5 * bias / (float(abs(column.bias).max()) or 1.0))
        styles = ["-" if value >= 0 else (0, (2, 1)) for value in bias]
        return axes.scatter(
            np.full(len(heights), at), heights, s=size, facecolor=faces, edgecolor=INK, linestyle=styles, zorder=4
        )

    def _names(self, axes: Any, x: Array, y: list[Array], step: float) -> None:
        """Write the inputs' and outputs' names, and how many units a column doesn't show."""
        gap = min(0.4 * step, 7.5) + 4
        for names, place, side, align in ((self.feature_names, 0, -gap, "right"), (self.output_names, -1, gap, "left")):
            for name, height in zip(names, y[place], strict=False):
                axes.text(x[place] + side, height, name, ha=align, va="center", fontsize=SMALL)
        for column, at, heights in zip(self.columns, x, y, strict=True):
            if column.width > len(heights) and not column.is_bar:
                more = f"… {column.width - len(heights):,} more"
                if len(more) * CHARACTER > x[1] - x[0]:
                    more = f"+{column.width - len(heights):,}"
                axes.text(at, heights[-1] - max(0.6 * step, 6), more, ha="center", va="top", fontsize=SMALL)
