"""The loss by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure, SubFigure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError, InputTypeError
from clearprop.plots.models import result_of
from clearprop.plots.style import BLUE, INK, ORANGE, add_legend, new_axes
from clearprop.training.decimation import decimate
from clearprop.training.history import Event, History

_MARKERS = {"gradient first clipped": "v", "rate lowered": "s", "best parameters": "*"}


class LossCurveDisplay:
    """The training loss by step, the validation loss, and marks where something happened.

    Make one with ``from_estimator`` or ``from_history``.

    Parameters
    ----------
    steps, loss : array-like, shape (n,)
    validation_steps, validation_loss : array-like, shape (m,), optional
    events : mapping of str to sequence of float
        What happened, and at which steps.
    unit : str
        What a step is called on the axis.

    Attributes
    ----------
    ax_, figure_
        Matplotlib's axes and figure.
    line_, validation_line_ : Line2D
        The curves (the second None without validation). Past 4,002 points only each part's lowest and highest value are
        drawn, which looks the same.
    event_markers_ : dict of str to PathCollection
    legend_ : Legend

    Raises
    ------
    InputError, InputTypeError
        For no values, values that are not finite, or lengths that differ.

    Examples
    --------
    >>> import clearprop as cp
    >>> import matplotlib.pyplot as plt
    >>> network = cp.Network(1, [cp.Dense(1)])
    >>> result = cp.train(network, [[0.0], [1.0]], [1.0, 3.0], loss="squared", steps=50, rng=0)
    >>> display = cp.plots.LossCurveDisplay.from_estimator(result)
    >>> len(display.line_.get_ydata())
    50
    >>> plt.close(display.figure_)
    """

    ax_: Axes
    figure_: Figure | SubFigure
    line_: Line2D
    validation_line_: Line2D | None
    event_markers_: dict[str, PathCollection]
    legend_: Legend

    def __init__(
        self,
        steps: Any,
        loss: Any,
        *,
        validation_steps: Any = None,
        validation_loss: Any = None,
        events: Mapping[str, Sequence[float]] | None = None,
        unit: str = "step",
    ) -> None:
        self.steps, self.loss = _curve(steps, loss, "loss")
        self.validation_steps, self.validation_loss = (
            (None, None) if validation_loss is None else _curve(validation_steps, validation_loss, "validation_loss")
        )
        self.events = {text: np.asarray(at, np.float64) for text, at in (events or {}).items()}
        self.unit = unit

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, scale: Literal["linear", "log"] = "linear", ax: Axes | None = None, **kwargs: Any
    ) -> Self:
        """Draw a ``Result``'s history, or a scikit-learn estimator's ``loss_curve_``.

        Parameters
        ----------
        estimator : Result, or fitted estimator with ``loss_curve_``
        scale, ax, **kwargs
            As for ``plot``.

        Raises
        ------
        InputTypeError
            If the estimator has neither.
        """
        result = result_of(estimator)
        if result is not None:
            best = result.progress.best
            return cls.from_history(
                result.history, best_step=None if best is None else best.step, scale=scale, ax=ax, **kwargs
            )
        if not hasattr(estimator, "loss_curve_"):
            raise InputTypeError(
                "a loss curve needs a clearprop Result (which has a history) or a fitted scikit-learn estimator with "
                f"loss_curve_; got {type(estimator).__name__}"
            )
        loss = cast(Sequence[float], estimator.loss_curve_)
        return cls(np.arange(1, len(loss) + 1), loss, unit="epoch").plot(ax, scale=scale, **kwargs)

    @classmethod
    def from_history(
        cls,
        history: History,
        *,
        best_step: int | None = None,
        scale: Literal["linear", "log"] = "linear",
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw a history, such as that of a run which is still going on.

        Parameters
        ----------
        history : History
        best_step : int, optional
            After how many updates the best parameters were kept.
        scale, ax, **kwargs
            As for ``plot``.
        """
        events = _kinds(history.events)
        if best_step is not None:
            events["best parameters"] = [best_step]
        validated = "validation_loss" in history
        display = cls(
            history.steps("loss"),
            history["loss"],
            validation_steps=history.steps("validation_loss") if validated else None,
            validation_loss=history["validation_loss"] if validated else None,
            events=events,
        )
        return display.plot(ax, scale=scale, **kwargs)

    def plot(self, ax: Axes | None = None, *, scale: Literal["linear", "log"] = "linear", **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : Axes, optional
            Where; by default on a new figure.
        scale : "linear" or "log"
            The axis of losses; a logarithmic one leaves out losses of 0.
        **kwargs
            Handed to Matplotlib's ``plot`` for the training loss, such as ``color`` or ``label``.

        Returns
        -------
        LossCurveDisplay
            This object.

        Raises
        ------
        InputError
            For an unknown scale, or a logarithmic one with no loss above 0.
        """
        if scale not in ("linear", "log"):
            raise InputError(f"scale must be 'linear' or 'log'; got {scale!r}")
        if scale == "log" and not (self.loss > 0).any():
            raise InputError("no loss is above 0, so a logarithmic axis can't show them; use scale='linear'")
        axes = new_axes(ax)
        options: dict[str, Any] = {"color": BLUE, "linewidth": 1.2, "label": "training", **kwargs}
        (self.line_,) = axes.plot(*decimate(self.steps, self.loss), **options)
        self.validation_line_ = None
        if self.validation_steps is not None and self.validation_loss is not None:
            (self.validation_line_,) = axes.plot(
                *decimate(self.validation_steps, self.validation_loss),
                color=ORANGE, linewidth=1.8, linestyle=(0, (5, 1.5)), label="validation",
            )  # fmt: skip
        self.event_markers_ = {text: self._mark(axes, text, at) for text, at in self.events.items()}
        axes.set_yscale(scale)
        axes.set_xlabel(self.unit)
        axes.set_ylabel("loss (logarithmic)" if scale == "log" else "loss")
        curves = [self.line_] if self.validation_line_ is None else [self.line_, self.validation_line_]
        handles = [*curves, *self.event_markers_.values()]
        names = [handle.get_label() for handle in handles]
        self.legend_ = add_legend(
            axes, handles, names, loc="upper right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.6, frameon=True, ncols=1
        )
        self.ax_, self.figure_ = axes, axes.figure
        return self

    def _mark(self, axes: Any, text: str, at: Array) -> PathCollection:
        """Set a marker where an event happened: on the validation's curve for the best parameters, which it chose."""
        by_validation = text == "best parameters" and self.validation_steps is not None
        steps, values = (self.validation_steps, self.validation_loss) if by_validation else (self.steps, self.loss)
        heights = np.interp(at, cast(Array, steps), cast(Array, values))
        marker = _MARKERS.get(text, "D")
        return axes.scatter(
            at, heights, s=110 if marker == "*" else 42, marker=marker, facecolor="white", edgecolor=INK, linewidth=1.1,
            zorder=5, label=text,
        )  # fmt: skip


def _curve(steps: Any, values: Any, what: str) -> tuple[Array, Array]:
    y = as_matrix(np.reshape(values, (-1, 1)), what)[:, 0]
    x = as_matrix(np.reshape(np.arange(len(y)) if steps is None else steps, (-1, 1)), "steps")[:, 0]
    if not len(y):
        raise InputError(f"there is no {what} to draw yet; train at least one step")
    if len(x) != len(y):
        raise InputError(f"there are {len(x)} steps and {len(y)} values of {what}; they must be equal")
    return x, y


def _kinds(events: Sequence[Event]) -> dict[str, list[float]]:
    """Return the steps of each kind of event; not of its end, which the curve shows, nor which engine ran."""
    kinds: dict[str, list[float]] = {}
    for step, text in events:
        if not text.startswith(("ended", "engine ")):
            kind = (
                "gradient first clipped" if "clipped" in text else "rate lowered" if "rate ×" in text else text
            )  # fmt: skip
            kinds.setdefault(kind, []).append(step)
    return kinds
