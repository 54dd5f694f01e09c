"""A layer's weights as small images, one for each unit."""

from __future__ import annotations

from math import isqrt
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage

from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError
from clearprop.plots.models import network_of
from clearprop.plots.style import add_colorbar, new_axes, sign_map


class WeightImagesDisplay:
    """Each unit's weights as an image of what it looks for: orange above 0, white at 0, blue below, one scale for all.

    Make one with ``from_estimator``.

    Parameters
    ----------
    weight : array, shape (inputs, units)
    shape : (height, width), optional
        How the inputs lie in an image, row by row; by default they are a square.
    max_units : int
        How many units are shown at most: the first ones.
    name : str
        What the weights are, said below.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes and figure.
    image_ : AxesImage
        All units in one image, with NaN between them.
    colorbar_ : Colorbar

    Raises
    ------
    InputError
        If the shape doesn't have as many pixels as there are inputs, or isn't given where they are no square.

    Examples
    --------
    >>> import clearprop as cp
    >>> import matplotlib.pyplot as plt
    >>> display = cp.plots.WeightImagesDisplay(np.eye(9)).plot()
    >>> display.tile(4).shape
    (3, 3)
    >>> plt.close(display.figure_)
    """

    ax_: Axes
    figure_: Figure | SubFigure
    image_: AxesImage
    colorbar_: Colorbar | None = None

    def __init__(
        self, weight: Any, shape: tuple[int, int] | None = None, *, max_units: int = 100, name: str = "weights"
    ) -> None:
        self.weight = as_matrix(weight, "weight")
        n_inputs = len(self.weight)
        side = isqrt(n_inputs)
        if shape is None and side * side != n_inputs:
            raise InputError(f"{n_inputs} inputs are no square image; give shape=(height, width)")
        self.shape = (side, side) if shape is None else (int(shape[0]), int(shape[1]))
        if self.shape[0] * self.shape[1] != n_inputs or min(self.shape) < 1:
            raise InputError(f"shape must have {n_inputs} pixels, one for each input; got {shape}")
        if max_units < 1:
            raise InputError(f"max_units must be at least 1; got {max_units!r}")
        self.n_shown = min(self.weight.shape[1], max_units)
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        layer: int = 0,
        shape: tuple[int, int] | None = None,
        max_units: int = 100,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the weights of a model's layer, by default the first.

        Parameters
        ----------
        estimator : Result, or fitted scikit-learn multi-layer perceptron
        layer : int
            The layer's number, as ``print(network)`` shows it.
        shape, max_units
            As for the class.
        ax, **kwargs
            As for ``plot``.

        Raises
        ------
        InputTypeError
            If the estimator has no network.
        InputError
            If the layer has no weights, or the shape doesn't fit.
        """
        _, parameters = network_of(estimator, "a picture of weights")
        layers = parameters.layers
        usable = [i for i, views in enumerate(layers) if "weight" in views and views["weight"].ndim == 2]
        if layer not in usable:
            raise InputError(f"layer {layer} has no matrix of weights; these layers have one: {usable}")
        weight = layers[layer]["weight"]
        return cls(weight, shape, max_units=max_units, name=f"weights of layer {layer}").plot(ax, **kwargs)

    @property
    def _columns(self) -> int:
        """How many units stand side by side, so that the whole is about as wide as a figure."""
        height, width = self.shape
        return int(np.clip(round((1.3 * self.n_shown * (height + 1) / (width + 1)) ** 0.5), 1, self.n_shown))

    def tile(self, unit: int) -> Array:
        """Return one unit's weights as an image (height, width)."""
        return self.weight[:, unit].reshape(self.shape)

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : Axes, optional
            Where; by default on a new figure.
        **kwargs
            Handed to Matplotlib's ``imshow``, such as ``vmin`` and ``vmax``.

        Returns
        -------
        WeightImagesDisplay
            This object.
        """
        axes = new_axes(ax)
        (height, width), columns = self.shape, self._columns
        gap = 1 + max(height, width) // 16
        rows = -(-self.n_shown // columns)
        mosaic = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
        for unit in range(self.n_shown):
            top, left = unit // columns * (height + gap), unit % columns * (width + gap)
            mosaic[top : top + height, left : left + width] = self.tile(unit)
        largest = float(np.nanmax(abs(mosaic))) or 1.0
        options: dict[str, Any] = {"cmap": sign_map(), "vmin": -largest, "vmax": largest, "interpolation": "nearest"}
        image = self.image_ = axes.imshow(mosaic, **(options | kwargs))
        axes.set_facecolor("#9A9A9A")  # where there is no weight; white is a weight of 0
        axes.set_xticks([])
        every = -(-rows // 12)
        labels = [str(row * columns) for row in range(0, rows, every)]
        axes.set_yticks([row * (height + gap) + (height - 1) / 2 for row in range(0, rows, every)], labels)
        axes.set_ylabel("first unit of the row")
        n_units = self.weight.shape[1]
        which = f"units 0 to {self.n_shown - 1} of {n_units:,}" if self.n_shown < n_units else f"{n_units:,} units"
        axes.set_xlabel(f"{self.name}: {which}, {height} × {width} each")
        box, (tall, wide) = axes.get_window_extent(), mosaic.shape
        shrink = float(np.clip(0.78 * box.width * tall / (wide * box.height), 0.3, 1.0))  # as high as the image, about
        self.colorbar_ = add_colorbar(axes, image, "weight", instead_of=self.colorbar_, shrink=shrink)
        self.ax_, self.figure_ = axes, axes.figure
        return self
