import csv
import io
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.data.csv_cells import MISSING
from clearprop.data.csv_reader import read_csv
from clearprop.errors import FileError, InputError

NUMBERS = "".join(f"{i}\n" for i in range(10_000))
DATES = "".join(f"2024-01-{i:02}\n" for i in range(1, 31))
LIMIT = csv.field_size_limit()

# what is in the file, how it is read, the place of the error, and pieces of the message: found, expected, remedy
MALFORMED = [
    ("empty file", b"", {}, "1:1", "empty", "a line of names"),
    ("only a byte order mark", b"\xef\xbb\xbf", {}, "1:1", "empty", "a line of names"),
    ("only empty lines", b"\n  \n\n", {}, "1:1", "empty", "a line of names"),
    ("header alone", b"a,b\n", {}, "2:1", "no row", "--no-header"),
    ("row too short", b"a,b\n1,2\n3\n4,5\n", {}, "3:2", "found 1 field, expected 2", "--delimiter"),
    ("row too long", b"a,b\n1,2\n3,4,5\n", {}, "3:5", "found 3 fields, expected 2", "quote"),
    ("long row after a quoted line end", b'a,b\n"1\n1",2\n"3\n3",4,5\n', {}, "5:6", "found 3 fields", "quote"),
    ("only the header is longer", b"a,b,c\n1,2\n3,4\n", {}, "2:4", "found 2 fields, expected 3", "--delimiter"),
    ("short row of gaps", b"a,b,c\n1,2,3\n,\n4,5,6\n", {}, "3:2", "found 2 fields, expected 3", "quote"),
    ("last line cut off", b"a,b,c\n1,2,3\n4,5", {}, "3:4", "ends in the middle of a row", "get the whole file"),
    ("two delimiters possible", b"a,b;c\n1,2;3\n", {}, "1:1", "',' or ';'", "--delimiter ','"),
    ("decimal commas divide too", b"x,1;y,1\n1,5;2,5\n", {}, "1:1", "',' or ';'", "--delimiter"),
    ("spaces as delimiters", b"a b c\n1 2 3\n", {}, "1:1", "3 words", "--delimiter ' '"),
    ("latin-1", "name\ncafé\n".encode("latin-1"), {}, "2:4", "byte 0xe9", "--encoding latin-1"),
    ("latin-1 after CR", "a,b\r1,2\r3,ü\r".encode("latin-1"), {}, "3:3", "byte 0xfc", "--encoding latin-1"),
    ("wrong encoding given", "é\n".encode("latin-1"), {"encoding": "ascii"}, "1:1", "not ascii", "--encoding"),
    ("UTF-16 without a mark", "a,b\n1,2\n".encode("utf-16-le"), {}, "1:2", "NUL", "--encoding utf-16-le"),
    ("UTF-16 BE without a mark", "a,b\n1,2\n".encode("utf-16-be"), {}, "1:1", "NUL", "--encoding utf-16-be"),
    ("UTF-16 cut off", "a\n1".encode("utf-16")[:-1], {}, "2:1", "not utf-16", "--encoding"),
    ("NUL byte", b"a,b\n1,2\n3,\x004\n", {}, "3:3", "NUL", "remove it"),
    ("NUL in UTF-16", "a,b\n1,\0\n".encode("utf-16"), {}, "2:3", "NUL", "remove it"),
    ("no header", b"1,2\n3,4\n", {}, "1:1", "found '1', expected a line of names", "--no-header"),
    ("no header, text too", b"iris,5.1,3.5\niris,4.9,3\n", {}, "1:6", "found '5.1'", "--no-header"),
    ("no header, whole numbers", b"39,clerk,77516,13\n50,cook,83311,9\n", {}, "1:1", "found '39'", "--no-header"),
    ("name twice", b"a,b,a\n1,2,3\n", {}, "1:5", "'a' comes twice, in columns 1 and 3", "rename"),
    ("name twice but for spaces", b"a,a \n1,2\n", {}, "1:3", "'a' comes twice", "rename"),
    ("no name", b"a,,c\n1,2,3\n", {}, "1:3", "column 2 has no name", "give it one"),
    ("an index written by pandas", b",a\n0,1\n", {}, "1:1", "column 1 has no name", "index=False"),
    ("too large", b"a,b\n1,1\n1,1e400\n", {}, "3:3", "found '1e400', expected a finite", "--na 1e400"),
    ("infinity by name", b"a\n1\n-inf\n", {}, "3:1", "found '-inf', expected a finite", "--na -inf"),
    ("late word", f"a\n{NUMBERS}oops\n".encode(), {}, "10002:1", "'oops', expected a number, as 10,000", "--na oops"),
    ("a late word, or text", f"my age\n{NUMBERS}o o\n".encode(), {}, "10002:1", "--na 'o o'", "--text 'my age'"),
    ("a late word after quotes", b'a,b\n"x\ny",0\n' + b"z,2\n" * 40 + b" z, bad\n", {}, "44:4", "'bad'", "--na bad"),
    ("no such date", f"d\n{DATES}2024-02-30\n".encode(), {}, "32:1", "'2024-02-30', expected a date", "--na"),
    ("no zone", b"d\n" + b"2024-01-01T00:00Z\n" * 30 + b"2024-01-01\n", {}, "32:1", "with its zone", "--na"),
    ("leading zero", b"a\n0\n" + b"12\n7\n" * 20 + b"042\n", {}, "43:1", "without leading zeros", "--text a"),
    ("quote left open", b'a,b\n1,"2\n3,4\n5,6\n', {}, "2:3", "never closed", "close the quote"),
    ("quote left open, another closes it", b'a,b\n1,"x\n2,"y"\n', {}, "2:3", "closed at 3:3, and", "twice"),
    ("text after a quote", b'a,b\n1,"x"y\n', {}, "2:3", "closed at 2:5", "twice"),
    ("backslash before a quote", b'a\n"say \\"hi\\""\n', {}, "2:1", "closed at 2:7", "twice"),
    ("quote open, file long", b'a,b\n1,"' + b"2,3\n" * LIMIT, {}, "2:3", "longer than", "close the quote"),
    ("a field too long", b"a,b\n1," + b"x" * (LIMIT + 1) + b"\n", {}, "2:3", "longer than", "close the quote"),
    ("decimal comma", b"a;b\n1,5;1\n22,25;2\n", {}, "2:1", "'1,5', expected a plain number such as 1234.5", "--text a"),
    ("thousands and decimal comma", b"a;b\n1.234,5;1\n7;2\n", {}, "2:1", "found '1.234,5'", "1234.5"),
    ("thousands comma", b'a,b\n7,"1,234"\n', {}, "2:3", "found '1,234'", "1234.5"),
    ("thousands space", "a,b\n7,1\u00a0234\n".encode(), {}, "2:3", "found '1\\xa0234'", "1234.5"),
    ("thousands apostrophe", b"a,b\n7,1'234.5\n", {}, "2:3", "1'234.5", "1234.5"),
    ("underscores", b"a,b\n7,1_000\n", {}, "2:3", "found '1_000'", "1234.5"),
    ("a unit", b"a,b\n7,12%\n8,9%\n", {}, "2:3", "found '12%'", "no unit"),
    ("header as a row", b"age\n" + NUMBERS.encode(), {"header": False}, "1:1", "'age'", "leave --no-header out"),
    ("text for a number", b"a\n1\nx\n", {"kinds": {"a": "number"}}, "3:1", "'x', expected a number", "--na x"),
    ("1 for true", b"a\ntrue\n1\n", {"kinds": {"a": "boolean"}}, "3:1", "'1', expected true or false", "--na 1"),
    ("text for a date", b"a\nsoon\n", {"kinds": {"a": "date"}}, "2:1", "'soon', expected a date", "--na soon"),
    ("workbook", b"PK\x03\x04...", {}, "1:1", "Excel", "save it as CSV"),
    ("gzip", b"\x1f\x8b\x08...", {}, "1:1", "gzip", "unpack"),
    ("Parquet", b"PAR1...", {}, "1:1", "Parquet", ".parquet"),
]  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("content", "options", "place", "found", "remedy"), [pytest.param(*row[1:], id=row[0]) for row in MALFORMED]
)
def test_malformed_file_is_refused_at_its_place_with_a_remedy(write, content, options, place, found, remedy):
    path = write(content)
    with pytest.raises(FileError) as caught:
        read_csv(path, **options)
    message = str(caught.value)
    assert message.startswith(f"{path}:{place}: ")
    assert found in message
    assert remedy in message
    assert len(message) < 450 + len(str(path))


