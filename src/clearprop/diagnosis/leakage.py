"""Leakage: a single input that tells the target."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from clearprop.arrays import Array
from clearprop.diagnosis.case import Case
from clearprop.diagnosis.finding import Finding, listed
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy

TELLS = 0.999
"""A correlation, an area under the ROC curve, or a share of rows from which on one column is nearly the target itself:
what real tables' best honest columns don't reach."""
LEAST_ROWS = 20
"""Fewer rows (of a class: half as many) agree by chance."""
MOST_LEVELS = 50
"""A column with no more different values is also read as a code, of which each level may stand for a class."""


def leakage(case: Case) -> list[Finding]:
    """Name columns that alone nearly equal the target; of a single input nothing else could be expected."""
    if case.x.shape[1] == 1 or len(case.x) < LEAST_ROWS:
        return []
    classes = isinstance(case.result.loss, BinaryCrossEntropy | CategoricalCrossEntropy)
    tells = _tells_class if classes else _tells_quantity
    texts: list[str] = []
    for j in np.flatnonzero(~case.constant).tolist():
        column = case.x[:, j]
        text = tells(column, case.targets)
        if text:
            texts.append(f"{case.names[j]!r} ({text})")
    if not texts:
        return []
    evidence = f"alone, {listed(texts)} nearly {'gives' if len(texts) == 1 else 'give'} the target away."
    remedy = "Ask whether the column is known when a prediction is wanted; if it is made from the target, leave it out."
    return [Finding("leakage suspected", evidence, remedy)]


def _tells_quantity(column: Array, targets: Array) -> str:
    ranks = _ranks(column)
    for k, target in enumerate(targets.T):
        if target.min() == target.max():
            continue
        of = f" with output {k}" if targets.shape[1] > 1 else ""
        if abs(r := _correlation(column, target)) >= TELLS:
            return f"correlation {r:.5f}{of}"
        if abs(r := _correlation(ranks, _ranks(target))) >= TELLS:
            return f"rank correlation {r:.5f}{of}"
    return ""


def _tells_class(column: Array, targets: Array) -> str:
    alone = targets.shape[1] == 1
    if not ((targets == 0) | (targets == 1)).all():
        return ""  # probabilities: no classes to separate
    one_hot = bool((targets.sum(axis=1) == 1).all()) and not alone
    if one_hot:
        labels = targets.argmax(axis=1)
        return _separates(column, labels, targets.shape[1])
    for k, target in enumerate(targets.T):
        if text := _separates(column, target.astype(np.intp), 2):
            return text if alone else f"{text} of output {k}"
    return ""


def _separates(column: Array, labels: Array, n_classes: int) -> str:
    """Say how one column separates the classes: by thresholds, or because each level is one class's."""
    counts = np.bincount(labels, minlength=n_classes)
    there = np.flatnonzero(counts)
    if len(there) < 2 or counts[there].min() < LEAST_ROWS // 2:
        return ""
    middles = [float(np.median(column[labels == k])) for k in there]
    order = there[np.argsort(middles, kind="stable")]
    area = min(_area(column, labels, low, high) for low, high in pairwise(order))
    if area >= TELLS:
        return (
            f"area under the ROC curve {area:.5f}" if n_classes == 2 else f"thresholds separate all {n_classes} classes"
        )
    levels, codes = np.unique(column, return_inverse=True)
    if len(levels) > MOST_LEVELS or len(levels) * LEAST_ROWS > len(column):
        return ""
    table = np.zeros((len(levels), n_classes))
    np.add.at(table, (codes, labels), 1.0 / counts[labels])  # each class counts alike, however rare it is
    right = float(table.max(axis=1).sum() / len(there))
    return f"its {len(levels)} levels separate the classes in {right:.2%} of the rows" if right >= TELLS else ""


def _area(column: Array, labels: Array, low: int, high: int) -> float:
    """Return how often a row of the class ``high`` has more than one of ``low``; ties count a half."""
    above, below = column[labels == high], column[labels == low]
    ranks = _ranks(np.concatenate([above, below]))
    n = len(above)
    area = float((ranks[:n].sum() - n * (n + 1) / 2) / (n * len(below)))
    return max(area, 1 - area)


def _correlation(a: Array, b: Array) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else 0.0


def _ranks(values: Array) -> Array:
    """Return ranks from 1 on; equal values share the mean of theirs."""
    _, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return (last - (counts - 1) / 2)[codes]
