"""The ask "layers": how large weights, gradients and activations are, layer by layer, and who no longer learns."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.diagnosis.units import ROWS, stuck_by_layer
from clearprop.layers.dense import Dense
from clearprop.layers.layer import Views
from clearprop.live.asks.gradient import finite, mean_gradient
from clearprop.live.asks.moment import opened
from clearprop.live.asks.next_update import next_update
from clearprop.live.describe import Message
from clearprop.live.recording import Recording

BINS = 30


def layers(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Return each layer's figures at ``frame``, over the rows that the page shows.

    A layer's ``weight`` and ``gradient`` are those of its weights (of all its parameters, where none is called so), or
    None where it has no parameters; ``update_ratio`` is ‖change‖ / ‖weights‖ of the next update, usually about 0.001;
    ``dead`` and ``saturated`` are shares of its units as in ``clearprop.diagnose``, or None where they don't apply.
    Histograms are arrays ``"0.weight.counts"`` (30,) and ``"0.weight.edges"`` (31,), and so for ``gradient`` and
    ``activation``.
    """
    moment = opened(recording, values)
    network, parameters = moment.training.engine.network, moment.progress.parameters
    x, targets = moment.rows(moment.shown())
    gradients = mean_gradient(moment, x, targets)[1]
    done = next_update(moment.training, moment.progress)
    arrays, rows = dict[str, Array](), list[dict[str, Any]]()
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        change = done.after.like(done.after.vector - done.before.vector)
        _, caches = network.forward(parameters, x)
        stuck = {i: float((s.mean(axis=0) >= ROWS).mean()) for i, s in stuck_by_layer(network, caches)}
        for i, layer in enumerate(network.layers):
            weight, slope = _weights(parameters.layers[i]), _weights(gradients.layers[i])
            activation = caches[i].a
            limited = isinstance(layer, Dense) and all(map(isfinite, layer.activation.range))
            size, moved = (np.linalg.norm(each.astype(np.float64)) for each in (weight, _weights(change.layers[i])))
            rows.append({
                "layer": i,
                "name": f"{type(layer).__name__} {network.widths[i + 1]}",
                "activation_name": str(layer.activation) if isinstance(layer, Dense) else "",
                "weight": _figures(weight) if weight.size else None,
                "gradient": _figures(slope) if weight.size else None,
                "activation": _figures(activation),
                "update_ratio": finite(float(moved / size)) if size else None,
                "dead": None if limited else stuck.get(i),
                "saturated": stuck.get(i) if limited else None,
            })  # fmt: skip
            for name, numbers in (("weight", weight), ("gradient", slope), ("activation", activation)):
                if numbers.size:
                    arrays[f"{i}.{name}.counts"], arrays[f"{i}.{name}.edges"] = histogram(numbers)
    header = {
        "type": "layers", "frame": moment.frame.id, "branch": moment.frame.branch, "step": moment.frame.step,
        "rows": len(x), "layers": rows,
    }  # fmt: skip
    return header, arrays


def histogram(numbers: Array) -> tuple[Array, Array]:
    """Return counts (30,) and edges (31,) over the finite ones of some numbers; all alike, they lie in the middle.

    Examples
    --------
    >>> counts, edges = histogram(np.array([0.0, 1.0, 3.0, np.inf]))
    >>> counts.nonzero()[0], edges[[0, -1]], int(counts.sum())
    (array([ 0, 10, 29]), array([0., 3.]), 3)
    """
    known = numbers[np.isfinite(numbers)].astype(np.float64)
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    least = max(abs(low), abs(high)) * 1e-9 or 0.5  # all but alike: bins narrower than rounding can't be
    if high - low < least:
        low, high = (low + high) / 2 - least, (low + high) / 2 + least
    counts, edges = np.histogram(known, BINS, (low, high))
    return counts.astype(np.int32), edges


def _weights(views: Views) -> Array:
    """Return a layer's weights as one vector: its parameter of that name, else all that it has."""
    found = [views["weight"]] if "weight" in views else list(views.values())
    return np.concatenate([array.ravel() for array in found]) if found else np.empty(0)


def _figures(numbers: Array) -> dict[str, float | None]:
    wide = numbers.astype(np.float64)
    figures = {"mean": wide.mean(), "deviation": wide.std(), "norm": np.linalg.norm(wide)}
    return {name: finite(float(value)) for name, value in figures.items()}
