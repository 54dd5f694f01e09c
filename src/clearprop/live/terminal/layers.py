"""The state of each layer, in a table: weights, gradient, how far an update moves them, units that are dead."""

from __future__ import annotations

from math import nan
from typing import Any, NamedTuple

import numpy as np
from rich.cells import set_cell_size
from rich.segment import Segment

from clearprop.arrays import Array, copy
from clearprop.engines.reference import ReferenceEngine, weights
from clearprop.layers.dense import Dense
from clearprop.live.terminal.colours import BOLD, MUTED, plain
from clearprop.live.terminal.frame import Lines, fitted
from clearprop.optimizers.optimizer import UpdateRule
from clearprop.training.loop import Training

ROWS = 256
"""Rows that gradients and outputs are taken from, spread over the table."""
_CELL = 10  # a column's width at least; where there is no room for all, the last ones are left out


class LayerState(NamedTuple):
    """One layer's numbers; NaN where there is none.

    ``update`` is the norm of the next change of its weights, divided by that of the weights; ``dead`` the share of
    units that give 0 for every row.
    """

    name: str
    mean: float
    deviation: float
    gradient: float
    update: float
    dead: float


def layer_states(training: Training) -> list[LayerState]:
    """Return the state of each layer that has weights, from at most 256 of the rows; the run isn't changed."""
    progress, network = training.progress, training.engine.network
    parameters = progress.parameters
    x, targets, weight = training.batches.rows
    some = slice(None, None, -(-len(x) // ROWS))
    weight = None if weight is None else weight[some]
    gradients = parameters.copy()
    with np.errstate(all="ignore"):
        reference = ReferenceEngine(network, training.engine.loss)
        reference.gradient(parameters, x[some], targets[some], weight, into=gradients)
        _, caches = network.forward(parameters, x[some])
        moved = _moved(training, reference, gradients)
        now, after, slopes = weights(parameters), weights(moved) if moved else {}, weights(gradients)
        return [
            LayerState(
                name=_name(layer),
                mean=float(w.mean(dtype=np.float64)),
                deviation=float(w.std(dtype=np.float64)),
                gradient=_norm(slopes[key]),
                update=_norm(after[key] - w) / (_norm(w) or nan) if after else nan,
                dead=_dead(layer, caches[i]),
            )
            for i, layer in enumerate(network.layers)
            if (key := f"{i}.weight") in now
            for w in (now[key],)
        ]


def _moved(training: Training, reference: ReferenceEngine, gradients: Any) -> Any:
    """Return the parameters after an update by these gradients; None where the optimiser searches along a line."""
    progress, rule = training.progress, training.optimizer
    if not isinstance(rule, UpdateRule):
        return None
    after = progress.parameters.copy()
    state = {name: copy(moment) for name, moment in progress.state.items()}
    rate = rule.rate * training.schedule.factor(progress.step, training.total_steps) * progress.rate_factor
    clipped = gradients.copy()
    if training.clip is not None:
        training.clip(clipped)
    reference.update(
        rule, after, clipped, state, step=progress.step + progress.age, rate=float(rate), loss=nan,
        evaluate=lambda: nan, rate_factors=training.rate_factors,
    )  # fmt: skip
    return after


def _norm(array: Array) -> float:
    return float(np.linalg.norm(array.ravel().astype(np.float64)))


def _dead(layer: object, cache: Any) -> float:
    return float((cache.a == 0).all(axis=0).mean()) if isinstance(layer, Dense) else nan


def _name(layer: object) -> str:
    if isinstance(layer, Dense):
        return f"{layer.units} {layer.activation}"
    return type(layer).__name__


def layer_lines(states: list[LayerState], width: int, height: int) -> Lines:
    """Return a table with a line a layer below its heads; of too many layers the first and the last ones."""
    room = max(height - 1, 1)
    half = max((room - 1) // 2, 0)
    shown: list[LayerState | None] = [*states]
    if len(states) > room:
        shown = [*states[:half], None, *states[len(states) - (room - 1 - half) :]]
    rows = [("layer", "mean w", "deviation", "gradient", "update/w", "dead")]
    rows += [("…",) * 6 if s is None else (plain(s.name, 20), *map(_digits, s[1:5]), _share(s.dead)) for s in shown]
    name = min(20, width // 3)
    columns = max(min(5, (width - name) // _CELL), 1)
    rest = (width - name) // columns
    return [
        fitted(
            [
                Segment(set_cell_size(row[0], name), MUTED if i == 0 else BOLD),
                Segment("".join(f"{cell:>{rest}}" for cell in row[1 : columns + 1]), MUTED if i == 0 else None),
            ],
            width,
        )
        for i, row in enumerate([*rows, *[("",) * 6] * (height - len(rows))][:height])
    ]


def _digits(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3g}"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0%}"
