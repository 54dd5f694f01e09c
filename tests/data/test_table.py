import numpy as np
import pytest

from clearprop.data.table import Column, Table
from clearprop.errors import InputError


def test_each_kind_has_its_type_and_its_missing_value():
    lines = np.array([2, 3])
    columns = [
        Column("n", "number", [1, None], lines=lines),
        Column("b", "boolean", [True, None]),
        Column("t", "text", ["x", None]),
        Column("d", "date", ["2024-02-29", None]),
    ]
    for column, dtype in zip(columns, ["float64", "float64", "object", "datetime64[us]"], strict=True):
        assert column.values.dtype == dtype
        assert column.missing.dtype == bool
        assert column.missing.tolist() == [False, True]


def test_place_of_a_row():
    assert Column("a", "number", [1, 2], "t.csv", np.array([2, 4])).place(1) == "t.csv:4"
    assert Column("a", "number", [1, 2], "t.parquet").place(1) == "t.parquet row 1"
    assert Column("a", "number", [1, 2]).place(1) == "row 1"


def test_columns_are_found_left_out_and_cut():
    table = Table([Column("a", "number", [1, 2, 3], "t.csv", np.array([2, 3, 5])), Column("b", "text", ["x"] * 3)])
    assert table.names == ("a", "b")
    assert (table.n_rows, "a" in table, "c" in table) == (3, True, False)
    assert table.without("a").names == ("b",)
    assert table.take([2, 0])["a"].values.tolist() == [3, 1]
    assert table.take(np.array([False, True, True]))["a"].place(1) == "t.csv:5"
    assert table.take(slice(0)).n_rows == 0


def test_the_nearest_name_is_proposed():
    table = Table([Column("income", "number", [1]), Column("age", "number", [1])])
    with pytest.raises(InputError, match="unknown column 'incone'; did you mean 'income'"):
        table["incone"]
    with pytest.raises(InputError, match="unknown column 'agee'; did you mean 'age'"):
        table.without("agee")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Table([]), "at least one column"),
        (lambda: Table([Column("a", "number", [1])] * 2), "'a' comes twice"),
        (lambda: Table([Column("a", "number", [1]), Column("b", "number", [])]), "'a' has 1 rows and 'b' has 0"),
        (lambda: Column("a", "numbr", [1]), "unknown kind of column 'numbr'; did you mean 'number'"),
        (lambda: Column("a", "number", [[1]]), r"got shape \(1, 1\)"),
        (lambda: Column("a", "number", [1], "t", np.array([1, 2])), "one line a row"),
    ],
)
def test_what_is_no_table(make, message):
    with pytest.raises(InputError, match=message):
        make()
