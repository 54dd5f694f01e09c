"""A table made into numbers: its features as a matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from clearprop.data.descriptions import plain, rebuild
from clearprop.data.encodings import (
    CodeEncoding,
    Encoding,
    NumberEncoding,
    TextEncoding,
    check_finite,
    check_kind,
)
from clearprop.data.fit_encodings import fit_numbers, fit_text
from clearprop.data.table import Array, Kind, Table
from clearprop.errors import InputError, unknown_name, warn

_TYPES: dict[str, type[Encoding]] = {"number": NumberEncoding, "text": TextEncoding, "codes": CodeEncoding}


@dataclass(frozen=True)
class FeatureEncoder:
    """Makes every column of a table into numbers: a float64 matrix of shape (n_rows, len(feature_names)).

    - number: u = (x - median) / distance of the quartiles, then u / √(1 + (u/3)²), which stays within ±3; a missing
      value gives 0, and a column "x is missing" where training had missing values
    - boolean: -1 or 1, missing values likewise
    - date: days since 1970, month, weekday and hour, each as a number
    - text: one column a level, with missing as a level of its own; two levels give one column of -1 and +1; an unseen
      level gives 0 everywhere, with a warning
    - text of more than 50 levels: one column of codes for an embedding, 0 for missing, rare and unseen levels
    - a constant column, and text that is different in more than half of the rows (names, tickets, codes), is
      left out with a warning; where it has missing values, "x is missing" stays

    Made by :meth:`fit`.

    Parameters
    ----------
    encodings : tuple of NumberEncoding, TextEncoding and CodeEncoding
        How each column is encoded, in the order of the features.

    Examples
    --------
    >>> from clearprop.data.table import Column
    >>> table = Table([Column("age", "number", [20, None, 40]), Column("sex", "text", ["f", "m", "f"])])
    >>> encoder = FeatureEncoder.fit(table)
    >>> encoder.feature_names
    ('age', 'age is missing', 'sex=m')
    >>> encoder.transform(table).round(2)
    array([[ 0.  ,  0.  , -1.  ],
           [ 0.  ,  1.  ,  1.  ],
           [ 0.95,  0.  , -1.  ]])
    """

    encodings: tuple[Encoding, ...]

    @classmethod
    def fit(cls, table: Table, weight: Array | None = None) -> FeatureEncoder:
        """Return the encoder that suits the columns of ``table``.

        Parameters
        ----------
        table : Table
        weight : array, shape (n_rows,), optional
            Weights of the rows: medians and quartiles are those of the table with each row so many times.

        Raises
        ------
        InputError
            If a number is infinite, there is no row, or no column is left.
        """
        if not table.n_rows:
            raise InputError("expected at least one row to learn the encoding from; got none")
        encodings: list[Encoding] = []
        constant: list[str] = []
        unlike: list[str] = []
        for column in table.columns:
            distinct = 0
            if column.kind == "text":
                encoding, distinct = fit_text(column)
                found: list[Encoding] = [encoding] if encoding.names else []
                if distinct > 1 and not encoding.levels:
                    unlike.append(column.name)
            else:
                found = [*fit_numbers(column, weight)]
            if not found and distinct < 2:
                constant.append(column.name)
            encodings += found
        for names, reason in (
            (constant, "are the same in every row"),
            (unlike, "differ in more than half of their rows"),
        ):
            if names:
                message = f"these columns {reason} and are left out: {', '.join(names)}"
                warn(message)
        if not encodings:
            raise InputError(f"no column is left to learn from; the table has {', '.join(table.names)}")
        return cls(tuple(encodings))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The name of each column of the matrix."""
        return tuple(name for encoding in self.encodings for name in encoding.names)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For each column of the matrix whether it holds numbers, and not just -1, 0 and 1, or codes."""
        return tuple(flag for encoding in self.encodings for flag in encoding.numeric)

    @property
    def codes(self) -> tuple[int, ...]:
        """For each column of the matrix how many codes it holds: 0 where it isn't an embedding's."""
        return tuple(count for encoding in self.encodings for count in encoding.codes)

    def numbers(self) -> Iterator[tuple[int, NumberEncoding]]:
        """Yield the place in the matrix of each column of numbers (not of booleans or dates), and its encoding."""
        place = 0
        for encoding in self.encodings:
            if isinstance(encoding, NumberEncoding) and encoding.kind == "number" and encoding.scale > 0:
                yield place, encoding
            place += len(encoding.names)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The columns that a table to transform must have; for ``read_table(..., kinds=encoder.kinds)``."""
        return {encoding.column: encoding.kind for encoding in self.encodings}

    def transform(self, table: Table, *, warn_of_unseen: bool = True) -> Array:
        """Return the matrix of a table, whose columns are found by name; it may have more of them.

        Returns
        -------
        array of float64, shape (table.n_rows, len(feature_names))

        Raises
        ------
        InputError
            If a column is missing, or a number is infinite.
        InputTypeError
            If a column is of another kind than in training.
        """
        absent = [name for name in self.kinds if name not in table]
        if absent:
            missing = f"the table lacks {len(absent)} of the columns that training had: {', '.join(absent)}"
            raise InputError(f"{missing} ({unknown_name('column', absent[0], table.names)})")
        matrix = np.zeros((table.n_rows, len(self.feature_names)))
        start = 0
        for encoding in self.encodings:
            column = table[encoding.column]
            check_kind(column, encoding.kind)
            check_finite(column)
            stop = start + len(encoding.names)
            encoding.write(column, matrix[:, start:stop])
            if warn_of_unseen and isinstance(encoding, TextEncoding):
                encoding.warn_of_unseen(column)
            start = stop
        return matrix

    def describe(self) -> dict[str, Any]:
        """Return what was learned as plain JSON values, exactly."""
        types = {kind: name for name, kind in _TYPES.items()}
        return {"encodings": [{"type": types[type(item)], **plain(item)} for item in self.encodings]}

    @classmethod
    def from_description(cls, description: object) -> FeatureEncoder:
        """Build the encoder that :meth:`describe` described.

        Raises
        ------
        InputError
            If it isn't such a description.
        """
        listed = cast(Any, description).get("encodings") if isinstance(description, Mapping) else None
        if not isinstance(listed, list) or not listed:
            raise InputError(f"expected the description of a feature encoder; got {description!r:.200}")
        encodings: list[Encoding] = []
        for item in cast(list[Any], listed):
            values = dict(cast(Mapping[str, Any], item)) if isinstance(item, Mapping) else {}
            kind = values.pop("type", None)
            if not isinstance(kind, str) or kind not in _TYPES:
                raise InputError(f"expected the encoding of a 'number', 'text' or 'codes' column; got {item!r:.200}")
            encodings.append(rebuild(_TYPES[kind], values))
        return cls(tuple(encodings))
