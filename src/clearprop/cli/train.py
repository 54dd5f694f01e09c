"""``clearprop train FILE --target COLUMN``: a network for a person's own table."""

from __future__ import annotations

import re
from math import floor, log10
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from clearprop.cli.csv_options import Delimiter, Encoding, Missing, NoHeader, Task, Text, reading
from clearprop.errors import FileError, InputError, unknown_name

if TYPE_CHECKING:
    from clearprop.estimators.scores import Score
    from clearprop.estimators.tabular import TabularClassifier, TabularRegressor
    from clearprop.plots.live_figure import LiveFigure

_LEAST_ROWS = 10  # with fewer, the model or its scores would rest on a row or two
_HELD_OUT = 0.2


def _the_recipes(*, metavar: str, help: str) -> Any:  # noqa: A002 - Typer's own name for it
    return typer.Option(metavar=metavar, help=f"{help} (else the recipe's own)", show_default=False)


def train(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file.", show_default=False)],
    target: Annotated[str, typer.Option(metavar="COLUMN", help="The column to predict.", show_default=False)],
    task: Task = None,
    recipe: Annotated[str, typer.Option(metavar="NAME", help="tabm or realmlp: how the network is made.")] = "tabm",
    members: Annotated[int | None, _the_recipes(metavar="COUNT", help="Networks whose answers are averaged.")] = None,
    numeric: Annotated[
        str | None, _the_recipes(metavar="NAME", help="How numbers enter: piecewise, periodic or none.")
    ] = None,
    layers: Annotated[
        str | None, _the_recipes(metavar="UNITS", help="Units of each hidden layer; 0 for a linear model.")
    ] = None,
    activation: Annotated[str | None, _the_recipes(metavar="NAME", help="Of the hidden layers: relu, tanh, …")] = None,
    optimizer: Annotated[str | None, _the_recipes(metavar="NAME", help="adam, sgd, adamw, lbfgs, …")] = None,
    rate: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="The optimiser's learning rate, else its own.", show_default=False),
    ] = None,
    epochs: Annotated[int | None, _the_recipes(metavar="COUNT", help="The most passes over the training rows.")] = None,
    batch_size: Annotated[int | None, _the_recipes(metavar="COUNT", help="The most rows an update.")] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="What the best epoch is chosen by: log_loss, accuracy, roc_auc; rmse, mae.",
        ),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(metavar="SHARE", show_default=False, help="Learn intervals too, that so many rows lie within."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="When to stop, with the best so far.", show_default=False),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Where all chance comes from; the same one, the same model.")
    ] = 0,
    validation: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the rows that decides when to stop.")
    ] = 0.1,
    save: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Where the model goes; else FILE-COLUMN.safetensors.", show_default=False),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Draw the live figure.")] = False,
    deterministic: Annotated[
        bool, typer.Option("--deterministic", help="The same bits whatever the number of processors.")
    ] = False,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    no_header: NoHeader = False,
    na: Missing = None,
    text: Text = None,
) -> None:
    """Train a network to predict one column of your table from the others, and save it."""
    from rich.console import Console

    from clearprop.cli.options import build_optimizer, parse_layers
    from clearprop.cli.progress import ProgressLine
    from clearprop.data.reader import read_table
    from clearprop.data.target import read_target
    from clearprop.estimators.tabular import TabularClassifier, TabularRegressor
    from clearprop.estimators.tabular.rows import held_out
    from clearprop.streams import seed_of

    console = Console(highlight=False, soft_wrap=True)
    if task is not None and task not in (known := ("classification", "regression")):
        raise unknown_name("task", task, known)
    if rate is not None and optimizer is None:
        raise InputError("--rate needs --optimizer: the rate of which optimiser? such as --optimizer adamw")
    settings: dict[str, Any] = {
        "recipe": recipe, "n_members": members, "numeric": numeric, "activation": activation,
        "hidden_layer_sizes": None if layers is None else parse_layers(layers),
        "optimizer": None if optimizer is None else build_optimizer(optimizer, rate),
        "max_epochs": epochs, "batch_size": batch_size, "validation_fraction": validation, "time_limit": time_limit,
        "random_state": seed, "deterministic": deterministic,
    }  # fmt: skip
    settings |= {name: value for name, value in (("metric", metric), ("interval", interval)) if value is not None}
    seed_of(seed)  # says so, before any work, if it can't be one
    model_file = save or Path(f"{file.stem}-{_file_name(target)}.safetensors")
    check_replaceable(model_file)
    table = read_table(file, **reading(delimiter, encoding, no_header, na, text))
    if table.n_rows < _LEAST_ROWS:
        raise InputError(f"{file} has {table.n_rows} rows; at least {_LEAST_ROWS} are needed to train and to measure")
    wanted = read_target(table[target], cast(Any, task))
    if interval is not None and wanted.task == "classification":
        raise InputError(f"--interval is for numbers, and {target!r} holds classes; leave it out")
    learn, held = held_out(wanted.values, _HELD_OUT, seed)
    figures = _figure(watch)
    inputs = table.without(target)
    with ProgressLine() as line:
        kind = TabularClassifier if wanted.task == "classification" else TabularRegressor
        model = kind(**settings, callbacks=[line, *figures]).fit(inputs.take(learn), wanted.values[learn])
    model.target_name_ = target
    model.save(model_file)
    for figure in figures:
        if not figure.opened:
            picture = model_file.with_suffix(".png")
            figure.save(picture)
            console.print(f"no screen to watch on, so the last picture is in {picture}", markup=False)
    scores = model.evaluate(inputs.take(held), wanted.values[held])
    for words in (
        *summary(model, scores, file.name, len(held)),
        f"saved to {model_file}; use it: clearprop predict {model_file} FILE",
    ):
        console.print(words, markup=False)


