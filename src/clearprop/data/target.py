"""The column of a file to be predicted: which task it makes, and its labels or numbers."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from clearprop.data.encodings import check_finite
from clearprop.data.fit_encodings import is_name
from clearprop.data.table import Array, Column
from clearprop.errors import InputError, InputTypeError, unknown_name

Task = Literal["classification", "regression"]

#: Whole numbers with at most so many different values, each there twice on average, are taken for classes.
MAX_CLASSES = 20


class Target(NamedTuple):
    """A task, and what is to be predicted, shape (rows,): text, booleans, whole numbers; or float64 for regression.

    Examples
    --------
    >>> read_target(Column("mood", "text", ["sad", "glad", "sad"]))
    Target(task='classification', values=array(['sad', 'glad', 'sad'], dtype='<U4'))
    """

    task: Task
    values: Array


def read_target(column: Column, task: Task | None = None) -> Target:
    """Return the target that a column is; ``task`` overrides what its values say.

    Text and booleans are classes. Numbers are classes if all are whole and there are at most two different ones, or at
    most 20 and no more than half as many as rows; otherwise the task is regression.

    Raises
    ------
    InputError
        If there is no row, a value is missing or infinite, ``task`` isn't known, numbers with a fraction should be
        classes, or nearly every row has a class of its own.
    InputTypeError
        If the target is a date, or text or booleans should be regressed on.
    """
    if task is not None and task not in get_args(Task):
        raise unknown_name("task", str(task), get_args(Task))
    if not len(column.values):
        raise InputError(f"the target {column.name!r} has no rows; expected at least one")
    if column.kind == "date":
        raise InputTypeError(f"the target {column.name!r} is a date; expected classes, or numbers such as days")
    _check_present(column)
    distinct: list[Any] = sorted(set(column.values.tolist()))
    if task is None:
        task = "classification" if column.kind != "number" or _are_classes(column, distinct) else "regression"
    if task == "classification":
        return Target(task, _labels(column, distinct))
    if column.kind != "number":
        found = f"{column.values[0]!s:.40} at {column.place(0)}"
        raise InputTypeError(f"regression needs numbers; the target {column.name!r} is {column.kind} ({found})")
    return Target(task, column.values)


def _check_present(column: Column) -> None:
    if column.missing.any():
        rows = np.flatnonzero(column.missing)
        places = ", ".join(column.place(int(row)) for row in rows[:5]) + ", ..." * (len(rows) > 5)
        message = f"the target {column.name!r} has no value in {len(rows)} of {len(column.values)} rows: {places}"
        raise InputError(f"{message}; take these rows out, or fill them")
    check_finite(column)


def _are_classes(column: Column, distinct: list[Any]) -> bool:
    few = len(distinct) <= 2 or len(distinct) <= min(MAX_CLASSES, len(column.values) / 2)
    return few and all(float(value).is_integer() for value in distinct)


def _labels(column: Column, distinct: list[Any]) -> Array:
    if column.kind == "number" and (fraction := column.values != np.floor(column.values)).any():
        row = int(np.argmax(fraction))
        found = f"the target {column.name!r} holds {column.values[row]} at {column.place(row)}"
        raise InputError(f"{found}; classes are text, booleans or whole numbers: use task='regression'")
    if is_name(len(distinct), len(column.values)):
        found = f"the target {column.name!r} has {len(distinct)} different values in {len(column.values)} rows"
        raise InputError(f"{found}, too many for classes; choose another target, or read it as numbers")
    if column.kind == "number":
        return column.values.astype(np.int64) if (abs(column.values) < 2.0**53).all() else column.values
    return column.values.astype(np.str_ if column.kind == "text" else np.bool_)
