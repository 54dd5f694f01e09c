"""The gate: a user's x, y and weights become the rows of a run, checked, with those to validate on taken out."""

from __future__ import annotations

from numbers import Real
from typing import Any, cast

import numpy as np

from clearprop.arrays import Array, as_matrix
from clearprop.data.batches import Batch
from clearprop.errors import InputError, warn
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.streams import stream


def training_rows(
    network: Network, x: Any, y: Any, loss: Loss, weight: Any, validation_data: Any, dtype: Any, seed: int
) -> tuple[Batch, Batch | None]:
    """Check a user's rows, leave out those of weight 0, and return those to train on and those to validate on.

    Raises
    ------
    InputError, InputTypeError
        For anything that can't be used; see ``train``.
    """
    if dtype not in (None, "float32", "float64", np.float32, np.float64):
        raise InputError(f"dtype must be 'float32' or 'float64'; got {dtype!r}")
    loss.check_outputs(network.output_activation)
    rows = _batch(network, x, y, loss, weight, dtype, "")
    if validation_data is None:
        return _distinct(rows), None
    if isinstance(validation_data, Real):
        share = float(validation_data)
        count = round(share * len(rows.x)) if 0 < share < 1 else 0
        if not 0 < count < len(rows.x):
            raise InputError(
                f"validation_data as a share must leave rows on both sides of 0 and 1; {validation_data!r} of "
                f"{len(rows.x)} rows is {count}"
            )
        order = stream(seed, "split").permutation(len(rows.x))
        held, kept = np.sort(order[:count]), np.sort(order[count:])
        return _distinct(_take(rows, kept)), _take(rows, held)
    if not isinstance(validation_data, tuple | list) or len(cast(Any, validation_data)) not in (2, 3):
        raise InputError("validation_data must be (x, y), (x, y, sample_weight) or a share such as 0.2")
    given: tuple[Any, ...] = (*cast(Any, validation_data), None)[:3]
    return _distinct(rows), _batch(network, given[0], given[1], loss, given[2], rows.x.dtype, "validation ")


def _batch(network: Network, x: Any, y: Any, loss: Loss, weight: Any, dtype: Any, prefix: str) -> Batch:
    try:
        matrix = as_matrix(x, "x", dtype=dtype, features=network.n_inputs)
        if not len(matrix):
            raise InputError("x has no rows; at least one is needed")
        targets = loss.targets(y, network.n_outputs, matrix.dtype)
    except InputError as error:
        raise InputError(f"{prefix}{error}") from None
    if len(targets) != len(matrix):
        raise InputError(f"{prefix}x has {len(matrix)} rows and y has {len(targets)}; they must be equal")
    if weight is None:
        return Batch(matrix, targets)
    weights = check_weight(weight, len(matrix), matrix.dtype)
    rows = Batch(matrix, targets, weights)
    return rows if weights.all() else _take(rows, np.flatnonzero(weights))


def _take(rows: Batch, places: Array) -> Batch:
    return Batch(rows.x[places], rows.targets[places], None if rows.weight is None else rows.weight[places])


def _distinct(rows: Batch) -> Batch:
    if len(rows.x) > 1 and (rows.targets == rows.targets[0]).all():
        text = f"every row of y is the same ({rows.targets[0]}), so there is nothing to tell apart; check the target"
        warn(text)
    return rows


def check_weight(weight: Any, n_rows: int, dtype: Any) -> Array:
    """Return a user's sample weights as a vector (n_rows,), finite, not negative and not all zero.

    Raises
    ------
    InputError, InputTypeError
        Naming the first row that is wrong.

    Examples
    --------
    >>> check_weight([1, -2], 2, np.float64)
    Traceback (most recent call last):
    clearprop.errors.InputError: sample_weight must not be negative; row 1 has -2
    """
    column = as_matrix(weight, "sample_weight", dtype=dtype, column=True)
    if column.shape != (n_rows, 1):
        raise InputError(f"sample_weight must have one number for each of the {n_rows} rows; got {column.size}")
    vector = column[:, 0]
    if (vector < 0).any():
        row = int(np.argmax(vector < 0))
        raise InputError(f"sample_weight must not be negative; row {row} has {vector[row]:g}")
    if not vector.any():
        raise InputError("every sample_weight is zero, so there is nothing to learn from; give some rows more than 0")
    with np.errstate(over="ignore"):
        return vector if np.isfinite(vector.sum()) else vector / vector.max() / len(vector)  # only their ratios count
