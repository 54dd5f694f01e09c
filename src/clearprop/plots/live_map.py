"""The map of a live figure: what a network with two inputs answers over the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import LineCollection

from clearprop.arrays import Array
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.plots.grid import make_grid
from clearprop.plots.live_panels import Panel
from clearprop.plots.style import INK, add_legend, class_image, class_style, probability_map

if TYPE_CHECKING:
    from clearprop.training.loop import Training

MAP = 100
"""Points along each side of the map."""


class MapPanel(Panel):
    """The probability over the plane, the boundary at a half, and each row's answer; a ring where it is wrong.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    network : Network
        Two inputs; one output (the probability of class 1), or one for each class; or an ensemble of such.
    x : array, shape (rows, 2)
    labels : array of int, shape (rows,)
    """

    def __init__(self, ax: Any, network: Network, x: Array, labels: Array) -> None:
        self._network, self._x, self._labels = network, x, labels
        n_outputs = network.n_outputs // network.members
        self._binary = n_outputs == 1
        self._grid = make_grid(x, resolution=MAP)
        blank = np.zeros((MAP, MAP) if self._binary else (MAP, MAP, 3))
        options: dict[str, Any] = {"origin": "lower", "extent": self._grid.extent, "interpolation": "bilinear"}
        self._image = ax.imshow(blank, cmap=probability_map(), vmin=0, vmax=1, aspect="auto", **options)
        self._boundary = LineCollection([], colors=INK, linewidths=1.3)
        ax.add_collection(self._boundary, autolim=False)
        self._classes = [_points(ax, k) for k in range(max(2, n_outputs))]
        self._wrong = ax.plot([], [], "o", markersize=10, markerfacecolor="none", markeredgecolor=INK)[0]
        self._title = ax.set_title("predictions", fontsize="medium", loc="right")
        frame = ax.spines.values()
        self.artists = [self._image, self._boundary, *self._classes, self._wrong, self._title, *frame]

    def update(self, training: Training) -> bool:
        self.show(training.progress.parameters)
        return False

    def show(self, parameters: Parameters) -> None:
        """Draw the answers that the network gives with these parameters."""
        network, grid = self._network, self._grid
        found = network.mean_of_members(network.predict(parameters, self._x))
        over = grid.image(network.mean_of_members(network.predict(parameters, grid.points)))
        answers = labels_of(found)
        if self._binary:
            self._image.set_data(over[..., 0])
            lines: Any = contour_generator(grid.first, grid.second, over[..., 0]).lines(0.5)
            self._boundary.set_segments(lines)
        else:
            self._image.set_data(class_image(over))
        for k, points in enumerate(self._classes):
            points.set_data(*self._x[answers == k].T)
        wrong = answers != self._labels
        self._wrong.set_data(*self._x[wrong].T)
        self._title.set_text(f"predictions: {np.mean(~wrong):.1%} right")

    def show_gradient(self) -> None:
        """Fill the map with every probability from 0 to 1, so that all its colours are there."""
        if self._binary:
            self._image.set_data(np.tile(np.linspace(0, 1, MAP), (MAP, 1)))


def draw_data(ax: Any, x: Array, labels: Array, title: str) -> None:
    """Draw the rows of two features (rows, 2), each class with its colour and marker."""
    classes = range(int(labels.max(initial=1)) + 1)
    points = [_points(ax, k) for k in classes]
    for k in classes:
        points[k].set_data(*x[labels == k].T)
    left, right, bottom, top = make_grid(x, resolution=MAP).extent
    ax.set(xlim=(left, right), ylim=(bottom, top))
    ax.set_title(title, fontsize="medium", loc="right")
    add_legend(ax, points, [f"class {k}" if len(points) < 3 else str(k) for k in classes])  # the title needs room


def draw_answers(figure: Any, network: Network, parameters: Parameters, x: Array, y: Array, *, name: str) -> None:
    """Draw rows, and below them what a network answers for them.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Empty.
    network, parameters : Network, Parameters
        Two inputs; one output, class 1's probability.
    x : array, shape (rows, 2)
    y : array of 0 and 1, shape (rows,)
    name : str
        What the rows are, such as "test points".
    """
    above, below = figure.subplots(2, 1, gridspec_kw={"left": 0.1, "right": 0.97, "bottom": 0.05, "top": 0.95})
    draw_data(above, x, y, f"{name}: {len(x):,}")
    MapPanel(below, network, x, y).show(parameters)


def labels_of(targets: Array) -> Array:
    """Return each row's class, shape (rows,), from probabilities (rows, 1) of class 1, or (rows, classes)."""
    return (targets[:, 0] > 0.5).astype(int) if targets.shape[1] == 1 else targets.argmax(axis=1)


def _points(ax: Any, k: int) -> Any:
    color, marker = class_style(k)
    return ax.plot([], [], marker, color=color, markersize=5.5, markeredgecolor="white", markeredgewidth=0.5)[0]
