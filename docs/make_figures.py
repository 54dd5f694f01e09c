"""Make the pictures of docs/figures.md and the README's film again: ``python docs/make_figures.py``.

The same seeds give the same pictures (but for what another Matplotlib or font draws differently).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from sklearn.datasets import load_diabetes, load_digits, make_blobs

import clearprop as cp
from clearprop.plots.live_figure import LiveFigure

IMAGES = Path(__file__).parent / "images"


def loss_curve() -> Any:
    """Draw training and validation loss, with what happened on the way."""
    return cp.plots.LossCurveDisplay.from_estimator(_moons()[0], scale="log")


def decision_boundary() -> Any:
    """Draw two classes."""
    result, x, y, x_test, y_test = _moons()
    return cp.plots.DecisionBoundaryDisplay.from_estimator(result, x, y, x_test=x_test, y_test=y_test)


def decision_boundary_classes() -> Any:
    """Draw five classes."""
    x, y = make_blobs(300, centers=5, cluster_std=1.6, random_state=3)
    network = cp.Network(2, [cp.Dense(16, "tanh"), cp.Dense(5, "softmax")])
    result = cp.train(network, x, y, loss="categorical_cross_entropy", optimizer=cp.Adam(0.02), steps=300, rng=0)
    names = ["ash", "birch", "elm", "lime", "oak"]
    return cp.plots.DecisionBoundaryDisplay.from_estimator(result, x, y, class_names=names)


def decision_boundary_regression() -> Any:
    """Draw a number over two of ten features."""
    table: Any = load_diabetes()
    x, y = table.data * 20, (table.target - table.target.mean()) / table.target.std()
    network = cp.Network(10, [cp.Dense(8, "tanh"), cp.Dense(1)])
    result = cp.train(network, x, y, loss="squared", optimizer=cp.Adam(0.01), steps=300, rng=0)
    return cp.plots.DecisionBoundaryDisplay.from_estimator(
        result, x, y, features=("bmi", "s5"), feature_names=table.feature_names
    )


def network_diagram() -> Any:
    """Draw a small network, all of it."""
    return cp.plots.NetworkDiagramDisplay.from_estimator(
        _moons()[0], feature_names=["x₀", "x₁"], output_names=["p(class 1)"]
    )


def network_diagram_large() -> Any:
    """Draw a larger one, cut."""
    return cp.plots.NetworkDiagramDisplay.from_estimator(_digits()[0])


def weight_images() -> Any:
    """Draw what the first layer's units look for in 8 × 8 pixels."""
    return cp.plots.WeightImagesDisplay.from_estimator(_digits()[0])


def layer_statistics() -> Any:
    """Draw weights, sums, outputs and gradients."""
    result, x, y = _digits()
    return cp.plots.LayerStatisticsDisplay.from_estimator(result, x, y)


FIGURES: tuple[Callable[[], Any], ...] = (
    loss_curve,
    decision_boundary,
    decision_boundary_classes,
    decision_boundary_regression,
    network_diagram,
    network_diagram_large,
    weight_images,
    layer_statistics,
)


def make(folder: Path) -> list[Path]:
    """Draw every figure into a folder, as small PNGs of 100 dots an inch; return the files."""
    from matplotlib import pyplot
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for draw in FIGURES:
        file = folder / f"{draw.__name__}.png"
        figure = draw().figure_
        figure.savefig(file, dpi=100)
        pyplot.close(figure)
        with Image.open(file) as picture:
            few_colours = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few_colours.save(file, optimize=True)
        files.append(file)
    return files


def make_film(folder: Path) -> Path:
    """Film two moons as ``clearprop moons`` does, smaller, in longer strides once little changes; return the file."""
    from PIL import Image
    from sklearn.model_selection import train_test_split

    x, y = cp.datasets.make("moons", 200, seed=0)
    x, _, y, _ = train_test_split(x, y, random_state=0)
    live = LiveFigure(20, record=True)
    network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
    cp.train(
        network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), clip=cp.ClipValue(1.0), steps=2000, rng=0,
        callbacks=[live],
    )  # fmt: skip
    file = folder / "moons.gif"
    live.save_gif(file)
    frames: list[Image.Image] = []
    with Image.open(file) as film:
        for k in [*range(30), *range(30, film.n_frames, 2)]:
            film.seek(k)
            frames.append(film.convert("RGB").resize((640, 512), Image.Resampling.LANCZOS))
    sheet = Image.fromarray(np.vstack([frames[k] for k in (1, 5, -1)]))
    palette = sheet.quantize(128)  # one for all, so that what stays still takes no space
    first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    durations = [90] * len(others) + [3000]
    first.save(file, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
    return file


@cache
def _moons() -> tuple[cp.Result, Any, Any, Any, Any]:
    """Train 2-16-16-1 on 150 rows, test on 50."""
    x, y = cp.datasets.make("moons", 200)
    order = np.random.default_rng(0).permutation(200)
    x, y, x_test, y_test = x[order[:150]], y[order[:150]], x[order[150:]], y[order[150:]]
    network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
    result = cp.train(
        network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=2000, rng=1, clip=cp.ClipValue(0.1),
        validation_data=(x_test, y_test), schedule=cp.ReduceOnPlateau(patience=200, factor=0.5),
        callbacks=[cp.EarlyStopping(patience=2000)],
    )  # fmt: skip
    return result, x, y, x_test, y_test


@cache
def _digits() -> tuple[cp.Result, Any, Any]:
    """Train 64-48-32-10 on 1,797 small pictures of digits."""
    table: Any = load_digits()
    x, y = table.data / 16, table.target
    network = cp.Network(
        64,
        [cp.Dense(48, "relu", weight=cp.initializers.Normal(0.0, 0.02)), cp.Dense(32, "tanh"), cp.Dense(10, "softmax")],
    )
    result = cp.train(
        network, x, y, loss="categorical_cross_entropy", optimizer=cp.Adam(0.003), l2=3e-4, epochs=40,
        batch_size=64, rng=0,
    )  # fmt: skip
    return result, x, y


if __name__ == "__main__":
    mpl.use("agg")
    for written in [*make(IMAGES), make_film(IMAGES)]:
        print(f"{written.relative_to(Path.cwd()) if written.is_relative_to(Path.cwd()) else written}: "  # noqa: T201 - a script says what it made
              f"{written.stat().st_size / 1024:.0f} KiB")  # fmt: skip
