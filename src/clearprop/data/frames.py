"""A person's DataFrame, of whatever library, as a table (Narwhals reads them all)."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Mapping
from decimal import Decimal
from numbers import Real
from typing import Any, cast

import numpy as np

from clearprop.data.table import Array, Column, Kind, Table
from clearprop.errors import InputError, InputTypeError, MissingExtraError

_GAPS = 2.0**53  # whole numbers from here on, where float64 has gaps, are codes


def as_table(data: Any, what: str = "X") -> Table:
    """Return a DataFrame, or an array, as a table; it isn't changed.

    Integers, floats and decimals are numbers, durations are numbers of seconds; categories are text, also those of
    numbers; whole numbers from 2**53 on are codes, and so text; times with a zone become UTC. A column of objects is
    what all of them are. An array's columns are called x0, x1, …

    Parameters
    ----------
    data : Table, DataFrame of pandas, polars or pyarrow, anything with ``__arrow_c_stream__``, or array (rows, columns)
        What has ``__array__`` is an array, too.
    what : str
        Its name in messages.

    Returns
    -------
    Table

    Raises
    ------
    InputTypeError
        For anything else, and for columns of lists, mixed objects and the like.
    InputError
        For another number of dimensions, no columns, or a name that comes twice.
    MissingExtraError
        If it speaks Arrow, and pyarrow isn't installed.

    Examples
    --------
    >>> import pyarrow
    >>> as_table(pyarrow.table({"age": [22, None], "sex": ["m", "f"], "since": [True, False]}))
    Table(2 rows: age number, sex text, since boolean)
    >>> as_table([[1.0, "a"], [2.0, None]])
    Table(2 rows: x0 number, x1 text)
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, np.ndarray | list | tuple):
        return _from_array(cast(Array, data) if isinstance(data, np.ndarray) else _objects(data, what), what)
    if not _is_frame(data) and hasattr(data, "__array__"):
        return _from_array(np.asarray(data), what)
    frame = _frame(data, what)
    if not frame.columns:
        raise InputError(_no_columns(what, frame.shape))
    return Table(_column(series, what) for series in frame.iter_columns())


def read_stream(data: Any) -> Any:
    """Return what speaks Arrow as pyarrow's table, which can be read twice.

    Raises
    ------
    MissingExtraError
        If pyarrow isn't installed.
    """
    nw: Any = importlib.import_module("narwhals")
    try:
        return nw.from_arrow(data, backend="pyarrow").to_native()
    except ImportError as error:
        raise MissingExtraError(f"reading a {type(data).__name__} needs pyarrow: pip install pyarrow") from error


def _is_frame(data: Any) -> bool:
    return any(hasattr(data, name) for name in ("collect", "__arrow_c_stream__", "columns"))


def _no_columns(what: str, shape: tuple[int, ...]) -> str:
    return f"{what} has no columns: 0 feature(s) (shape={tuple(shape)}) while a minimum of 1 is required."


def _frame(data: Any, what: str) -> Any:
    """Return a Narwhals DataFrame."""
    nw: Any = importlib.import_module("narwhals")
    try:
        return nw.from_native(data, eager_only=True)
    except nw.exceptions.DuplicateError:
        names = [str(name) for name in getattr(data, "column_names", data.columns)]  # as pyarrow calls them
        twice = next(name for i, name in enumerate(names) if name in names[:i])
        raise InputError(f"{what}'s columns need names of their own; {twice!r} comes twice") from None
    except TypeError:
        pass
    if hasattr(data, "collect"):
        raise InputTypeError(f"{what} is a lazy frame ({type(data).__name__}); give {what}.collect()")
    if hasattr(data, "__arrow_c_stream__"):
        return nw.from_native(read_stream(data))
    kinds = "a DataFrame (pandas, polars, pyarrow) or an array (rows, columns)"
    raise InputTypeError(f"{what} must be {kinds}; got {type(data).__name__}: {data!r:.60}")


def _objects(rows: Any, what: str) -> Array:
    """Return nested lists as an array: of numbers where all are, else of objects as they are."""
    try:
        array = np.asarray(rows)
    except ValueError as error:
        raise InputError(f"{what} must have rows of one length: {error}") from error
    return array if array.dtype.kind in "biuf" else np.array(rows, dtype=object)


def _from_array(array: Array, what: str) -> Table:
    if array.ndim != 2:
        remedy = "Reshape your data: reshape(-1, 1) for one feature, reshape(1, -1) for one sample"
        raise InputError(f"{what} must be a table (rows, columns); got shape {array.shape}. {remedy}")
    if not array.shape[1]:
        raise InputError(_no_columns(what, array.shape))
    if array.dtype.kind == "c":
        raise InputError(f"Complex data not supported: {what} must be real; take {what}.real")
    if array.dtype.kind not in "biufOUMm":
        raise InputTypeError(f"{what} holds {array.dtype}; expected numbers, booleans, text or dates")
    values = array.astype(object) if array.dtype.kind == "U" else array
    return Table(_from_values(f"x{j}", values[:, j], what) for j in range(array.shape[1]))


