"""The live figure: artists made once, a window that can be closed, frames and pictures that repeat."""

import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backend_bases import CloseEvent
from PIL import Image

import clearprop as cp
from clearprop.layers.activations import Softmax
from clearprop.plots import live_figure, window
from clearprop.plots.live_figure import LiveFigure, new_figure
from clearprop.plots.live_map import draw_answers
from clearprop.plots.live_panels import thinned
from clearprop.plots.models import respond
from clearprop.training.callbacks import Callback


class Do(Callback):
    """Does something after each of some updates."""

    def __init__(self, action, *steps):
        self.action, self.steps = action, steps

    def on_step(self, training):
        if training.progress.step in self.steps:
            self.action()


def moons(*callbacks, steps=60, **more):
    x, y = cp.datasets.make("moons", 60, seed=1)
    network = cp.Network(2, [cp.Dense(6, "tanh"), cp.Dense(1, "sigmoid")])
    options = {"loss": "binary_cross_entropy", "optimizer": cp.Adam(0.05), "steps": steps, "rng": 0} | more
    return cp.train(network, x, y, callbacks=callbacks, **options)


@pytest.fixture
def opened(monkeypatch):
    """Let figures believe that they have a window; return those that were opened."""
    figures = []

    def new_window(_, size):
        figures.append(new_figure(size))
        figures[-1].canvas.blit = lambda *_: None
        return figures[-1]

    monkeypatch.setattr(live_figure, "new_window", new_window)
    return figures


def test_it_shows_the_loss_the_data_and_the_predictions():
    live = LiveFigure(every=20, window=False)
    result = moons(live)
    loss, data, predictions = live.figure.axes
    assert not live.opened
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), result.history["loss"])
    assert sum(len(points.get_xdata()) for points in data.lines) == 60
    right = np.mean((result.predict(cp.datasets.make("moons", 60, seed=1)[0]).ravel() > 0.5) == (np.arange(60) >= 30))
    assert predictions.get_title("right") == f"predictions: {right:.1%} right"
    assert live.figure.texts[0].get_text() == f"step 60 of 60     loss {result.history.last('loss'):.4g}"


def test_the_map_is_what_the_network_answers_and_the_boundary_is_where_it_is_a_half():
    live = LiveFigure(window=False)
    result = moons(live)
    predictions = live.figure.axes[2]
    image = predictions.images[0]
    left, right, bottom, top = image.get_extent()
    shown = image.get_array()
    columns = np.linspace(left, right, 2 * shown.shape[1] + 1)[1::2]
    rows = np.linspace(bottom, top, 2 * shown.shape[0] + 1)[1::2]
    np.testing.assert_allclose(shown[7, 90], result.predict([[columns[90], rows[7]]])[0, 0])
    (boundary,) = predictions.collections
    places = np.concatenate(boundary.get_segments())
    assert len(places) > 20
    np.testing.assert_allclose(result.predict(places), 0.5, atol=0.02)


def test_the_artists_are_made_once_and_the_background_is_kept(opened, monkeypatch):
    live, counts, drawn = LiveFigure(every=1), [], []
    whole = live_figure.FigureCanvasAgg.draw
    monkeypatch.setattr(live_figure.FigureCanvasAgg, "draw", lambda canvas: (drawn.append(1), whole(canvas))[1])

    def count():
        counts.append([artist for ax in live.figure.axes for artist in ax.get_children()])

    moons(live, Do(count, 1, 100), steps=100)
    assert counts[0] == counts[1]
    assert len(opened) == 1
    assert len(drawn) < 10  # of 100 frames: only where the loss's axis had to change


def test_closing_the_window_does_not_stop_the_training(opened):
    live = LiveFigure(every=1)

    def close():
        canvas = opened[0].canvas
        canvas.flush_events = canvas.blit = None  # a window that is gone can't be talked to
        canvas.callbacks.process("close_event", CloseEvent("close_event", canvas))

    result = moons(live, Do(close, 20), steps=60)
    assert live.opened
    assert result.progress.step == 60
    assert live.figure.texts[0].get_text().startswith("step 60 of 60")


def test_frames_are_kept_for_a_gif_that_repeats_byte_for_byte(tmp_path):
    for name in ("a", "b"):
        live = LiveFigure(every=2, record=True)
        moons(live, steps=20)
        live.save(tmp_path / f"{name}.png")
        live.save_gif(tmp_path / f"{name}.gif")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.size == (800, 640)
        assert 9 <= gif.n_frames <= 12
        gif.seek(gif.n_frames - 1)
        last = np.asarray(gif.convert("RGB")).astype(int)
    with Image.open(tmp_path / "a.png") as png:
        wanted = np.asarray(png.convert("RGB")).astype(int)
    assert (last[0, 0] == 255).all()
    assert abs(last - wanted).mean() < 1  # the palette's rounding


