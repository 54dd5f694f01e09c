"""What a model answers over a plane of two features, with the border between its classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colorbar import Colorbar
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend

from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError
from clearprop.plots.columns import Column, column_names, held_columns, like, plane_of
from clearprop.plots.grid import Grid, make_grid
from clearprop.plots.models import Response, respond
from clearprop.plots.points import Points, answers_of, handle, marker_of, scatter
from clearprop.plots.style import (
    INK,
    add_colorbar,
    add_legend,
    class_image,
    class_style,
    new_axes,
    probability_map,
    shown,
)
from clearprop.result import Result

__all__ = ["DecisionBoundaryDisplay", "Grid", "Points", "make_grid"]


class DecisionBoundaryDisplay:
    """A map of a model's answers over two features, the border between its classes, and the data.

    For two classes the colour is the probability of the second one, with a line at 0.5; for more it is the likeliest
    class's colour, fainter where the model is less sure; for a regression it is the predicted number. Make one with
    ``from_estimator``.

    Parameters
    ----------
    grid : Grid
    response : Response
        The answers at the grid's points.
    points : sequence of Points
    feature_names, class_names : sequence of str
    note : str
        Said below the first feature's name.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes and figure.
    image_ : AxesImage
    borders_ : list of QuadContourSet
        The line at 0.5, or one for each class; empty for a regression and where one class has it all.
    points_ : list of PathCollection
    legend_ : Legend or None
        Of the points; None where there are none.
    colorbar_ : Colorbar or None
        None for more than two classes.

    Raises
    ------
    InputError
        For another number of class names than of classes.

    Examples
    --------
    >>> import clearprop as cp
    >>> import matplotlib.pyplot as plt
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> result = cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05), steps=200, rng=0)
    >>> display = cp.plots.DecisionBoundaryDisplay.from_estimator(result, x, y)
    >>> display.image_.get_array().shape
    (200, 200)
    >>> plt.close(display.figure_)
    """

    ax_: Axes
    figure_: Figure | SubFigure
    image_: AxesImage
    borders_: list[QuadContourSet]
    points_: list[PathCollection]
    legend_: Legend | None
    colorbar_: Colorbar | None = None

    def __init__(
        self,
        grid: Grid,
        response: Response,
        points: Sequence[Points] = (),
        *,
        feature_names: Sequence[str] = ("feature 0", "feature 1"),
        class_names: Sequence[object] | None = None,
        note: str = "",
    ) -> None:
        self.grid, self.response, self.points = grid, response, [rows for rows in points if len(rows.x)]
        self.feature_names, self.note = feature_names, note
        self.class_names = [str(name) for name in (response.classes if class_names is None else class_names)]
        if len(self.class_names) != len(response.classes):
            wanted = len(response.classes)
            raise InputError(f"class_names must have a name for each of {wanted} classes; got {len(self.class_names)}")

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        x: Any,
        y: Any = None,
        *,
        x_test: Any = None,
        y_test: Any = None,
        features: tuple[Column, Column] | None = None,
        fixed: Mapping[Column, float] | None = None,
        output: int | None = None,
        resolution: int = 200,
        margin: float = 0.08,
        feature_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a model over the plane of two features, and draw.

        Parameters
        ----------
        estimator : Result, or fitted estimator with ``predict_proba`` or ``predict``
        x : array-like, shape (rows, columns)
            The data, which say where to look.
        y : array-like, shape (rows,), optional
            Draws the rows as points.
        x_test, y_test : optional
            Rows that the model didn't learn from; drawn with a dark edge.
        features : two column numbers or names, optional
            Which columns span the plane; needed where there are more than two.
        fixed : mapping of column to float, optional
            Values for the other columns; their medians in x if not given.
        output : int, optional
            Which output, where a regression has several.
        resolution : int
            Points asked along each axis.
        margin : float
            How far the map goes beyond the data, as a share of their range.
        feature_names, class_names : sequence of str, optional
            By default a table's own column names, and the labels.
        ax, **kwargs
            As for ``plot``.

        Raises
        ------
        InputTypeError
            If the estimator can't predict.
        InputError
            For fewer than two features, more without ``features``, labels that the model doesn't know, or predictions
            that are not finite.
        """
        matrix = as_matrix(x, "x")
        test = None if x_test is None else as_matrix(x_test, "x_test", features=matrix.shape[1])
        names = column_names(x, matrix.shape[1], feature_names)
        plane = plane_of(features, names)
        held, note = held_columns(matrix, plane, fixed, names)
        seen = matrix if test is None else np.concatenate([matrix, test])
        grid = make_grid(seen, plane, fixed=held, resolution=resolution, margin=margin)
        asked = grid.points if isinstance(estimator, Result) else like(x, grid.points)
        response = respond(estimator, asked, y=y, output=output)
        points = [] if y is None else [Points(matrix[:, plane], answers_of(response, y, "y", len(matrix), output))]
        if test is not None and y_test is not None:
            points.append(
                Points(test[:, plane], answers_of(response, y_test, "y_test", len(test), output), held_out=True)
            )
        display = cls(
            grid, response, points, feature_names=[names[i] for i in plane], class_names=class_names, note=note
        )
        return display.plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : Axes, optional
            Where; by default on a new figure.
        **kwargs
            Handed to Matplotlib's ``imshow``, such as ``cmap`` or ``alpha``.

        Returns
        -------
        DecisionBoundaryDisplay
            This object.
        """
        axes = new_axes(ax)
        kind, image = self.response.kind, self.grid.image(self.response.values)
        options: dict[str, Any] = {
            "binary": {"cmap": probability_map(), "vmin": 0.0, "vmax": 1.0},
            "multiclass": {},
            "regression": {"cmap": "cividis"} | self._limits(),
        }[kind]
        options |= {"origin": "lower", "extent": self.grid.extent, "aspect": "auto", "interpolation": "nearest"}
        image_ = self.image_ = axes.imshow(class_image(image) if kind == "multiclass" else image, **(options | kwargs))
        self.borders_ = [
            axes.contour(self.grid.first, self.grid.second, height, levels=[0.0], colors=INK, linewidths=1.3)
            for height in _heights(kind, image)
        ]
        self.points_ = [artist for points in self.points for artist in scatter(axes, points, kind, image_)]
        axes.set_xlabel(shown(self.feature_names[0]) + (f"\n{shown(self.note, 100)}" if self.note else ""))
        axes.set_ylabel(shown(self.feature_names[1]))
        self.legend_ = self._add_legend(axes)
        if kind != "multiclass":
            label = f"probability of class {shown(self.class_names[1], 24)}" if kind == "binary" else "prediction"
            self.colorbar_ = add_colorbar(axes, image_, label, instead_of=self.colorbar_)
        self.ax_, self.figure_ = axes, axes.figure
        return self

    def _limits(self) -> dict[str, float]:
        """Return one scale for the map and the points."""
        values = [self.response.values, *(points.answers for points in self.points)]
        return {"vmin": float(min(v.min() for v in values)), "vmax": float(max(v.max() for v in values))}

    def _add_legend(self, axes: Any) -> Legend | None:
        """Name the classes, and tell train from test where both are shown; two classes alone are on the colour bar."""
        kind = self.response.kind
        names = [] if kind == "binary" and not self.points else self.class_names
        handles = [handle(kind, *class_style(k)) for k in range(len(names))]
        if len({points.held_out for points in self.points}) == 2:
            handles += [handle(kind, "#BBBBBB", marker_of(kind, held), held) for held in (False, True)]
            names = [*names, "train", "test"]
        return add_legend(axes, handles, names) if handles else None


def _heights(kind: str, image: Array) -> list[Array]:
    """Return what is 0 on each border: p − 0.5, or how far a class is ahead of the best other one."""
    if kind == "regression":
        return []
    if kind == "binary":
        heights = [image - 0.5]
    else:
        winners = np.unique(image.argmax(axis=2)).tolist()
        heights = [image[..., k] - np.delete(image, k, axis=2).max(axis=2) for k in winners] if len(winners) > 1 else []
    return [height for height in heights if height.min() < 0 < height.max()]
