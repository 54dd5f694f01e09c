from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neural_network import MLPRegressor

import clearprop as cp
from clearprop.errors import InputError
from clearprop.plots import LossCurveDisplay
from clearprop.training.decimation import decimate


def test_the_lines_are_the_history(result):
    display = LossCurveDisplay.from_estimator(result)
    history = result.history
    np.testing.assert_array_equal(display.line_.get_xdata(), history.steps("loss"))
    np.testing.assert_array_equal(display.line_.get_ydata(), history["loss"])
    assert display.validation_line_ is not None
    np.testing.assert_array_equal(display.validation_line_.get_xdata(), history.steps("validation_loss"))
    np.testing.assert_array_equal(display.validation_line_.get_ydata(), history["validation_loss"])
    assert display.line_.get_linestyle() != display.validation_line_.get_linestyle()  # not told apart by colour alone


def test_events_are_marked_on_the_curve_where_they_happened(result):
    display = LossCurveDisplay.from_estimator(result)
    history, best = result.history, result.progress.best
    assert set(display.event_markers_) == {"gradient first clipped", "rate lowered", "best parameters"}
    (clipped,) = display.event_markers_["gradient first clipped"].get_offsets()
    assert clipped.tolist() == [history.steps("clipped")[0], history["loss"][history.steps("clipped")[0]]]
    lowered = [event.step for event in history.events if "rate ×" in event.text]
    assert display.event_markers_["rate lowered"].get_offsets()[:, 0].tolist() == lowered
    (marked,) = display.event_markers_["best parameters"].get_offsets()
    assert marked.tolist() == [best.step, best.value]
    labels = [text.get_text() for text in display.legend_.get_texts()]
    assert labels == ["training", "validation", "gradient first clipped", "rate lowered", "best parameters"]


def test_without_validation_there_is_one_line(regression):
    display = LossCurveDisplay.from_estimator(regression[2])
    assert display.validation_line_ is None
    assert len(display.ax_.get_lines()) == 1
    assert display.event_markers_ == {}


def test_the_best_parameters_without_validation_are_marked_on_the_training_loss():
    history = cp.History()
    for step, loss in enumerate([3.0, 1.0, 2.0]):
        history.record("loss", step, loss)
    display = LossCurveDisplay.from_history(history, best_step=1)
    assert display.event_markers_["best parameters"].get_offsets().tolist() == [[1.0, 1.0]]


def test_scikit_learns_curve_goes_by_epoch(regression):
    x, y, _ = regression
    model = MLPRegressor(hidden_layer_sizes=(3,), max_iter=500, random_state=0, tol=1e-2).fit(x, y)
    display = LossCurveDisplay.from_estimator(model)
    np.testing.assert_array_equal(display.line_.get_ydata(), model.loss_curve_)
    assert display.line_.get_xdata()[0] == 1
    assert display.ax_.get_xlabel() == "epoch"


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_axis_can_be_logarithmic(result, scale):
    display = LossCurveDisplay.from_estimator(result, scale=scale)
    assert display.ax_.get_yscale() == scale
    assert ("logarithmic" in display.ax_.get_ylabel()) == (scale == "log")


def test_words_for_matplotlib_change_the_line(result):
    display = LossCurveDisplay.from_estimator(result, color="#123456", label="run $1_a$ & $2$")
    assert display.line_.get_color() == "#123456"
    assert display.legend_.get_texts()[0].get_text() == r"run \$1_a\$ & \$2\$"


def test_a_long_run_is_thinned_and_keeps_its_spikes():
    rng = np.random.default_rng(0)
    loss = np.exp(-np.linspace(0, 5, 200_000)) + rng.uniform(0, 0.01, 200_000)
    loss[123_457], loss[77_777] = 9.0, 1e-9
    display = LossCurveDisplay(np.arange(200_000), loss).plot()
    drawn = dict(zip(display.line_.get_xdata(), display.line_.get_ydata(), strict=True))
    assert len(drawn) <= 4002
    assert drawn[123_457] == 9.0
    assert drawn[77_777] == 1e-9
    assert {0, 199_999} <= drawn.keys()
    assert all(loss[int(step)] == value for step, value in drawn.items())


@given(st.integers(1, 40), st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300))
def test_thinning_keeps_every_columns_lowest_and_highest_in_order(columns, values):
    y = np.array(values)
    x = np.arange(len(y)) * 0.5
    kept_x, kept_y = decimate(x, y, columns)
    assert len(kept_y) <= max(2 * columns + 2, 0)
    np.testing.assert_array_equal(kept_x, np.sort(kept_x))
    np.testing.assert_array_equal(kept_y, y[(kept_x * 2).astype(int)])
    if len(y) > 2 * columns + 2:
        for part in range(columns):
            start, end = part * len(y) // columns, (part + 1) * len(y) // columns
            inside = kept_y[(kept_x >= x[start]) & (kept_x <= x[end - 1])]
            assert inside.min() == y[start:end].min()
            assert inside.max() == y[start:end].max()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "there is no loss to draw yet"),
        (([0, 1], [1.0]), "2 steps and 1 values of loss"),
        (([0, 1], [1.0, np.nan]), "loss holds nan at row 1"),
    ],
)
def test_curves_that_cannot_be_drawn(arguments, message):
    with pytest.raises(InputError, match=message):
        LossCurveDisplay(*arguments)


def test_scales_that_cannot_be_drawn(result):
    with pytest.raises(InputError, match="scale must be 'linear' or 'log'; got 'loglog'"):
        LossCurveDisplay.from_estimator(result, scale="loglog")
    with pytest.raises(InputError, match="no loss is above 0"):
        LossCurveDisplay([0, 1], [0.0, 0.0]).plot(scale="log")