def test_no_more_frames_are_kept_than_a_film_may_have(monkeypatch):
    assert live_figure.FRAMES == 150
    monkeypatch.setattr(live_figure, "FRAMES", 12)
    live = LiveFigure(every=1, record=True)
    moons(live, steps=80)
    assert 8 <= len(live._recorder) <= 14


def test_a_run_that_was_not_recorded_has_no_gif(tmp_path):
    live = LiveFigure(window=False)
    moons(live)
    with pytest.raises(cp.errors.InputError, match="no frames were kept"):
        live.save_gif(tmp_path / "x.gif")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("validation", [None, 0.25])
def test_other_tables_show_predictions_against_the_truth(validation):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    more = {"steps": 40, "rng": 0, "validation_data": validation}
    live = LiveFigure(every=10, window=False)
    network = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(1)])
    result = cp.train(network, x, x.sum(axis=1), loss="squared", callbacks=[live], **more)
    truth = live.figure.axes[1]
    assert truth.get_xlabel() == ("true (training rows)" if validation is None else "true (validation rows)")
    assert len(truth.lines[-1].get_ydata()) == (80 if validation is None else 20)
    assert len(live.figure.axes[0].lines) == (1 if validation is None else 2)

    live = LiveFigure(every=10, window=False)
    network = cp.Network(3, [cp.Dense(3, "softmax")])
    labels = x.argmax(axis=1)
    result = cp.train(network, x, labels, loss="categorical_cross_entropy", callbacks=[live], **more)
    shares = live.figure.axes[1].patches[0].get_data().values
    np.testing.assert_allclose(shares.sum(), 1)
    if validation is None:
        given = result.predict(x)[np.arange(80), labels]
        np.testing.assert_allclose(shares, np.histogram(given, np.linspace(0, 1, 21))[0] / 80)


def test_three_classes_in_the_plane():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 2))
    live = LiveFigure(every=10, record=True)
    network = cp.Network(2, [cp.Dense(3, "softmax")])
    cp.train(network, x, np.arange(90) % 3, loss="categorical_cross_entropy", steps=30, rng=0, callbacks=[live])
    assert live.figure.axes[2].images[0].get_array().shape == (100, 100, 3)


def test_a_loss_below_zero_gets_a_linear_axis():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    live = LiveFigure(every=5, window=False)
    network = cp.Network(3, [cp.Dense(1, "exponential")])
    y = np.full(50, 40.0) + x[:, 0] ** 2
    cp.train(network, x, y, loss="poisson", optimizer=cp.Adam(0.1), steps=100, rng=0, callbacks=[live])
    assert live.figure.axes[0].get_yscale() == "linear"
    low, high = live.figure.axes[0].get_ylim()
    values = live.figure.axes[0].lines[0].get_ydata()
    assert low < values.min() < 0
    assert high > values.max()


def test_a_thinned_curve_keeps_its_outline():
    values = np.sin(np.arange(20_000) / 50)
    values[12_345] = 9
    steps, fewer = thinned(np.arange(20_000), values)
    assert 500 <= len(fewer) <= 1001
    assert fewer.max() == 9
    assert fewer.min() == values.min()
    assert steps[-1] == 19_999
    assert (np.diff(steps) > 0).all()
    np.testing.assert_array_equal(values[steps], fewer)


def test_answers_for_other_rows_are_drawn_below_them():
    result = moons(steps=200)
    x, y = cp.datasets.make("moons", 40, seed=2)
    figure = new_figure((5, 7))
    draw_answers(figure, result.network, result.parameters, x, y, name="test points")
    above, below = figure.axes
    assert above.get_title("right") == "test points: 40"
    right = np.mean((result.predict(x).ravel() > 0.5) == y)
    assert below.get_title("right") == f"predictions: {right:.1%} right"
    rings = below.lines[-1].get_xdata()
    assert len(rings) == round(40 * (1 - right))


def test_without_a_screen_there_is_no_window(monkeypatch):
    monkeypatch.setattr(window, "_pyplot", lambda: NoScreen)
    assert not window.has_screen()
    assert window.new_window("nothing", (4, 3)) is None


class NoScreen:
    """A pyplot whose toolkit finds no screen."""

    @staticmethod
    def figure(**_):
        raise ImportError("Cannot load backend 'TkAgg'")


