"""Leakage: a single input that tells the target."""

from __future__ import annotations

from collections.abc import Iterator
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
    tell = _tell_classes if classes else _tell_numbers
    texts = [f"{case.names[j]!r} ({text})" for j, text in tell(case.x, case.targets) if not case.constant[j]]
    if not texts:
        return []
    evidence = f"alone, {listed(texts)} nearly {'gives' if len(texts) == 1 else 'give'} the target away."
    remedy = "Ask whether the column is known when a prediction is wanted; if it is made from the target, leave it out."
    return [Finding("leakage suspected", evidence, remedy)]


def _tell_numbers(x: Array, targets: Array) -> Iterator[tuple[int, str]]:
    """Yield the columns that nearly are one of the targets, each with how that is seen."""
    wanted = [(k, target, _ranks(target)) for k, target in enumerate(targets.T) if target.min() != target.max()]
    for j, column in enumerate(x.T):
        ranks = _ranks(column)
        for k, target, ranked in wanted:
            of = f" with output {k}" if targets.shape[1] > 1 else ""
            if abs(r := _correlation(column, target)) >= TELLS:
                yield j, f"correlation {r:.5f}{of}"
                break
            if abs(r := _correlation(ranks, ranked)) >= TELLS:
                yield j, f"rank correlation {r:.5f}{of}"
                break


def _tell_classes(x: Array, targets: Array) -> Iterator[tuple[int, str]]:
    """Yield the columns that nearly tell the classes apart, those of one output at least, each with how."""
    if not ((targets == 0) | (targets == 1)).all():
        return  # probabilities: no classes to separate
    several = targets.shape[1] > 1
    if several and bool((targets.sum(axis=1) == 1).all()):
        questions = [(targets.argmax(axis=1), targets.shape[1], "")]
    else:
        questions = [(y.astype(np.intp), 2, f" of output {k}" * several) for k, y in enumerate(targets.T)]
    told: dict[int, str] = {}
    for labels, n_classes, of in questions:
        for j in np.flatnonzero(_could_separate(x, labels, n_classes)).tolist():
            if j not in told and (text := _separates(x[:, j], labels, n_classes)):
                told[j] = text + of
    yield from sorted(told.items())


def _could_separate(x: Array, labels: Array, n_classes: int) -> Array:
    """Tell which columns may separate the classes: of a table's many columns only these need be looked at one by one.

    Let q be the share of a class's rows above some value, and e that of its rows at some value. Of two classes the area
    beyond the ROC curve is at least q (1 − q′), where q ≤ q′, and at least e e′ / 2; of classes that are neighbours in
    an order these areas add up. Likewise the smaller of e and e′ is wrong if each level stands for a class.
    """
    counts = np.bincount(labels, minlength=n_classes)
    there = np.flatnonzero(counts)
    if len(there) < 2:
        return np.zeros_like(x[0], bool)
    members: Array = there[:, None] == labels

    def shares(event: Array) -> Array:
        """Return the share of each class's rows that are so, (classes, columns), the least first."""
        return np.sort(members.astype(np.float32) @ event.astype(np.float32) / counts[there, None], axis=0)

    above, lowest = shares(x > x.mean(axis=0)), shares(x == x.min(axis=0))
    wrong = (1 - TELLS) * (1 + 1e-6)  # no column is lost by rounding
    overlap = np.maximum((above[:-1] * (1 - above[1:])).max(axis=0), lowest[-1] * lowest[-2] / 2)
    some: Array = np.sort(x[:: -(-len(x) // 400)], axis=0)
    levels = 1 + (some[1:] != some[:-1]).sum(axis=0)
    few = (levels <= MOST_LEVELS) & (levels * LEAST_ROWS <= len(x))
    found: Array = (overlap <= wrong * (len(there) - 1)) | (few & (lowest[-2] <= wrong * len(there)))
    return found


def _separates(column: Array, labels: Array, n_classes: int) -> str:
    """Say how one column separates the classes: by thresholds, or because each level is one class's."""
    counts = np.bincount(labels, minlength=n_classes)
    there = np.flatnonzero(counts)
    if len(there) < 2 or counts[there].min() < LEAST_ROWS // 2:
        return ""
    middles = [float(np.median(column[labels == k])) for k in there]
    order = there[np.argsort(middles, kind="stable")]
    areas = [1.0]
    for low, high in pairwise(order):
        if areas[-1] < TELLS:
            break  # most columns: one pair of classes that overlap is enough
        areas.append(_area(column, labels, low, high))
    if (area := min(areas)) >= TELLS:
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
