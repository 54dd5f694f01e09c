"""A table made into numbers: its features as a matrix, its target as class numbers or standardised values."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from clearprop.data.descriptions import plain, rebuild
from clearprop.data.encodings import (
    Encoding,
    NumberEncoding,
    TextEncoding,
    check_finite,
    check_kind,
    fit_numbers,
    fit_text,
)
from clearprop.data.table import Array, Kind, Table
from clearprop.data.target import TargetEncoder
from clearprop.errors import ClearpropWarning, InputError, unknown_name

__all__ = ["FeatureEncoder", "TargetEncoder"]


@dataclass(frozen=True)
class FeatureEncoder:
    """Makes every column of a table into numbers: a float64 matrix of shape (n_rows, len(feature_names)).

    - number: (x - mean) / standard deviation, a missing value replaced by the training median, and a column
      "x is missing" where training had missing values
    - boolean: 0 or 1, missing values likewise
    - date: days since 1970, month, weekday and hour, each as a number
    - text: one column a level, with missing as a level of its own; two levels give one column of -1 and +1;
      of more than 50 levels the 50 most frequent, and one column for all others; an unseen level gives 0
      everywhere, with a warning, or counts among the others
    - a constant column, and text that is different in more than half of the rows (names, tickets, codes), is
      left out with a warning; where it has missing values, "x is missing" stays

    Made by :meth:`fit`.

    Parameters
    ----------
    encodings : tuple of NumberEncoding and TextEncoding
        How each column is encoded, in the order of the features.

    Examples
    --------
    >>> from clearprop.data.table import Column
    >>> table = Table([Column("age", "number", [20, None, 40]), Column("sex", "text", ["f", "m", "f"])])
    >>> encoder = FeatureEncoder.fit(table)
    >>> encoder.feature_names
    ('age', 'age is missing', 'sex=m')
    >>> encoder.transform(table)
    array([[-1.,  0., -1.],
           [ 0.,  1.,  1.],
           [ 1.,  0., -1.]])
    """

    encodings: tuple[Encoding, ...]

    @classmethod
    def fit(cls, table: Table) -> FeatureEncoder:
        """Return the encoder that suits the columns of ``table``.

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
                found = [*fit_numbers(column)]
            if not found and distinct < 2:
                constant.append(column.name)
            encodings += found
        for names, reason in (
            (constant, "are the same in every row"),
            (unlike, "differ in more than half of their rows"),
        ):
            if names:
                message = f"these columns {reason} and are left out: {', '.join(names)}"
                warnings.warn(message, ClearpropWarning, stacklevel=2)
        if not encodings:
            raise InputError(f"no column is left to learn from; the table has {', '.join(table.names)}")
        return cls(tuple(encodings))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The name of each column of the matrix."""
        return tuple(name for encoding in self.encodings for name in encoding.names)

    @property
    def kinds(self) -> dict[str, Kind]:
        """The columns that a table to transform must have; for ``read_table(..., kinds=encoder.kinds)``."""
        return {encoding.column: encoding.kind for encoding in self.encodings}

    def transform(self, table: Table) -> Array:
        """Return the matrix of a table, whose columns are found by name; it may have more of them.

        Returns
        -------
        array of float64, shape (table.n_rows, len(feature_names))

        Raises
        ------
        InputError
            If a column is missing, or a number is infinite or farther than 1e30 deviations from the mean.
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
            start = stop
        return matrix

    def describe(self) -> dict[str, Any]:
        """Return what was learned as plain JSON values, exactly."""
        types = {NumberEncoding: "number", TextEncoding: "text"}
        return {"encodings": [{"type": types[type(item)], **plain(item)} for item in self.encodings]}

    @classmethod
    def from_description(cls, description: object) -> FeatureEncoder:
        """Build the encoder that :meth:`describe` described.

        Raises
        ------
        InputError
            If it isn't such a description.
        """
        types = {"number": NumberEncoding, "text": TextEncoding}
        listed = cast(Any, description).get("encodings") if isinstance(description, Mapping) else None
        if not isinstance(listed, list) or not listed:
            raise InputError(f"expected the description of a feature encoder; got {description!r:.200}")
        encodings: list[Encoding] = []
        for item in cast(list[Any], listed):
            values = dict(cast(Mapping[str, Any], item)) if isinstance(item, Mapping) else {}
            kind = values.pop("type", None)
            if kind not in ("number", "text"):
                raise InputError(f"expected the encoding of a 'number' or 'text' column; got {item!r:.200}")
            encodings.append(rebuild(types[kind], values))
        return cls(tuple(encodings))
