"""What all pictures share: colours that everyone can tell apart, names shown as they are, and axes to draw on.

The colours are those of Okabe and Ito, and mean what they mean on the live page. Colour never stands alone: a class
has a marker too, and a sign has a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb
from matplotlib.legend import Legend

from clearprop.arrays import Array
from clearprop.errors import InputTypeError

ORANGE, SKY_BLUE, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#6B7280"
INK = "#222222"
"""Lines and text on a light ground of ours."""

CLASS_COLORS = (BLUE, ORANGE, GREEN, PURPLE, SKY_BLUE, VERMILION, YELLOW, GREY)
CLASS_MARKERS = ("o", "s", "^", "D", "*", "H", "v", "p", "P")
"""One more than there are colours, so that they don't repeat together."""
POSITIVE, NEGATIVE = ORANGE, BLUE
"""A weight's sign; a positive one pushes towards class 1, which has the same colour."""

STRENGTH = 0.5
"""How strong a map's colours are at most, so that points of the same colour show on it."""

SMALL = 8.0
"""Points: no text is smaller."""

_WHOLE = {"left": 0.01, "right": 0.99, "bottom": 0.01, "top": 0.99}


def faded(color: str, strength: float) -> tuple[float, float, float]:
    """Return a colour mixed with white: all of it at strength 1, white at 0."""
    red, green, blue = to_rgb(color)
    return 1 - strength * (1 - red), 1 - strength * (1 - green), 1 - strength * (1 - blue)


def sign_map() -> Colormap:
    """Return the map for weights and other signed numbers: blue below 0, white at 0, orange above."""
    return LinearSegmentedColormap.from_list("clearprop_sign", ["#003A5C", NEGATIVE, "white", POSITIVE, "#8A4B00"])


def probability_map() -> Colormap:
    """Return the map for class 1's probability: blue at 0, white at a half, orange at 1; pale, so that points show."""
    ends = [faded(CLASS_COLORS[0], STRENGTH), (1.0, 1.0, 1.0), faded(CLASS_COLORS[1], STRENGTH)]
    return LinearSegmentedColormap.from_list("clearprop_probability", ends)


def class_style(k: int) -> tuple[str, str]:
    """Return class k's colour and marker; the pairs differ for the first 72 classes.

    Examples
    --------
    >>> class_style(1), class_style(9)
    (('#E69F00', 's'), ('#E69F00', 'o'))
    """
    return CLASS_COLORS[k % len(CLASS_COLORS)], CLASS_MARKERS[k % len(CLASS_MARKERS)]


def class_image(probabilities: Array) -> Array:
    """Return an RGB image: each pixel the colour of its likeliest class, faded towards white as it gets less sure.

    Parameters
    ----------
    probabilities : array, shape (rows, columns, classes)
        1/classes is white, 1 the class's colour at strength 0.5.

    Returns
    -------
    array, shape (rows, columns, 3)
    """
    n_classes = probabilities.shape[2]
    likeliest = probabilities.argmax(axis=2)
    floor = 1 / n_classes if n_classes > 1 else 0.0
    sure = np.clip((probabilities.max(axis=2) - floor) / (1 - floor), 0, 1)
    colors = np.array([to_rgb(class_style(k)[0]) for k in range(n_classes)])
    return 1 - STRENGTH * sure[..., None] * (1 - colors[likeliest])


def new_axes(ax: Axes | None, figsize: tuple[float, float] | None = None, *, whole: bool = False) -> Any:
    """Return the Axes to draw on: those given, or those of a new figure, made by pyplot so that notebooks show it.

    With ``whole`` new axes fill their figure, for a picture without ticks that finds room for its texts itself.
    (Declared as Any, since Matplotlib's own declarations leave too much unknown for a strict check of what uses them.)

    Raises
    ------
    InputTypeError
        For anything that isn't Matplotlib axes, such as the array that ``plt.subplots(2, 2)`` returns.
    """
    if ax is None:
        from matplotlib import pyplot

        if whole:
            return pyplot.subplots(figsize=figsize, layout="none", gridspec_kw=_WHOLE)[1]
        return pyplot.subplots(figsize=figsize, layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise InputTypeError(f"ax must be one Matplotlib Axes, or None for a new figure; got {type(ax).__name__}")
    return ax


def shown(name: object, limit: int = 32) -> str:
    r"""Return the text that makes Matplotlib show somebody's name as it is: one line, not too long, ``$`` not as maths.

    Examples
    --------
    >>> print(shown("price in $ or $US"), shown("x" * 100, limit=8))
    price in \$ or \$US xxxxxxx…
    """
    text = " ".join("".join(c if c.isprintable() else " " for c in str(name)).split())
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.replace("$", r"\$")


def add_legend(ax: Any, handles: Sequence[Any], names: Sequence[object], **options: Any) -> Legend:
    """Put a legend above the axes, with entries shown as they are, even those that Matplotlib leaves out (``_name``).

    It has as many columns as fit, and covers nothing.
    """
    texts = [shown(name) for name in names]
    width = ax.get_window_extent().width * 72 / ax.figure.dpi
    place: dict[str, Any] = {
        "loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2, "frameon": False, "fontsize": SMALL,
        "ncols": legend_columns([len(text) for text in texts], width), "columnspacing": 1.2, "handletextpad": 0.5,
    }  # fmt: skip
    legend = ax.legend(list(handles), [str(i) for i in range(len(texts))], **(place | options))
    for shown_text, text in zip(legend.get_texts(), texts, strict=True):
        shown_text.set_text(text)
    return legend


def legend_columns(lengths: list[int], points: float) -> int:
    """Return how many columns of texts so many characters long fit into a width; Matplotlib fills one after the other.

    Examples
    --------
    >>> legend_columns([10, 10, 8, 8], 300.0), legend_columns([10, 10, 8, 8], 170.0)
    (4, 2)
    """
    for columns in range(len(lengths), 1, -1):
        parts = np.array_split(lengths, columns)
        if sum(0.52 * SMALL * float(part.max()) + 30 for part in parts) <= points:
            return columns
    return 1


def add_colorbar(
    ax: Any, image: Any, label: str, *, instead_of: Colorbar | None = None, shrink: float = 1.0
) -> Colorbar:
    """Put a colour bar beside the axes, in place of one that an earlier drawing put there."""
    if instead_of is not None and cast(Any, instead_of.mappable).axes is ax:
        instead_of.remove()
    bar = ax.figure.colorbar(image, ax=ax, pad=0.03, shrink=shrink)
    bar.set_label(label)
    return bar
