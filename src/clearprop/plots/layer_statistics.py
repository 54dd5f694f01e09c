"""Weights, weighted sums, outputs and gradients of each layer, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from clearprop.arrays import as_matrix
from clearprop.errors import InputError, InputTypeError
from clearprop.plots.models import network_of, result_of
from clearprop.plots.statistics import Statistics, statistics_of
from clearprop.plots.style import BLUE, SMALL, faded, new_axes, shown

ROWS = 4096
_CHARACTER = 0.55 * SMALL
_TITLES = {"weights": "weights w", "z": "sums z", "a": "outputs a", "gradients": "gradients ∂L/∂w"}


class LayerStatisticsDisplay:
    """Histograms of each layer's weights, weighted sums z, outputs a and gradients, one panel each, a row a layer.

    A row says mean ± standard deviation; outputs also say how many units are dead (0 for every row) and how many values
    are saturated (within 1 % of the activation's range from one of its limits). All layers of a panel have one scale,
    so that gradients that vanish or weights that grow are seen; a bar's height goes with the root of the count, so
    that few values show beside many. Make one with ``from_estimator``.

    Parameters
    ----------
    statistics : sequence of Statistics
    layer_names : sequence of str

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes, whose place the panels take, and figure.
    panels_ : dict of str to Axes
        The panels, by quantity.

    Raises
    ------
    InputError
        If there are no statistics.

    Examples
    --------
    >>> import clearprop as cp
    >>> import matplotlib.pyplot as plt
    >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> result = cp.train(network, x, y, loss="binary_cross_entropy", steps=20, rng=0)
    >>> display = cp.plots.LayerStatisticsDisplay.from_estimator(result, x, y)
    >>> list(display.panels_)
    ['weights', 'z', 'a', 'gradients']
    >>> plt.close(display.figure_)
    """

    ax_: Axes
    figure_: Figure | SubFigure
    panels_: dict[str, Axes]

    def __init__(self, statistics: Sequence[Statistics], layer_names: Sequence[str]) -> None:
        if not statistics:
            raise InputError("there are no statistics to draw; the network has no parameters, so give x too")
        self.statistics = list(statistics)
        self.layer_names = list(layer_names)

    @classmethod
    def from_estimator(
        cls, estimator: Any, x: Any = None, y: Any = None, *, ax: Axes | None = None, **kwargs: Any
    ) -> Self:
        """Run rows through a model's network, and draw what its layers compute.

        Parameters
        ----------
        estimator : Result, or fitted scikit-learn multi-layer perceptron
        x : array-like, shape (rows, n_inputs), optional
            For z and a; up to 4,096 rows, evenly spread, are used.
        y : array-like, optional
            For gradients; only a Result knows its loss.
        ax, **kwargs
            As for ``plot``.

        Raises
        ------
        InputTypeError
            If the estimator has no network, or y is given and it has no loss.
        InputError
            If x or y don't fit, or a parameter is not finite.
        """
        network, parameters = network_of(estimator, "a picture of layers")
        result = result_of(estimator)
        loss = None if result is None else result.loss
        if y is not None and loss is None:
            raise InputTypeError(
                f"gradients need a clearprop Result, which knows its loss; got {type(estimator).__name__}; leave out y"
            )
        if y is not None and x is None:
            raise InputError("y is given without x; give both for gradients")
        if x is not None:
            x = as_matrix(x, "x", dtype=parameters.vector.dtype, features=network.n_inputs)
            if not len(x):
                raise InputError("x has no rows; give at least one, or leave it out")
            if y is not None and len(y) != len(x):
                raise InputError(f"x has {len(x)} rows and y has {len(y)}; they must be equal")
            every = -(-len(x) // ROWS)
            x, y = x[::every], None if y is None else y[::every]
        names = [f"{i} {type(layer).__name__}" for i, layer in enumerate(network.layers)]
        return cls(statistics_of(network, parameters, x, y, loss), names).plot(ax, **kwargs)

    def plot(self, ax: Axes | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : Axes, optional
            Whose place the panels take; by default a new figure's, the higher the more layers there are.
        **kwargs
            Handed to Matplotlib's ``stairs``, such as ``color``.

        Returns
        -------
        LayerStatisticsDisplay
            This object.
        """
        n_layers = len(self.layer_names)
        axes = new_axes(ax, figsize=(6.4, max(4.8, 0.8 + 0.7 * n_layers)), whole=True)
        if getattr(self, "ax_", None) is axes:
            for panel in self.panels_.values():
                panel.remove()
        axes.set_axis_off()
        names = [shown(name, 14) for name in self.layer_names]
        width, height = (axes.get_window_extent().size * 72 / axes.figure.dpi).tolist()
        left = (max(map(len, names)) + 2) * _CHARACTER / width
        low, top = 3.6 * SMALL / height, 3.5 * SMALL / height
        quantities = list(dict.fromkeys(s.quantity for s in self.statistics))
        share = (1 - left) / len(quantities)
        self.panels_ = {}
        for k, quantity in enumerate(quantities):
            box = (left + k * share, low, share * 0.93, 1 - low - top)
            panel = self.panels_[quantity] = axes.inset_axes(box)
            panel.set_title(_TITLES[quantity], fontsize=SMALL + 1, pad=4)
            panel.set_ylim(0, n_layers)
            panel.set_yticks([n_layers - i - 0.5 for i in range(n_layers)], names if k == 0 else [])
            panel.tick_params(length=0, axis="y")
            panel.tick_params(labelsize=SMALL)
            panel.xaxis.set_major_locator(MaxNLocator(3))
            panel.ticklabel_format(axis="x", scilimits=(-2, 4))
            panel.xaxis.get_offset_text().set_fontsize(SMALL)
            for i in range(1, n_layers):
                panel.axhline(i, color="#BBBBBB", linewidth=0.6)
            for s in self.statistics:
                if s.quantity == quantity:
                    _draw(panel, s, n_layers - 1 - s.layer, kwargs)
        note = "each row: mean ± standard deviation"
        axes.text(left, 1, note, transform=axes.transAxes, va="top", fontsize=SMALL)
        self.ax_, self.figure_ = axes, axes.figure
        return self


def _draw(panel: Any, s: Statistics, floor: float, options: dict[str, Any]) -> None:
    """Draw one layer's histogram on its floor, with its figures above."""
    heights = floor + 0.58 * (s.counts / s.counts.max()) ** 0.5
    style: dict[str, Any] = {"fill": True, "facecolor": faded(BLUE, 0.55), "edgecolor": BLUE, "linewidth": 0.8}
    panel.stairs(heights, s.edges, baseline=floor, **(style | options))
    panel.set_xlim(s.edges[0], s.edges[-1])
    if s.edges[0] < 0 < s.edges[-1]:
        panel.axvline(0, color="#555555", linewidth=0.6, linestyle=":")
    mean = s.mean if abs(s.mean) > 1e-6 * s.deviation else 0.0  # else it is rounding error
    words = f"{mean:.2g} ± {s.deviation:.2g}".replace("-", "−")
    more = [f"dead {s.dead:.0%}"] * (s.dead > 0) + [f"saturated {s.saturated:.0%}"] * (s.saturated > 0)
    ground = {"facecolor": panel.get_facecolor(), "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
    panel.text(
        0.97, floor + 0.95, "\n".join([words, *more]), transform=panel.get_yaxis_transform(), ha="right", va="top",
        fontsize=SMALL, bbox=ground,
    )  # fmt: skip
