from __future__ import annotations

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError
from clearprop.plots import WeightImagesDisplay


def trained(n_inputs, layers):
    rng = np.random.default_rng(0)
    network = cp.Network(n_inputs, layers)
    x, y = rng.normal(size=(20, n_inputs)), rng.normal(size=(20, network.n_outputs))
    return cp.train(network, x, y, loss="squared", steps=2, rng=0)


def test_every_units_weights_are_in_the_image_at_its_place():
    weight = np.random.default_rng(0).normal(size=(12, 7))
    display = WeightImagesDisplay(weight, (3, 4)).plot()
    mosaic = np.asarray(display.image_.get_array().filled(np.nan))
    for unit in range(7):
        tile = display.tile(unit)
        np.testing.assert_array_equal(tile, weight[:, unit].reshape(3, 4))
        places = np.argwhere(mosaic == tile[0, 0])
        assert len(places) == 1
        top, left = places[0]
        np.testing.assert_array_equal(mosaic[top : top + 3, left : left + 4], tile)
    assert np.isfinite(mosaic).sum() == weight.size


def test_units_are_apart():
    mosaic = WeightImagesDisplay(np.ones((9, 4))).plot().image_.get_array().filled(np.nan)
    assert np.isnan(mosaic).all(axis=0).tolist() == [False] * 3 + [True] + [False] * 3  # two by two images
    assert np.isnan(mosaic).all(axis=1).tolist() == [False] * 3 + [True] + [False] * 3


def test_the_scale_is_shared_and_centred_on_zero():
    weight = np.array([[0.5, -3.0], [0.1, 0.2], [0.0, 0.0], [0.3, 0.4]])
    display = WeightImagesDisplay(weight).plot()
    assert display.image_.get_clim() == (-3.0, 3.0)
    assert display.image_.get_cmap()(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.01)
    assert len(display.figure_.axes) == 2  # one colour bar for all


def test_a_results_first_layer():
    result = trained(9, [cp.Dense(5, "tanh"), cp.Dense(1)])
    display = WeightImagesDisplay.from_estimator(result)
    np.testing.assert_array_equal(display.weight, result.parameters["0.weight"])
    assert display.shape == (3, 3)
    assert display.ax_.get_xlabel() == "weights of layer 0: 5 units, 3 × 3 each"


def test_another_layer_and_a_limit():
    result = trained(3, [cp.Dense(6, "tanh"), cp.LayerNorm(), cp.Dense(40)])
    display = WeightImagesDisplay.from_estimator(result, layer=2, shape=(2, 3), max_units=10)
    assert np.isfinite(np.asarray(display.image_.get_array().filled(np.nan))).sum() == 60
    assert display.ax_.get_xlabel() == "weights of layer 2: units 0 to 9 of 40, 2 × 3 each"
    with pytest.raises(InputError, match=r"layer 1 has no matrix of weights; these layers have one: \[0, 2\]"):
        WeightImagesDisplay.from_estimator(result, layer=1)


@pytest.mark.parametrize("n_units", [1, 2, 3, 50, 100])
def test_any_number_of_units_fills_the_place(n_units):
    display = WeightImagesDisplay(np.arange(4.0 * n_units).reshape(4, n_units)).plot()
    height, width = display.image_.get_array().shape
    assert np.isfinite(display.image_.get_array().filled(np.nan)).sum() == 4 * n_units
    assert width <= 3 * n_units
    assert n_units < 10 or 0.7 < width / height < 2.2


def test_weights_of_zero_are_drawn():
    assert WeightImagesDisplay(np.zeros((4, 2))).plot().image_.get_clim() == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("weight", "options", "message"),
    [
        (np.ones((10, 2)), {}, "10 inputs are no square image; give shape="),
        (np.ones((10, 2)), {"shape": (3, 3)}, "shape must have 10 pixels"),
        (np.ones((9, 2)), {"shape": (-3, -3)}, "shape must have 9 pixels"),
        (np.ones((9, 2)), {"max_units": 0}, "max_units must be at least 1"),
        (np.full((4, 1), np.nan), {}, "weight holds nan"),
    ],
)
def test_what_cannot_be_drawn(weight, options, message):
    with pytest.raises(InputError, match=message):
        WeightImagesDisplay(weight, **options)
