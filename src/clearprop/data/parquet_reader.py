"""Reads a Parquet file, whose columns already say what they are (needs pyarrow)."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from typing import Any

import numpy as np

from clearprop.data.table import KINDS, Array, Column, Kind, Table
from clearprop.errors import FileError, InputError, MissingExtraError, unknown_name


def read_parquet(
    path: str | PathLike[str], *, na: str | Iterable[str] = (), kinds: Mapping[str, Kind] | None = None
) -> Table:
    """Read a Parquet file; nulls are missing values, and text stays text, whatever it holds.

    Integers, floats and decimals are numbers; a dictionary (what pandas makes of a categorical) is text, also
    one of numbers; whole numbers from 2**53 on, where float64 has gaps, are codes and so text; times with a
    zone become UTC.

    Parameters
    ----------
    path : str or path
    na : str or iterable of str, default=()
        Texts that mean a missing value, besides null.
    kinds : mapping of str to {"number", "boolean", "text", "date"}, optional
        Columns whose kind is known; only ``"text"`` changes one, the others are checked.

    Returns
    -------
    Table

    Raises
    ------
    MissingExtraError
        If pyarrow isn't installed.
    FileError
        For a file that is no Parquet file, is damaged, or has no rows; a name that comes twice; a column of
        lists or other nested values; a column of another kind than ``kinds`` says.
    InputError
        For an unknown kind, or a name in ``kinds`` that isn't there.

    Examples
    --------
    >>> import pathlib, tempfile, pyarrow, pyarrow.parquet
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "people.parquet"
    >>> pyarrow.parquet.write_table(pyarrow.table({"age": [22, None], "sex": ["male", "female"]}), path)
    >>> read_parquet(path)
    Table(2 rows: age number, sex text)
    """
    try:
        pa: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        remedy = "pip install 'clearprop[parquet]'"
        raise MissingExtraError(f"reading a Parquet file needs pyarrow: {remedy}") from error
    source = fspath(path)
    try:
        with parquet.ParquetFile(source) as file:
            data = file.read()
            categories = _categories(pa, file.metadata.metadata or {})
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        reason = str(error).partition("\n")[0]
        message = f"expected a Parquet file; this is none, or damaged ({reason})"
        raise FileError(f"{source}: {message}; write it anew") from error
    if not data.num_rows or not data.num_columns:
        found = f"{data.num_rows} rows and {data.num_columns} columns"
        raise FileError(f"{source}: found {found}, expected at least one of each")
    names: list[str] = data.column_names
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise FileError(f"{source}: the name {twice!r} comes twice; rename one of the columns")
    for name, kind in (kinds or {}).items():
        if name not in names:
            raise InputError(f"{path}: {unknown_name('column', name, names)}")
        if kind not in KINDS:
            raise unknown_name("kind of column", kind, KINDS)
    missing = {na} if isinstance(na, str) else set(na)
    columns: list[Column] = []
    for name in names:
        wanted = (kinds or {}).get(name)
        known = "text" if name in categories else wanted
        kind, values = _convert(pa, data[name], f"{source}: column {name!r}", known)
        if wanted is not None and kind != wanted and data[name].null_count < data.num_rows:
            raise FileError(f"{source}: column {name!r} holds {kind} ({data[name].type}), expected {wanted}")
        if kind == "text" and missing:
            values = np.array([None if value in missing else value for value in values], dtype=object)
        columns.append(Column(name, kind, values, source))
    return Table(columns)


def _categories(pa: Any, metadata: Mapping[bytes, bytes]) -> set[str]:
    """Return the columns that were dictionaries when written; pyarrow reads those of numbers as plain numbers."""
    if b"ARROW:schema" not in metadata:
        return set()
    schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(metadata[b"ARROW:schema"])))
    return {field.name for field in schema if pa.types.is_dictionary(field.type)}


def _convert(pa: Any, data: Any, what: str, wanted: Kind | None) -> tuple[Kind, Array]:
    """Return the kind and values of one column of the file."""
    types, kind = pa.types, data.type
    if types.is_dictionary(kind):
        data = data.cast(kind.value_type)
        return "text", _texts(pa, data)
    if types.is_string(kind) or types.is_large_string(kind) or str(kind) == "string_view":
        return "text", _texts(pa, data)
    if types.is_boolean(kind) or types.is_null(kind):
        natural: Kind = "boolean" if types.is_boolean(kind) else "number"
        values = _floats(data.cast(pa.int8()).cast(pa.float64()))
    elif types.is_integer(kind) or (types.is_decimal(kind) and kind.scale <= 0):
        natural, values = "number", _floats(data.cast(pa.float64(), safe=False))
        if wanted != "number" and bool((np.abs(values) >= 2**53).any()):
            return "text", _texts(pa, data)
    elif types.is_floating(kind) or types.is_decimal(kind):
        natural, values = "number", _floats(data.cast(pa.float64(), safe=False))
    elif types.is_date(kind) or types.is_timestamp(kind):
        natural = "date"
        values = data.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False).to_numpy()
        values = values.astype("datetime64[us]")
    else:
        raise FileError(
            f"{what} holds {kind}, expected numbers, booleans, text or dates; write the file without it, "
            "or with one plain value a row"
        )
    return ("text", _texts(pa, data)) if wanted == "text" else (natural, values)


def _floats(data: Any) -> Array:
    return data.to_numpy().astype(np.float64, copy=False)


def _texts(pa: Any, data: Any) -> Array:
    """Return objects of type str and None, equal ones shared."""
    words = data.cast(pa.string()).combine_chunks().dictionary_encode()
    words = words.combine_chunks() if isinstance(words, pa.ChunkedArray) else words
    levels = np.array([*words.dictionary.to_pylist(), None], dtype=object)
    return levels[words.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