def _from_values(name: str, values: Array, what: str) -> Column:
    """Return a column of an array's values."""
    kind = values.dtype.kind
    if kind == "M":
        return Column(name, "date", values)
    if kind == "m":
        return Column(name, "number", _seconds(values))
    if kind == "O":
        return _from_objects(name, values.tolist(), what)
    if kind in "iu" and (abs(values.astype(np.float64)) >= _GAPS).any():
        return Column(name, "text", np.array([str(value) for value in values.tolist()], dtype=object))
    return Column(name, "boolean" if kind == "b" else "number", values)


def _column(series: Any, what: str) -> Column:
    """Return a column of a Narwhals series."""
    name, dtype, missing = str(series.name), series.dtype, series.is_null().to_numpy().astype(bool)
    kind = str(dtype)
    if kind in ("String", "Categorical") or kind.startswith("Enum"):
        cells = [None if gone else str(cell) for cell, gone in zip(series.to_list(), missing, strict=True)]
        return Column(name, "text", np.array(cells, dtype=object))
    if kind == "Boolean":
        return Column(name, "boolean", np.where(missing, np.nan, _filled(series, missing, False)))
    if kind.startswith(("Date", "Datetime")):
        return Column(name, "date", _dates(series, missing))
    if dtype.is_numeric():
        return _numbers(name, series, missing, bool(dtype.is_integer()))
    if kind.startswith("Duration"):
        spans = [None if gone else cell for cell, gone in zip(series.to_list(), missing, strict=True)]
        return Column(name, "number", _seconds(np.array(spans, dtype="timedelta64[us]")))
    if kind in ("Object", "Unknown"):
        return _from_objects(name, series.to_list(), what)
    raise InputTypeError(
        f"{what}: column {name!r} holds {kind}, expected numbers, booleans, text or dates; leave it out, or give one "
        "plain value a row"
    )


def _numbers(name: str, series: Any, missing: Array, whole: bool) -> Column:
    if str(series.dtype).startswith("Decimal"):
        cells = [0.0 if gone else float(cell) for cell, gone in zip(series.to_list(), missing, strict=True)]
        return Column(name, "number", np.where(missing, np.nan, cells))
    values = _filled(series, missing, 0).astype(np.float64)
    if whole and (abs(values) >= _GAPS).any():
        codes = [None if gone else str(int(cell)) for cell, gone in zip(series.to_list(), missing, strict=True)]
        return Column(name, "text", np.array(codes, dtype=object))
    return Column(name, "number", np.where(missing, np.nan, values))


def _filled(series: Any, missing: Array, value: Any) -> Array:
    """Return the values as an array, with ``value`` where there is none."""
    return np.asarray((series.fill_null(value) if missing.any() else series).to_numpy())


def _dates(series: Any, missing: Array) -> Array:
    moments = [
        None if gone or cell is None else _utc(cell) for cell, gone in zip(series.to_list(), missing, strict=True)
    ]
    return np.array(moments, dtype="datetime64[us]")


def _utc(moment: Any) -> Any:
    if isinstance(moment, datetime.datetime) and moment.tzinfo is not None:
        return moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment


def _seconds(values: Array) -> Array:
    return np.where(np.isnat(values), np.nan, values.astype("timedelta64[us]").astype(np.float64) / 1e6)


def _from_objects(name: str, cells: list[Any], what: str) -> Column:
    """Return a column of Python objects: what all of them are."""
    present = [_is_present(cell) for cell in cells]
    found = {_kind_of(cell) for cell, there in zip(cells, present, strict=True) if there}
    if len(found) > 1 or None in found:
        first = _kind_of(cells[present.index(True)])
        odd = next(i for i, cell in enumerate(cells) if present[i] and (_kind_of(cell) != first or first is None))
        raise InputTypeError(
            f"{what}: column {name!r} mixes kinds: row {odd} holds {cells[odd]!r:.40} "
            f"({type(cells[odd]).__name__}); make it one of numbers, booleans, text or dates"
        )
    kind: Kind = cast(Kind, found.pop()) if found else "number"
    absent: Mapping[Kind, Any] = {"number": np.nan, "boolean": np.nan, "text": None, "date": None}
    kept = [_plain(cell) if there else absent[kind] for cell, there in zip(cells, present, strict=True)]
    if kind == "number" and any(isinstance(cell, int) and abs(cell) >= _GAPS for cell in kept):
        texts = [str(cell) if there else None for cell, there in zip(cells, present, strict=True)]
        return Column(name, "text", np.array(texts, dtype=object))
    return Column(name, kind, np.array(kept, dtype="datetime64[us]" if kind == "date" else object))


def _is_present(cell: Any) -> bool:
    """Tell whether a cell is none of the ways to write a missing value: None, NaN, pandas' NA and NaT."""
    return cell is not None and type(cell).__name__ not in ("NAType", "NaTType") and bool(cell == cell)


def _kind_of(cell: Any) -> Kind | None:
    if isinstance(cell, str):
        return "text"
    if isinstance(cell, bool | np.bool_):
        return "boolean"
    if isinstance(cell, datetime.date | np.datetime64):
        return "date"
    return "number" if isinstance(cell, Real | Decimal | datetime.timedelta) else None


def _plain(cell: Any) -> Any:
    return cell.total_seconds() if isinstance(cell, datetime.timedelta) else _utc(cell)
