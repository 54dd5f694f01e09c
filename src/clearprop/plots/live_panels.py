"""Panels of a live figure: artists that are made once, and then only get new data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import floor, inf, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from clearprop.arrays import Array
from clearprop.plots.style import BLUE, INK, ORANGE, faded

if TYPE_CHECKING:
    from clearprop.training.loop import Training

POINTS = 2000
"""The most rows that are shown, spread over the table."""


class Panel(ABC):
    """One pair of axes of a live figure.

    Attributes
    ----------
    artists : list
        What changes, in the order in which it is drawn; the rest is drawn once and kept.
    """

    artists: list[Any]

    @abstractmethod
    def update(self, training: Training) -> bool:
        """Hand the artists their new data; return True if the axes have changed too, and all must be drawn again."""


class LossPanel(Panel):
    """The loss of every update so far, and the validation's where there is one; a log scale unless some are negative.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    total_steps : int
    validated : bool
        Whether there will be a validation loss.
    """

    def __init__(self, ax: Any, total_steps: int, validated: bool) -> None:
        self._ax, self._low, self._high = ax, inf, -inf
        ax.set(xlim=(0, total_steps), xlabel="updates", ylabel="loss", yscale="log")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.grid(color=faded(INK, 0.12), linewidth=0.8)
        ax.set_axisbelow(True)
        self._fit_log(0.2, 0.9)
        self._lines = {"loss": ax.plot([], [], color=BLUE, linewidth=1.4, label="training")[0]}
        if validated:
            self._lines["validation_loss"] = ax.plot([], [], "--", color=ORANGE, linewidth=1.4, label="validation")[0]
            ax.legend(loc="upper right", frameon=False)
        self.artists = list(self._lines.values())

    def update(self, training: Training) -> bool:
        history = training.progress.history
        low, high = self._low, self._high
        for name, line in self._lines.items():
            if name in history and len(history[name]):
                steps, values = thinned(history.steps(name), history[name])
                line.set_data(steps, values)
                shown = values[values != 0] if low >= 0 else values  # a log axis has no place for 0
                low, high = min(low, shown.min(initial=inf)), max(high, shown.max(initial=-inf))
        if (low, high) == (self._low, self._high):
            return False
        self._low, self._high = low, high
        return self._fit_log(low, high) if low > 0 else self._fit_linear(low, high)

    def _fit_log(self, low: float, high: float) -> bool:
        """Let the axis go to round numbers beyond the values."""
        bottom, top = _round_down(0.95 * low), _round_up(1.05 * high)
        if self._ax.get_ylim() == (bottom, top):
            return False
        ticks = _round_numbers(bottom, top)
        self._ax.set(ylim=(bottom, top))
        self._ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        self._ax.set_yticks([], minor=True)
        return True

    def _fit_linear(self, low: float, high: float) -> bool:
        """Widen the axis where values lie outside it."""
        bottom, top = self._ax.get_ylim()
        if self._ax.get_yscale() == "linear" and bottom <= low and high <= top:
            return False
        room = 0.2 * (high - low) or 1.0
        self._ax.set(yscale="linear", ylim=(low - room, high + room))
        return True


class TruthPanel(Panel):
    """Predictions against what is true: on the line where they agree.

    For classes, the histogram of the probability that is given to the true one.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    training : Training
        Shows its validation rows, or where it has none its training rows.
    """

    def __init__(self, ax: Any, training: Training) -> None:
        rows = training.validation or training.batches.rows
        self._x, self._targets = sample(rows.x), training.engine.network.mean_of_members(sample(rows.targets))
        self._classes = gives_probabilities(training)
        whose = "validation rows" if training.validation else "training rows"
        if self._classes:
            self._edges = np.linspace(0, 1, 21)
            ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="probability given to the true class", ylabel=f"share of {whose}")
            artist = ax.stairs(np.zeros(20), self._edges, fill=True, color=BLUE)
        else:
            low, high = float(self._targets.min()), float(self._targets.max())
            room = 0.05 * (high - low) or 1.0
            ax.set(xlim=(low - room, high + room), ylim=(low - room, high + room))
            ax.set(xlabel=f"true ({whose})", ylabel="predicted")
            ax.axline((low, low), slope=1, color=INK, linewidth=1, linestyle="--")
            artist = ax.plot([], [], "o", color=BLUE, markersize=3.5, alpha=0.5, markeredgewidth=0)[0]
        self.artists = [artist]

    def update(self, training: Training) -> bool:
        said = training.engine.predict(training.progress.parameters, self._x)
        found = training.engine.network.mean_of_members(said)
        if not self._classes:
            self.artists[0].set_data(self._targets.ravel(), found.ravel())
            return False
        targets = self._targets
        given = np.where(targets > 0.5, found, 1 - found) if found.shape[1] == 1 else (targets * found).sum(axis=1)
        self.artists[0].set_data(np.histogram(given, self._edges)[0] / len(found))
        return False


def gives_probabilities(training: Training) -> bool:
    """Tell whether the answers are classes: one output's probability, or one for each class."""
    loss, network = training.engine.loss, training.engine.network
    return loss.domain == (0.0, 1.0) and (network.n_outputs == network.members or loss.sums_outputs)


def sample(rows: Array) -> Array:
    """Return at most 2,000 rows, spread over the table."""
    return rows[:: 1 + (len(rows) - 1) // POINTS]


def thinned(steps: Array, values: Array, most: int = 1000) -> tuple[Array, Array]:
    """Return about as many points at most, with the same outline: the lowest and highest of each few, in their order.

    Points stay where they are while a run goes on and its curve grows, and a frame's cost hardly grows with it.

    Examples
    --------
    >>> steps, values = thinned(np.arange(8), np.array([5.0, 9.0, 1.0, 5.0, 4.0, 4.0, 3.0, 4.0]), most=4)
    >>> steps, values
    (array([1, 2, 4, 6, 7]), array([9., 1., 4., 3., 4.]))
    """
    count = len(values)
    if count <= most:
        return steps, values
    size = 2
    while 2 * count > size * most:
        size *= 2
    whole = count // size * size
    groups = values[:whole].reshape(-1, size)
    places = np.sort(np.column_stack([groups.argmin(axis=1), groups.argmax(axis=1)]), axis=1)
    places += np.arange(0, whole, size)[:, None]
    places = np.unique([*places.ravel(), count - 1])  # and where the curve is now
    return steps[places], values[places]


def _round_down(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that isn't above ``value``."""
    power = 10.0 ** floor(log10(value))
    return max(step * power for step in (0.5, 1, 2, 5) if step * power <= value)


def _round_up(value: float) -> float:
    power = 10.0 ** floor(log10(value))
    return min(step * power for step in (1, 2, 5, 10, 20) if step * power >= value)


def _round_numbers(low: float, high: float) -> list[float]:
    """Return ticks for a log axis: powers of ten, and 2 and 5 times them where there is room."""
    steps = (1, 2, 5) if high / low <= 100 else (1,)
    powers = range(floor(log10(low)), floor(log10(high)) + 2)
    every = 1 + len(powers) // 8
    ticks = [step * 10.0**power for power in powers if power % every == 0 for step in steps]
    return [tick for tick in ticks if 0.999 * low <= tick <= 1.001 * high]
