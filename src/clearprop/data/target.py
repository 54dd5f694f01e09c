"""The column to be predicted: which task it makes, and its values as numbers and back."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from clearprop.data.descriptions import plain, rebuild
from clearprop.data.encodings import check_finite, check_kind, is_name, mean_and_deviation
from clearprop.data.table import Array, Column, Kind
from clearprop.errors import ClearpropWarning, InputError, InputTypeError, unknown_name

Task = Literal["classification", "regression"]

#: Whole numbers with at most so many different values, each there twice on average, are taken for classes.
MAX_CLASSES = 20


@dataclass(frozen=True)
class TargetEncoder:
    """Makes the target into numbers, and predictions back into what the file holds.

    Text and booleans are classes. Numbers are classes if all are whole and there are at most two different ones,
    or at most 20 and no more than half as many as rows; otherwise the task is regression on
    (y - mean) / standard deviation.

    Made by :meth:`fit`.

    Parameters
    ----------
    column : str
        The target's name.
    kind : {"number", "boolean", "text"}
        Its kind.
    task : {"classification", "regression"}
    classes : tuple of str, int or bool
        The classes in ascending order, of one type; none for regression. Two make a binary task.
    center, scale : float
        Mean and standard deviation for regression; 0 and 1 for classification.

    Examples
    --------
    >>> encoder = TargetEncoder.fit(Column("mood", "text", ["sad", "glad", "sad"]))
    >>> encoder.task, encoder.classes
    ('classification', ('glad', 'sad'))
    >>> encoder.inverse(np.array([1, 0]))
    array(['sad', 'glad'], dtype='<U4')
    """

    column: str
    kind: Kind
    task: Task
    classes: tuple[str, ...] | tuple[int, ...] | tuple[bool, ...]
    center: float
    scale: float

    def __post_init__(self) -> None:
        if self.task not in get_args(Task):
            raise unknown_name("task", str(self.task), get_args(Task))
        types = {"text": str, "boolean": bool, "number": int}
        if self.kind not in types or not all(type(label) is types[self.kind] for label in self.classes):
            raise InputError(f"no such target: {self!s:.200}")
        if bool(self.classes) != (self.task == "classification") or self.scale <= 0:
            raise InputError(f"no such target: {self!s:.200}")

    @classmethod
    def fit(cls, column: Column, task: Task | None = None) -> TargetEncoder:
        """Return the encoder that suits a target; ``task`` overrides what its values say.

        Raises
        ------
        InputError
            If there is no row, a value is missing or infinite, ``task`` isn't known, numbers with a fraction
            should be classes, or nearly every row has a class of its own.
        InputTypeError
            If the target is a date, or text or booleans should be regressed on.
        """
        if task is not None and task not in get_args(Task):
            raise unknown_name("task", str(task), get_args(Task))
        if not len(column.values):
            raise InputError(f"the target {column.name!r} has no rows; expected at least one")
        if column.kind == "date":
            raise InputTypeError(f"the target {column.name!r} is a date; expected classes, or numbers such as days")
        _check_labels(column)
        distinct: list[Any] = sorted(set(column.values.tolist()))
        if task is None:
            task = "classification" if column.kind != "number" or _are_classes(column, distinct) else "regression"
        if task == "classification":
            return cls(column.name, column.kind, task, _classes(column, distinct), 0.0, 1.0)
        if column.kind != "number":
            found = f"{column.values[0]!s:.40} at {column.place(0)}"
            raise InputTypeError(f"regression needs numbers; the target {column.name!r} is {column.kind} ({found})")
        center, scale = mean_and_deviation(column.values)
        if not scale:
            message = f"the target {column.name!r} is the same in every row: there is nothing to learn"
            warnings.warn(message, ClearpropWarning, stacklevel=2)
        return cls(column.name, column.kind, task, (), center, scale or 1.0)

    def transform(self, column: Column) -> Array:
        """Return class numbers (int64) or standardised values (float64), shape (n_rows,).

        Raises
        ------
        InputError
            If a value is missing or infinite, or a class is unknown.
        InputTypeError
            If the column is of another kind than in training.
        """
        check_kind(column, self.kind)
        _check_labels(column)
        if self.task == "regression":
            return (column.values - self.center) / self.scale
        numbers: dict[Any, int] = {label: i for i, label in enumerate(self.classes)}
        labels = np.array([numbers.get(value, -1) for value in column.values.tolist()], dtype=np.int64)
        if (unknown := labels < 0).any():
            row = int(np.argmax(unknown))
            found = f"{column.values[row]!s:.40} at {column.place(row)}"
            known = ", ".join(map(str, self.classes))
            raise InputError(f"the target {column.name!r} holds an unknown class, {found}; known: {known:.200}")
        return labels

    def inverse(self, values: Array) -> Array:
        """Return labels for class numbers, or y = values * scale + center in the target's own units.

        Parameters
        ----------
        values : array of int (class numbers) or float (standardised values), of any shape

        Raises
        ------
        InputError
            If there are no such class numbers.
        """
        if self.task == "regression":
            return np.asarray(values) * self.scale + self.center
        numbers = np.asarray(values)
        if numbers.dtype.kind not in "iu" or ((numbers < 0) | (numbers >= len(self.classes))).any():
            raise InputError(
                f"expected class numbers, whole and from 0 to {len(self.classes) - 1}; got {values!r:.100}"
            )
        return np.array(self.classes)[numbers]

    def describe(self) -> dict[str, Any]:
        """Return what was learned as plain JSON values, exactly."""
        return plain(self)

    @classmethod
    def from_description(cls, description: object) -> TargetEncoder:
        """Build the encoder that :meth:`describe` described.

        Raises
        ------
        InputError
            If it isn't such a description.
        """
        return rebuild(cls, description)


def _check_labels(column: Column) -> None:
    if column.missing.any():
        rows = np.flatnonzero(column.missing)
        places = ", ".join(column.place(int(row)) for row in rows[:5]) + ", ..." * (len(rows) > 5)
        message = f"the target {column.name!r} has no value in {len(rows)} of {len(column.values)} rows: {places}"
        raise InputError(f"{message}; take these rows out, or fill them")
    check_finite(column)


def _are_classes(column: Column, distinct: list[Any]) -> bool:
    few = len(distinct) <= 2 or len(distinct) <= min(MAX_CLASSES, len(column.values) / 2)
    return few and all(float(value).is_integer() for value in distinct)


def _classes(column: Column, distinct: list[Any]) -> tuple[Any, ...]:
    if column.kind == "number" and (fraction := column.values != np.floor(column.values)).any():
        row = int(np.argmax(fraction))
        found = f"the target {column.name!r} holds {column.values[row]} at {column.place(row)}"
        raise InputError(f"{found}; classes are text, booleans or whole numbers: use task='regression'")
    if is_name(len(distinct), len(column.values)):
        found = f"the target {column.name!r} has {len(distinct)} different values in {len(column.values)} rows"
        raise InputError(f"{found}, too many for classes; choose another target, or read it as numbers")
    if len(distinct) == 1:
        message = f"the target {column.name!r} has one class only, {distinct[0]!s:.40}: there is nothing to learn"
        warnings.warn(message, ClearpropWarning, stacklevel=3)
    types = {"text": str, "boolean": bool, "number": int}
    return tuple(types[column.kind](value) for value in distinct)
