"""What a diagnosis looks at: a run, some of its rows, and what the network makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from clearprop.arrays import Array, as_matrix
from clearprop.diagnosis.units import stuck_by_layer
from clearprop.errors import InputError
from clearprop.network import ROWS
from clearprop.result import Result
from clearprop.training.rows import check_weight

MOST_ROWS = 10_000
"""Shares are then known to a per cent or better, and a network of any usual size looks at them within a second."""
MOST_CELLS = 20_000_000
"""With thousands of columns fewer rows are looked at: their statistics stay below some hundred MiB."""
LEAST_ROWS = 500


@dataclass(frozen=True)
class Case:
    """A run, and the rows looked at.

    Attributes
    ----------
    result : Result
    names : list of str
        Of the inputs.
    n_rows : int
        Of the whole table.
    constant : array of bool, shape (n_inputs,)
        Which inputs are the same in every row of the whole table.
    x : array, shape (rows, n_inputs), float64
    targets, outputs : array, shape (rows, answers), float64
        What is wanted and what the network says. Of an ensemble whose members answer side by side, the members' mean.
    stuck : dict of int to array, shape (units,)
        By layer, the share of rows in which each unit hardly reacts to its input; see ``units``.
    loss, baseline : float
        The mean loss of these rows, and what it is for always predicting the mean of the targets (of classes: how
        frequent each is).
    validation_loss : float or None
    """

    result: Result
    names: list[str]
    n_rows: int
    constant: Array
    x: Array
    targets: Array
    outputs: Array
    stuck: dict[int, Array]
    loss: float
    baseline: float
    validation_loss: float | None = None

    @property
    def rows_seen(self) -> str:
        """How many rows were looked at, in words."""
        n = len(self.x)
        return f"the {n:,} rows" if n == self.n_rows else f"{n:,} of {self.n_rows:,} rows"

    def series(self, name: str) -> Array:
        """Return a series of the history; an empty one if there is none."""
        history = self.result.history
        return history[name] if name in history else np.empty(0)


def open_case(result: Result, x: Any, y: Any, weight: Any, names: Iterable[str] | None, validation: Any) -> Case:
    """Check what came, pick the rows, and send them through the network once.

    Raises
    ------
    InputError, InputTypeError
        As ``diagnose`` does.
    """
    matrix, targets = _checked(result, x, y, "")
    n, width = matrix.shape
    named = [f"column {j}" for j in range(width)] if names is None else [str(name) for name in names]
    if len(named) != width:
        raise InputError(f"names must name each of the network's {width} inputs; got {len(named)}")
    weights = None if weight is None else check_weight(weight, n, matrix.dtype)
    if weights is not None and not weights.all():
        learnt = np.flatnonzero(weights)  # a weight of 0 is the row left out
        matrix, targets, weights, n = matrix[learnt], targets[learnt], weights[learnt], len(learnt)
    places = _spread(n, width)
    constant = matrix.max(axis=0) == matrix.min(axis=0)
    matrix, targets = matrix[places], targets[places]
    weights = None if weights is None else weights[places]
    outputs, loss, stuck = _look(result, matrix, targets, weights)
    mean = np.average(targets, axis=0, weights=weights).astype(targets.dtype)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        baseline = result.loss.value_and_gradient(np.tile(mean, (len(targets), 1)), targets, weights)[0]
    validation_loss = None
    if validation is not None:
        if not isinstance(validation, tuple | list) or len(cast(Any, validation)) != 2:
            raise InputError("validation must be (x, y), rows that weren't learnt from")
        given: tuple[Any, Any] = (*cast(Any, validation),)
        held_x, held_y = _checked(result, given[0], given[1], "validation ")
        places = _spread(len(held_x), width)
        validation_loss = _look(result, held_x[places], held_y[places], None)[1]
    network = result.network
    return Case(
        result=result,
        names=named,
        n_rows=n,
        constant=constant,
        x=matrix.astype(np.float64),
        targets=network.mean_of_members(targets),
        outputs=network.mean_of_members(outputs),
        stuck=stuck,
        loss=loss,
        baseline=float(baseline),
        validation_loss=validation_loss,
    )


def _checked(result: Result, x: Any, y: Any, prefix: str) -> tuple[Array, Array]:
    network, dtype = result.network, result.parameters.vector.dtype
    try:
        matrix = as_matrix(x, "x", dtype=dtype, features=network.n_inputs)
        targets = result.loss.targets(y, network.n_outputs, dtype)
        if len(matrix) != len(targets) or not len(matrix):
            raise InputError(
                f"x has {len(matrix)} rows and y has {len(targets)}; both need the same rows, at least one"
            )
    except InputError as error:
        raise InputError(f"{prefix}{error}") from None
    return matrix, targets


def _spread(n: int, width: int) -> Array:
    """Return the places of up to ``MOST_ROWS`` rows, evenly spread over the table."""
    rows = max(min(MOST_ROWS, MOST_CELLS // width), LEAST_ROWS)
    return np.arange(n) if n <= rows else np.linspace(0, n - 1, rows).astype(np.intp)


def _look(result: Result, x: Array, targets: Array, weight: Array | None) -> tuple[Array, float, dict[int, Array]]:
    """Return the outputs, the mean loss, and by layer the share of rows in which each unit is stuck."""
    network, loss, parameters = result.network, result.loss, result.parameters
    outputs: list[Array] = []
    scores: list[Array] = []
    counts: dict[int, Array] = {}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for i in range(0, len(x), ROWS):
            output, cache = network.forward(parameters, x[i : i + ROWS])
            outputs.append(output)
            scores.append(cache[-1].z)
            for layer, stuck in stuck_by_layer(network, cache):
                counts[layer] = counts.get(layer, 0) + stuck.sum(axis=0)
        said = np.concatenate(outputs)
        z = np.concatenate(scores) if loss.joins(network.output_activation) else None
        value = float(loss.value_and_gradient(said, targets, weight, z=z)[0])
    return said, value, {layer: count / len(x) for layer, count in counts.items()}
