"""The terminal's colours, Okabe and Ito's, its glyphs for classes, and cells of two half blocks."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.style import Style

from clearprop.arrays import Array

CLASSES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#6b7280")
"""The same as the page's."""
LEARNT, HELD = "●▲■◆▼★♦•", "○△□◇▽☆◊◦"
"""A class's glyph where a point is learnt from, and where it is held out."""
SHADES = " ·:+*#%@"
"""What stands for the classes' regions where there are no colours."""
GROUND = (24, 27, 33)
TRAINING, VALIDATION, MUTED = Style(color="#56b4e9"), Style(color="#e69f00"), Style(dim=True)
BOLD = Style(bold=True)
_RGB = np.array([[int(name[i : i + 2], 16) for i in (1, 3, 5)] for name in CLASSES], dtype=np.float64)


def rgb_of(classes: Array) -> Array:
    """Return the colours of classes 0, 1, …, shape (..., 3), from 0 to 255."""
    return _RGB[classes % len(_RGB)]


def mixed(color: Array, other: tuple[int, int, int], share: Array) -> Array:
    """Return colours (..., 3) mixed with another one, ``share`` (...) of it, as one whole number each: 0xRRGGBB.

    In steps of 8: few different colours make few different styles, and long runs of cells that are alike.
    """
    share = share[..., None]
    parts = ((color * (1 - share) + np.array(other) * share) / 8).round().astype(np.int64) * 8
    return np.minimum(parts, 255) @ np.array([1 << 16, 1 << 8, 1])


@lru_cache(maxsize=16_384)
def pair(front: int, back: int, bold: bool = False) -> Style:
    """Return the style of a cell: the colour 0xRRGGBB of its sign (or upper half), and that behind it."""
    return Style(color=_color(front), bgcolor=_color(back), bold=bold)


def _color(packed: int) -> Color:
    return Color.from_rgb(packed >> 16, packed >> 8 & 255, packed & 255)


def plain(text: object, limit: int = 32) -> str:
    r"""Return somebody's name such that a terminal only shows it: one line, nothing that steers, not too long.

    Examples
    --------
    >>> plain("size\x1b[2J in\tcm"), plain("x" * 50, 8)
    ('size [2J in cm', 'xxxxxxx…')
    """
    shown = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
