"""Which columns of somebody's table a picture is drawn over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError, unknown_name

Column = int | str


def column_names(x: Any, n_columns: int, given: Sequence[str] | None = None) -> list[str]:
    """Return the names given, or a table's own, or "feature 0", "feature 1" and so on.

    Raises
    ------
    InputError
        For another number of names than of columns.

    Examples
    --------
    >>> column_names(np.zeros((3, 2)), 2)
    ['feature 0', 'feature 1']
    """
    own = getattr(x, "columns", None)
    names = given if given is not None else range(n_columns) if own is None else own
    if len(names) != n_columns:
        raise InputError(f"feature_names must have a name for each of the {n_columns} columns; got {len(names)}")
    return [f"feature {i}" for i in names] if isinstance(names, range) else [str(name) for name in names]


def place_of(column: Column, names: Sequence[str]) -> int:
    """Return the number of a column given by number (negative: from the end) or by name.

    Raises
    ------
    InputError
        If there is no such column.
    """
    if isinstance(column, str):
        if column not in names:
            raise unknown_name("feature", column, names)
        return list(names).index(column)
    if not -len(names) <= column < len(names):
        raise InputError(f"there is no feature {column}; x has {len(names)} columns, 0 to {len(names) - 1}")
    return int(column) % len(names)


def plane_of(features: tuple[Column, Column] | None, names: Sequence[str]) -> tuple[int, int]:
    """Return the two columns that span the plane: all that there are, or those asked for.

    Raises
    ------
    InputError
        For fewer than two columns, or more than two when none are asked for.
    """
    n = len(names)
    if n < 2:
        raise InputError(f"a decision boundary is drawn over two features, and x has {n}; plot predictions against it")
    if features is None:
        if n > 2:
            raise InputError(
                f"a decision boundary is drawn over two features, and x has {n}; say which: features=(0, 1). The "
                "others are held at their medians, or at what fixed={column: value} gives"
            )
        return 0, 1
    if len(features) != 2:
        raise InputError(f"features must be two columns; got {features!r}")
    return place_of(features[0], names), place_of(features[1], names)


def held_columns(
    x: Array, plane: tuple[int, int], fixed: Mapping[Column, float] | None, names: Sequence[str]
) -> tuple[dict[int, float], str]:
    """Return the values at which the columns outside the plane are held, and a note that says so.

    Raises
    ------
    InputError
        If ``fixed`` names a column of the plane, or one that isn't there.
    """
    medians = {i: float(np.median(x[:, i])) for i in range(len(names)) if i not in plane}
    given = {place_of(column, names): float(value) for column, value in (fixed or {}).items()}
    for i in given:
        if i in plane:
            raise InputError(f"fixed holds other columns than those drawn; {names[i]!r:.60} is one of features")
    values = medians | given
    if not values:
        return values, ""
    if len(values) <= 2:
        return values, "at " + ", ".join(f"{shortened(names[i])} = {value:.3g}" for i, value in values.items())
    where = "the values given" if len(given) == len(values) else "medians and the values given" if given else "medians"
    return values, f"{len(values)} other features held at {'their ' if where[0] == 'm' else ''}{where}"


def shortened(name: str, limit: int = 16) -> str:
    """Return a name of at most ``limit`` characters."""
    return name if len(name) <= limit else name[: limit - 1] + "…"


def like(x: Any, rows: Array) -> Any:
    """Return rows as a table with x's columns, if x is a table: an estimator fitted on names wants them again."""
    if not hasattr(x, "columns"):
        return rows
    keyword = "schema" if type(x).__module__.startswith("polars") else "columns"
    return type(x)(rows, **{keyword: list(x.columns)})
