"""Files that people bring to the page: their bytes read as the project reads any file, and a few of them kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from clearprop.data.reader import read_table
from clearprop.data.table import Table
from clearprop.errors import FileError, InputError

KEPT = 4
"""Files that are kept; a further one takes the place of the oldest."""
COLUMNS, CELLS = 2_000, 20_000_000
"""What a page is to show at most."""


class Uploads:
    r"""Tables by a short name, at most four; every method may be called from any thread.

    Examples
    --------
    >>> uploads = Uploads()
    >>> found = uploads.add("people.csv", b"age,city\n22,Bonn\n,Kiel\n")
    >>> found["n_rows"], found["columns"][0]
    (2, {'name': 'age', 'kind': 'number', 'missing': 1, 'levels': 1})
    >>> uploads.table(found["upload"])
    Table(2 rows: age number, city text)
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._tables: dict[str, Table] = {}
        self._reading: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def add(self, name: str, data: bytes) -> dict[str, Any]:
        """Read a file's bytes, keep its table, and return what a page must know of it.

        Parameters
        ----------
        name : str
            What the person calls the file; its ending tells Parquet from CSV where the bytes don't.
        data : bytes

        Returns
        -------
        dict
            ``upload`` (its short name here), ``file``, ``n_rows``, and ``columns`` with name, kind, missing and levels.

        Raises
        ------
        FileError
            Where the reader refuses it: its own sentence, with line and column, without options.
        InputError
            For more columns or cells than a page can show.
        MissingExtraError
            For a Parquet file without pyarrow.
        """
        file = file_name(name)
        return self.keep(_read(file, data), file)

    def keep(self, table: Table, file: str, reading: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Keep a table that was read, with the options of ``read_table`` in ``reading``; return what ``add`` does."""
        _check_size(len(table.columns), table.n_rows, file)
        columns = describe_columns(table)
        with self._lock:
            upload = f"upload-{next(self._numbers)}"
            self._tables[upload], self._reading[upload] = table, dict(reading or {})
            for oldest in list(self._tables)[:-KEPT]:
                del self._tables[oldest], self._reading[oldest]
        return {"upload": upload, "file": file, "columns": columns, "n_rows": table.n_rows}

    def table(self, upload: str) -> Table:
        """Return a table that is kept.

        Raises
        ------
        InputError
            If it isn't, or not any more.
        """
        with self._lock:
            table = self._tables.get(upload)
        if table is None:
            raise InputError(f"the file {upload!r} isn't kept here (the {KEPT} newest are); load it again")
        return table

    def source(self, upload: str) -> dict[str, Any]:
        """Return what a kept table's ``Data.source`` says of it: where it is kept, and how its file was read."""
        with self._lock:
            reading = self._reading.get(upload)
        return {"upload": upload} | ({"reading": reading} if reading else {})


def describe_columns(table: Table) -> list[dict[str, Any]]:
    """Return each column's name, kind, how many values are missing, and how many different ones there are."""
    return [
        {
            "name": column.name,
            "kind": column.kind,
            "missing": int(column.missing.sum()),
            "levels": len(set(column.values[~column.missing].tolist())),
        }
        for column in table.columns
    ]


def file_name(name: str) -> str:
    r"""Return the last part of a file's name, on one line and not too long, for people to read.

    Examples
    --------
    >>> file_name("C:\\data\\people.csv"), file_name("../../etc/passwd"), file_name("")
    ('people.csv', 'passwd', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = " ".join("".join(c if c.isprintable() else " " for c in last).split())
    return shown[-80:] or "file"


def _read(file: str, data: bytes) -> Table:
    """Read the bytes by way of a file that is gone at once; the readers want a path."""
    parquet = data[:4] == b"PAR1" or Path(file).suffix.lower() in {".parquet", ".pq"}
    with TemporaryDirectory(prefix="clearprop-") as folder:
        path = Path(folder) / f"table{'.parquet' if parquet else '.csv'}"
        path.write_bytes(data)
        if parquet:
            _check_parquet_size(path, file)
        try:
            table = read_table(path)
        except FileError as error:
            raise FileError(file + error.by_hand.removeprefix(str(path))) from None
    return Table(replace(column, source=file) for column in table.columns)


def _check_parquet_size(path: Path, file: str) -> None:
    """Look at what the file says it holds before anything is unpacked: a small file can hold very much."""
    try:
        import pyarrow.parquet as library

        parquet: Any = library
        meta = parquet.read_metadata(path)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, or missing, the reader says in a sentence
        return
    _check_size(meta.num_columns, meta.num_rows, file)


def _check_size(n_columns: int, n_rows: int, file: str) -> None:
    if n_columns > COLUMNS:
        raise InputError(f"{file} has {n_columns:,} columns; the page can use {COLUMNS:,}, so leave some out")
    if n_columns * n_rows > CELLS:
        raise InputError(
            f"{file} has {n_rows:,} rows of {n_columns:,} columns; the page can use {CELLS:,} cells, so take a part"
        )
