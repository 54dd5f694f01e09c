"""Pictures on disk: PNG and GIF files without dates in them, put in place only when they are whole."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np
from PIL import Image

from clearprop.arrays import Array
from clearprop.storage import write_whole

FRAMES = 150
"""The most frames that a GIF gets, unless told otherwise."""


class Recorder:
    """Collects frames of one size, and writes them as a GIF.

    All frames share one palette, so that still areas stay still: only the pixels that change take space in the file.

    Parameters
    ----------
    palette : array, shape (rows, columns, 3), uint8
        A picture with the colours that will be needed.
    """

    def __init__(self, palette: Array) -> None:
        self._palette = Image.fromarray(palette).quantize(255)  # the one left over says "as in the frame before"
        colors = np.reshape(self._palette.getpalette() or [], (-1, 3))
        ground = palette[0, 0].astype(int)
        colors[abs(colors - ground).max(axis=1) < 8] = ground  # not one of the means of nearly the same
        self._palette.putpalette(colors.ravel().tolist())
        self._frames: list[Image.Image] = []

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, frame: Array) -> None:
        """Add a picture (rows, columns, 3), uint8."""
        self._frames.append(Image.fromarray(frame).quantize(palette=self._palette, dither=Image.Dither.NONE))

    def save(self, path: str | os.PathLike[str], *, seconds: float = 0.08, last: float = 3.0) -> None:
        """Write the GIF: each frame is shown for ``seconds``, the last for ``last``; then it begins again."""
        durations = [round(1000 * seconds)] * (len(self) - 1) + [round(1000 * last)]
        file = io.BytesIO()
        first, *others = self._frames
        first.save(file, "gif", save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
        write_whole(path, file.getvalue())


def pixels(canvas: Any) -> Array:
    """Return what was last drawn on an Agg canvas, shape (rows, columns, 3), uint8."""
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])


def save_png(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure as a PNG whose bytes depend on nothing but the figure."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=100, metadata={"Software": None})
    write_whole(path, file.getvalue())
