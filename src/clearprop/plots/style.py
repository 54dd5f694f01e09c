"""What all pictures share: colours that everyone can tell apart, names shown as they are, and axes to draw on.

The colours are those of Okabe and Ito. Colour never stands alone: a class has a marker too, and a sign has a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.legend import Legend

from clearprop.arrays import Array
from clearprop.errors import InputTypeError

ORANGE, SKY_BLUE, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
INK = "#222222"
"""Lines and text on a light ground of ours."""

CLASS_COLORS = (ORANGE, BLUE, GREEN, PURPLE, YELLOW, SKY_BLUE, BLACK, VERMILION)
CLASS_MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
POSITIVE, NEGATIVE = BLUE, ORANGE
"""A weight's sign; a positive one pushes towards class 1, which has the same colour."""

SMALL = 8.0
"""Points: no text is smaller."""


def faded(color: str, strength: float) -> tuple[float, float, float]:
    """Return a colour mixed with white: all of it at strength 1, white at 0."""
    red, green, blue = to_rgb(color)
    return 1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue)


def sign_map() -> Colormap:
    """Return the map for weights and other signed numbers: orange below 0, white at 0, blue above."""
    return LinearSegmentedColormap.from_list("clearprop_sign", ["#8A4B00", NEGATIVE, "white", POSITIVE, "#003A5C"])


def probability_map() -> Colormap:
    """Return the map for the probability of class 1: orange at 0, white at a half, blue at 1; pale, so that points show."""
    ends = [faded(CLASS_COLORS[0], 0.6), (1.0, 1.0, 1.0), faded(CLASS_COLORS[1], 0.6)]
    return LinearSegmentedColormap.from_list("clearprop_probability", ends)


def class_style(k: int) -> tuple[str, str]:
    """Return class k's colour and marker; the pairs differ for the first 64 classes.

    Examples
    --------
    >>> class_style(1), class_style(9)
    (('#0072B2', '^'), ('#0072B2', 's'))
    """
    n = len(CLASS_COLORS)
    return CLASS_COLORS[k % n], CLASS_MARKERS[(k + k // n) % n]


def class_image(probabilities: Array) -> Array:
    """Return an RGB image: each pixel the colour of its likeliest class, faded towards white as it gets less sure.

    Parameters
    ----------
    probabilities : array, shape (rows, columns, classes)
        1/classes is white, 1 the class's colour at strength 0.6.

    Returns
    -------
    array, shape (rows, columns, 3)
    """
    n_classes = probabilities.shape[2]
    likeliest = probabilities.argmax(axis=2)
    floor = 1 / n_classes if n_classes > 1 else 0.0
    sure = np.clip((probabilities.max(axis=2) - floor) / (1 - floor), 0, 1)
    colors = np.array([to_rgb(class_style(k)[0]) for k in range(n_classes)])
    return 1 - 0.6 * sure[..., None] * (1 - colors[likeliest])


def new_axes(ax: Axes | None, figsize: tuple[float, float] | None = None) -> Axes:
    """Return the axes to draw on: those given, or those of a new figure, made by pyplot so that notebooks show it.

    Raises
    ------
    InputTypeError
        For anything that isn't Matplotlib axes, such as the array that ``plt.subplots(2, 2)`` returns.
    """
    if ax is None:
        from matplotlib import pyplot

        return pyplot.subplots(figsize=figsize, layout="constrained")[1]
    if not isinstance(ax, Axes):  # pyright: ignore[reportUnnecessaryIsInstance] - users' code isn't all typed
        raise InputTypeError(f"ax must be one Matplotlib Axes, or None for a new figure; got {type(ax).__name__}")
    return ax


def shown(name: object, limit: int = 32) -> str:
    r"""Return a name from somebody's data as Matplotlib shows it as it is: on one line, not too long, ``$`` not as maths.

    Examples
    --------
    >>> print(shown("price in $ or $US"), shown("x" * 100, limit=8))
    price in \$ or \$US xxxxxxx…
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.replace("$", r"\$")


def add_legend(ax: Axes, handles: Sequence[Any], names: Sequence[object], **options: Any) -> Legend:
    """Add a legend whose entries are shown as they are, even those that Matplotlib would leave out (``_name``)."""
    legend = ax.legend(list(handles), [str(i) for i in range(len(names))], **{"fontsize": SMALL, **options})
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(shown(name))
    return legend
