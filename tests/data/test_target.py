import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.data.table import Column
from clearprop.data.target import read_target
from clearprop.errors import InputError, InputTypeError


def target(kind, cells):
    return Column("y", kind, cells, "t.csv", np.arange(len(cells)) + 2)


@pytest.mark.parametrize(
    ("kind", "cells", "task"),
    [
        ("text", ["b", "a", "b"], "classification"),
        ("boolean", [True, False], "classification"),
        ("number", [0, 1], "classification"),
        ("number", [-1, 1, 1], "classification"),
        ("number", [3, 1, 2, 3, 1, 2], "classification"),
        ("number", [3, 1, 2, 3, 1], "regression"),
        ("number", [*range(20)] * 2, "classification"),
        ("number", [*range(21)] * 9, "regression"),
        ("number", [0, 0.5], "regression"),
    ],
)
def test_the_values_say_which_task(kind, cells, task):
    found = read_target(target(kind, cells))
    assert found.task == task
    assert found.values.tolist() == cells
    wanted = {"text": "U", "boolean": "b", "number": "i" if task == "classification" else "f"}[kind]
    assert found.values.dtype.kind == wanted


def test_the_task_can_be_named():
    whole = target("number", [3, 1, 2, 3, 1])
    assert read_target(whole, "classification").values.dtype == np.int64
    assert read_target(target("number", [0, 1]), "regression").values.dtype == np.float64
    with pytest.raises(InputError, match="unknown task 'regresion'; did you mean 'regression'"):
        read_target(whole, "regresion")


@pytest.mark.parametrize(("value", "dtype"), [(2.0**53 - 1, np.int64), (2.0**53, np.float64), (-1e300, np.float64)])
def test_numbers_that_are_not_exact_as_int64_stay_floats(value, dtype):
    values = read_target(target("number", [0.0, value, 0.0])).values
    assert values.dtype == dtype
    assert values.tolist() == [0, value, 0]


def test_missing_labels_are_named_by_their_lines():
    column = target("text", ["a", None, "b", *[None] * 6])
    message = r"'y' has no value in 7 of 9 rows: t\.csv:3, t\.csv:5, t\.csv:6, t\.csv:7, t\.csv:8, \.\.\.; take"
    with pytest.raises(InputError, match=message):
        read_target(column)


@pytest.mark.parametrize(
    ("kind", "cells", "task", "error", "message"),
    [
        ("number", [], None, InputError, "has no rows"),
        ("number", [1, np.inf], None, InputError, r"holds inf at t\.csv:3"),
        ("number", [1, np.nan], "regression", InputError, r"has no value in 1 of 2 rows: t\.csv:3; take"),
        ("number", [1, 2.5], "classification", InputError, r"holds 2\.5 at t\.csv:3; classes .*task='regression'"),
        ("text", ["a", "b"], "regression", InputTypeError, r"regression needs numbers.* is text \(a at t\.csv:2\)"),
        ("boolean", [True, False], "regression", InputTypeError, r"regression needs numbers.* is boolean "),
        ("date", ["2024-01-01"], None, InputTypeError, "is a date"),
        ("text", [f"n{i}" for i in range(21)], None, InputError, "21 different values in 21 rows, too many"),
        ("number", range(21), "classification", InputError, "21 different values in 21 rows, too many"),
    ],
)  # fmt: skip
def test_what_is_no_target(kind, cells, task, error, message):
    with pytest.raises(error, match=message):
        read_target(target(kind, cells), task)


@pytest.mark.parametrize(("kind", "cells"), [("text", ["a", "a"]), ("boolean", [True]), ("number", [7, 7])])
def test_one_class_only_is_left_to_the_estimator_to_say(kind, cells):
    found = read_target(target(kind, cells))
    assert (found.task, found.values.tolist()) == ("classification", cells)


TEXT = st.characters(exclude_characters="\0")  # no reader gives it, and NumPy's text can't end in it


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9).map(lambda cells: target("number", cells)),
        st.lists(st.booleans(), min_size=1, max_size=9).map(lambda cells: target("boolean", cells)),
        st.lists(st.text(TEXT, max_size=3), min_size=1, max_size=9).map(lambda cells: target("text", cells)),
    )
)
def test_no_value_is_changed(column):
    assert read_target(column).values.tolist() == column.values.tolist()
