from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from sklearn.neural_network import MLPClassifier, MLPRegressor

import clearprop as cp
from clearprop.errors import InputError
from clearprop.layers.layer import Cache
from clearprop.plots import NetworkDiagramDisplay
from clearprop.plots.models import network_of


def diagram(n_inputs, layers, **options):
    network = cp.Network(n_inputs, layers)
    parameters = network.first_parameters(np.random.default_rng(0))
    return NetworkDiagramDisplay(network, parameters, **options).plot(), parameters


def words(display):
    return [text.get_text() for text in display.ax_.texts]


def test_a_small_network_has_every_unit_edge_and_count():
    display, _ = diagram(2, [cp.Dense(16, "tanh"), cp.Dense(16, "tanh"), cp.Dense(1, "sigmoid")])
    assert len(display.edges_.get_segments()) == 2 * 16 + 16 * 16 + 16
    assert [len(units.get_offsets()) for units in display.units_] == [2, 16, 16, 1]
    assert {"48", "272", "17", "sigmoid"} <= set(words(display))
    assert not any("more" in word or "strongest" in word for word in words(display))


def test_each_edge_has_its_weights_sign_width_and_ends():
    display, parameters = diagram(2, [cp.Dense(3, weight=[[1.0, -2.0, 0.5], [-0.25, 4.0, 0.0]])])
    weight = parameters["0.weight"]
    inputs, outputs = (units.get_offsets() for units in display.units_)
    lines = zip(
        display.edges_.get_segments(),
        display.edges_.get_linewidths(),
        display.edges_.get_colors(),
        display.edges_.get_linestyles(),
        strict=True,
    )
    seen = {}
    for segment, width, color, (_, dashes) in lines:
        source = int(np.argmin(abs(inputs - segment[0]).sum(axis=1)))
        target = int(np.argmin(abs(outputs - segment[1]).sum(axis=1)))
        np.testing.assert_allclose([inputs[source], outputs[target]], segment)
        seen[source, target] = width
        assert (dashes is not None) == (weight[source, target] < 0)
        assert (color[0] > color[2]) == (weight[source, target] >= 0)  # orange above 0, blue below
    assert len(seen) == 6
    for place, width in seen.items():
        assert width == pytest.approx(0.4 + 2.4 * abs(weight[place]) / 4)


def test_large_layers_are_cut_and_it_is_said():
    display, parameters = diagram(784, [cp.Dense(128, "relu"), cp.Dense(64, "relu"), cp.Dense(10, "softmax")])
    assert [len(units.get_offsets()) for units in display.units_] == [16, 16, 16, 10]
    assert len(display.edges_.get_segments()) == 400
    assert {"… 768 more", "… 112 more", "… 48 more", "100,480", "8,256", "650"} <= set(words(display))
    assert any("the 400 strongest of 672 lines" in word for word in words(display))
    shares = []  # those drawn are the strongest, each as a share of its layer's largest
    for i in range(3):
        w = abs(parameters[f"{i}.weight"])
        shares += (w[:16, :16] / w.max()).ravel().tolist()
    expected = 0.4 + 2.4 * np.sort(shares)[-400:]
    np.testing.assert_allclose(np.sort(display.edges_.get_linewidths()), expected, rtol=1e-12)


def test_limits_of_ones_own():
    display, _ = diagram(5, [cp.Dense(5)], max_units=3, max_edges=4)
    assert len(display.edges_.get_segments()) == 4
    assert words(display).count("… 2 more") == 2


def test_biases_are_the_units_fill_and_edge():
    display, _ = diagram(1, [cp.Dense(3, bias=[1.0, 0.0, -1.0])])
    faces, styles = display.units_[1].get_facecolors(), display.units_[1].get_linestyles()
    assert faces[0][0] > faces[0][2]
    assert faces[1][:3] == pytest.approx((1, 1, 1), abs=0.02)
    assert faces[2][2] > faces[2][0]
    assert [dashes is not None for _, dashes in styles] == [False, False, True]
    np.testing.assert_array_equal(display.units_[0].get_facecolors()[0][:3], to_rgb("white"))


def test_layers_without_a_matrix_are_bars():
    display, _ = diagram(3, [cp.Dense(4), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(2)])
    bars = [patch for patch in display.ax_.patches if isinstance(patch, Rectangle)]
    assert len(bars) == 2
    assert len(display.edges_.get_segments()) == 3 * 4 + 4 * 2
    assert [len(units.get_offsets()) for units in display.units_] == [3, 4, 2]
    assert {"LayerNorm", "Dropout", "rate=0.3"} <= set(words(display))


