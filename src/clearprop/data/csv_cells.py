"""What the cells of a CSV column are: decided over the whole column, never over its first rows."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from clearprop.data.csv_text import quote
from clearprop.data.table import Array, Kind

#: Cells that mean "no value", after the spaces around them are taken off.
MISSING = frozenset(
    {"", "?", "-", "None", "NaN", "nan", "NAN", "null", "NULL", "Null"}  # Python, NumPy, SQL
    | {"NA", "na", "N/A", "n/a", "#N/A", "<NA>"}  # R, Excel, pandas
)

#: From this share of numbers (or dates) on, the other cells are taken for mistakes, not for categories.
NEARLY_ALL = 0.95

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
# Numbers written for people: 1,234.5  1.234,5  1 234  12,5  $5  12%
_GROUPED = r"[0-9]{1,3}(?:[.,'\u2019_ \u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?"
_WRITTEN = re.compile(rf"[$€£¥]? ?[+-]?(?:{_GROUPED}|[0-9]+,[0-9]+|[0-9]+\.?[0-9]*) ?[%$€£¥]?")
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_TIME = r"[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_DATE = re.compile(rf"\d{{4}}-\d\d-\d\d(?:{_TIME}(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII)
_BOOLEANS = {"true": 1.0, "false": 0.0}
_EXPECTED = {
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2024-12-31",
    "zoned date": "a time with its zone, such as 2024-12-31T23:59Z",
}


class OddCell(Exception):  # noqa: N818 - no error of the package's: the reader adds the place
    """A cell that can't be what its column is; ``row`` counts from 0, and ``by_hand`` is as a ``FileError``'s."""

    def __init__(self, row: int, message: str, by_hand: str) -> None:
        super().__init__(message)
        self.row, self.by_hand = row, by_hand


def convert(cells: Sequence[str], name: str, kind: Kind | None = None) -> tuple[Kind, Array]:
    """Return the kind of a column and its values, from its cells (no outer spaces, missing ones ``""``).

    Without ``kind`` it is the first of these that every cell is: number (finite, with a decimal point), date
    (ISO 8601; times with a zone become UTC), boolean (true, false); else text. Whole numbers with leading
    zeros, or from 2**53 on where float64 has gaps, are codes: text.

    Raises
    ------
    OddCell
        If a cell isn't of the ``kind`` asked for, or nearly all cells are of one kind and this one isn't.

    Examples
    --------
    >>> convert(["1", "", "2.5"], "length")
    ('number', array([1. , nan, 2.5]))
    """
    if kind == "text":
        return kind, _texts(cells)
    numbers = _numbers(cells) if kind in {None, "number"} else None
    if numbers is not None:
        codes = kind is None and _are_codes(cells, numbers, name)
        return ("text", _texts(cells)) if codes else ("number", numbers)
    counts = Counter(cells)
    counts.pop("", None)
    forms = {cell: _form(cell) for cell in counts}
    tally: Counter[str] = Counter()
    for cell, count in counts.items():
        tally[forms[cell]] += count
    form = _form_of_all(tally, kind)
    if form == "text":
        return "text", _texts(cells)
    odd = next((cell for cell in counts if forms[cell] != form), None)
    if odd is not None:
        count = f"{tally[form]:,} of {tally.total():,}"
        raise OddCell(cells.index(odd), *_reasons(odd, forms[odd], form, count, name))
    if form == "boolean":
        return "boolean", np.array([_BOOLEANS.get(cell.lower(), np.nan) for cell in cells])
    dates = {cell: _date(cell) for cell in counts}
    return "date", np.array([dates.get(cell) for cell in cells], dtype="datetime64[us]")


def is_number(cell: str) -> bool:
    """Whether a cell is written as a plain number: digits, a decimal point, an exponent."""
    return _NUMBER.fullmatch(cell) is not None


def _numbers(cells: Sequence[str]) -> Array | None:
    """Return the cells as finite float64, or None if any of them is something else."""
    text = "\0".join(cells)
    # These characters alone leave out what float() also takes: "nan", "1_000", digits of other scripts.
    if not text.isascii() or text.encode().translate(None, b"0123456789+-.eE\0"):
        return None
    try:
        values = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return None
    return None if np.isinf(values).any() else values


def _are_codes(cells: Sequence[str], numbers: Array, name: str) -> bool:
    text = "\0" + "\0".join(cells) + "\0"
    if not re.search("\x000[0-9]+\x00", text):
        whole = not any(mark in text for mark in ".eE")
        return whole and bool((np.abs(numbers) >= 2**53).any())
    padded = [row for row, cell in enumerate(cells) if cell[:1] == "0" and len(cell) > 1 and cell.isdigit()]
    total = sum(map(bool, cells))
    if len(set(map(len, cells)) - {0}) > 1 and len(padded) <= (1 - NEARLY_ALL) * total:
        count = f"{total - len(padded):,} of {total:,}"
        raise OddCell(padded[0], *_reasons(cells[padded[0]], "padded", "number", count, name))
    return True


def _form(cell: str) -> str:
    """Return how one cell is written."""
    if is_number(cell):
        return "infinite" if np.isinf(float(cell)) else "number"
    if date := _DATE.fullmatch(cell):
        try:
            _date(cell)
        except (ValueError, OverflowError):  # the 31st of June
            return "word"
        return "zoned date" if date["zone"] else "date"
    if cell.lower() in _BOOLEANS:
        return "boolean"
    if _INFINITE.fullmatch(cell):
        return "infinite"
    return "written" if _WRITTEN.fullmatch(cell) else "word"


def _form_of_all(tally: Counter[str], kind: Kind | None) -> str:
    """Return the form that all cells must have; dates with and without a zone have no common order."""
    if kind is not None:
        return "zoned date" if kind == "date" and tally["zoned date"] > tally["date"] else kind
    total = tally.total()
    if tally["number"] + tally["infinite"] + tally["written"] >= NEARLY_ALL * total:
        return "number"
    for date in ("date", "zoned date"):
        if tally[date] >= NEARLY_ALL * total:
            return date
    return "boolean" if tally["boolean"] == total else "text"


def _date(cell: str) -> datetime:
    date = datetime.fromisoformat(cell)
    return date.astimezone(UTC).replace(tzinfo=None) if date.tzinfo else date


def _texts(cells: Sequence[str]) -> Array:
    one: dict[str, str] = {}  # equal cells share one object
    return np.array([one.setdefault(cell, cell) or None for cell in cells], dtype=object)


def _reasons(found: str, found_form: str, form: str, count: str, name: str) -> tuple[str, str]:
    """Return what is said of an odd cell: with the options that help, and without them."""
    as_text = f"--text {shlex.quote(name)} (kinds={{{name!r}: 'text'}}) if the column is text"
    as_missing = f"--na {shlex.quote(found[:40])} if it means a missing value"
    expected, remedy = f"{_EXPECTED[form]}, as {count} cells are", f"{as_missing}, {as_text}"
    by_hand = "empty such cells, if they mean a missing value"
    if form == "number" and found_form == "infinite":
        expected, remedy = "a finite number (below 1.8e308)", as_missing
    elif form == "number" and found_form == "written":
        expected = "a plain number such as 1234.5: a decimal point, no thousands separator, no unit"
        remedy, by_hand = f"write the column so, or {as_text}", "write the column so"
    elif found_form == "padded":
        expected = f"a number without leading zeros, as {count} cells are"
        remedy, by_hand = as_text, "write all cells of the column in one way"
    message = f"found {quote(found)}, expected {expected}"
    return f"{message}; {remedy}", f"{message}; {by_hand}"
