"""How one column of a table becomes columns of a matrix: settings found in training, used ever after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clearprop.data.table import KINDS, Array, Column, Kind
from clearprop.errors import InputError, InputTypeError, warn

_PARTS = ("", "days", "month", "weekday", "hour")


@dataclass(frozen=True)
class NumberEncoding:
    """A number, boolean, or part of a date: u = (x - center) / scale, then u / √(1 + (u/3)²), which stays within ±3.

    A missing x gives 0; where the training column had missing values, a second column says so with 1. A boolean is -1
    or 1. ``scale`` 0 leaves the value out. (Holzmüller et al. 2024, arXiv 2407.04491, section 3.)
    """

    column: str
    kind: Kind
    part: str
    center: float
    scale: float
    indicator: bool

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.kind == "text" or self.part not in _PARTS or self.scale < 0:
            raise InputError(f"no such encoding of a number: {self}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns it gives."""
        value = f"{self.column} {self.part}".strip()
        return (value,) * (self.scale > 0) + (f"{self.column} is missing",) * self.indicator

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which of its columns hold numbers, and not just -1, 0 and 1."""
        return (self.kind != "boolean",) * (self.scale > 0) + (False,) * self.indicator

    @property
    def codes(self) -> tuple[int, ...]:
        """How many codes each of its columns holds: none."""
        return (0,) * len(self.names)

    def write(self, column: Column, out: Array) -> None:
        """Write the column's (n,) values into ``out`` (n, len(names)), which is 0."""
        if self.indicator:
            out[:, -1] = column.missing
        if self.scale == 0 or column.missing.all():  # nothing but gaps may be of any kind
            return
        u = self._scaled(column)
        if self.kind != "boolean":
            u /= np.sqrt(1 + (u / 3) ** 2)
        np.copyto(out[:, 0], u, where=~column.missing)

    def slope(self, column: Column) -> Array:
        """Return the derivative of the number's encoding by the number, shape (n,); NaN where it is missing."""
        return (1 + (self._scaled(column) / 3) ** 2) ** -1.5 / self.scale

    def _scaled(self, column: Column) -> Array:
        with np.errstate(over="ignore"):
            u = (parts(column)[self.part] / 2 - self.center / 2) / (self.scale / 2)  # halves: no difference overflows
        return np.clip(u, -1e100, 1e100)


@dataclass(frozen=True)
class TextEncoding:
    """Text: one column a level, 1 where the cell is this level and 0 elsewhere; ``missing`` is a level too.

    Two levels in all need one column: +1 for the second of them, -1 for the first, so that 0 is neither.
    A level not seen in training gives 0 everywhere.
    """

    column: str
    levels: tuple[str, ...]
    missing: bool

    def __post_init__(self) -> None:
        _check_levels(self, self.levels)

    @property
    def kind(self) -> Kind:
        """What the column must be."""
        return "text"

    @property
    def single(self) -> bool:
        """Whether there are two levels, and so one column."""
        return len(self.levels) == 2 and not self.missing

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns it gives."""
        levels = tuple(f"{self.column}={level}" for level in self.levels[self.single :])
        return levels + (f"{self.column} is missing",) * self.missing

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which of its columns hold numbers: none."""
        return (False,) * len(self.names)

    @property
    def codes(self) -> tuple[int, ...]:
        """How many codes each of its columns holds: none."""
        return (0,) * len(self.names)

    def write(self, column: Column, out: Array) -> None:
        """Write the column's (n,) values into ``out`` (n, len(names)), which is 0."""
        if self.missing:
            out[:, -1] = column.missing
        if not self.levels:
            return
        places = _places(column, self.levels)
        if self.single:
            out[:, 0] = np.where(places >= 0, 2.0 * places - 1.0, 0.0)
        else:
            rows = np.flatnonzero(places >= 0)
            out[rows, places[rows]] = 1.0

    def warn_of_unseen(self, column: Column) -> None:
        """Warn of levels that training didn't see."""
        if self.levels:
            _warn_of_unseen(column, _places(column, self.levels) == -1)


@dataclass(frozen=True)
class CodeEncoding:
    """Text of many levels, for an embedding: one column of codes 1, 2, …; 0 for missing, rare and unseen levels."""

    column: str
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        _check_levels(self, self.levels)

    @property
    def kind(self) -> Kind:
        """What the column must be."""
        return "text"

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the column it gives."""
        return (self.column,)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether its column holds numbers: no."""
        return (False,)

    @property
    def codes(self) -> tuple[int, ...]:
        """How many codes its column holds."""
        return (len(self.levels),)

    def write(self, column: Column, out: Array) -> None:
        """Write the column's (n,) codes into ``out`` (n, 1)."""
        out[:, 0] = np.maximum(_places(column, self.levels) + 1, 0)


def _check_levels(encoding: TextEncoding | CodeEncoding, levels: tuple[object, ...]) -> None:
    if not all(isinstance(level, str) for level in levels):
        raise InputError(f"no such encoding of text: {encoding}")


def _places(column: Column, levels: tuple[str, ...]) -> Array:
    """Return each cell's place among the levels: -1 for one that isn't there, -2 for a missing one."""
    numbers = {level: i for i, level in enumerate(levels)}
    cells: list[str | None] = column.values.tolist() if column.kind == "text" else [None] * len(column.values)
    return np.array([numbers.get(cell, -1) if cell is not None else -2 for cell in cells], dtype=np.intp)


def _warn_of_unseen(column: Column, unseen: Array) -> None:
    if unseen.any():
        row = int(np.argmax(unseen))
        found = f"{column.values[row]!r:.50} at {column.place(row)}"
        message = f"column {column.name!r} holds {found}, a level that training didn't see ({unseen.sum()} such cells)"
        warn(f"{message}; it counts as none of the known ones")


Encoding = NumberEncoding | TextEncoding | CodeEncoding


def parts(column: Column) -> dict[str, Array]:
    """Return a column's values as float64: of a date its days since 1970, month, weekday (Monday 0) and hour."""
    if column.kind != "date":
        return {"": column.values}
    days = np.where(column.missing, np.nan, column.values.astype(np.int64) / 86.4e9)
    month = np.where(column.missing, np.nan, column.values.astype("datetime64[M]").astype(np.int64) % 12 + 1)
    whole = np.floor(days)
    return {"days": days, "month": month, "weekday": (whole + 3) % 7, "hour": (days - whole) * 24}


def check_kind(column: Column, kind: Kind) -> None:
    """Raise InputTypeError if a column isn't of the kind it had in training (nothing but gaps is of any kind)."""
    if column.kind != kind and not column.missing.all():
        row = int(np.argmin(column.missing))
        found = f"column {column.name!r} holds {column.kind} ({column.values[row]!s:.40} at {column.place(row)})"
        remedy = "read the file with kinds=encoder.kinds, or mend it"
        raise InputTypeError(f"{found}, expected {kind}, as in training; {remedy}")


def check_finite(column: Column) -> None:
    """Raise InputError with the place of the first infinite value of a number column."""
    if column.kind == "number" and (infinite := np.isinf(column.values)).any():
        row = int(np.argmax(infinite))
        found = f"column {column.name!r} holds {column.values[row]} at {column.place(row)}"
        raise InputError(f"{found} ({int(infinite.sum())} such cells), expected finite numbers; correct them")
