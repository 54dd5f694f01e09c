"""What every Display promises, whatever it shows."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.text import Text
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPClassifier

import clearprop as cp
from clearprop import plots
from clearprop.errors import InputTypeError

ARTISTS = {
    plots.LossCurveDisplay: ("line_", "validation_line_", "event_markers_", "legend_"),
    plots.DecisionBoundaryDisplay: ("image_", "borders_", "points_", "legend_", "colorbar_"),
    plots.NetworkDiagramDisplay: ("edges_", "units_", "legend_"),
    plots.WeightImagesDisplay: ("image_", "colorbar_"),
    plots.LayerStatisticsDisplay: ("panels_",),
}
EVERY = pytest.mark.parametrize("display", list(ARTISTS), ids=lambda display: display.__name__)


def draw(display, model, x, y, **options):
    """Call from_estimator with what this Display needs."""
    if display in (plots.DecisionBoundaryDisplay, plots.LayerStatisticsDisplay):
        return display.from_estimator(model, x, y, **options)
    if display is plots.WeightImagesDisplay:
        return display.from_estimator(model, shape=(1, 2), **options)
    return display.from_estimator(model, **options)


def test_every_public_display_is_tested_here():
    assert {name for name in plots.__all__ if name.endswith("Display")} == {display.__name__ for display in ARTISTS}


@EVERY
def test_without_axes_it_makes_a_figure(display, result, moons):
    before = plt.get_fignums()
    drawn = draw(display, result, *moons)
    assert isinstance(drawn, display)
    assert len(plt.get_fignums()) == len(before) + 1
    assert drawn.ax_.figure is drawn.figure_ is plt.gcf()
    assert all(hasattr(drawn, artist) for artist in ARTISTS[display])


@EVERY
def test_with_axes_it_draws_there_and_makes_no_figure(display, result, moons):
    figure, (left, right) = plt.subplots(1, 2)
    drawn = draw(display, result, *moons, ax=left)
    assert drawn.ax_ is left
    assert drawn.figure_ is figure
    assert plt.get_fignums() == [figure.number]
    assert not right.has_data()


@EVERY
def test_plot_returns_the_display_and_can_be_called_again(display, result, moons):
    drawn = draw(display, result, *moons)
    first = drawn.figure_
    assert drawn.plot() is drawn
    assert drawn.figure_ is not first
    axes, count = drawn.ax_, len(drawn.figure_.axes) + len(drawn.ax_.child_axes)
    drawn.plot(ax=axes)  # in the same place: colour bars and panels are replaced, not stacked
    assert len(drawn.figure_.axes) + len(axes.child_axes) == count
    drawn.figure_.canvas.draw()


@EVERY
def test_settings_and_backend_are_left_alone_and_nothing_is_shown(display, result, moons, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("it called show()"))
    with mpl.rc_context({"axes.titlesize": 17.0, "image.cmap": "gray", "lines.linewidth": 3.0}):
        before, backend = dict(mpl.rcParams), mpl.get_backend()
        draw(display, result, *moons).figure_.canvas.draw()
        assert dict(mpl.rcParams) == before
        assert mpl.get_backend() == backend


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@EVERY
def test_scikit_learns_multi_layer_perceptron_is_an_estimator_too(display, moons):
    x, y = moons
    model = MLPClassifier((4,), max_iter=30, random_state=0).fit(x, y)
    y = None if display is plots.LayerStatisticsDisplay else y
    draw(display, model, x, y).figure_.canvas.draw()


@EVERY
@pytest.mark.parametrize("other", [object(), LinearRegression, "model"], ids=["object", "class", "text"])
def test_another_thing_is_a_clear_error(display, other, moons):
    with pytest.raises(InputTypeError, match=r"needs? a clearprop Result .* got \w+$"):
        draw(display, other, *moons)


@EVERY
def test_something_else_than_axes_is_a_clear_error(display, result, moons):
    with pytest.raises(InputTypeError, match=r"ax must be one Matplotlib Axes.*got ndarray"):
        draw(display, result, *moons, ax=plt.subplots(1, 2)[1])


@EVERY
@pytest.mark.parametrize("size", [(6.4, 4.8), (12.8, 9.6)], ids=["640x480", "1280x960"])
def test_texts_lie_inside_the_picture_and_are_not_small(display, size, result, moons, monkeypatch):
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    draw(display, result, *moons, ax=axes)
    texts = _drawn_texts(figure, monkeypatch)
    width, height = figure.canvas.get_width_height()
    assert texts
    for text in texts:
        box = text.get_window_extent()
        assert text.get_fontsize() >= 8
        assert min(box.x0, box.y0) >= -1, text
        assert box.x1 <= width + 1, text
        assert box.y1 <= height + 1, text


@EVERY
def test_texts_do_not_cover_each_other(display, result, moons, monkeypatch):
    drawn = draw(display, result, *moons)
    boxes = [(text, text.get_window_extent()) for text in _drawn_texts(drawn.figure_, monkeypatch)]
    for i, (text, box) in enumerate(boxes):
        for other, other_box in boxes[:i]:
            shrunk = box.shrunk(0.9, 0.8)  # a line's box has room above and below the letters
            assert not shrunk.overlaps(other_box.shrunk(0.9, 0.8)), f"{text} and {other}"


@EVERY
def test_it_works_in_a_subfigure_and_in_dark_style(display, result, moons):
    with plt.style.context("dark_background"):
        figure = plt.figure(layout="constrained")
        axes = figure.subfigures(1, 2)[0].subplots()
        drawn = draw(display, result, *moons, ax=axes)
        figure.canvas.draw()
        assert isinstance(drawn.ax_, Axes)


def test_a_model_that_keeps_its_result_is_taken_for_it(result):
    class Model:
        def __init__(self, result: cp.Result) -> None:
            self.result_ = result

    drawn = plots.LossCurveDisplay.from_estimator(Model(result))
    np.testing.assert_array_equal(drawn.line_.get_ydata(), result.history["loss"])


def _drawn_texts(figure, monkeypatch) -> list[Text]:
    """Draw, and return the texts that this drew: a figure keeps others too, such as labels of ticks out of sight."""
    drawn: list[Text] = []
    draw_text = Text.draw

    def note(text, renderer):
        if text.get_visible() and text.get_text():
            drawn.append(text)
        return draw_text(text, renderer)

    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", note)
        figure.canvas.draw()
    return list(dict.fromkeys(drawn))