def test_the_smallest_network():
    display, _ = diagram(1, [cp.Dense(1)])
    assert len(display.edges_.get_segments()) == 1
    assert display.columns[1].n_parameters == 2


def test_a_layer_of_ones_own_that_changes_the_width_is_a_bar():
    @dataclass(frozen=True)
    class Halve(cp.Layer):
        def n_outputs(self, n_inputs):
            return n_inputs // 2

        def forward(self, parameters, x, rng=None):
            return Cache(x, x[:, ::2], x[:, ::2])

        def backward(self, parameters, cache, gradient, into, need_input=True):
            return np.repeat(gradient, 2, axis=1) * [1, 0]

    display, _ = diagram(4, [Halve(), cp.Dense(1)])
    assert len(display.edges_.get_segments()) == 2


def test_a_layer_of_ones_own_whose_weight_is_no_matrix_is_a_bar():
    @dataclass(frozen=True)
    class OwnScale(cp.Layer):
        def shapes(self, n_inputs):
            return {"weight": (n_inputs,), "bias": (1,)}

        def forward(self, parameters, x, rng=None):
            a = x * parameters["weight"] + parameters["bias"]
            return Cache(x, a, a)

        def backward(self, parameters, cache, gradient, into, need_input=True):
            raise NotImplementedError

    display, _ = diagram(2, [cp.Dense(3), OwnScale()])
    assert len(display.units_) == 2
    assert display.columns[2].n_parameters == 4


def test_an_activation_that_is_not_known_here_is_named(moons):
    x, y = moons
    model = MLPRegressor(hidden_layer_sizes=(2,), max_iter=500, tol=1e-2, random_state=0).fit(x, y)
    model.activation = "relu6"
    with pytest.raises(InputError, match="unknown activation 'relu6'; did you mean 'relu'"):
        NetworkDiagramDisplay.from_estimator(model)


def test_names_stand_beside_the_units_and_are_text():
    display, _ = diagram(2, [cp.Dense(2)], feature_names=["$a$ $b$", "b" * 40], output_names=["_x", "y<z"])
    assert {r"\$a\$ \$b\$", "b" * 15 + "…", "_x", "y<z"} <= set(words(display))
    display.figure_.canvas.draw()
    boxes = [text.get_window_extent() for text in display.ax_.texts]
    assert min(box.x0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= display.figure_.canvas.get_width_height()[0]


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learns_network_is_rebuilt_exactly(kind, moons):
    x, y = moons
    model = kind(hidden_layer_sizes=(4, 3), activation="logistic", max_iter=2000, tol=1e-2, random_state=0).fit(x, y)
    network, parameters = network_of(model, "a picture")
    ours = network.predict(parameters, x)[:, 0]
    theirs = model.predict_proba(x)[:, 1] if kind is MLPClassifier else model.predict(x)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert len(NetworkDiagramDisplay.from_estimator(model).edges_.get_segments()) == 2 * 4 + 4 * 3 + 3


@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e300])
def test_weights_of_any_size_can_be_drawn(scale):
    network = cp.Network(2, [cp.Dense(2)])
    parameters = network.first_parameters(np.random.default_rng(0))
    parameters.vector[...] = np.linspace(-1, 1, parameters.vector.size) * scale
    NetworkDiagramDisplay(network, parameters).plot().figure_.canvas.draw()


def test_what_cannot_be_drawn():
    network = cp.Network(2, [cp.Dense(1)])
    parameters = network.first_parameters(np.random.default_rng(0))
    with pytest.raises(InputError, match="at least 1; got 0"):
        NetworkDiagramDisplay(network, parameters, max_units=0)
    with pytest.raises(InputError, match="feature_names must have 2 names; got 1"):
        NetworkDiagramDisplay(network, parameters, feature_names=["a"])
    parameters["0.bias"][0] = np.nan
    with pytest.raises(InputError, match=r"0\.bias is not finite"):
        NetworkDiagramDisplay(network, parameters)


def test_low_axes_show_fewer_units_and_lines_of_text():
    network = cp.Network(2, [cp.Dense(40), cp.Dense(400), cp.Dense(1)])
    axes = plt.subplots(2, 2)[1][0, 0]
    display = NetworkDiagramDisplay(network, network.first_parameters(np.random.default_rng(0))).plot(axes)
    shown = len(display.units_[1].get_offsets())
    assert 1 <= shown < 16
    assert len(display.edges_.get_segments()) == min(400, 2 * shown + shown * shown + shown)
    assert {"120", "16.4k", "401"} <= set(words(display))  # the counts stay
    assert f"+{40 - shown}" in words(display) or f"… {40 - shown} more" in words(display)
