"""A still picture of a run: for a notebook that is read where no widget can run."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np

from clearprop.live.recording import Recording
from clearprop.live.saved.recorded import Recorded, recorded

_SIZE, _DPI = (5.6, 4.2), 110


def picture(recording: Recording | Recorded) -> bytes | None:
    """Return a PNG: the boundary over two features, or else the loss; None where nothing is learnt yet."""
    if isinstance(recording, Recording):
        drawn = _boundary(recording)
        if drawn is not None:
            return drawn
    return _loss(recorded(recording))


def _boundary(recording: Recording) -> bytes | None:
    from clearprop.plots.decision_boundary import DecisionBoundaryDisplay
    from clearprop.result import Result

    if "branch" not in recording.state:
        return None
    branch = recording.branch(recording.state["branch"])
    frames = recording.frames(branch)
    if not frames:
        return None
    data, engine = recording.data(branch.data), branch.training.engine
    if data.x.shape[1] != 2 or data.task == "multi":
        return None
    result = Result(engine.network, engine.loss, branch.training.optimizer, frames[-1].progress)
    y = data.y.argmax(axis=1) if data.task == "multiclass" else data.y[:, 0]
    axes = _axes()
    DecisionBoundaryDisplay.from_estimator(
        result, data.x, y, feature_names=data.features, class_names=data.classes or None, ax=axes
    )
    axes.set_title(f"after {frames[-1].step:,} updates")
    return _png(axes)


def _loss(told: Recorded) -> bytes | None:
    from clearprop.plots.loss_curve import LossCurveDisplay

    branch = int(told.once.get("state", {}).get("branch", 0))
    steps, values = told.series.get((branch, "loss"), (np.empty(0), np.empty(0)))
    if not len(values) or not np.isfinite(values).all():
        return None
    held = told.series.get((branch, "validation_loss"))
    more: dict[str, Any] = {} if held is None else {"validation_steps": held[0], "validation_loss": held[1]}
    axes = _axes()
    LossCurveDisplay(steps, values, **more).plot(axes)
    return _png(axes)


def _axes() -> Any:
    """Return axes that pyplot doesn't know: a notebook would draw them once more at the end of the cell."""
    from matplotlib.figure import Figure

    return Figure(figsize=_SIZE, layout="constrained").subplots()


def _png(axes: Any) -> bytes:
    file = BytesIO()
    axes.figure.savefig(file, format="png", dpi=_DPI)
    return file.getvalue()
