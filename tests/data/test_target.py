import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.data.preprocessing import TargetEncoder
from clearprop.data.table import Column
from clearprop.errors import ClearpropWarning, InputError, InputTypeError


def target(kind, cells):
    return Column("y", kind, cells, "t.csv", np.arange(len(cells)) + 2)


@pytest.mark.parametrize(
    ("kind", "cells", "task", "classes"),
    [
        ("text", ["b", "a", "b"], "classification", ("a", "b")),
        ("boolean", [True, False], "classification", (False, True)),
        ("number", [0, 1], "classification", (0, 1)),
        ("number", [-1, 1, 1], "classification", (-1, 1)),
        ("number", [3, 1, 2, 3, 1, 2], "classification", (1, 2, 3)),
        ("number", [3, 1, 2, 3, 1], "regression", ()),
        ("number", [*range(20)] * 2, "classification", tuple(range(20))),
        ("number", [*range(21)] * 9, "regression", ()),
        ("number", [0, 0.5], "regression", ()),
    ],
)
def test_the_values_say_which_task(kind, cells, task, classes):
    encoder = TargetEncoder.fit(target(kind, cells))
    assert (encoder.task, encoder.classes) == (task, classes)
    assert all(type(label) is {"text": str, "boolean": bool}.get(kind, int) for label in encoder.classes)


def test_the_task_can_be_named():
    whole = target("number", [3, 1, 2, 3, 1])
    assert TargetEncoder.fit(whole, "classification").classes == (1, 2, 3)
    assert TargetEncoder.fit(target("number", [0, 1]), "regression").classes == ()
    with pytest.raises(InputError, match="unknown task 'regresion'; did you mean 'regression'"):
        TargetEncoder.fit(whole, "regresion")


@pytest.mark.parametrize("kind", ["text", "boolean", "number"])
def test_classes_come_back_as_they_were(kind):
    cells = {"text": ["no", "yes", "no"], "boolean": [False, True, False], "number": [3, 7, 3]}[kind]
    encoder = TargetEncoder.fit(target(kind, cells))
    numbers = encoder.transform(target(kind, cells))
    assert numbers.dtype == np.int64
    assert numbers.tolist() == [0, 1, 0]
    assert encoder.inverse(numbers).tolist() == cells
    assert encoder.inverse(np.array([[1], [0]])).shape == (2, 1)


@pytest.mark.parametrize("numbers", [[0.0, 1.0], [-1], [2]])
def test_what_is_no_class_number(numbers):
    encoder = TargetEncoder.fit(target("text", ["a", "b"]))
    with pytest.raises(InputError, match="class numbers, whole and from 0 to 1"):
        encoder.inverse(np.array(numbers))


@pytest.mark.parametrize("factor", [1e-200, 1.0, 1e200])
def test_regression_targets_are_standardised_and_restored(factor):
    y = np.random.default_rng(0).normal(5, 3, 100) * factor
    encoder = TargetEncoder.fit(target("number", y))
    z = encoder.transform(target("number", y))
    np.testing.assert_allclose([z.mean(), z.std()], [0, 1], atol=1e-14)
    np.testing.assert_allclose(encoder.inverse(z), y, rtol=1e-14)


def test_missing_labels_are_named_by_their_lines():
    column = target("text", ["a", None, "b", *[None] * 6])
    message = r"'y' has no value in 7 of 9 rows: t\.csv:3, t\.csv:5, t\.csv:6, t\.csv:7, t\.csv:8, \.\.\.; take"
    with pytest.raises(InputError, match=message):
        TargetEncoder.fit(column)
    with pytest.raises(InputError, match=message):
        TargetEncoder.fit(target("text", ["a", "b"])).transform(column)


@pytest.mark.parametrize(
    ("kind", "cells", "task", "error", "message"),
    [
        ("number", [], None, InputError, "has no rows"),
        ("number", [1, np.inf], None, InputError, r"holds inf at t\.csv:3"),
        ("number", [1, 2.5], "classification", InputError, r"holds 2\.5 at t\.csv:3; classes .*task='regression'"),
        ("text", ["a", "b"], "regression", InputTypeError, r"regression needs numbers.* is text \(a at t\.csv:2\)"),
        ("date", ["2024-01-01"], None, InputTypeError, "is a date"),
        ("text", [f"n{i}" for i in range(21)], None, InputError, "21 different values in 21 rows, too many"),
        ("number", range(21), "classification", InputError, "21 different values in 21 rows, too many"),
    ],
)  # fmt: skip
def test_what_is_no_target(kind, cells, task, error, message):
    with pytest.raises(error, match=message):
        TargetEncoder.fit(target(kind, cells), task)


def test_one_class_only_is_warned_of():
    with pytest.warns(ClearpropWarning, match="'y' has one class only, a:") as caught:
        encoder = TargetEncoder.fit(target("text", ["a", "a"]))
    assert caught[0].filename == __file__
    assert encoder.classes == ("a",)
    assert encoder.transform(target("text", ["a"])).tolist() == [0]


def test_a_constant_regression_target_is_warned_of():
    with pytest.warns(ClearpropWarning, match="'y' is the same in every row") as caught:
        encoder = TargetEncoder.fit(target("number", [2.5, 2.5]))
    assert caught[0].filename == __file__
    assert encoder.inverse(encoder.transform(target("number", [2.5, 4]))).tolist() == [2.5, 4]


def test_an_unknown_class_is_named():
    encoder = TargetEncoder.fit(target("text", ["a", "b"]))
    with pytest.raises(InputError, match=r"unknown class, c at t\.csv:3; known: a, b"):
        encoder.transform(target("text", ["a", "c"]))
    with pytest.raises(InputTypeError, match=r"holds number .*, expected text"):
        encoder.transform(target("number", [1]))


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9).map(lambda cells: target("number", cells)),
        st.lists(st.booleans(), min_size=1, max_size=9).map(lambda cells: target("boolean", cells)),
        st.lists(st.text(max_size=3), min_size=1, max_size=9).map(lambda cells: target("text", cells)),
    )
)
def test_a_description_gives_the_same_bits_back(column):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClearpropWarning)
        encoder = TargetEncoder.fit(column)
    rebuilt = TargetEncoder.from_description(json.loads(json.dumps(encoder.describe(), allow_nan=False)))
    assert rebuilt == encoder
    assert rebuilt.transform(column).tobytes() == encoder.transform(column).tobytes()


CLASSES = {"column": "y", "kind": "text", "task": "classification", "classes": ["a", "b"], "center": 0.0, "scale": 1.0}


@pytest.mark.parametrize(
    "change",
    [
        {"task": "clustering"}, {"task": None}, {"kind": "date"}, {"kind": "number"}, {"classes": []},
        {"classes": [1, 2]}, {"classes": [True, 0]}, {"classes": ["a", "a"]}, {"classes": "ab"}, {"scale": 0.0},
        {"scale": -1.0}, {"center": "0"}, {"center": float("nan")}, {"column": None}, {"more": 1},
        {"task": "regression"},
    ],
)  # fmt: skip
def test_a_malformed_description_is_refused(change):
    assert TargetEncoder.from_description(CLASSES).classes == ("a", "b")
    with pytest.raises(InputError, match=r"expected|no such target|unknown task"):
        TargetEncoder.from_description(CLASSES | change)
