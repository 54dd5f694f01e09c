"""The rows of a fit: those held out, and how many a batch takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.data.batches import Batch
from clearprop.errors import InputError, warn
from clearprop.estimators.inputs import as_input_errors
from clearprop.estimators.sklearn_functions import train_test_split
from clearprop.streams import stream


def split(rows: Batch, share: float, seed: int, stratify: bool) -> tuple[Batch, Batch]:
    """Return the rows to train on and those held out, drawn as scikit-learn does from a seed of the run's."""
    with as_input_errors():
        kept, held = train_test_split(
            np.arange(len(rows.x)),
            test_size=share,
            random_state=int(stream(seed, "split").integers(2**31)),
            stratify=rows.targets.astype(bool) if stratify else None,
        )
    if len(held) < 2:
        raise InputError(
            "The validation set is too small: early stopping needs at least 2 rows in it. Increase "
            f"'validation_fraction' (now {share:g}) or give more rows than {len(rows.x)}"
        )
    return take(rows, kept), take(rows, held)


def take(rows: Batch, places: Any) -> Batch:
    """Return some of the rows."""
    return Batch(rows.x[places], rows.targets[places], None if rows.weight is None else rows.weight[places])


def rows_a_batch(asked: Any, n: int) -> int:
    """Return how many of ``n`` rows an update takes; "auto" is up to 200."""
    if isinstance(asked, str):  # "auto"
        return min(200, n)
    if asked > n:
        warn(f"batch_size={asked} is more than the {n} rows; all rows are one batch")
    return min(int(asked), n)
