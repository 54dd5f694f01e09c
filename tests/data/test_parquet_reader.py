import datetime
import decimal
import sys
from typing import Any

import numpy as np
import pytest

from clearprop.data.parquet_reader import read_parquet
from clearprop.data.reader import read_table
from clearprop.errors import FileError, InputError, MissingExtraError

pa: Any = pytest.importorskip("pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")

LARGE = 2**53
UTC = datetime.UTC


@pytest.fixture
def write(tmp_path):
    def write(**columns):
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return write


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        (pa.array([1, None], pa.int8()), "number", [1, None]),
        (pa.array([1, LARGE - 1], pa.uint64()), "number", [1, LARGE - 1]),
        (pa.array([LARGE + 1, None], pa.int64()), "text", [str(LARGE + 1), None]),
        (pa.array([1.5, None], pa.float32()), "number", [1.5, None]),
        (pa.array([np.float16(1.5), None], pa.float16()), "number", [1.5, None]),
        (pa.array([True, None, False]), "boolean", [1, None, 0]),
        (pa.array([decimal.Decimal("1.25"), None]), "number", [1.25, None]),
        (pa.array([decimal.Decimal(10) ** 20, None]), "text", [f"1{'0' * 20}", None]),
        (pa.array(["1", None, "x", "1"]), "text", ["1", None, "x", "1"]),
        (pa.array(["1", "NA", ""], pa.large_string()), "text", ["1", "NA", ""]),
        (pa.array(["b", None, "a"]).dictionary_encode(), "text", ["b", None, "a"]),
        (pa.array([2, None, 1]).dictionary_encode(), "text", ["2", None, "1"]),
        (pa.chunked_array([["x"], ["y", None]]), "text", ["x", "y", None]),
        (pa.array([None, None], pa.null()), "number", [None, None]),
        (pa.array([datetime.date(2024, 2, 29), None]), "date", [np.datetime64("2024-02-29"), None]),
        (pa.array([datetime.datetime(2024, 2, 29, 12)], pa.timestamp("ns")), "date", [np.datetime64("2024-02-29T12")]),
        (
            pa.array([datetime.datetime(2024, 2, 29, 12, tzinfo=UTC)], pa.timestamp("ms", "Asia/Tokyo")),
            "date",
            [np.datetime64("2024-02-29T12")],
        ),
    ],
)  # fmt: skip
def test_types(write, column, kind, values):
    read = read_parquet(write(a=column))["a"]
    known = [value for value in values if value is not None]
    assert read.kind == kind
    assert read.missing.tolist() == [value is None for value in values]
    assert read.values[~read.missing].tolist() == np.array(known, read.values.dtype).tolist()


@pytest.mark.parametrize("value", [[1], {"x": 1}, b"bytes", datetime.timedelta(1), datetime.time(1)])
def test_nested_and_other_types_are_refused_by_name(write, value):
    with pytest.raises(FileError, match=r"t\.parquet: column 'b' holds .*, expected numbers, booleans, text or dates"):
        read_parquet(write(a=[1], b=[value]))


def test_no_parquet_file(tmp_path, write):
    path = tmp_path / "x.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match=r"x\.parquet: expected a Parquet file; this is none, or damaged"):
        read_parquet(path)
    whole = write(a=np.arange(1000.0)).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match=r"x\.parquet: expected a Parquet file; this is none, or damaged"):
        read_parquet(path)
    with pytest.raises(FileNotFoundError):
        read_parquet(tmp_path / "none.parquet")


def test_no_rows_and_a_name_twice(tmp_path, write):
    with pytest.raises(FileError, match="found 0 rows and 1 columns"):
        read_parquet(write(a=pa.array([], pa.int64())))
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), tmp_path / "twice.parquet")
    with pytest.raises(FileError, match="the name 'a' comes twice"):
        read_parquet(tmp_path / "twice.parquet")


def test_wanted_kinds(write):
    path = write(a=[1, None], b=["x", "?"], c=[LARGE + 2, 0], d=[None, None])
    table = read_parquet(path, kinds={"a": "text", "b": "text", "c": "number", "d": "date"}, na="?")
    assert table["a"].values.tolist() == ["1", None]
    assert table["b"].values.tolist() == ["x", None]
    assert table["c"].values.tolist() == [LARGE + 2, 0]
    with pytest.raises(FileError, match=r"column 'b' holds text \(string\), expected number"):
        read_parquet(path, kinds={"b": "number"})
    with pytest.raises(InputError, match="unknown column 'A'"):
        read_parquet(path, kinds={"A": "number"})


def test_a_missing_library_names_its_remedy(write, monkeypatch):
    path = write(a=[1])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'clearprop\[parquet\]'"):
        read_parquet(path)


def test_read_table_tells_the_format_by_the_first_bytes_then_by_the_ending(tmp_path, write):
    path = write(a=["1"])
    assert read_table(path)["a"].kind == "text"
    renamed = path.rename(tmp_path / "t.data")
    assert read_table(renamed)["a"].kind == "text"
    (tmp_path / "t.txt").write_text("a;b\n1;?\n")
    assert read_table(tmp_path / "t.txt", na=["1"])["a"].missing.all()
    (tmp_path / "u.parquet").write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match="expected a Parquet file"):
        read_table(tmp_path / "u.parquet")
    for options in ({"delimiter": ","}, {"encoding": "utf-8"}, {"header": False}):
        with pytest.raises(InputError, match="is a Parquet file; leave out delimiter, encoding and header"):
            read_table(renamed, **options)
