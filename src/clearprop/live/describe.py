"""What a page is told of a table and of a run: headers of messages, in JSON values, and the arrays with them."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import DivergenceError
from clearprop.live.data import Data
from clearprop.network import Network
from clearprop.training.loop import Training

ROWS = 2000
"""Rows of a table that are shown; of more an even sample."""
NUMBERS = 1_000_000
"""Numbers of them, for tables that are wide."""

Message = tuple[dict[str, Any], dict[str, Array]]


def data_message(data: Data, identity: int) -> Message:
    """Return a table's names and a sample of its rows, in float32."""
    rows = shown_rows(len(data.x), data.x.shape[1])
    arrays = {"x": data.x[rows], "y": data.y[rows]}
    held_x, held_y = data.validation or (data.x[:0], data.y[:0])
    held = shown_rows(len(held_x), data.x.shape[1])
    arrays |= {"x_validation": held_x[held], "y_validation": held_y[held]}
    arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}
    arrays |= {"rows": rows.astype(np.int32), "rows_validation": held.astype(np.int32)}
    header = {
        "type": "data", "id": identity, "name": data.name, "task": data.task, "features": data.features,
        "classes": data.classes, "target": data.target, "n_rows": len(data.x), "n_validation": len(held_x),
        "source": data.source, "image": None if data.image is None else list(data.image),
        "scale": None if data.scale is None else {"mean": data.scale[0], "deviation": data.scale[1]},
        "about": data.about,
    }  # fmt: skip
    return header, arrays


def branch_header(training: Training) -> dict[str, Any]:
    """Return the settings of a run, all but what the recording itself knows: its number, its parent and its name."""
    network, optimizer, batches = training.engine.network, training.optimizer, training.batches
    return {
        "type": "branch",
        "network": network_header(network),
        "loss": training.engine.loss.describe(),
        "optimizer": optimizer.describe(),
        "schedule": str(training.schedule),
        "rate": float(optimizer.rate),
        "l1": training.l1,
        "l2": training.l2,
        "clip": None if training.clip is None else str(training.clip),
        "batch_size": None if batches.batch_size == batches.n_rows else batches.batch_size,
        "seed": training.progress.seed,
        "per_epoch": training.batches.per_epoch,
        "total_steps": training.total_steps,
        "dtype": str(training.progress.parameters.vector.dtype),
        "engine": training.engine.name,
        "metrics": sorted(training.metrics),
    }


def state_header(training: Training, error: DivergenceError | None) -> dict[str, Any]:
    """Return how far a run is, at which rate its next update is done, and what it diverged of, if it did."""
    progress = training.progress
    rate = training.optimizer.rate * training.schedule.factor(progress.step, training.total_steps)
    diverged = None
    if error is not None:
        largest = error.largest_gradient if isfinite(error.largest_gradient) else None
        diverged = {"tensor": error.tensor, "step": error.step, "message": str(error), "largest_gradient": largest}
    return {
        "step": progress.step,
        "total_steps": training.total_steps,
        "per_epoch": training.batches.per_epoch,
        "rate": rate * progress.rate_factor,
        "diverged": diverged,
    }


def network_header(network: Network) -> dict[str, Any]:
    """Return a network's layers and where each parameter lies; not how the first values are drawn."""
    layers = [
        {name: value for name, value in layer.describe().items() if name not in ("weight", "bias")}
        for layer in network.layers
    ]
    layout = [
        {"name": name, "offset": place.start, "shape": list(shape)}
        for name, (place, shape) in network.layout.places.items()
    ]
    return {
        "n_inputs": network.n_inputs,
        "widths": list(network.widths),
        "members": network.members,
        "layers": layers,
        "layout": layout,
    }


def shown_rows(n_rows: int, n_columns: int) -> Array:
    """Return the places of so many rows as may be shown, evenly spread over the table."""
    most = max(1, min(ROWS, NUMBERS // max(n_columns, 1)))
    stride = max(1, ceil(n_rows / most))
    return np.arange(0, n_rows, stride)
