"""The text of a CSV file: its encoding, its delimiter, and where in it a field lies."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from os import PathLike, fspath
from pathlib import Path
from typing import TextIO

from clearprop.errors import FileError, InputError

DELIMITERS = (",", ";", "\t", "|")

# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHER_FILES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; open it and save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; open it and save it as CSV",
    b"\x1f\x8b": "compressed by gzip; unpack it first",
    b"PAR1": "a Parquet file; give it the ending .parquet",
}
_SAMPLE = 200  # records from which a delimiter is told
_AS_UTF_8 = "save it as UTF-8 text and load it again"
_WITH_COMMAS = "save it with commas between the columns and load it again"


@dataclass(frozen=True)
class Record:
    """Where one record's fields start and where it ends, as (line, column) from 1, and its fault."""

    fields: list[tuple[int, int]]
    end: tuple[int, int]
    fault: str = ""


@dataclass(frozen=True)
class CsvText:
    """A CSV file in memory: UTF-8 bytes without a byte order mark, whatever it was on disk."""

    name: str
    data: bytes
    delimiter: str

    @classmethod
    def open(cls, path: str | PathLike[str], delimiter: str | None, encoding: str | None) -> CsvText:
        """Read the file, undo its encoding, and find its delimiter unless it is given."""
        name = fspath(path)
        data = _decode(Path(path).read_bytes(), name, encoding).encode()
        if delimiter is None:
            return cls(name, data, _detect(name, data))
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise InputError(f"a delimiter is one character, such as ',' ';' '|' or tab; got {delimiter!r}")
        return cls(name, data, delimiter)

    def lines(self) -> TextIO:
        """Return the lines, their ends (LF, CR LF or CR) kept as they are, which quoted fields need."""
        return io.TextIOWrapper(io.BytesIO(self.data), "utf-8", newline="")

    def reader(self, *, strict: bool = True):
        """Return the reader of its records; spaces at the start of a field are no part of it."""
        return csv.reader(self.lines(), delimiter=self.delimiter, skipinitialspace=True, strict=strict)

    def record(self, line: int) -> Record:
        """Walk through the record that starts on ``line``, as ``csv.reader`` does, and note the places."""
        fields, place = [(line, 1)], (line, 1)
        empty, quoted, closed, length = True, False, False, 0
        for number, text in enumerate(islice(self.lines(), line - 1, None), line):
            for column, char in enumerate(text, 1):
                place = (number, column)
                if quoted:
                    quoted, closed = char != '"', char == '"'
                    length += quoted
                elif char == '"' and (empty or closed):  # the second of two quotes opens again
                    length += closed
                    empty, quoted, closed = False, True, False
                elif char == " " and empty:
                    pass
                elif char == self.delimiter:
                    fields.append((number, column + 1))
                    empty, closed, length = True, False, 0
                elif char in "\r\n":
                    return Record(fields, place)
                elif closed:
                    return Record(fields, place, "text after a quote")
                else:
                    empty = False
                    length += 1
                if length > csv.field_size_limit():
                    return Record(fields, place, "too long")
        return Record(fields, (place[0], place[1] + 1), "open quote" if quoted else "end of file")

    def error(self, place: tuple[int, int], message: str, by_hand: str = "") -> FileError:
        """Return the error for a place, as ``file:line:column: message``; ``by_hand`` is it without options."""
        return _error(self.name, place, message, by_hand)


def quote(found: str) -> str:
    """Return a piece of the file as it is shown in a message: quoted, and cut where it is long."""
    return repr(found if len(found) <= 40 else found[:37] + "...")


def _error(name: str, place: tuple[int, int], message: str, by_hand: str = "") -> FileError:
    start = f"{name}:{place[0]}:{place[1]}: "
    return FileError(start + message, by_hand=start + (by_hand or message))


def _place_after(text: str) -> tuple[int, int]:
    """Return the (line, column) of what follows ``text``."""
    lines = re.split("\r\n|\r|\n", text)
    return len(lines), len(lines[-1]) + 1


def _decode(raw: bytes, name: str, encoding: str | None) -> str:
    for magic, what in _OTHER_FILES.items():
        if raw.startswith(magic):
            raise _error(name, (1, 1), f"expected CSV text, and this is {what}")
    known = encoding or next((codec for mark, codec in _MARKS.items() if raw.startswith(mark)), None)
    if known is None and b"\0" in raw:
        raise _nul(name, raw[: raw.index(b"\0")].decode("utf-8", "replace"), raw)
    try:
        text = raw.decode(known or "utf-8").removeprefix("\ufeff")
    except LookupError:
        examples = "'utf-8', 'latin-1', 'cp1252', 'utf-16'"
        raise InputError(f"unknown encoding {encoding!r}; the usual ones are {examples}") from None
    except UnicodeDecodeError as error:
        place = _place_after(raw[: error.start].decode(known or "utf-8", "replace").removeprefix("\ufeff"))
        remedy = "give the right one with --encoding" if known else "read it with --encoding latin-1"
        message = f"found byte 0x{raw[error.start]:02x}, which is not {known or 'utf-8'} text"
        raise _error(name, place, f"{message}; {remedy}", f"{message}; {_AS_UTF_8}") from None
    if "\0" in text:
        raise _nul(name, text[: text.index("\0")], b"")
    return text


def _nul(name: str, before: str, raw: bytes) -> FileError:
    remedy = by_hand = "remove it, or write the file anew if it is damaged"
    if raw.count(b"\0") * 4 > len(raw):  # every second byte of English text in UTF-16 is 0
        remedy, by_hand = f"read it with --encoding utf-16-{'be' if raw[0] == 0 else 'le'}", _AS_UTF_8
    message = "found a NUL character, which no text holds"
    return _error(name, _place_after(before), f"{message}; {remedy}", f"{message}; {by_hand}")


def _detect(name: str, data: bytes) -> str:
    """Return the one delimiter that gives the first records the same number of fields, two or more."""
    regular: list[str] = []  # the same number in every record
    possible: list[str] = []  # at least the first record is divided
    for delimiter in DELIMITERS:
        try:
            sample = islice(CsvText(name, data, delimiter).reader(strict=False), _SAMPLE)
            widths = [len(row) for row in sample if row and row != [""]]
        except csv.Error:  # a field without end; the error comes where the file is read
            continue
        if widths and widths[0] > 1:
            possible.append(delimiter)
            if set(widths) == {widths[0]}:
                regular.append(delimiter)
    found = regular or possible
    if len(found) > 1:
        message = f"expected one delimiter, and it may be {' or '.join(map(repr, found))}"
        remedy = f"say which: --delimiter '{found[0]}'"
        raise _error(name, (1, 1), f"{message}; {remedy}", f"{message}; {_WITH_COMMAS}")
    if not found:
        _refuse_spaces(name, data)
    return found[0] if found else ","


def _refuse_spaces(name: str, data: bytes) -> None:
    lines = [line.split() for line in islice(CsvText(name, data, ",").lines(), _SAMPLE) if line.strip()]
    widths = set(map(len, lines))
    if len(lines) > 1 and len(widths) == 1 and widths != {1}:
        found = f"found {len(lines[0])} words with spaces between them on every line"
        message = f"{found}, expected columns with , ; | or tab between them"
        remedy = "--delimiter ' ', or --delimiter , if this is one column"
        raise _error(name, (1, 1), f"{message}; {remedy}", f"{message}; {_WITH_COMMAS}")
