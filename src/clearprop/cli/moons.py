"""``clearprop moons``: train a network on two moons, and watch its boundary bend."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.network import Network
    from clearprop.plots.live_figure import LiveFigure
    from clearprop.result import Result

ROWS, RATE, CLIP, EVERY = 200, 0.25, 1.0, 50
WINDOW = (5.0, 7.0)


def moons(
    layers: Annotated[str, typer.Option(metavar="UNITS", help="Units of each hidden layer.")] = "16,16",
    activation: Annotated[str, typer.Option(metavar="NAME", help="Of the hidden layers: tanh, gelu, …")] = "leaky_relu",
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="sgd, momentum, adam, rprop, lbfgs, …")] = "sgd",
    rate: Annotated[
        float | None,
        typer.Option(
            metavar="NUMBER", help="The learning rate: 0.25 for sgd, else the optimiser's own.", show_default=False
        ),
    ] = None,
    steps: Annotated[int, typer.Option(metavar="COUNT", help="Updates, each with all training points.")] = 20_000,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Where all chance comes from; the same one repeats the figures.")
    ] = 0,
    data: Annotated[
        str, typer.Option(metavar="NAME", help="moons, circles, spirals, blobs, xor or checkerboard.")
    ] = "moons",
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to save the trained network.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to put pictures; here, if there is no screen.", show_default=False),
    ] = None,
) -> None:
    """Train a network on two moons and watch it learn, in a window or as a PNG and a GIF.

    150 points are learnt from, 50 test what was learnt. Ctrl-C ends the training early and keeps what was learnt.
    """
    from sklearn import model_selection

    from clearprop import datasets
    from clearprop.cli.options import build_optimizer, parse_layers
    from clearprop.cli.progress import ProgressLine
    from clearprop.cli.runaway import Runaway
    from clearprop.cli.train import check_replaceable
    from clearprop.errors import InputError
    from clearprop.layers.dense import Dense
    from clearprop.network import Network
    from clearprop.optimizers.clipping import ClipValue
    from clearprop.plots.live_figure import LiveFigure
    from clearprop.plots.window import has_screen
    from clearprop.runs import train

    widths = parse_layers(layers)
    if not widths:
        raise InputError("--layers 0: this job needs at least one hidden layer with at least 1 unit, as in --layers 16")
    rule = build_optimizer(optimizer, RATE if rate is None and optimizer == "sgd" else rate)
    clip = None if rule.name == "lbfgs" else ClipValue(CLIP)  # its search needs the gradient as it is
    network = Network(2, [*(Dense(units, activation) for units in widths), Dense(1, "sigmoid")])
    x, y = datasets.make(data, ROWS, seed=seed)
    split: Any = model_selection
    x_train, x_test, y_train, y_test = split.train_test_split(x, y, random_state=seed)
    if save is not None:
        check_replaceable(save)
    pictures = Pictures(out or Path(), data)
    pictures.check(save)

    screen = has_screen()
    every = max(1, min(EVERY, steps // 100))
    live = LiveFigure(every, title=f"Clearprop: {data}") if screen else None
    film = LiveFigure(every, record=True) if out is not None or not screen else None
    say = [
        f"{data}: {len(x_train)} points to learn from, {len(x_test)} to test",
        f"{describe(network)}; {rule.name}, rate {rule.rate:g}, "
        + (f"gradients clipped to ±{CLIP:g}" if clip else "gradients not clipped, which lbfgs doesn't allow"),
    ]
    if not screen:
        say.append(f"no screen for a live window, so the pictures go to {pictures.folder.resolve()}")
    begin = _Begin(say, None if film is None else pictures.folder)
    with ProgressLine() as line:
        result = train(
            network, x_train, y_train, loss="binary_cross_entropy", optimizer=rule, steps=steps, clip=clip, rng=seed,
            callbacks=[begin, *(figure for figure in (live, film) if figure), line, Runaway()],
        )  # fmt: skip
    typer.echo(f"{'':10}{'loss':>10}{'accuracy':>12}")
    typer.echo(score("training", result, x_train, y_train))
    typer.echo(score("test", result, x_test, y_test))
    if save is not None:
        result.save(save)
        typer.echo(f"saved the network to {save}")
    if film is not None:
        typer.echo(f"wrote {', '.join(pictures.save(film, result, x_test, y_test))}")
    if live is not None:
        show_test_points(result, x_test, y_test)


def describe(network: Network) -> str:
    """Return a network in a line: ``2-16-16-1, leaky_relu and sigmoid, 337 parameters``."""
    sizes = "-".join(str(width) for width in network.widths)
    kinds = dict.fromkeys(str(getattr(layer, "activation", layer)) for layer in network.layers)
    return f"{sizes}, {' and '.join(kinds)}, {network.n_parameters:,} parameters"


def score(name: str, result: Result, x: Any, y: Any) -> str:
    """Return a line with the loss and the accuracy on some rows."""
    from clearprop.runs import value_and_gradient
    from clearprop.training.metrics import accuracy

    loss, _ = value_and_gradient(result.network, result.parameters, x, y, loss=result.loss)
    return f"{name:10}{loss:>10.6f}{accuracy(result.predict(x), y[:, None]):>12.1%}"


class Pictures:
    """The files of a run: ``moons.png``, ``moons-test.png`` and ``moons.gif`` in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.png, self.test, self.gif = (folder / f"{name}{end}" for end in (".png", "-test.png", ".gif"))

    def check(self, save: Path | None) -> None:
        """Raise FileError where the pictures couldn't be written, before any work is done."""
        from clearprop.errors import FileError

        nearest = next(place for place in (self.folder, *self.folder.absolute().parents) if place.exists())
        if not nearest.is_dir():
            raise FileError(f"--out {self.folder}: {nearest} is a file; give a folder")
        for picture in (self.png, self.test, self.gif):
            if save is not None and save.resolve() == picture.resolve():
                raise FileError(f"--save {save}: a picture of that name is written there too; choose another name")
            if picture.is_dir():
                raise FileError(f"--out {self.folder}: {picture} is a folder, where a picture is to go; move it away")

    def save(self, film: LiveFigure, result: Result, x_test: Any, y_test: Any) -> list[str]:
        """Write them all, and return their names."""
        from clearprop.plots.live_figure import new_figure
        from clearprop.plots.live_map import draw_answers
        from clearprop.plots.recorder import save_png

        film.save(self.png)
        figure = new_figure(WINDOW)
        draw_answers(figure, result.network, result.parameters, x_test, y_test, name="test points")
        save_png(figure, self.test)
        film.save_gif(self.gif)
        return [str(picture) for picture in (self.png, self.test, self.gif)]


def show_test_points(result: Result, x: Any, y: Any) -> None:
    """Open a second window with the test points and what the network answers for them."""
    from clearprop.plots.live_map import draw_answers
    from clearprop.plots.window import new_window

    figure = new_window("Clearprop: test points", WINDOW)
    if figure is not None:
        draw_answers(figure, result.network, result.parameters, x, y, name="test points")
        figure.canvas.draw()
        figure.canvas.flush_events()


class _Begin(Callback):
    """Makes the folder and says what is to be trained, once everything has been found right."""

    def __init__(self, lines: list[str], folder: Path | None) -> None:
        self._lines, self._folder = lines, folder

    def on_start(self, training: Any) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        for text in self._lines:
            typer.echo(text)
