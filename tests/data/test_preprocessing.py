import json
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop.data.preprocessing import FeatureEncoder
from clearprop.data.table import Column, Table
from clearprop.errors import ClearpropWarning, InputError, InputTypeError


def table(**columns):
    """A table whose kinds follow from the first known value of each column."""
    kinds = {str: "text", bool: "boolean", np.datetime64: "date"}
    made: list[Column] = []
    for name, cells in columns.items():
        first = next((cell for cell in cells if cell is not None), 0.0)
        made.append(Column(name, kinds.get(type(first), "number"), cells, "t.csv", np.arange(len(cells)) + 2))
    return Table(made)


def encode(training, other=None):
    encoder = FeatureEncoder.fit(training)
    return dict(zip(encoder.feature_names, encoder.transform(other or training).T.tolist(), strict=True))


def clipped(u):
    u = np.asarray(u, float)
    return u / np.sqrt(1 + (u / 3) ** 2)


def unclipped(z):
    return z / np.sqrt(1 - (z / 3) ** 2)


def test_numbers_are_centred_at_the_median_and_divided_by_the_distance_of_the_quartiles():
    x = np.array([1.0, 2.0, 4.0, 9.0, 100.0])
    np.testing.assert_allclose(encode(table(x=[*x]))["x"], clipped((x - 4) / (9 - 2)), rtol=1e-15)


@pytest.mark.parametrize("offset", [0.0, 1e8, -1e15])
@pytest.mark.parametrize("factor", [1e-300, 1.0, 1e8, 1e290])
def test_scaling_keeps_its_digits_at_any_scale(offset, factor):
    x = np.arange(-4.0, 5.0)
    given = (x + offset) * factor
    np.testing.assert_allclose(encode(table(x=[*given]))["x"], clipped(x / 4), atol=max(4e-16 * abs(offset), 1e-14))


@pytest.mark.parametrize(
    ("x", "spread"),
    [
        ([0] * 8 + [2, 5], 2),  # of the tenths, as the quartiles are equal
        ([0] * 97 + [1, 7, 8], 7),  # of the hundredths
        ([0] * 199 + [9], 9),  # of the ends
    ],
)
def test_where_the_quartiles_are_equal_wider_shares_say_the_scale(x, spread):
    np.testing.assert_allclose(encode(table(x=x))["x"], clipped(np.array(x) / spread), rtol=1e-14)


def test_a_row_of_weight_2_counts_as_two_rows():
    x, weight = np.array([5.0, 1.0, 8.0, 2.0, 9.0]), np.array([1, 4, 2, 1, 3])
    weighted = FeatureEncoder.fit(table(x=[*x]), weight.astype(float))
    assert weighted == FeatureEncoder.fit(table(x=[*x.repeat(weight)]))
    assert weighted != FeatureEncoder.fit(table(x=[*x]))


def test_missing_numbers_become_0_and_are_marked():
    training = table(x=[0.0, None, 10.0, 2.0], full=[1.0, 2.0, 3.0, 6.0])
    encoded = encode(training, table(full=[None, 3.0], x=[None, 0.0]))
    assert list(encoded) == ["x", "x is missing", "full"]
    assert encoded["x is missing"] == [1, 0]
    np.testing.assert_allclose(encoded["x"], [0, clipped(-2 / 10)], rtol=1e-14)
    np.testing.assert_allclose(encoded["full"], [0, clipped(1 / 2)], rtol=1e-14)


def test_constant_columns_are_left_out_with_one_warning():
    training = table(x=[1, 2], same=[0.1, 0.1], text=["a", "a"], holes=[None, None], yes=[True, True])
    training = Table([*training.columns, Column("empty", "text", [None, None])])
    with pytest.warns(ClearpropWarning, match=r"same in every row.*: same, text, holes, yes, empty$") as caught:
        assert list(encode(training)) == ["x"]
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_constant_but_for_gaps_keeps_the_mark():
    encoded = encode(table(x=[3, None, 3], t=["a", "a", None], b=[None, True, True]))
    assert encoded == {"x is missing": [0, 1, 0], "t is missing": [0, 0, 1], "b is missing": [1, 0, 0]}
    assert encode(table(x=[None, 3, None], t=["a", None, None])) == {
        "x is missing": [1, 0, 1],
        "t is missing": [0, 1, 1],
    }


def test_rounding_alone_is_constant():
    with pytest.warns(ClearpropWarning, match="left out: sum"):
        encode(table(x=[1, 2], sum=[0.3, 0.1 + 0.2]))


def test_booleans_are_minus_1_and_1():
    encoded = encode(table(b=[True, False, None, True]))
    assert encoded == {"b": [1, -1, 0, 1], "b is missing": [0, 0, 1, 0]}


def test_two_levels_are_one_column_and_0_is_neither():
    training = table(t=["m", "f", "m"])
    with pytest.warns(
        ClearpropWarning, match=r"'t' holds 'x' at t\.csv:4, a level that training didn't see \(1 such"
    ) as caught:
        assert encode(training, table(t=["f", "m", "x", None])) == {"t=m": [-1, 1, 0, 0]}
    assert caught[0].filename == __file__


