"""Inputs that a network can hardly learn from as they are: unscaled or constant ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.diagnosis.case import Case
from clearprop.diagnosis.finding import Finding, listed
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.members import Members
from clearprop.layers.scale import Scale
from clearprop.result import Result

LARGE, SMALL = 10.0, 0.01
"""Root mean squares out of these are unscaled. First weights suit 1; standardised columns, columns between 0 and 1 and
0/1 columns lie well inside, and so do columns in natural units that are near enough."""
OFFSET = 10.0
"""So many deviations off 0, a column looks the same in each row at first: what differs is a tenth of what it adds."""
VARIED = 0.05
"""Columns that are the same in more rows than all but this share, such as rare 0/1 columns, have no usual deviation;
they are only judged by being large."""


def unscaled_inputs(case: Case) -> list[Finding]:
    """Name the columns that the first weighted sums read as they are, and that are far from mean 0 and deviation 1."""
    mean, deviation = case.x.mean(axis=0), case.x.std(axis=0)
    size = np.sqrt(mean**2 + deviation**2)
    offset = abs(mean) / np.where(deviation > 0, deviation, np.inf)
    far = ~case.constant & ((size > LARGE) | (size < SMALL) | (offset > OFFSET))
    for j in np.flatnonzero(far & (size <= LARGE)).tolist():
        far[j] = (case.x[:, j] != np.median(case.x[:, j])).mean() > VARIED
    far &= np.array(_read_as_they_are(case.result, case.x))
    if not far.any():
        return []
    wrong = np.maximum.reduce([size / LARGE, SMALL / np.where(size > 0, size, np.inf), offset / OFFSET])
    worst = [j for j in np.argsort(-wrong, kind="stable").tolist() if far[j]]
    texts = [f"{case.names[j]!r} (mean {mean[j]:.3g}, deviation {deviation[j]:.3g})" for j in worst]
    verb = "is" if len(worst) == 1 else "are"
    evidence = (
        f"{len(worst)} of {len(far)} columns {verb} far from mean 0 and deviation 1, which first weights and rates are "
        f"made for: {listed(texts)}."
    )
    remedy = "Standardise: take each column's mean off and divide by its deviation, both from the training rows."
    return [Finding("unscaled inputs", evidence, remedy)]


def constant_columns(case: Case) -> list[Finding]:
    """Name the columns that are the same in every row."""
    places = np.flatnonzero(case.constant).tolist()
    if not places or case.n_rows == 1:
        return []
    texts = [f"{case.names[j]!r} ({case.x[0, j]:g})" for j in places]
    verb = "is" if len(places) == 1 else "are"
    evidence = (
        f"{len(places)} of {len(case.names)} columns {verb} the same in all {case.n_rows:,} rows: {listed(texts)}."
    )
    remedy = "Leave such columns out; where they should differ, look at how the table was made."
    return [Finding("constant columns", evidence, remedy)]


def _read_as_they_are(result: Result, x: Array) -> list[bool]:
    """Tell which columns reach the first weighted sums unchanged: encodings such as ``PiecewiseLinear`` scale theirs.

    ``Scale``, ``Members`` and ``LayerNorm`` mend nothing: a column stays as far from the others as it was.
    """
    parameters = result.parameters
    inputs: Any = x[:: -(-len(x) // 256)].astype(parameters.vector.dtype)  # so many tell columns apart
    for layer, views in zip(result.network.layers, parameters.layers, strict=True):
        if isinstance(layer, Dense):
            break
        encoded = layer.forward(views, inputs).a
        if not isinstance(layer, Scale | Members | LayerNorm | Dropout):
            passed = set(_as_bytes(encoded))
            return [column in passed for column in _as_bytes(inputs)[: x.shape[1]]]  # of the first member
        inputs = encoded
    return [True] * x.shape[1]


def _as_bytes(matrix: Array) -> list[bytes]:
    return [column.tobytes() for column in matrix.T]
