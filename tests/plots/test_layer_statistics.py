from __future__ import annotations

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

import clearprop as cp
from clearprop.errors import InputError, InputTypeError
from clearprop.plots import LayerStatisticsDisplay
from clearprop.plots.statistics import statistics_of

draw = LayerStatisticsDisplay.from_estimator


def pick(display, quantity):
    return {s.layer: s for s in display.statistics if s.quantity == quantity}


def test_the_figures_are_those_of_the_network(result, moons):
    x, y = moons
    display = draw(result, x, y)
    parameters = result.parameters
    _, caches = result.network.forward(parameters, x)
    _, gradients = cp.value_and_gradient(result.network, parameters, x, y, loss=result.loss)
    expected = {
        "weights": {0: parameters["0.weight"], 3: parameters["3.weight"]},
        "z": {i: cache.z for i, cache in enumerate(caches)},
        "a": {i: cache.a for i, cache in enumerate(caches)},
        "gradients": {0: gradients["0.weight"], 3: gradients["3.weight"]},
    }
    for which in (expected["weights"], expected["gradients"]):
        views = parameters if which is expected["weights"] else gradients
        which[1] = np.concatenate([views["1.scale"], views["1.shift"]])
    for quantity, layers in expected.items():
        found = pick(display, quantity)
        assert found.keys() == layers.keys()
        for i, values in layers.items():
            assert found[i].mean == pytest.approx(values.mean())
            assert found[i].deviation == pytest.approx(values.std())
            assert found[i].counts.sum() == values.size
            low, high = found[i].edges[0], found[i].edges[-1]
            inner = found[i].counts[1:-1]
            np.testing.assert_array_equal(inner, np.histogram(values, found[i].edges)[0][1:-1] if low < high else inner)


def test_dead_units_and_saturated_values_are_counted():
    network = cp.Network(1, [cp.Dense(4, "relu", weight=[[1.0, -1.0, 1.0, 0.0]]), cp.Dense(2, "tanh")])
    parameters = network.first_parameters(np.random.default_rng(0))
    parameters["1.weight"][...] = 0.0
    parameters["1.weight"][0] = [100.0, 1e-3]
    model = cp.train(network, [[1.0], [2.0]], [[0, 0], [1, 1]], loss="squared", parameters=parameters,
                     optimizer=cp.SGD(1e-12), steps=1, rng=0)  # fmt: skip
    display = draw(model, [[1.0], [2.0], [-3.0]])
    relu, tanh = pick(display, "a")[0], pick(display, "a")[1]
    assert relu.dead == 0.25  # unit 1 works for the third row only; unit 3 never does
    assert relu.saturated == 0.0
    assert tanh.saturated == pytest.approx(2 / 6)  # the first unit, in the two rows where its input isn't 0
    panel = [text.get_text() for text in display.panels_["a"].texts]
    assert panel[0].endswith("dead 25%")
    assert panel[1].endswith("saturated 33%")


@pytest.mark.parametrize(
    ("given", "panels"),
    [("", ["weights"]), ("x", ["weights", "z", "a"]), ("xy", ["weights", "z", "a", "gradients"])],
)
def test_there_is_a_panel_for_what_is_known(result, moons, given, panels):
    display = draw(result, *moons[: len(given)])
    assert list(display.panels_) == panels
    assert all(panel.get_figure() is display.figure_ for panel in display.panels_.values())


def test_all_layers_of_a_panel_have_one_scale(result, moons):
    display = draw(result, *moons)
    for quantity, panel in display.panels_.items():
        edges = [s.edges for s in pick(display, quantity).values()]
        assert all((other == edges[0]).all() for other in edges)
        assert panel.get_xlim() == (edges[0][0], edges[0][-1])


def test_many_rows_are_thinned(result):
    x = np.random.default_rng(0).normal(size=(10_000, 2))
    display = draw(result, x)
    assert pick(display, "a")[3].counts.sum() == len(x[::3])


def test_a_mean_that_is_rounding_error_is_shown_as_zero(result, moons):
    display = draw(result, *moons)
    z = pick(display, "z")[1]  # layer normalisation: the mean is 0 but for rounding
    assert abs(z.mean) < 1e-12
    assert display.panels_["z"].texts[1].get_text().startswith("0 ± 1")


def test_scikit_learns_network_has_no_gradients(moons):
    x, y = moons
    model = MLPClassifier((3,), max_iter=3000, tol=1e-2, random_state=0).fit(x, y)
    assert list(draw(model, x).panels_) == ["weights", "z", "a"]
    with pytest.raises(InputTypeError, match=r"gradients need a clearprop Result.*MLPClassifier; leave out y"):
        draw(model, x, y)


def test_an_output_near_its_limit_is_saturated_and_others_are_not():
    network = cp.Network(1, [cp.Dense(1, "tanh", weight=[[1.0]])])
    x = np.array([[np.arctanh(a)] for a in (0.97, 0.985, -0.97, -0.985)])  # the limit is 1 % of 2 away from ±1
    parameters = network.first_parameters(np.random.default_rng(0))
    (outputs,) = [s for s in statistics_of(network, parameters, x) if s.quantity == "a"]
    assert outputs.saturated == 0.5


def test_a_histogram_leaves_nothing_out():
    weight = np.zeros((40, 50))
    weight[3, 4] = 1e6  # one in two thousand: beyond the histogram's range
    network = cp.Network(40, [cp.Dense(50, weight=weight)])
    (weights,) = statistics_of(network, network.first_parameters(np.random.default_rng(0)))
    assert weights.edges[-1] < 1e6
    assert weights.counts.sum() == 2000
    assert weights.counts[-1] == 1


def test_float32_weights_that_are_all_equal(moons):
    network = cp.Network(2, [cp.Dense(2, weight="zeros")])
    x = moons[0].astype(np.float32)
    result = cp.train(network, x, x, loss="squared", steps=1, rng=0, optimizer=cp.SGD(1e-30))
    draw(result, x, x).figure_.canvas.draw()


def test_sums_that_overflow_are_a_clear_error():
    network = cp.Network(1, [cp.Dense(1, weight=[[1e300]])])
    parameters = network.first_parameters(np.random.default_rng(0))
    with pytest.raises(InputError, match="z is not finite for these rows; look at x"):
        statistics_of(network, parameters, np.array([[1e10]]))


def test_a_network_without_parameters_has_outputs_only():
    network = cp.Network(2, [cp.Dropout(0.5)])
    result = cp.train(network, [[1.0, 2.0], [2.0, 4.0]], [[1.0, 2.0], [1.0, 4.0]], loss="squared", steps=1, rng=0)
    display = draw(result, [[1.0, 2.0]])
    assert list(display.panels_) == ["z", "a"]
    with pytest.raises(InputError, match="no parameters, so give x too"):
        draw(result)


def test_what_cannot_be_drawn(result, moons):
    x, y = moons
    with pytest.raises(InputError, match="y is given without x"):
        draw(result, None, y)
    with pytest.raises(InputError, match="x has 60 rows and y has 3"):
        draw(result, x, y[:3])
    with pytest.raises(
        InputError, match="x has 9000 rows and y has 8999"
    ):  # 3,000 each, if they were thinned unchecked
        draw(result, np.zeros((9000, 2)), np.zeros(8999))
    with pytest.raises(InputError, match="x must have 2 columns"):
        draw(result, x[:, :1])
    with pytest.raises(InputError, match="x has no rows"):
        draw(result, np.zeros((0, 2)))
    with pytest.raises(InputError, match="no statistics"):
        LayerStatisticsDisplay([], [])
