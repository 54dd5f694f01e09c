"""The made-up tables: their shapes, their classes, and that the same seed gives the same numbers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_moons

from clearprop import datasets, errors


@pytest.mark.parametrize("name", datasets.names())
def test_each_table_has_two_features_and_two_classes(name):
    x, y = datasets.make(name, 201, seed=3)
    assert x.shape == (201, 2)
    assert x.dtype == np.float64
    assert np.isfinite(x).all()
    assert y.shape == (201,)
    assert y.dtype == np.int64
    assert set(y.tolist()) == {0, 1}
    assert 60 <= y.sum() <= 140


@pytest.mark.parametrize("name", datasets.names())
def test_the_seed_decides(name):
    x, y = datasets.make(name, 50, seed=7)
    again, same = datasets.make(name, 50, seed=7)
    assert_array_equal(again, x)
    assert_array_equal(same, y)
    assert (datasets.make(name, 50, seed=8)[0] != x).any()


def test_moons_are_scikit_learns():
    x, y = datasets.make("moons", 200, seed=5)
    wanted, classes = make_moons(n_samples=200, noise=0.2, shuffle=False, random_state=5)
    assert_array_equal(x, wanted)
    assert_array_equal(y, classes)


def test_circles_lie_on_two_radii():
    x, y = datasets.make("circles", 80, noise=0)
    assert_allclose(np.hypot(*x.T), np.where(y == 0, 1.0, 0.5))


def test_the_arms_of_a_spiral_are_half_a_turn_apart():
    x, y = datasets.make("spirals", 400, noise=0)
    radius, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    wanted = 2 * np.pi * radius / 1.5 + np.pi * y
    assert_allclose(np.cos(angle - wanted), 1.0)


def test_xor_and_checkerboard_take_their_class_from_the_place():
    x, y = datasets.make("xor", 100, noise=0)
    assert_array_equal(y, (x[:, 0] > 0) != (x[:, 1] > 0))
    x, y = datasets.make("checkerboard", 100, noise=0)
    assert_array_equal(y, np.floor(x).sum(axis=1) % 2)


@pytest.mark.parametrize("name", datasets.names())
def test_noise_is_a_standard_deviation(name):
    quiet, loud = (datasets.make(name, 4000, noise=noise, seed=1)[0] for noise in (0.0, 0.3))
    assert_allclose((loud - quiet).std(axis=0), 0.3, rtol=0.05)


@pytest.mark.parametrize(
    ("name", "n_rows", "more", "message"),
    [
        ("moon", 10, {}, "unknown data set 'moon'; did you mean 'moons'"),
        ("moons", 1, {}, "at least 2; got 1"),
        ("moons", 2.5, {}, "whole number of rows, at least 2; got 2.5"),
        ("moons", 10, {"noise": -1}, "noise is a standard deviation, 0 or more; got -1"),
        ("moons", 10, {"noise": float("nan")}, "noise is a standard deviation, 0 or more; got nan"),
        ("moons", 10, {"seed": -1}, r"from 0 to 2\*\*32 - 1; got -1"),
        ("moons", 10, {"seed": 2**32}, r"from 0 to 2\*\*32 - 1"),
    ],
)
def test_wrong_arguments_are_refused(name, n_rows, more, message):
    with pytest.raises(errors.InputError, match=message):
        datasets.make(name, n_rows, **more)
