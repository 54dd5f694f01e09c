"""The ask "gradient": the mean loss's derivative by each parameter, over the rows that the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError
from clearprop.live.asks.moment import Moment, opened
from clearprop.live.describe import Message
from clearprop.live.recording import Recording
from clearprop.parameters import Parameters
from clearprop.training.penalty import add_penalty


def gradient(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Return the mean gradient over the shown rows, with the penalties' part; Dropout lets everything through.

    The array is ``vector`` (n_parameters,), float32, in the order of the parameters.
    """
    if values.get("rows", "sample") != "sample":
        raise InputError(f"the gradient is known over rows 'sample'; got {values['rows']!r:.40}")
    moment = opened(recording, values)
    loss, gradients = mean_gradient(moment, *moment.rows(moment.shown()))
    header = {"type": "gradient", "frame": moment.frame.id, "step": moment.frame.step, "loss": finite(loss)}
    return header, {"vector": gradients.vector.astype(np.float32)}


def mean_gradient(moment: Moment, x: Array, targets: Array) -> tuple[float, Parameters]:
    """Return the mean loss of some rows (without penalty), and the derivative of loss and penalty."""
    training, parameters = moment.training, moment.progress.parameters
    engine = ReferenceEngine(training.engine.network, training.engine.loss)
    gradients = parameters.copy()
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        loss = engine.gradient(parameters, x, targets, into=gradients)
        add_penalty(parameters, gradients, training.l1, training.l2)
    return loss, gradients


def finite(value: float) -> float | None:
    """Return a number as JSON knows it: None for NaN and infinity."""
    return float(value) if np.isfinite(value) else None
