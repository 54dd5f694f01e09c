"""``clearprop train FILE --target COLUMN``: a network for a person's own table."""

from __future__ import annotations

import re
from math import floor, log10
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearprop.cli.csv_options import Delimiter, Encoding, Missing, NoHeader, Text
from clearprop.errors import FileError

if TYPE_CHECKING:
    from clearprop.estimators.table_fit import TableFit
    from clearprop.plots.live_figure import LiveFigure


def train(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file.", show_default=False)],
    target: Annotated[str, typer.Option(metavar="COLUMN", help="The column to predict.", show_default=False)],
    task: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="classification or regression; found out if left out.", show_default=False),
    ] = None,
    layers: Annotated[
        str, typer.Option(metavar="UNITS", help="Units of each hidden layer; 0 for a linear model.")
    ] = "64,64",
    activation: Annotated[str, typer.Option(metavar="NAME", help="Of the hidden layers: relu, tanh, …")] = "silu",
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="adam, sgd, adamw, lbfgs, …")] = "adam",
    rate: Annotated[
        float | None,
        typer.Option(metavar="NUMBER", help="The learning rate; else the optimiser's own.", show_default=False),
    ] = None,
    epochs: Annotated[int, typer.Option(metavar="COUNT", help="The most passes over the training rows.")] = 100,
    batch_size: Annotated[
        int | None,
        typer.Option(metavar="COUNT", help="Rows an update; else a 100th of them, 16 to 256.", show_default=False),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Where all chance comes from; the same one, the same model.")
    ] = 0,
    validation: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the rows that decides when to stop.")
    ] = 0.2,
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
    from clearprop.errors import unknown_name
    from clearprop.estimators.table_fit import fit_table

    console = Console(highlight=False, soft_wrap=True)
    if task not in (None, "classification", "regression"):
        raise unknown_name("task", str(task), ("classification", "regression"))
    widths = parse_layers(layers)
    rule = build_optimizer(optimizer, rate)
    model_file = save or Path(f"{file.stem}-{_file_name(target)}.safetensors")
    check_replaceable(model_file)
    table = read_table(
        file, delimiter=delimiter, encoding=encoding, header=not no_header, na=na or (),
        kinds=dict.fromkeys(text or (), "text"),
    )  # fmt: skip
    figures = _figure(watch)
    with ProgressLine() as line:
        fit = fit_table(
            table, target, task=task, layers=widths, activation=activation, optimizer=rule, epochs=epochs,
            batch_size=batch_size, validation=validation, seed=seed, deterministic=deterministic,
            callbacks=[line, *figures],
        )  # fmt: skip
    fit.model.save(model_file)
    for figure in figures:
        if not figure.opened:
            picture = model_file.with_suffix(".png")
            figure.save(picture)
            console.print(f"no screen to watch on, so the last picture is in {picture}", markup=False)
    for words in (*summary(fit, file.name), f"saved to {model_file}; use it: clearprop predict {model_file} FILE"):
        console.print(words, markup=False)


def check_replaceable(path: Path) -> None:
    """Raise FileError, before any work is done, if a model can't be saved there or would replace something else."""
    from clearprop.storage import is_model_file

    if not path.parent.is_dir():
        raise FileError(f"--save {path}: the folder {path.parent} doesn't exist; make it first")
    if path.is_dir() or (path.exists() and not is_model_file(path)):
        raise FileError(f"--save {path}: it isn't a model, so it is left as it is; choose another name")


def summary(fit: TableFit, name: str) -> list[str]:
    """Return what a person wants to know of a fit, line by line."""
    target, result = fit.model.target, fit.model.result
    if target.task == "regression":
        what, dummy = "a number", "always the mean"
    else:
        labels = ", ".join(map(str, target.classes[:6])) + (", …" if len(target.classes) > 6 else "")
        what, dummy = f"{len(target.classes)} classes: {labels}", "always the same"
    columns = len(fit.model.features.kinds)
    lines = [
        f"{name}: {target.column} ({what}) from {columns} columns, {result.network.n_inputs} inputs",
        f"{fit.train_rows:,} rows to learn from, {fit.validation_rows:,} to decide when to stop, "
        f"{fit.held_out_rows:,} held out",
        f"ended after {result.progress.step:,} updates: {result.stopped}",
        "",
        f"{'on the held-out rows':22}{'the model':>14}{dummy:>18}",
    ]
    lines += [f"{s.name:22}{_digits(s.model):>14}{_digits(s.dummy):>18}" for s in fit.scores]
    worse = [s.name for s in fit.scores if (s.model > s.dummy) != s.larger_is_better]
    if worse:
        lines.append(f"no better than saying the same of every row in: {', '.join(worse)}")
    return [*lines, ""]


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
