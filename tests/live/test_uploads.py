"""Files that people bring: kept, described, or refused with the place of the fault."""

import tempfile
from pathlib import Path

import pytest

from clearprop.errors import FileError, InputError, MissingExtraError
from clearprop.live.sources import uploads as module
from clearprop.live.sources.uploads import Uploads, file_name

CSV = b"a,b\n1,x\n2,\n"


def test_a_file_is_kept_and_described():
    uploads = Uploads()
    found = uploads.add("C:\\Users\\Ann\\people.csv", CSV)
    assert (found["file"], found["n_rows"]) == ("people.csv", 2)
    assert found["columns"][1] == {"name": "b", "kind": "text", "missing": 1, "levels": 1}
    table = uploads.table(found["upload"])
    assert table.names == ("a", "b")
    assert table["a"].place(1) == "people.csv:3"


def test_the_newest_four_are_kept():
    uploads = Uploads()
    names = [uploads.add(f"{i}.csv", CSV)["upload"] for i in range(6)]
    assert len(set(names)) == 6
    for name in names[2:]:
        uploads.table(name)
    for name in (*names[:2], "nothing"):
        with pytest.raises(InputError, match="isn't kept here"):
            uploads.table(name)


def test_parquet_by_its_bytes_or_its_ending(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"a": [1, None], "b": ["x", "y"]}), tmp_path / "t")
    data = (tmp_path / "t").read_bytes()
    assert Uploads().add("table", data)["columns"][0]["missing"] == 1
    with pytest.raises(FileError, match=r"^bad\.parquet: expected a Parquet file; this is none, or damaged"):
        Uploads().add("bad.parquet", data[:40])
    with pytest.raises(FileError, match=r"^bad\.pq: "):
        Uploads().add("bad.pq", b"a,b\n1,2\n")


@pytest.mark.parametrize(
    ("data", "line", "column", "reason"),
    [
        (b"", 1, 1, "the file is empty"),
        (b"a,b\n", 2, 1, "found a header (2 names) and no row"),
        (b"a,b\n1,2,3\n", 2, 5, "found 3 fields, expected 2"),
        (b"a,a\n1,2\n", 1, 3, "the name 'a' comes twice"),
        (b"a,b\n1,caf\xe9\n", 2, 6, "found byte 0xe9, which is not utf-8 text"),
        (b"a,b\n1,\"x\n", 2, 3, "a quote opened here is never closed"),
        (b"a,b\n" + b"1,2\n" * 30 + b"1,two\n", 32, 3, "column 'b': found 'two', expected a number"),
        (b"PK\x03\x04rest", 1, 1, "a zip archive or an Excel workbook"),
    ],
)  # fmt: skip
def test_a_bad_file_says_line_column_and_reason_and_not_where_it_lay(data, line, column, reason):
    with pytest.raises(FileError) as caught:
        Uploads().add("../my file.csv", data)
    said = str(caught.value)
    assert said.startswith(f"my file.csv:{line}:{column}: ")
    assert reason in said
    assert tempfile.gettempdir() not in said


@pytest.mark.parametrize(
    ("data", "end"),
    [
        (
            b"a,b\n" + b"1,2\n" * 30 + b"1,two\n",
            "as 30 of 31 cells are; empty such cells, if they mean a missing value",
        ),
        (b"a,my b\n" + b"1,2\n" * 30 + b'1,"1,000"\n', "no thousands separator, no unit; write the column so"),
        (b"a,b\n" + b"1,2\n" * 30 + b"1,007\n", "; write all cells of the column in one way"),
        (b"a,b\n" + b"1,2\n" * 30 + b"1,1e999\n", "; empty such cells, if they mean a missing value"),
        (b"a,b\n1,caf\xe9\n", "which is not utf-8 text; save it as UTF-8 text and load it again"),
        (b"\xef\xbb\xbfa,b\n1,caf\xe9\n", "; save it as UTF-8 text and load it again"),
        (b"a\0,\0b\0\n\0", "which no text holds; save it as UTF-8 text and load it again"),
        (b"a,b\n", "; expected rows below it"),
        (b"a,b\n1,2,3\n", "fields, or quote a field that holds the delimiter"),
        (b"1.5,2.5\n1,2\n", "expected a line of names; put one above it"),
        (b"a,a\n1,2\n", "; rename one, or if this line is a row of data, put a line of names above it"),
        (b"a;b,c\n1;2,3\n", "; save it with commas between the columns and load it again"),
        (b"a b\n1 2\n", "; save it with commas between the columns and load it again"),
        (b'a,b\n1,"x\n', ""),
    ],
)
def test_a_remedy_is_one_that_a_page_has(data, end):
    with pytest.raises(FileError) as caught:
        Uploads().add("my file.csv", data)
    assert str(caught.value).endswith(end)
    for word in ("--", "kinds=", "header="):
        assert word not in str(caught.value)


def test_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Uploads().add("a.csv", CSV)
    with pytest.raises(FileError):
        Uploads().add("a.csv", b"")
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_large_for_a_page_is_refused(monkeypatch):
    with pytest.raises(InputError, match="2,001 columns; the page can use 2,000"):
        Uploads().add("wide.csv", (",".join(f"c{i}" for i in range(2001)) + "\n" + ",".join("1" * 2001)).encode())
    monkeypatch.setattr(module, "CELLS", 3)
    with pytest.raises(InputError, match="2 rows of 2 columns; the page can use 3 cells"):
        Uploads().add("long.csv", CSV)


def test_a_parquet_file_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"a": [0] * 1000}), tmp_path / "t")
    monkeypatch.setattr(module, "CELLS", 999)
    monkeypatch.setattr(module, "read_table", lambda _: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match="1,000 rows of 1 columns"):
        Uploads().add("t.parquet", (tmp_path / "t").read_bytes())


def test_a_missing_reader_says_what_to_install(monkeypatch):
    def missing(_):
        raise MissingExtraError("reading a Parquet file needs pyarrow: pip install 'clearprop[parquet]'")

    monkeypatch.setattr(module, "read_table", missing)
    with pytest.raises(MissingExtraError, match=r"clearprop\[parquet\]"):
        Uploads().add("t.parquet", b"PAR1")


def test_names_are_shortened_and_steer_nothing():
    assert file_name("a\x1b[2J\nb.csv") == "a [2J b.csv"
    assert len(file_name("x" * 500 + ".csv")) == 80
    assert Path(file_name("..")).name in ("..", "file")