# what is in the file, how it is read, and the columns that come out
READ = [
    ("LF", b"a,b\n1,x\n2,y\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
    ("CR LF", b"a,b\r\n1,x\r\n", {}, {"a": [1], "b": ["x"]}),
    ("CR", b"a,b\r1,x\r2,y", {}, {"a": [1, 2], "b": ["x", "y"]}),
    ("CR CR LF", b"a,b\r\r\n1,x\r\r\n", {}, {"a": [1], "b": ["x"]}),
    ("no last line end", b"a,b\n1,x", {}, {"a": [1], "b": ["x"]}),
    ("semicolons", b"a;b\n1;x,y\n", {}, {"a": [1], "b": ["x,y"]}),
    ("tabs", b"a\tb c\n1\tx y\n", {}, {"a": [1], "b c": ["x y"]}),
    ("bars", b"a|b\n1|x\n", {}, {"a": [1], "b": ["x"]}),
    ("spaces, named", b"a b\n1  2\n", {"delimiter": " "}, {"a": [1], "b": [2]}),
    ("tab by its name", b"a\tb,c\n1\t2,x\n", {"delimiter": "tab"}, {"a": [1], "b,c": ["2,x"]}),
    ("delimiter named", b"a,b;c\n1,x;3\n", {"delimiter": ";"}, {"a,b": ["1,x"], "c": [3]}),
    ("a delimiter in quotes", b'a,b\n"x,1",2\n"y;",3\n', {}, {"a": ["x,1", "y;"], "b": [2, 3]}),
    ("one column", b"a\n1\n2\n", {}, {"a": [1, 2]}),
    ("one column of two words", b"a b\nx y\n", {"delimiter": ","}, {"a b": ["x y"]}),
    ("one column with a gap", b'a\n1\n""\n2\n', {}, {"a": [1, None, 2]}),
    ("line ends in quotes", b'a,b\n"x\ny\r\n",1\n', {}, {"a": ["x\ny"], "b": [1]}),
    ("quotes in quotes", b'a,b\n"say ""hi""",1\n', {}, {"a": ['say "hi"'], "b": [1]}),
    ("a quote inside a field", b'a,b\n5" pipe,1\n', {}, {"a": ['5" pipe'], "b": [1]}),
    ("a space before a quote", b'a, b\n1, "x, y"\n', {}, {"a": [1], "b": ["x, y"]}),
    ("spaces around fields", b" a , b\n 1 , x \n", {}, {"a": [1], "b": ["x"]}),
    ("UTF-8 with a mark", "\ufeffé,b\n1,ü\n".encode(), {}, {"é": [1], "b": ["ü"]}),
    ("UTF-16", "é,b\n1,ü\n".encode("utf-16"), {}, {"é": [1], "b": ["ü"]}),
    ("UTF-16 BE", "\ufeffa,b\n1,ü\n".encode("utf-16-be"), {}, {"a": [1], "b": ["ü"]}),
    ("UTF-32", "a,b\n1,ü\n".encode("utf-32"), {}, {"a": [1], "b": ["ü"]}),
    ("latin-1, named", "a,b\n1,ü\n".encode("latin-1"), {"encoding": "latin-1"}, {"a": [1], "b": ["ü"]}),
    ("empty lines", b"\n a,b\n\n1,x\n   \n2,y\n\n", {}, {"a": [1, 2], "b": ["x", "y"]}),
    ("rows of gaps stay", b"a,b\n,\n1,2\n", {}, {"a": [None, 1], "b": [None, 2]}),
    ("no header", b"1,x\n2,y\n", {"header": False}, {"column_1": [1, 2], "column_2": ["x", "y"]}),
    ("years as names", b"land,1999,2000\nx,1,2\n", {}, {"land": ["x"], "1999": [1], "2000": [2]}),
    ("what is missing", b"a,b\n1,x\nNA,NULL\nnan,?\n-,None\n", {}, {"a": [1] + [None] * 3, "b": ["x"] + [None] * 3}),
    ("more that is missing", b"a,b\n-999,x\n1, . \n", {"na": ("-999", ".")}, {"a": [None, 1], "b": ["x", None]}),
    ("one more that is missing", b"a\n1\nno value\n", {"na": "no value", "delimiter": ","}, {"a": [1, None]}),
    ("nothing but gaps", b"a,b\n,1\n,2\n", {}, {"a": [None, None], "b": [1, 2]}),
    ("numbers", b"a\n-1\n+2.\n.5\n1e3\n-2.5E-3\n0\n0.10\n", {}, {"a": [-1, 2, 0.5, 1000, -0.0025, 0, 0.1]}),
    ("numbers and some words", b"a\n1\n2\nx\n", {}, {"a": ["1", "2", "x"]}),
    ("zip codes", b"a\n01234\n90210\n", {}, {"a": ["01234", "90210"]}),
    ("zip codes as numbers", b"a\n01234\n90210\n", {"kinds": {"a": "number"}}, {"a": [1234, 90210]}),
    ("codes of several lengths", b"a\n007\n12\n1\n", {}, {"a": ["007", "12", "1"]}),
    ("large ids", b"a\n9007199254740993\n1\n", {}, {"a": ["9007199254740993", "1"]}),
    ("the last exact integer", b"a\n-9007199254740991\n", {}, {"a": [1.0 - 2**53]}),
    ("large measured numbers", b"a\n90071992547409930.5\n1\n", {}, {"a": [90071992547409930.5, 1]}),
    ("a wanted text", b"a\n1\n1.0\n", {"kinds": {"a": "text"}}, {"a": ["1", "1.0"]}),
    ("a wanted list", b"a;b\n1,5;1\n", {"kinds": {"a": "text"}}, {"a": ["1,5"], "b": [1]}),
    ("other scripts' digits", "a\n१२\n".encode(), {}, {"a": ["१२"]}),
    ("booleans", b"a\ntrue\nFALSE\n\"\"\nTrue\n", {}, {"a": [True, False, None, True]}),
    ("yes and no stay words", b"a\nyes\nno\n", {}, {"a": ["yes", "no"]}),
    ("dates", b"a\n2024-02-29\nNA\n", {}, {"a": [np.datetime64("2024-02-29"), None]}),
    ("times", b"a\n2024-02-29 12:30\n", {}, {"a": [np.datetime64("2024-02-29T12:30")]}),
    ("times with zones", b"a\n2024-02-29T01:30+02:00\n\"\"\n", {}, {"a": [np.datetime64("2024-02-28T23:30"), None]}),
    ("a zoned time", b"a\n2024-02-29T12:00Z\n", {"kinds": {"a": "date"}}, {"a": [np.datetime64("2024-02-29T12")]}),
    ("some with zones", b"a\n2024-02-29T12:30Z\n2024-02-29\n", {}, {"a": ["2024-02-29T12:30Z", "2024-02-29"]}),
    ("the longest field", b"a,b\n" + b"x" * LIMIT + b",1\n", {}, {"a": ["x" * LIMIT], "b": [1]}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "options", "expected"), [pytest.param(*row[1:], id=row[0]) for row in READ])
def test_well_formed_file_is_read_as_it_is(write, content, options, expected):
    table = read_csv(write(content), **options)
    assert table.names == tuple(expected)
    kinds = {str: "text", bool: "boolean", np.datetime64: "date"}
    for name, cells in expected.items():
        known = [cell for cell in cells if cell is not None]
        assert table[name].kind == kinds.get(type(known[0]) if known else float, "number")
        assert table[name].missing.tolist() == [cell is None for cell in cells]
        assert table[name].values[~table[name].missing].tolist() == np.array(known, table[name].values.dtype).tolist()


def test_rows_know_their_lines(write):
    table = read_csv(write('a,b\n"x\ny",1\n\n"z",2\r\n"1\r\n2\r3",3\nw,4\n'))
    assert table["b"].lines is not None
    assert table["b"].lines.tolist() == [2, 5, 6, 9]
    assert table["b"].place(3).endswith("t.csv:9")


def test_place_is_right_in_a_record_with_long_quoted_fields(write):
    doubled = '"' + '""' * (LIMIT - 1) + '"'
    with pytest.raises(FileError, match=rf":2:{len(doubled) + 2}: column 'b': found '1e999'"):
        read_csv(write(f"a,b\n{doubled},1e999\n"))


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_impossible_delimiter(write, delimiter):
    with pytest.raises(InputError, match="a delimiter is one character"):
        read_csv(write("a\n1\n"), delimiter=delimiter)


def test_unknown_names_in_options(write):
    path = write("age,b\n1,2\n")
    with pytest.raises(InputError, match=r"unknown encoding 'latin-l'.*'latin-1'"):
        read_csv(path, encoding="latin-l")
    with pytest.raises(InputError, match="unknown column 'aeg'; did you mean 'age'"):
        read_csv(path, kinds={"aeg": "text"})
    with pytest.raises(InputError, match="unknown kind of column 'txt'; did you mean 'text'"):
        read_csv(path, kinds={"age": "txt"})


def test_absent_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "none.csv")


