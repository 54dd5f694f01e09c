"""Reads a table from whatever file it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path

from clearprop.data.csv_reader import read_csv
from clearprop.data.parquet_reader import read_parquet
from clearprop.data.table import Kind, Table
from clearprop.errors import InputError


def read_table(
    path: str | PathLike[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: bool = True,
    na: str | Iterable[str] = (),
    kinds: Mapping[str, Kind] | None = None,
) -> Table:
    r"""Read a Parquet file if it is one by its first bytes or its ending, else a CSV file.

    Parameters
    ----------
    path : str or path
    delimiter, encoding, header
        For CSV only, see :func:`clearprop.data.csv_reader.read_csv`.
    na, kinds
        See there; they serve both.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If options for CSV come with a Parquet file.
    FileError, MissingExtraError, OSError
        As the two readers do.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "xor.csv"
    >>> _ = path.write_text("a,b,xor\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    >>> read_table(path)
    Table(4 rows: a number, b number, xor number)
    """
    with Path(path).open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    if not parquet and Path(path).suffix.lower() not in {".parquet", ".pq"}:
        return read_csv(path, delimiter=delimiter, encoding=encoding, header=header, na=na, kinds=kinds)
    if delimiter is not None or encoding is not None or not header:
        raise InputError(f"{path} is a Parquet file; leave out delimiter, encoding and header, which are CSV's")
    return read_parquet(path, na=na, kinds=kinds)
