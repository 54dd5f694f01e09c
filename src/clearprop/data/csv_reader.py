"""Reads a CSV file: right, or one error that says where, what was found and expected, and the remedy."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Mapping
from os import PathLike

import numpy as np

from clearprop.data.csv_cells import MISSING, OddCell, convert, is_number
from clearprop.data.csv_text import CsvText, quote
from clearprop.data.table import KINDS, Array, Column, Kind, Table
from clearprop.errors import FileError, InputError, unknown_name

_ROWS = 8192  # joined into one string a column, so that a cell takes a byte a character and not sixty


def read_csv(
    path: str | PathLike[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: bool = True,
    na: str | Iterable[str] = (),
    kinds: Mapping[str, Kind] | None = None,
) -> Table:
    r"""Read a CSV file as RFC 4180 describes it; nothing is guessed where two readings are possible.

    Spaces around a field are no part of it. Empty lines are skipped. A column's kind is decided over all its
    rows; where 95 % of its cells or more are numbers (or dates), the first that isn't one is an error.

    Parameters
    ----------
    path : str or path
    delimiter : str, optional
        One character, or ``"tab"``. By default the one of ``, ; | tab`` that divides the first 200 records
        evenly.
    encoding : str, optional
        By default UTF-8, or what the file's byte order mark says (UTF-8, UTF-16, UTF-32).
    header : bool, default=True
        Whether the first record holds names; otherwise they are ``column_1``, ``column_2``, ...
    na : str or iterable of str, default=()
        Cells that mean a missing value, besides the empty one and ``NA N/A #N/A <NA> na n/a NaN nan NAN null
        NULL Null None ? -``.
    kinds : mapping of str to {"number", "boolean", "text", "date"}, optional
        Columns whose kind is known: every cell must be of it. A fitted encoder's ``kinds`` belong here, so
        that a few rows to predict are read as the training rows were.

    Returns
    -------
    Table

    Raises
    ------
    FileError
        ``file:line:column`` (from 1, the column in characters), what was found and expected, the remedy.
    InputError
        For an option that can't be: an unknown encoding, kind, or name in ``kinds``.
    OSError
        If the file can't be opened.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("name;age;zip\n\"Smith, Ann\";22;01234\nBo;NA;90210\n")
    >>> read_csv(path)
    Table(2 rows: name text, age number, zip text)
    """
    text = CsvText.open(path, delimiter, encoding)
    names, pieces, lines = _parse(text, header)
    kinds = kinds or {}
    for name, kind in kinds.items():
        if name not in names:
            raise InputError(f"{text.name}: {unknown_name('column', name, names)}")
        if kind not in KINDS:
            raise unknown_name("kind of column", kind, KINDS)
    missing = MISSING | {marker.strip() for marker in ([na] if isinstance(na, str) else na)}
    columns: list[Column] = []
    for i, name in enumerate(names):
        cells = ["" if cell in missing else cell for cell in map(str.strip, "\0".join(pieces[i]).split("\0"))]
        pieces[i].clear()
        try:
            kind, values = convert(cells, name, kinds.get(name))
        except OddCell as odd:
            hint = "; if line 1 holds the names, leave --no-header out" if odd.row == 0 and not header else ""
            place = text.record(int(lines[odd.row])).fields[i]
            raise text.error(place, f"column {name!r}: {odd}{hint}", f"column {name!r}: {odd.by_hand}") from None
        columns.append(Column(name, kind, values, text.name, lines))
    return Table(columns)


def _parse(text: CsvText, header: bool) -> tuple[list[str], list[list[str]], Array]:
    """Return the names, each column's cells joined by NUL in pieces, and the line each row starts on."""
    reader = text.reader()
    names: list[str] = []
    pieces: list[list[str]] = []
    rows: list[list[str]] = []
    lines = array("q")
    start, first, width = 1, 1, -1
    try:
        for row in reader:
            if len(row) == width:
                rows.append(row)
                lines.append(start)
                if len(rows) == _ROWS:
                    _join(rows, pieces)
            elif not any(map(str.strip, row)) and (len(row) < 2 or text.delimiter.isspace()):
                pass  # an empty line
            elif width < 0:
                width, first = len(row), start
                pieces = [[] for _ in row]
                names = [f"column_{i + 1}" for i in range(width)]
                if header:
                    names = _names(text, start, [cell.strip() for cell in row])
                else:
                    rows.append(row)
                    lines.append(start)
            else:
                raise _ragged(text, start, len(row), width)
            start = reader.line_num + 1
    except csv.Error:
        raise _unreadable(text, start) from None
    if width < 0:
        raise text.error((1, 1), "the file is empty; expected a line of names and at least one row")
    if not lines:
        message = f"found a header ({width} names) and no row; expected rows below it"
        raise text.error((start, 1), f"{message}, or --no-header (header=False) if line {first} is one", message)
    _join(rows, pieces)
    return names, pieces, np.frombuffer(lines, dtype=np.int64)


