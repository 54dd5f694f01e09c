"""A run watched in a terminal: its loss in braille, its layers in a table, its answers in half blocks."""

from __future__ import annotations

import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from io import StringIO
from time import perf_counter
from typing import TYPE_CHECKING, Self

from rich.console import Console

from clearprop.live.data import Data
from clearprop.live.sources.arrays import from_training
from clearprop.live.terminal.clock import Clock
from clearprop.live.terminal.colours import plain
from clearprop.live.terminal.frame import Frame, Screen
from clearprop.live.terminal.map import Map
from clearprop.live.terminal.picture import Picture, summary
from clearprop.settings import check_number
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.errors import DivergenceError
    from clearprop.training.loop import Training

_LONGEST = 30.0  # seconds between two plain lines


class TerminalView(Callback):
    """Draws a run on the terminal, at most ten times a second, and so seldom that it costs under 2 % of the time.

    Use it as a context, so that the terminal is given back however the run ends; what is written meanwhile comes
    after it. Where there is no terminal (or without the context) it writes a plain line now and then.

    Parameters
    ----------
    data : Data, optional
        Names for what is learnt from; by default the run's own rows.
    title : str
    pace : float, optional
        The most updates a second, to see a short run happen.
    console : rich.console.Console, optional
        By default standard error, so that results can be piped.

    Raises
    ------
    InputError
        For a pace that isn't above 0.

    Examples
    --------
    >>> import clearprop as cp
    >>> x, y = cp.datasets.make("moons", 50)
    >>> network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
    >>> with TerminalView(console=Console(file=StringIO())) as view:
    ...     _ = cp.train(network, x, y, loss="binary_cross_entropy", steps=20, rng=0, callbacks=[view])
    >>> view.console.file.getvalue().splitlines()[-1][:10]
    'step 20/20'
    """

    def __init__(
        self, data: Data | None = None, *, title: str = "", pace: float | None = None, console: Console | None = None
    ) -> None:
        if pace is not None:
            check_number(pace, "the pace", above=0)
        self.console = console or Console(file=sys.stderr, highlight=False)
        self._data, self._title = data, plain(title, 40)
        self._clock = Clock(pace)
        self._screen: Screen | None = None
        self._picture: Picture | None = None
        self._frame: Frame | None = None
        self._said = self._pause = 0.0
        self._open = ExitStack()
        self._held: list[StringIO] = []

    def __enter__(self) -> Self:
        console = self.console
        utf = console.encoding.lower().startswith("utf")
        if console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows and utf:
            self._screen, self._frame = Screen(console), None
            self._open.callback(self._screen.close)
            self._screen.open()
            self._held = [StringIO(), StringIO()]
            self._open.enter_context(redirect_stdout(self._held[0]))
            self._open.enter_context(redirect_stderr(self._held[1]))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        if self._screen is not None and self._frame is not None:
            self.console.print(self._frame)
        self._screen = None
        for stream, held in zip((sys.stdout, sys.stderr), self._held, strict=False):
            stream.write(held.getvalue())
        self._held = []

    def on_start(self, training: Training) -> None:
        """Draw the untrained network."""
        network, data = training.engine.network, self._data or from_training(training)
        plane = network.n_inputs == 2 and data.x.shape[1] == 2 and data.task != "multi"
        self._picture = Picture(self._title, Map(network, data) if plane else None, data.features)
        if self._screen is not None:
            self._show(training)
        self._clock.begin(training.progress.step)
        self._said, self._pause = perf_counter(), 1.0

    def next_step(self, step: int, per_epoch: int) -> int:
        return max(self._clock.next, step + 1)

    def on_step(self, training: Training) -> None:
        """Draw if it is time."""
        step = training.progress.step
        if step < self._clock.next:
            return
        self._clock.wait(step, lambda: bool(training.progress.stopped))
        if self._clock.is_time(step):
            began = perf_counter()
            self._show(training)
            self._clock.drawn(step, began)

    def on_end(self, training: Training) -> None:
        """Draw the last state."""
        self._show(training, training.progress.stopped)

    def on_diverged(self, training: Training, error: DivergenceError) -> None:
        """Draw the last finite state."""
        self._show(training, f"diverged: {error.tensor} at step {error.step:,}")

    def _show(self, training: Training, ended: str = "") -> None:
        if self._screen is not None and self._picture is not None:
            self._frame = self._picture.draw(training, self.console, self._clock.speed, ended)
            self._screen.draw(self._frame)
        elif ended or perf_counter() - self._said >= self._pause:
            self._said, self._pause = perf_counter(), min(2 * self._pause, _LONGEST)
            self.console.print(summary(training, self._clock.speed), soft_wrap=True, markup=False, highlight=False)