def check_replaceable(path: Path) -> None:
    """Raise FileError, before any work is done, if a model can't be saved there or would replace something else."""
    from clearprop.storage import is_model_file

    if not path.parent.is_dir():
        raise FileError(f"--save {path}: the folder {path.parent} doesn't exist; make it first")
    if path.is_dir() or (path.exists() and not is_model_file(path)):
        raise FileError(f"--save {path}: it isn't a model, so it is left as it is; choose another name")


def summary(model: TabularClassifier | TabularRegressor, scores: list[Score], name: str, held: int) -> list[str]:
    """Return what a person wants to know of a fit, line by line."""
    classes: list[Any] | None = cast(Any, model).classes_.tolist() if hasattr(model, "classes_") else None
    if classes is None:
        what, dummy = "a number", "always the mean"
    else:
        labels = ", ".join(map(str, classes[:6])) + (", …" if len(classes) > 6 else "")
        what, dummy = f"{len(classes)} classes: {labels}", "always the same"
    network = model.network_
    lines = [
        f"{name}: {model.target_name_} ({what}) from {_count(model.n_features_in_, 'column')}, "
        f"{_count(network.n_inputs, 'input')}",
        f"{model.n_learnt_:,} rows to learn from, {model.n_held_out_:,} to decide when to stop, {held:,} held out",
        f"{network.n_parameters:,} parameters, the best after {model.best_iter_} of {model.n_iter_} epochs: "
        f"{model.stopped_}",
        "",
        f"{'on the held-out rows':22}{'the model':>14}{dummy:>18}",
    ]
    lines += [f"{s.name:22}{_digits(s.model):>14}{_digits(s.dummy):>18}" for s in scores]
    worse = [s.name for s in scores if (s.model > s.dummy) != s.larger_is_better]
    if worse:
        lines.append(f"no better than saying the same of every row in: {', '.join(worse)}")
    coverage = getattr(model, "interval_coverage_", None)
    if coverage is not None:
        lines.append(f"intervals hold {coverage:.1%} of the rows that decided when to stop")
    return [*lines, ""]


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'s' * (n != 1)}"


def _file_name(name: str) -> str:
    """Return a column's name with nothing in it that a file's name can't hold."""
    return re.sub(r"[^\w.-]", "_", name)


def _digits(value: float) -> str:
    """Return a number with about four digits that count: 0.6180, 52,847."""
    places = min(max(3 - floor(log10(abs(value))), 0), 4) if value else 4
    return f"{round(value, places) + 0.0:,.{places}f}"  # + 0.0 makes -0.0 plain


def _figure(watch: bool) -> list[LiveFigure]:
    if not watch:
        return []
    from clearprop.plots.live_figure import LiveFigure

    return [LiveFigure(every=50)]