def test_a_column_is_decided_over_all_its_rows(write):
    words = read_csv(write("a\n" + NUMBERS + "x\n" * 1000))["a"]
    assert words.kind == "text"
    assert words.values[[0, 9999, 10_000]].tolist() == ["0", "9999", "x"]


def test_rows_without_header_know_their_lines(write):
    lines = read_csv(write("\n1,x\n2,y\n"), header=False)["column_1"].lines
    assert lines is not None
    assert lines.tolist() == [2, 3]


def test_equal_texts_share_one_object(write):
    values = read_csv(write("a,b\n" + "level,1\n" * 20_000))["a"].values
    assert len({id(value) for value in values}) == 1


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8).map(str.strip)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_text_survives_the_round_trip(tmp_path_factory, rows, delimiter, line_end, encoding):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(
        [("a", "b", "c"), *rows]
    )
    path.write_bytes(written.getvalue().encode(encoding))
    table = read_csv(path, delimiter=delimiter, kinds=dict.fromkeys("abc", "text"))
    for name, column in zip("abc", zip(*rows, strict=True), strict=True):
        assert table[name].values.tolist() == [None if cell in MISSING else cell for cell in column]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(allow_infinity=False, width=64), min_size=1, max_size=30))
def test_numbers_survive_the_round_trip_bit_for_bit(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("x,y\n" + "".join(f"{x!r},{i}\n" for i, x in enumerate(numbers)))
    read = read_csv(path)["x"].values
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read, numbers)
    assert np.signbit(read[~np.isnan(read)]).tolist() == [np.signbit(x) for x in numbers if x == x]


@settings(max_examples=150, deadline=None)
@given(st.text(string.ascii_lowercase + '01.,;\t"\n\r -', max_size=60))
def test_any_text_is_read_or_refused_with_a_place(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(text.encode())
    try:
        table = read_csv(path)
    except FileError as error:
        line, column = str(error).removeprefix(f"{path}:").split(":")[:2]
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= int(line) <= len(lines) + 1
        assert 1 <= int(column) <= max(map(len, lines)) + 3
    else:
        assert table.n_rows >= 1