def test_levels_are_columns_and_missing_is_one():
    training = table(t=["b", "a", None, "c"])
    encoded = encode(training)
    assert list(encoded) == ["t=a", "t=b", "t=c", "t is missing"]
    assert list(encoded.values()) == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    with pytest.warns(ClearpropWarning, match="a level that training didn't see"):
        assert encode(training, table(t=["x"])) == {"t=a": [0], "t=b": [0], "t=c": [0], "t is missing": [0]}


def test_missing_beside_two_levels_is_a_third():
    assert list(encode(table(t=["a", "b", None]))) == ["t=a", "t=b", "t is missing"]


def test_more_than_50_levels_are_codes():
    cells = [f"{i:02}" for i in range(60) for _ in range(3)] + [None, "once"]
    encoder = FeatureEncoder.fit(table(x=range(182), t=cells))
    assert encoder.feature_names == ("x", "t")
    assert (encoder.numeric, encoder.codes) == ((True, False), (0, 60))
    matrix = encoder.transform(table(x=[1] * 5, t=["00", "59", "once", "new", None]))
    assert matrix[:, 1].tolist() == [1, 60, 0, 0, 0]


def test_50_levels_are_all_kept():
    names = list(encode(table(t=[str(i) for i in range(10, 60)] * 2)))
    assert names == [f"t={i}" for i in range(10, 60)]


def test_names_are_left_out_with_a_warning():
    training = table(x=range(21), name=[f"n{i}" for i in range(21)], code=[None, *map(str, range(20))])
    with pytest.warns(
        ClearpropWarning, match=r"differ in more than half of their rows and are left out: name$"
    ) as caught:
        encoded = encode(training)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert len(encoded) == 1 + 20 + 1
    gaps = table(x=range(42), name=[None] * 21 + [f"n{i}" for i in range(21)])
    with pytest.warns(ClearpropWarning, match=r"left out: name$"):
        assert encode(gaps)["name is missing"] == [1] * 21 + [0] * 21


def test_dates_are_days_months_weekdays_and_hours():
    days = [np.datetime64(day) for day in ("1970-01-01T00", "2024-02-29T18", "1969-12-31T12")]
    encoder = FeatureEncoder.fit(table(d=[*days, None]))
    assert encoder.feature_names == ("d days", "d is missing", "d month", "d weekday", "d hour")
    matrix = encoder.transform(table(d=days))
    found = zip([0, 2, 3, 4], encoder.encodings, strict=True)
    raw = {e.part: unclipped(matrix[:, i]) * e.scale + e.center for i, e in found}
    expected = {"days": [0, 19782.75, -0.5], "month": [1, 2, 12], "weekday": [3, 3, 2], "hour": [0, 18, 12]}
    for part, values in expected.items():
        np.testing.assert_allclose(raw[part], values, atol=1e-9)
    assert encoder.transform(table(d=[None]))[0, 1] == 1


def test_parts_of_a_date_that_never_change_are_left_out_silently():
    days = [np.datetime64("2024-01-01"), np.datetime64("2024-01-08")]
    assert encode(table(d=days)) == {"d days": [0, clipped(1)]}


def test_one_giant_cell_leaves_the_others_as_they_are():
    others = encode(table(x=[*range(101)]))["x"]
    encoded = encode(table(x=[*range(99), 1e300, 100]))["x"]
    np.testing.assert_allclose(encoded[:99], others[:99], rtol=1e-14)
    assert encoded[99] == 3


@pytest.mark.parametrize("x", [[0.0, 1.7e308, -1.6e308], [5e-310, 1e-309, 2e-309], [1e308, 1e308, -1.7e308, -1.7e308]])
def test_the_ends_of_the_range_stay_finite(x):
    encoded = np.array(encode(table(x=x))["x"])
    assert np.isfinite(encoded).all()
    assert np.ptp(encoded) > 0.9


def test_a_cell_far_from_training_stays_within_3():
    encoder = FeatureEncoder.fit(table(x=[1.0, 2.0]))
    assert encoder.transform(table(x=[1e300, -1e300, 4])).ravel().tolist() == [3, -3, clipped(3)]


def test_infinity_is_refused_with_its_place():
    bad = table(x=[1, np.inf, 2, -np.inf])
    with pytest.raises(InputError, match=r"'x' holds inf at t\.csv:3 \(2 such cells\), expected finite"):
        FeatureEncoder.fit(bad)
    with pytest.raises(InputError, match=r"'x' holds inf at t\.csv:3"):
        FeatureEncoder.fit(table(x=[1, 2])).transform(bad)


