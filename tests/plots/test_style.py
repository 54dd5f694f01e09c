from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from clearprop.live.terminal.colours import CLASSES
from clearprop.plots.columns import column_names, held_columns, like, plane_of
from clearprop.plots.style import (
    CLASS_COLORS,
    NEGATIVE,
    POSITIVE,
    class_style,
    faded,
    legend_columns,
    probability_map,
    shown,
    sign_map,
)


def lightness(color) -> float:
    """Return CIE L*, 0 for black and 100 for white: what is left of a colour in greyscale."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def test_colour_and_marker_together_tell_72_classes_apart():
    assert len({class_style(k) for k in range(72)}) == 72
    assert len({class_style(k)[1] for k in range(8)}) == 8


def test_classes_and_signs_have_the_colours_of_the_live_page():
    assert [color.lower() for color in CLASS_COLORS] == list(CLASSES)
    assert CLASS_COLORS[:2] == (NEGATIVE, POSITIVE)  # what is positive speaks for class 1


def test_the_first_two_classes_differ_in_greyscale():
    assert abs(lightness(CLASS_COLORS[0]) - lightness(CLASS_COLORS[1])) > 20


@pytest.mark.parametrize("colors", [sign_map(), probability_map()], ids=["sign", "probability"])
def test_diverging_maps_are_white_in_the_middle_blue_below_and_orange_above(colors):
    assert colors(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    for below, above in [(0.0, 1.0), (0.25, 0.75)]:
        assert colors(below)[2] > colors(below)[0]
        assert colors(above)[0] > colors(above)[2]


def test_fading_ends_at_white():
    assert faded("#0072B2", 0.0) == (1.0, 1.0, 1.0)
    assert faded("#0072B2", 1.0) == pytest.approx(to_rgb("#0072B2"))


@pytest.mark.parametrize(
    ("name", "text"), [("a\tb\n c", "a b c"), (3.5, "3.5"), ("\x00", ""), ("é" * 40, "é" * 31 + "…")]
)
def test_names_become_one_short_line(name, text):
    assert shown(name) == text


def test_a_legends_columns_fit():
    assert legend_columns([5] * 4, 1000.0) == 4
    assert legend_columns([50] * 4, 100.0) == 1


def test_names_of_columns():
    class Table:
        columns = ("a", 7)

    assert column_names(Table(), 2) == ["a", "7"]
    assert column_names(Table(), 2, ["x", "y"]) == ["x", "y"]
    assert plane_of(("7", -2), ["a", "7"]) == (1, 0)


@pytest.mark.parametrize(
    ("n_columns", "fixed", "note"),
    [
        (2, {}, ""),
        (3, {}, "at c = 2"),
        (3, {"c": 9}, "at c = 9"),
        (6, {}, "4 other features held at their medians"),
        (6, {2: 1.0}, "4 other features held at their medians and the values given"),
        (5, {2: 1.0, 3: 1.0, 4: 0.5}, "3 other features held at the values given"),
    ],
)
def test_the_picture_says_what_is_held(n_columns, fixed, note):
    x = np.tile(np.arange(float(n_columns)), (3, 1))
    values, said = held_columns(x, (0, 1), fixed, list("abcdef")[:n_columns])
    assert said == note
    assert list(values) == list(range(2, n_columns))


def test_rows_for_a_polars_like_table_are_given_a_schema():
    class Frame:
        __module__ = "polars.dataframe"
        columns = ("a", "b")

        def __init__(self, rows, schema):
            self.rows, self.schema = rows, schema

    rows = np.zeros((2, 2))
    assert like(Frame(rows, []), rows).schema == ["a", "b"]
    assert like(rows, rows) is rows
