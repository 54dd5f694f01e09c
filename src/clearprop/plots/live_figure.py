"""The live figure: a network shown while it learns, in a window or as the frames of a GIF."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.plots.live_map import MapPanel, draw_data, labels_of
from clearprop.plots.live_panels import LossPanel, Panel, TruthPanel, gives_probabilities, sample
from clearprop.plots.recorder import FRAMES, Recorder, pixels, save_png
from clearprop.plots.window import new_window
from clearprop.settings import check_whole
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.training.loop import Training

SIZE = (8.0, 6.4)


class LiveFigure(Callback):
    """Draws the loss so far, the data and the predictions, every so many updates.

    With two inputs and classes it shows the data and the network's answers over the plane; else the predictions against
    what is true. The artists are made once and then only get new data, over a background that is kept, so that the last
    frame takes no longer than the first. Its window never takes the focus, and closing it doesn't stop the training.

    Parameters
    ----------
    every : int
        Updates from frame to frame.
    window : bool
        Whether to open a window; where there is no screen for one, only the last frame is drawn, for ``save``.
    record : bool
        Whether to keep at most about 150 frames, drawn without a window, for ``save_gif``.
    title : str
        The window's title.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        From the start of the run.
    opened : bool
        Whether a window was opened.

    Examples
    --------
    >>> import clearprop as cp
    >>> x, y = cp.datasets.make("moons", 50)
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> live = LiveFigure(every=10, window=False)
    >>> _ = cp.train(network, x, y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[live])
    >>> live.figure.axes[1].get_title("right")
    'training data: 50'
    """

    def __init__(self, every: int = 50, *, window: bool = True, record: bool = False, title: str = "Clearprop") -> None:
        self.every = check_whole(every, "LiveFigure's every")
        self.opened = self._open = False
        self._wants_window, self._record, self._title = window and not record, record, title
        self._recorder: Recorder | None = None
        self._stride = every

    def on_start(self, training: Training) -> None:
        """Make the figure and all its artists, and show the untrained network."""
        window = new_window(self._title, SIZE) if self._wants_window else None
        self.opened = self._open = window is not None
        self.figure: Any = window or new_figure(SIZE)
        self._background: Any = None
        self._headline = self.figure.text(0.1, 0.958, "", va="center")
        self._panels = _panels(self.figure, training)
        self._artists = [self._headline, *(artist for panel in self._panels for artist in panel.artists)]
        for artist in self._artists:
            artist.set_animated(True)
        self.figure.canvas.mpl_connect("draw_event", self._on_draw)
        self.figure.canvas.mpl_connect("close_event", self._on_close)
        if self._record:
            self._recorder = Recorder(self._palette(training))
            self._stride = self.every * (1 + training.total_steps // self.every // FRAMES)
        if self._open or self._recorder is not None:
            self._frame(training)

    def on_step(self, training: Training) -> None:
        """Show the network as it is now."""
        if self._open or (self._recorder is not None and training.progress.step % self._stride == 0):
            self._frame(training)

    def on_end(self, training: Training) -> None:
        """Show the network as it was left."""
        self._frame(training)
        for artist in self._artists:  # from now on whoever draws the figure draws all of it
            artist.set_animated(False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the figure, as it was at the end of the run, as a PNG."""
        save_png(self.figure, path)

    def save_gif(self, path: str | os.PathLike[str]) -> None:
        """Write the frames that were kept as a GIF.

        Raises
        ------
        InputError
            If none were: the figure was made without ``record=True``, or no run has used it.
        """
        if self._recorder is None:
            raise InputError("no frames were kept; make the figure with LiveFigure(record=True), and train with it")
        self._recorder.save(path)

    def _frame(self, training: Training) -> None:
        step, loss = training.progress.step, training.progress.history.last("loss")
        text = f"step {step:,} of {training.total_steps:,}"
        self._headline.set_text(text if np.isnan(loss) else f"{text}     loss {loss:.4g}")
        changed = [panel.update(training) for panel in self._panels]
        canvas = self.figure.canvas
        if any(changed) or self._background is None or not canvas.supports_blit:
            canvas.draw()
        else:
            canvas.restore_region(self._background)
            self._draw_artists()
            if self._open:
                canvas.blit(self.figure.bbox)
        if self._recorder is not None:
            self._recorder.add(pixels(canvas))
        if self._open:
            canvas.flush_events()

    def _on_draw(self, event: Any) -> None:
        """Keep the background of a whole drawing, ours or one that a resized window asked for, and complete it."""
        if self._artists[0].get_animated():
            if event.canvas.supports_blit:
                self._background = event.canvas.copy_from_bbox(self.figure.bbox)
            self._draw_artists()

    def _on_close(self, event: Any) -> None:
        """Go on without a window."""
        self._open, self._background = False, None
        FigureCanvasAgg(self.figure)

    def _draw_artists(self) -> None:
        for artist in self._artists:
            self.figure.draw_artist(artist)

    def _palette(self, training: Training) -> Array:
        """Return a picture with every colour that the run may show: the first frame, its map one long gradient."""
        for panel in self._panels:
            panel.update(training)
            if isinstance(panel, MapPanel):
                panel.show_gradient()
        self.figure.canvas.draw()
        return pixels(self.figure.canvas)


def new_figure(size: tuple[float, float]) -> Figure:
    """Return an empty figure of so many inches that pyplot doesn't know, and that no window shows."""
    figure = Figure(figsize=size, dpi=100)
    FigureCanvasAgg(figure)
    return figure


def _panels(figure: Any, training: Training) -> list[Panel]:
    grid = figure.add_gridspec(
        2, 2, height_ratios=(2, 3), left=0.1, right=0.965, bottom=0.08, top=0.93, hspace=0.36, wspace=0.14
    )
    loss = LossPanel(figure.add_subplot(grid[0, :]), training.total_steps, training.validation is not None)
    network, rows = training.engine.network, training.batches.rows
    if network.n_inputs != 2 or not gives_probabilities(training):
        return [loss, TruthPanel(figure.add_subplot(grid[1, :]), training)]
    x, labels = sample(rows.x), labels_of(network.mean_of_members(sample(rows.targets)))
    draw_data(figure.add_subplot(grid[1, 0]), x, labels, f"training data: {len(rows.x):,}")
    return [loss, MapPanel(figure.add_subplot(grid[1, 1]), network, x, labels)]
