"""How one column of a table becomes columns of a matrix: settings found in training, used ever after."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import cast

import numpy as np

from clearprop.data.table import KINDS, Array, Column, Kind
from clearprop.errors import ClearpropWarning, InputError, InputTypeError

#: A text column with more levels keeps this many, the most frequent; the others share one column.
MAX_LEVELS = 50

#: Text with more distinct values than this, more than half of them different, is a name or a code: left out.
FEW_NAMES = 20

#: A cell farther from the training mean than so many standard deviations is a mistake, not a number to learn from.
FARTHEST = 1e30

_PARTS = ("", "days", "month", "weekday", "hour")


@dataclass(frozen=True)
class NumberEncoding:
    """A number, boolean, or part of a date: z = (x - center) / scale, a missing x taken as ``fill``.

    Where the training column had missing values, a second column says with 1 that the value is missing.
    ``scale`` 0 leaves z out.
    """

    column: str
    kind: Kind
    part: str
    fill: float
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

    def write(self, column: Column, out: Array) -> None:
        """Write the column's (n,) values into ``out`` (n, len(names))."""
        if self.indicator:
            out[:, -1] = column.missing
        if self.scale == 0:
            return
        z = out[:, 0]
        z[:] = self.fill
        if not column.missing.all():  # else it may be of any kind
            np.copyto(z, parts(column)[self.part], where=~column.missing)
        with np.errstate(over="ignore"):
            z -= self.center
            z /= self.scale
        far = ~(np.abs(z) <= FARTHEST)
        if far.any():
            row = int(np.argmax(far))
            found = f"column {self.column!r} holds {column.values[row]} at {column.place(row)}"
            known = f"the training values have mean {self.center:.6g} and standard deviation {self.scale:.6g}"
            raise InputError(f"{found}, more than {FARTHEST:g} deviations away: {known}; correct this cell")


@dataclass(frozen=True)
class TextEncoding:
    """Text: one column a level, 1 where the cell is this level and 0 elsewhere; ``missing`` is a level too.

    Two levels in all need one column: +1 for the second of them, -1 for the first, so that 0 is neither.
    A level not seen in training gives 0 everywhere, or 1 in the column of rare levels if there is one.
    """

    column: str
    levels: tuple[str, ...]
    other: bool
    missing: bool

    def __post_init__(self) -> None:
        if not all(isinstance(level, str) for level in cast(tuple[object, ...], self.levels)):
            raise InputError(f"no such encoding of text: {self}")

    @property
    def kind(self) -> Kind:
        """What the column must be."""
        return "text"

    @property
    def single(self) -> bool:
        """Whether there are two levels, and so one column."""
        return len(self.levels) == 2 and not self.other and not self.missing

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns it gives."""
        levels = tuple(f"{self.column}={level}" for level in self.levels[self.single :])
        other = (f"{self.column} is another",) * self.other
        return levels + other + (f"{self.column} is missing",) * self.missing

    def write(self, column: Column, out: Array) -> None:
        """Write the column's (n,) values into ``out`` (n, len(names))."""
        if self.missing:
            out[:, -1] = column.missing
        if not self.levels:
            return
        numbers = {level: i for i, level in enumerate(self.levels)}
        unseen = len(self.levels) if self.other else -1
        cells: list[str | None] = column.values.tolist() if column.kind == "text" else [None] * len(out)
        level = np.array([numbers.get(cell, unseen) if cell is not None else -2 for cell in cells], dtype=np.intp)
        if self.single:
            out[:, 0] = np.where(level >= 0, 2.0 * level - 1.0, 0.0)
        else:
            rows = np.flatnonzero(level >= 0)
            out[rows, level[rows]] = 1.0
        if -1 in level:
            row = int(np.argmax(level == -1))
            found = f"{cells[row]!r:.50} at {column.place(row)}"
            count = int((level == -1).sum())
            message = f"column {self.column!r} holds {found}, a level that training didn't see ({count} such cells)"
            warnings.warn(f"{message}; it counts as none of the known ones", ClearpropWarning, stacklevel=3)


Encoding = NumberEncoding | TextEncoding


def parts(column: Column) -> dict[str, Array]:
    """Return a column's values as float64: of a date its days since 1970, month, weekday (Monday 0) and hour."""
    if column.kind != "date":
        return {"": column.values}
    days = np.where(column.missing, np.nan, column.values.astype(np.int64) / 86.4e9)
    month = np.where(column.missing, np.nan, column.values.astype("datetime64[M]").astype(np.int64) % 12 + 1)
    whole = np.floor(days)
    return {"days": days, "month": month, "weekday": (whole + 3) % 7, "hour": (days - whole) * 24}


def fit_numbers(column: Column) -> list[NumberEncoding]:
    """Return the encoding of each part of a number, boolean or date column; those that give no column left out."""
    check_finite(column)
    present = ~column.missing
    found: list[NumberEncoding] = []
    for part, values in parts(column).items():
        known = values[present]
        center, scale = mean_and_deviation(known) if known.size else (0.0, 0.0)
        if column.kind == "boolean" and scale:
            center, scale = 0.0, 1.0  # 0 and 1 as they are
        elif part in {"", "days"} and scale:
            _warn_of_giants(column, values, scale)
        fill = float(2 * np.median(known / 2)) if known.size else 0.0  # halved: their sum can't overflow
        indicator = part in {"", "days"} and 0 < known.size < len(values)
        found.append(NumberEncoding(column.name, column.kind, part, fill, center, scale, indicator))
    return [encoding for encoding in found if encoding.names]


def fit_text(column: Column) -> tuple[TextEncoding, int]:
    """Return the encoding of a text column, and how many distinct values it has."""
    counts = Counter(cast(list[str], column.values[~column.missing].tolist()))
    missing = 0 < counts.total() < len(column.values)
    levels = sorted(counts, key=lambda level: (-counts[level], level))
    if len(levels) == 1 or is_name(len(levels), counts.total()):
        levels = []
    other = len(levels) > MAX_LEVELS
    return TextEncoding(column.name, tuple(sorted(levels[:MAX_LEVELS])), other, missing), len(counts)


def is_name(distinct: int, total: int) -> bool:
    """Whether almost every value is different, as names, tickets and codes are."""
    return distinct > FEW_NAMES and distinct > total / 2


def mean_and_deviation(x: Array) -> tuple[float, float]:
    """Return the mean and the standard deviation of ``x`` (n,), which never overflow.

    A deviation of less than about four times the rounding of the largest value is rounding: 0.
    """
    power = int(np.frexp(np.abs(x).max())[1])  # dividing by a power of two is exact
    scaled = np.ldexp(x, -power)
    mean = float(scaled.mean())
    deviations = scaled - mean
    mean += float(deviations.mean())  # what rounding left
    deviation = float(np.sqrt(np.mean(deviations**2)))
    if deviation < 4 * np.finfo(np.float64).eps:
        deviation = 0.0
    return float(np.ldexp(mean, power)), float(np.ldexp(deviation, power))


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


def _warn_of_giants(column: Column, values: Array, scale: float) -> None:
    """Warn if a few cells are so large that all others look alike after standardising."""
    known = values[~column.missing]
    low, high = np.quantile(known, [0.05, 0.95], method="nearest")
    if 0 < high / scale - low / scale < 1e-6:
        row = int(np.nanargmax(np.abs(values - np.median(known))))
        found = (
            f"column {column.name!r}: beside {column.values[row]} at {column.place(row)} nearly all cells look alike"
        )
        warnings.warn(f"{found}; correct such cells, or take the logarithm", ClearpropWarning, stacklevel=4)
