"""The same table from pandas, polars and pyarrow, from arrays and from Python's lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from clearprop.data.frames import as_table
from clearprop.data.table import Column, Table
from clearprop.errors import InputError, InputTypeError

EAST = dt.timezone(dt.timedelta(hours=2))
CELLS: dict[str, list[Any]] = {
    "whole": [1, 2, None],
    "real": [1.5, None, float("nan")],
    "flag": [True, None, False],
    "word": ["a", None, "c"],
    "code": [2**60, 1, 2],
    "day": [dt.date(2020, 1, 2), None, dt.date(2021, 1, 1)],
    "moment": [dt.datetime(2020, 1, 2, 5, tzinfo=EAST), None, dt.datetime(2020, 1, 2, 2, tzinfo=EAST)],
    "span": [dt.timedelta(seconds=3), None, dt.timedelta(days=1)],
    "price": [Decimal("1.5"), None, Decimal(2)],
}
NAN = float("nan")
NAT = np.datetime64("NaT", "us")
WANTED = [
    Column("whole", "number", [1, 2, NAN]),
    Column("real", "number", [1.5, NAN, NAN]),
    Column("flag", "boolean", [1, NAN, 0]),
    Column("word", "text", ["a", None, "c"]),
    Column("code", "text", [str(2**60), "1", "2"]),
    Column("day", "date", ["2020-01-02", NAT, "2021-01-01"]),
    Column("moment", "date", ["2020-01-02T03:00", NAT, "2020-01-02"]),
    Column("span", "number", [3, NAN, 86_400]),
    Column("price", "number", [1.5, NAN, 2]),
]


class Stream:
    """A frame of some library that only speaks Arrow."""

    def __init__(self) -> None:
        self.table = pa.table({"age": [22, None]})

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def same(found: Table, wanted: list[Column]) -> None:
    assert [(column.name, column.kind) for column in found.columns] == [(column.name, column.kind) for column in wanted]
    for column, other in zip(found.columns, wanted, strict=True):
        np.testing.assert_array_equal(column.values, other.values)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_all_libraries_alike(make: Any) -> None:
    same(as_table(make(CELLS)), WANTED)


def test_pandas_own_kinds() -> None:
    frame = pd.DataFrame(
        {
            "category": pd.Categorical([3, 4, None]), "Int64": pd.array([1, None, 3], dtype="Int64"),
            "boolean": pd.array([True, None, False], dtype="boolean"),
            "string": pd.array(["a", None, "b"], dtype="string"), 7: [1, 2, 3],
            "span": pd.to_timedelta(["1s", None, "2s"]), "moment": pd.to_datetime(["2020-01-01", None, "2020-01-02"]),
            "float32": np.array([0.1, 0.2, 0.3], np.float32),
        }
    )  # fmt: skip
    wanted = [
        Column("category", "text", ["3", "4", None]), Column("Int64", "number", [1, NAN, 3]),
        Column("boolean", "boolean", [1, NAN, 0]), Column("string", "text", ["a", None, "b"]),
        Column("7", "number", [1, 2, 3]), Column("span", "number", [1, NAN, 2]),
        Column("moment", "date", ["2020-01-01", NAT, "2020-01-02"]),
        Column("float32", "number", np.array([0.1, 0.2, 0.3], np.float32)),
    ]  # fmt: skip
    same(as_table(frame), wanted)


def test_polars_own_kinds() -> None:
    frame = pl.DataFrame(
        {
            "category": pl.Series(["a", None], dtype=pl.Categorical),
            "enum": pl.Series(["y", "x"], dtype=pl.Enum(["x", "y"])),
            "nothing": [None, None],
            "byte": pl.Series([200, None], dtype=pl.UInt8),
        }
    )
    wanted = [
        Column("category", "text", ["a", None]), Column("enum", "text", ["y", "x"]),
        Column("nothing", "number", [NAN, NAN]), Column("byte", "number", [200, NAN]),
    ]  # fmt: skip
    same(as_table(frame), wanted)


def test_whatever_speaks_arrow() -> None:
    same(as_table(Stream()), [Column("age", "number", [22, NAN])])


@pytest.mark.parametrize("dtype", ["f4", "f8", ">i4", "u1", "bool", "M8[D]", "m8[h]", "U3", "O"])
def test_arrays(dtype: str) -> None:
    array = np.array([["a", "b"], ["c", "d"]]) if dtype == "U3" else np.array([[1, 0], [3, 4]]).astype(dtype)
    kinds = {"bool": "boolean", "M8[D]": "date", "U3": "text"}
    table = as_table(array[:, ::-1])
    assert table.names == ("x0", "x1")
    assert {column.kind for column in table.columns} == {kinds.get(dtype, "number")}
    scale = 3600 if dtype == "m8[h]" else 1
    for j, column in enumerate(table.columns):
        wanted = array[:, 1 - j].astype(np.int64) * scale if dtype == "m8[h]" else array[:, 1 - j]
        np.testing.assert_array_equal(column.values, wanted)


def test_a_list_of_rows() -> None:
    rows = [[1, "a", None, True], [2.5, None, None, np.False_], [pd.NA, "b", pd.NaT, None]]
    wanted = [
        Column("x0", "number", [1, 2.5, NAN]), Column("x1", "text", ["a", None, "b"]),
        Column("x2", "number", [NAN] * 3), Column("x3", "boolean", [1, 0, NAN]),
    ]  # fmt: skip
    same(as_table(rows), wanted)
    assert as_table([[2**60], [1]])["x0"].kind == "text"
    spans = as_table([["a", dt.timedelta(minutes=2), dt.datetime(2020, 1, 1, 1, tzinfo=EAST)]])
    assert spans["x1"].values.tolist() == [120.0]
    assert spans["x2"].values[0] == np.datetime64("2019-12-31T23:00")


def test_a_table_is_itself_and_nothing_is_changed() -> None:
    frame = pd.DataFrame(CELLS)
    before = frame.copy(deep=True)
    table = as_table(frame)
    assert as_table(table) is table
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (pl.DataFrame({"l": [[1], [2]]}), InputTypeError, r"X: column 'l' holds List\(Int64\), expected numbers"),
        (pl.LazyFrame({"a": [1]}), InputTypeError, r"X is a lazy frame \(LazyFrame\); give X.collect\(\)"),
        ("abc", InputTypeError, "X must be a DataFrame .* got str"),
        ({"a": [1]}, InputTypeError, "X must be a DataFrame .* got dict"),
        (np.zeros(3), InputError, r"got shape \(3,\)\. Reshape your data: reshape\(-1, 1\)"),
        (np.zeros((2, 0)), InputError, "X has no columns"),
        (pd.DataFrame(), InputError, "X has no columns"),
        (np.zeros((2, 2), complex), InputError, "Complex data not supported: X must be real"),
        ([[1, 2], [3]], InputError, "rows of one length"),
        (pd.DataFrame({"o": [None, "a", 1]}), InputTypeError, r"column 'o' mixes kinds: row 2 holds 1 \(int\)"),
        (pd.DataFrame({"o": [{"k": 1}]}), InputTypeError, r"column 'o' mixes kinds: row 0 holds {'k': 1} \(dict\)"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), InputError, "'a' comes twice"),
        (pa.table([[1], [2]], names=["a", "a"]), InputError, "'a' comes twice"),
    ],
    ids=[
        "nested", "lazy", "text", "dict", "vector", "no columns", "empty", "complex", "ragged", "mixed", "objects",
        "twice", "twice in Arrow",
    ],
)  # fmt: skip
def test_what_cannot_be_read(data: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        as_table(data)
