"""The progress line of a run: step, loss, validation, rate and time left. For ``moons`` and ``train`` alike."""

from __future__ import annotations

from math import nan
from time import monotonic
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.training.loop import Training


class ProgressLine(Callback):
    """One line that changes in place on a terminal; elsewhere a plain line now and then, less often as time goes on.

    Use it as a context, so that the terminal is given back however the run ends.

    Parameters
    ----------
    console : rich.console.Console, optional
        Where to write; by default standard error, so that a command's results can be piped.
    """

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._next = 0.0
        self._pause = 0.1 if self.console.is_terminal else 1.0
        self._began, self._first = monotonic(), 0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TimeRemainingColumn())
            self._bar = Progress(*columns, console=self.console, auto_refresh=False)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None

    def on_start(self, training: Training) -> None:
        """Begin to measure the time."""
        self._began, self._first = monotonic(), training.progress.step
        self._next = self._began + self._pause
        if self._bar:
            self._bar.add_task("", total=training.total_steps, completed=training.progress.step)

    def on_step(self, training: Training) -> None:
        """Look at the clock, and write if it is time."""
        now = monotonic()
        if now < self._next:
            return
        if not self._bar:
            self._pause = min(2 * self._pause, 30.0)
        self._next = now + self._pause
        self._write(training, now)

    def on_end(self, training: Training) -> None:
        """Write the last state."""
        self._write(training, monotonic(), ended=True)

    def _write(self, training: Training, now: float, *, ended: bool = False) -> None:
        step, total = training.progress.step, training.total_steps
        text = describe(training)
        if self._bar:
            self._bar.update(self._bar.task_ids[-1], description=text, completed=step)
            self._bar.refresh()
        else:
            left = (now - self._began) / max(step - self._first, 1) * (total - step)
            self.console.print(text if ended else f"{text}  {left:.0f} s left", soft_wrap=True)


def describe(training: Training) -> str:
    """Return step, loss, validation loss and rate in a line."""
    history, step = training.progress.history, training.progress.step
    recent = history["loss"][-training.batches.per_epoch :]  # one batch alone says little
    parts = [f"step {step:,}/{training.total_steps:,}", f"loss {recent.mean() if len(recent) else nan:.4g}"]
    if training.validation is not None:
        parts.append(f"validation {history.last('validation_loss'):.4g}")
    parts.append(f"rate {history.last('rate'):.3g}")
    return "  ".join(parts)