ON_A_SCREEN = """
import clearprop as cp
from matplotlib import pyplot
from clearprop.plots import window
from clearprop.plots.live_figure import LiveFigure

assert window.has_screen()
live = LiveFigure(every=5, title="closed on the way")

class Close(cp.Callback):
    every = 100
    def on_step(self, training):
        if training.progress.step == 100:
            pyplot.close(live.figure)

x, y = cp.datasets.make("moons", 50)
network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
result = cp.train(network, x, y, loss="binary_cross_entropy", steps=300, rng=0, callbacks=[live, Close()])
print(live.opened, result.progress.step, flush=True)
kept = LiveFigure(every=5)
cp.train(network, x, y, loss="binary_cross_entropy", steps=50, rng=0, callbacks=[kept])
kept.figure.canvas.manager.window.after(300, lambda: print("waiting", flush=True))
window.wait_until_closed()
print("closed")
"""


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb, a screen that nobody sees")
def test_a_real_window_can_be_closed_and_ctrl_c_ends_the_waiting():
    pytest.importorskip("tkinter")
    read, write = os.pipe()
    screen = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
        [shutil.which("Xvfb"), "-displayfd", str(write), "-screen", "0", "1000x900x24"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with os.fdopen(read) as numbers:
            display = f":{numbers.readline().strip()}"
        environment = os.environ | {"DISPLAY": display, "MPLBACKEND": "tkagg"}
        with subprocess.Popen(  # noqa: S603 - our own interpreter, the text above
            [sys.executable, "-c", ON_A_SCREEN], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout.readline() == "True 300\n"
            assert process.stdout.readline() == "waiting\n"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            assert (out, err, process.returncode) == ("closed\n", "", 0)
    finally:
        os.close(write)
        screen.terminate()
        screen.wait()


MEMBERS = 3


def ensemble(n_inputs, units, end):
    """Members that share a hidden layer, side by side up to their outputs."""
    hidden = cp.GroupedDense(6, "tanh", groups=MEMBERS, shared=True)
    return cp.Network(n_inputs, [cp.Members(MEMBERS), hidden, cp.GroupedDense(units, end, groups=MEMBERS)])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_an_ensemble_is_drawn_as_what_its_members_say_together(n_classes):
    x = np.random.default_rng(0).normal(size=(90, 2))
    labels = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0) * (n_classes == 3)
    if n_classes == 2:
        network, loss, y = ensemble(2, 1, "sigmoid"), "binary_cross_entropy", labels[:, None]
    else:
        network, y = ensemble(2, 3, Softmax(groups=MEMBERS)), np.eye(3)[labels]
        loss = cp.CategoricalCrossEntropy(groups=MEMBERS)
    live = LiveFigure(window=False)
    targets = np.tile(y, (1, MEMBERS)).astype(float)
    result = cp.train(network, x, targets, loss=loss, optimizer=cp.Adam(0.05), steps=60, rng=0, callbacks=[live])
    said = result.predict(x).reshape(90, MEMBERS, -1).mean(axis=1)
    answers = said.argmax(axis=1) if n_classes == 3 else (said[:, 0] > 0.5).astype(int)
    _, data, predictions = live.figure.axes
    assert predictions.get_title("right") == f"predictions: {np.mean(answers == labels):.1%} right"
    for k in range(n_classes):
        np.testing.assert_array_equal(data.lines[k].get_xdata(), x[labels == k, 0])
        np.testing.assert_array_equal(predictions.lines[k].get_xdata(), x[answers == k, 0])
    assert len(data.lines) == n_classes
    shown = predictions.images[0].get_array()
    assert shown.shape == (100, 100) if n_classes == 2 else shown.shape == (100, 100, 3)


@pytest.mark.parametrize("task", ["classes", "numbers"])
def test_an_ensemble_has_one_point_a_row_beside_the_truth(task):
    x = np.random.default_rng(0).normal(size=(80, 3))
    if task == "classes":
        network, loss, y = ensemble(3, 1, "sigmoid"), "binary_cross_entropy", (x[:, 0] > 0).astype(float)
    else:
        network, loss, y = ensemble(3, 1, "identity"), "squared", x.sum(axis=1)
    live = LiveFigure(window=False)
    result = cp.train(network, x, np.tile(y[:, None], (1, MEMBERS)), loss=loss, steps=40, rng=0, callbacks=[live])
    said = result.predict(x).mean(axis=1)
    truth = live.figure.axes[1]
    if task == "classes":
        given = np.where(y > 0.5, said, 1 - said)
        shares = truth.patches[0].get_data().values
        np.testing.assert_allclose(shares, np.histogram(given, np.linspace(0, 1, 21))[0] / 80)
    else:
        np.testing.assert_allclose(truth.lines[-1].get_xdata(), y)
        np.testing.assert_allclose(truth.lines[-1].get_ydata(), said)


@pytest.mark.parametrize("units", [1, 3])
def test_a_boundary_is_that_of_the_members_mean(units):
    x = np.random.default_rng(0).normal(size=(60, 2))
    labels = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0) * (units == 3)
    end, loss = ("sigmoid", "binary_cross_entropy")
    if units == 3:
        end, loss = Softmax(groups=MEMBERS), cp.CategoricalCrossEntropy(groups=MEMBERS)
    y = np.tile(labels[:, None] if units == 1 else np.eye(3)[labels], (1, MEMBERS)).astype(float)
    result = cp.train(ensemble(2, units, end), x, y, loss=loss, steps=30, rng=0)
    found = respond(result, x)
    assert (found.kind, found.classes) == (("binary", (0, 1)) if units == 1 else ("multiclass", (0, 1, 2)))
    said = result.predict(x).reshape(60, MEMBERS, units).mean(axis=1)
    np.testing.assert_array_equal(found.values, said[:, 0] if units == 1 else said)
