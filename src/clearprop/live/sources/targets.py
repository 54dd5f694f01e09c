"""What is to be predicted, as a loss takes it: 0 and 1, one-hot rows, or scaled numbers; and how people call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.data.statistics import mean_and_deviation
from clearprop.errors import InputError
from clearprop.live.data import Task

MOST_CLASSES = 100


@dataclass(frozen=True, eq=False)
class Targets:
    """A task, a matrix of targets (rows, outputs), the classes' names, and how a number was scaled."""

    task: Task
    y: Array
    classes: list[str]
    scale: tuple[float, float] | None = None

    def about(self, name: str, kind: str, missing: int, levels: int | None = None) -> dict[str, Any]:
        """Return a page's description of the target's column, with how many rows each class has."""
        described: dict[str, Any] = {
            "name": name, "kind": kind, "missing": missing, "levels": levels or len(self.classes), "role": "target",
        }  # fmt: skip
        if self.task in ("binary", "multiclass"):
            places = self.y[:, 0].astype(np.intp) if self.task == "binary" else self.y.argmax(axis=1)
            counts = np.bincount(places, minlength=len(self.classes)).tolist()
            described["balance"] = [list(pair) for pair in zip(self.classes, counts, strict=True)]
        return described


def class_targets(labels: Array, name: str) -> Targets:
    """Return labels (rows,) as one column of 0 and 1, or for more than two classes as one-hot rows.

    Raises
    ------
    InputError
        For one class only, or more than a page can show.

    Examples
    --------
    >>> targets = class_targets(np.array(["no", "yes", "no"]), "answer")
    >>> targets.task, targets.classes, targets.y.ravel()
    ('binary', ['no', 'yes'], array([0., 1., 0.]))
    """
    found, places = np.unique(labels, return_inverse=True)
    classes = [str(label) for label in found.tolist()]
    _check_differs(len(classes), name, classes[0])
    if len(classes) > MOST_CLASSES:
        raise InputError(
            f"the target {name!r} has {len(classes):,} classes; the page can show {MOST_CLASSES}, so choose another "
            "target, or train without the page: clearprop train"
        )
    if len(classes) == 2:
        return Targets("binary", places[:, None].astype(np.float64), classes)
    return Targets("multiclass", np.eye(len(classes))[places], classes)


def number_targets(values: Array, learn: Array, name: str) -> Targets:
    """Return numbers (rows,) standardised by the mean and deviation of the rows ``learn``, as one column.

    Raises
    ------
    InputError
        If they are all the same.

    Examples
    --------
    >>> targets = number_targets(np.array([1.0, 3.0, 5.0]), np.array([0, 1]), "price")
    >>> targets.scale, targets.y.ravel()
    ((2.0, 1.0), array([-1.,  1.,  3.]))
    """
    _check_differs(len(np.unique(values)), name, f"{values[0]:g}")
    mean, deviation = mean_and_deviation(values[learn])
    deviation = deviation or 1.0
    return Targets("regression", ((values - mean) / deviation)[:, None], [], (mean, deviation))


def _check_differs(distinct: int, name: str, only: str) -> None:
    if distinct < 2:
        raise InputError(
            f"the target {name!r} is {only!r:.40} in every row, so there is nothing to tell apart; choose another"
        )