def test_columns_are_found_by_name():
    encoder = FeatureEncoder.fit(table(a=[1, 2], b=["x", "y"]))
    assert encoder.kinds == {"a": "number", "b": "text"}
    other = table(extra=["?"], b=["y"], a=[1])
    np.testing.assert_array_equal(encoder.transform(other), [[0, 1]])
    with pytest.raises(InputError, match=r"lacks 1 of the columns that training had: a .*did you mean 'aa'"):
        encoder.transform(table(aa=[1], b=["y"]))


@pytest.mark.parametrize(
    ("trained", "came", "message"),
    [
        ([1, 2], [None, "abc"], r"'c' holds text \(abc at t\.csv:3\), expected number, as in training"),
        (["1", "x"], [90210], r"'c' holds number \(90210\.0 at t\.csv:2\), expected text.*kinds=encoder\.kinds"),
        ([True, False], [1], r"'c' holds number .*, expected boolean"),
        ([np.datetime64("2024-01-01"), np.datetime64("2024-01-02")], ["x"], r"'c' holds text .*, expected date"),
    ],
)
def test_another_kind_is_refused(trained, came, message):
    with pytest.raises(InputTypeError, match=message):
        FeatureEncoder.fit(table(c=trained)).transform(table(c=came))


@pytest.mark.parametrize(
    "trained", [[1, 2], ["1", "x"], [True, False], [np.datetime64(10, "D"), np.datetime64(20, "D")]]
)
@pytest.mark.parametrize("came", [[None, None], []])
def test_a_column_of_gaps_or_without_rows_is_of_any_kind(trained, came):
    encoder = FeatureEncoder.fit(table(c=trained))
    for kind in ("number", "boolean", "text", "date"):
        matrix = encoder.transform(Table([Column("c", kind, came)]))
        assert matrix.shape == (len(came), len(encoder.feature_names))
        assert np.isfinite(matrix).all()


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="at least one row"):
        FeatureEncoder.fit(table(x=[]))
    with pytest.warns(ClearpropWarning), pytest.raises(InputError, match=r"no column is left.* x, y"):
        FeatureEncoder.fit(table(x=[1], y=["a"]))


cells = {
    "number": st.floats(-1e300, 1e300) | st.none(),
    "boolean": st.booleans() | st.none(),
    "text": st.text(max_size=3) | st.none(),
    "date": st.datetimes().map(lambda date: np.datetime64(date, "us")) | st.none(),
}


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(2, 30))
def test_a_description_gives_the_same_bits_back(data, n_rows):
    kinds = data.draw(st.lists(st.sampled_from(sorted(cells)), min_size=1, max_size=4))
    columns = [
        Column(f"c{i}", kind, data.draw(st.lists(cells[kind], min_size=n_rows, max_size=n_rows)))
        for i, kind in enumerate(kinds)
    ]
    given = Table([Column("x", "number", range(n_rows)), *columns])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ClearpropWarning)
        encoder = FeatureEncoder.fit(given)
    rebuilt = FeatureEncoder.from_description(json.loads(json.dumps(encoder.describe(), allow_nan=False)))
    assert rebuilt == encoder
    matrix = encoder.transform(given)
    assert np.isfinite(matrix).all()
    assert matrix.tobytes() == rebuilt.transform(given).tobytes()
    assert matrix.shape == (n_rows, len(encoder.feature_names))


NUMBER = {"type": "number", "column": "x", "kind": "number", "part": ""}
NUMBER |= {"center": 0.0, "scale": 1.0, "indicator": False}
TEXT = {"type": "text", "column": "x", "levels": ["a", "b"], "missing": False}
CODES = {"type": "codes", "column": "x", "levels": ["a", "b"]}


@pytest.mark.parametrize(
    "described",
    [
        None, [], {}, {"encodings": {}}, {"encodings": []}, {"encodings": [None]}, {"encodings": [{}]},
        *({"encodings": [NUMBER | change]} for change in (
            {"type": "os.system"}, {"type": []}, {"extra": 1}, {"column": 1}, {"kind": "text"}, {"kind": "x"},
            {"part": "year"}, {"center": "0"}, {"center": True}, {"center": float("nan")}, {"center": float("inf")},
            {"center": 10**400}, {"scale": -1.0}, {"scale": None}, {"indicator": 1},
        )),
        *({"encodings": [TEXT | change]} for change in (
            {"levels": "ab"}, {"levels": ["a", 1]}, {"levels": [1, 2]}, {"levels": ["a", "a"]}, {"levels": [["a"]]},
            {"missing": "no"}, {"column": None},
        )),
        *({"encodings": [CODES | change]} for change in ({"levels": [1, 2]}, {"missing": False}, {"column": 1})),
        {"encodings": [{name: value for name, value in NUMBER.items() if name != "scale"}]},
    ],
)  # fmt: skip
def test_a_malformed_description_is_refused(described):
    with pytest.raises(InputError, match=r"expected|no such encoding"):
        FeatureEncoder.from_description(described)


def test_the_well_formed_ones_beside_them_are_not():
    encoder = FeatureEncoder.from_description({"encodings": [NUMBER | {"center": 1}, TEXT, CODES]})
    assert encoder.feature_names == ("x", "x=b", "x")
