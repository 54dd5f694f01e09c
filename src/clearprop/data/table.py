"""A person's own table: named columns of one length that remember where in the file each row was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import InputError, unknown_name

Array = NDArray[Any]
Kind = Literal["number", "boolean", "text", "date"]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, eq=False)
class Column:
    """One column: a name, a kind, and a value for each row.

    Parameters
    ----------
    name : str
    kind : {"number", "boolean", "text", "date"}
        What the values are, and how a missing one is written:

        - number: float64, NaN
        - boolean: float64 0 or 1, NaN
        - text: objects of type str, None
        - date: datetime64[us], NaT
    values : array, shape (n_rows,)
        Converted to the kind's own type; text isn't checked cell by cell.
    source : str, default=""
        The file it was read from, for messages.
    lines : array of int, shape (n_rows,), optional
        The line of the file on which each row starts, counted from 1.

    Raises
    ------
    InputError
        For an unknown kind, or values and lines that aren't two vectors of one length.

    Examples
    --------
    >>> age = Column("age", "number", [22, None, 35], source="people.csv", lines=np.array([2, 3, 4]))
    >>> age.values, age.place(1)
    (array([22., nan, 35.]), 'people.csv:3')
    """

    name: str
    kind: Kind
    values: Array
    source: str = ""
    lines: Array | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("kind of column", str(self.kind), KINDS)
        kinds = {"text": object, "date": "datetime64[us]"}
        values = np.asarray(self.values, dtype=kinds.get(self.kind, np.float64))
        if values.ndim != 1 or (self.lines is not None and self.lines.shape != values.shape):
            shape = f"got shape {values.shape}"
            raise InputError(f"column {self.name!r} needs one value and one line a row; {shape}")
        object.__setattr__(self, "values", values)

    @cached_property
    def missing(self) -> Array:
        """Which rows have no value: a boolean mask of shape (n_rows,)."""
        if self.kind == "text":
            return np.array([value is None for value in self.values], dtype=bool)
        return np.isnat(self.values) if self.kind == "date" else np.isnan(self.values)

    def place(self, row: int) -> str:
        """Return where a row is: ``file:line``, or ``row 7`` (counted from 0) where there is no line."""
        if self.lines is None:
            return f"{self.source} row {row}".strip()
        return f"{self.source}:{self.lines[row]}"

    def renamed(self, name: str) -> Column:
        """Return the column under another name."""
        return self if name == self.name else replace(self, name=name)

    def take(self, rows: Any) -> Column:
        """Return the column with only these rows: indices, a boolean mask, or a slice."""
        return replace(self, values=self.values[rows], lines=None if self.lines is None else self.lines[rows])


class Table:
    """Columns in order, found by name.

    Parameters
    ----------
    columns : iterable of Column
        At least one, all of one length, no name twice.

    Raises
    ------
    InputError
        If there is no column, a name comes twice, lengths differ, or a name asked for isn't there.

    Examples
    --------
    >>> table = Table([Column("age", "number", [22, 38]), Column("sex", "text", ["male", "female"])])
    >>> table.n_rows, table["age"].values
    (2, array([22., 38.]))
    >>> table["Age"]
    Traceback (most recent call last):
    clearprop.errors.InputError: unknown column 'Age'; did you mean 'age'? Known: age, sex
    """

    def __init__(self, columns: Iterable[Column]) -> None:
        self.columns = tuple(columns)
        self._by_name = {column.name: column for column in self.columns}
        if not self.columns:
            raise InputError("a table needs at least one column")
        if len(self._by_name) < len(self.columns):
            twice = next(name for i, name in enumerate(self.names) if name in self.names[:i])
            raise InputError(f"a table's columns need names of their own; {twice!r} comes twice")
        for column in self.columns:
            if len(column.values) != self.n_rows:
                raise InputError(
                    f"a table's columns must be of one length; {self.names[0]!r} has {self.n_rows} rows "
                    f"and {column.name!r} has {len(column.values)}"
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[0].values)

    def __getitem__(self, name: str) -> Column:
        try:
            return self._by_name[name]
        except KeyError:
            source = self.columns[0].source
            error = unknown_name("column", name, self.names)
            raise InputError(f"{source}: {error}" if source else str(error)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __repr__(self) -> str:
        columns = ", ".join(f"{column.name} {column.kind}" for column in self.columns)
        return f"Table({self.n_rows:,} rows: {columns})"

    def without(self, *names: str) -> Table:
        """Return the table without these columns, which must be there."""
        gone = {self[name].name for name in names}
        return Table(column for column in self.columns if column.name not in gone)

    def take(self, rows: Any) -> Table:
        """Return the table with only these rows: indices, a boolean mask, or a slice."""
        return Table(column.take(rows) for column in self.columns)