def _join(rows: list[list[str]], pieces: list[list[str]]) -> None:
    for piece, cells in zip(pieces, zip(*rows, strict=True), strict=False):
        piece.append("\0".join(cells))
    rows.clear()


def _names(text: CsvText, line: int, names: list[str]) -> list[str]:
    if_data = "if this line is a row of data"
    remedy = f"{if_data}, --no-header (header=False)"
    if _is_data(names):
        i = next(i for i, name in enumerate(names) if is_number(name))
        message = f"found {quote(names[i])}, expected a line of names"
        above = "put one above it"
        raise text.error(text.record(line).fields[i], f"{message}; {remedy}, or {above}", f"{message}; {above}")
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if not name:
            message = f"column {i + 1} has no name, expected one a column; give it one (pandas: index=False)"
        elif first.setdefault(name, i) != i:
            columns = f"{first[name] + 1} and {i + 1}"
            message = f"the name {quote(name)} comes twice, in columns {columns}; rename one"
        else:
            continue
        by_hand = f"{message}, or {if_data}, put a line of names above it"
        raise text.error(text.record(line).fields[i], f"{message}, or {remedy}", by_hand)
    return names


def _is_data(names: list[str]) -> bool:
    """Whether these are a row, not names: all numbers, or some that don't count up as years do."""
    numbers = [name for name in names if is_number(name)]
    if not numbers or not all(name.isdigit() for name in numbers):
        return bool(numbers)
    counts = [int(name) for name in numbers]
    return len(numbers) == len([name for name in names if name]) or counts != sorted(set(counts))


def _ragged(text: CsvText, line: int, found: int, width: int) -> FileError:
    record = text.record(line)
    fields = "1 field" if found == 1 else f"{found} fields"
    if found < width and record.fault == "end of file":
        message = f"the file ends in the middle of a row: found {fields}, expected {width}"
        return text.error(record.end, f"{message}; get the whole file, or take this line out")
    message = f"found {fields}, expected {width} as in the first line; give every row as many fields"
    quoted = "quote a field that holds the delimiter"
    other = f"name another delimiter than {text.delimiter!r} with --delimiter"
    place = record.fields[width] if found > width else record.end
    return text.error(place, f"{message}, {quoted}, or {other}", f"{message}, or {quoted}")


def _unreadable(text: CsvText, line: int) -> FileError:
    record = text.record(line)
    line, column = record.end
    fault = {
        "open quote": "a quote opened here is never closed",
        "text after a quote": f"a quote opened here is closed at {line}:{column - 1}, and text follows it",
    }.get(record.fault, f"a field longer than {csv.field_size_limit():,} characters starts here")
    remedy = "close the quote, and write a quote that belongs to the text twice"
    return text.error(record.fields[-1], f"{fault}; expected the delimiter after a closing quote; {remedy}")
