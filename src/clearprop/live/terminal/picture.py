"""What a run looks like in a terminal of some size: what is put where."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.segment import Segment

from clearprop.live.terminal.colours import BOLD, MUTED, TRAINING, VALIDATION, plain
from clearprop.live.terminal.curve import Line, curves
from clearprop.live.terminal.frame import Frame, Lines, beside, boxed, fitted
from clearprop.live.terminal.layers import LayerState, layer_lines, layer_states
from clearprop.live.terminal.map import Map
from clearprop.training.loop import Training

_LEAST_WIDTH, _LEAST_HEIGHT = 60, 17
_STATES = 0.5  # seconds between two looks into the layers


class Picture:
    """Draws a run: a line of numbers, a bar, the loss, the map where there is one, and the layers.

    Parameters
    ----------
    title : str
    answers : Map or None
        For data with two features.
    features : sequence of str
        Their names.
    """

    def __init__(self, title: str, answers: Map | None, features: Sequence[str]) -> None:
        self._title, self._map, self._features = title, answers, features
        self._states: list[LayerState] = []
        self._looked = 0.0

    def draw(self, training: Training, console: Console, speed: float, ended: str) -> Frame:
        """Return the picture of a run as it is now; ``ended`` says why it is over, or nothing."""
        width, height = console.size
        width -= 1  # some terminals scroll where the last cell is written
        first = fitted([Segment(summary(training, speed), BOLD)], width)
        if width < _LEAST_WIDTH or height < _LEAST_HEIGHT:
            return Frame([first, *curves(_lines(training), width, max(height - 2, 0))])
        if ended or not self._states or perf_counter() - self._looked > _STATES:
            self._states, self._looked = layer_states(training), perf_counter()
        room = min(len(self._states), max(3, height // 5)) + 1
        body = height - room - 7
        below = boxed([Segment("layers")], layer_lines(self._states, width - 2, room), width)
        return Frame([
            first,
            self._second(training, speed, ended, width),
            *self._body(training, width, body, colored=console.color_system is not None and not console.no_color),
            *below,
        ])  # fmt: skip

    def _body(self, training: Training, width: int, height: int, *, colored: bool) -> Lines:
        title = [Segment("loss ━━", TRAINING)]
        if training.validation is not None:
            title.append(Segment("  validation ╺╸", VALIDATION))
        across = 0 if self._map is None else min(width // 2, 3 * height + 2)
        left = boxed(title, curves(_lines(training), width - across - 2, height), width - across)
        if self._map is None:
            return left
        names = [Segment(f"{plain(self._features[0], 14)} →  {plain(self._features[1], 14)} ↑")]
        inside = self._map.lines(training.progress.parameters, across - 2, height, colored=colored)
        return beside(left, boxed(names, inside, across))

    def _second(self, training: Training, speed: float, ended: str, width: int) -> list[Segment]:
        done = training.progress.step / max(training.total_steps, 1)
        whole = min(20, width // 4)
        bar = round(whole * done)
        parts = [
            Segment("━" * bar, TRAINING),
            Segment("━" * (whole - bar), MUTED),
            Segment(f" {done:.0%}  {self._title}"),
        ]
        if ended:
            parts.append(Segment(f"  {ended}", BOLD))
        elif speed:
            left = (training.total_steps - training.progress.step) / speed
            parts.append(Segment(f"  {left:,.0f} s left", MUTED))
        return fitted(parts, width)


def summary(training: Training, speed: float) -> str:
    """Return step, loss, validation loss, rate and speed in a line."""
    progress, total = training.progress, training.total_steps
    history = progress.history
    recent: Any = history["loss"][-training.batches.per_epoch :] if "loss" in history else ()
    parts = [f"step {progress.step:,}/{total:,}"]
    if len(recent):
        parts.append(f"loss {recent.mean():.4g}")  # one batch alone says little
    if "validation_loss" in history:
        parts.append(f"validation {history.last('validation_loss'):.4g}")
    rate = training.optimizer.rate * training.schedule.factor(min(progress.step, total - 1), total)
    parts.append(f"rate {rate * progress.rate_factor:.3g}")
    if speed:
        parts.append(f"{speed:,.0f} steps/s")
    return "  ".join(parts)


def _lines(training: Training) -> list[Line]:
    history = training.progress.history
    return [
        Line(history.steps(name), history[name], style, dashed=name != "loss")
        for name, style in (("loss", TRAINING), ("validation_loss", VALIDATION))
        if name in history
    ]
