"""``clearprop play``: watch a network learn moons, or a person's own table, and steer it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearprop.cli.csv_options import Delimiter, Encoding, Missing, NoHeader, Task, Text, reading
from clearprop.errors import InputError, unknown_name
from clearprop.settings import check_number

if TYPE_CHECKING:
    from clearprop.live.data import Data
    from clearprop.live.sources import Suggestion, Uploads
    from clearprop.result import Result

LESSONS, VIEWS = ("moons",), ("browser", "terminal")
_SGD = 0.25
_PACE = 400.0  # updates a second on made-up data: slow enough to be seen


def _option(*names: str, metavar: str | None, help: str, panel: str = "Options") -> Any:  # noqa: A002 - Typer's own
    return typer.Option(*names, metavar=metavar, help=help, show_default=False, rich_help_panel=panel)


def play(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A CSV or Parquet file; else moons.", show_default=False)
    ] = None,
    target: Annotated[str | None, _option(metavar="COLUMN", help="The column of FILE to predict.")] = None,
    task: Task = None,
    data: Annotated[
        str | None, _option(metavar="NAME", help="moons, circles, spirals, blobs, xor or checkerboard.")
    ] = None,
    layers: Annotated[
        str | None, _option(metavar="UNITS", help="Units of each hidden layer: 16,16 (0 for none).")
    ] = None,
    activation: Annotated[str | None, _option(metavar="NAME", help="Of the hidden layers: tanh, gelu, …")] = None,
    optimizer: Annotated[str | None, _option(metavar="NAME", help="sgd, momentum, adam, rprop, lbfgs, …")] = None,
    rate: Annotated[float | None, _option(metavar="NUMBER", help="The learning rate.")] = None,
    batch_size: Annotated[int | None, _option(metavar="ROWS", help="Rows an update; 0 for all.")] = None,
    steps: Annotated[int, typer.Option(metavar="COUNT", help="Updates.")] = 20_000,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Where all chance comes from; the same one repeats the run.")
    ] = 0,
    view: Annotated[str, typer.Option(metavar="NAME", help="Where to watch: browser or terminal.")] = "browser",
    pace: Annotated[
        float | None,
        _option(metavar="NUMBER", help="The most updates a second; on made-up data 400 at first, 0 for no limit."),
    ] = None,
    lesson: Annotated[str | None, _option(metavar="NAME", help="A lesson beside the page: moons.")] = None,
    record: Annotated[Path | None, _option(metavar="FILE", help="Keep the run, for `clearprop report`.")] = None,
    no_browser: Annotated[
        bool, _option("--no-browser", metavar=None, help="Only print the address.", panel="The page")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="NUMBER", help="0: one that is free.", rich_help_panel="The page")
    ] = 0,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Another one lets others on the network in who know the link.",
            rich_help_panel="The page",
        ),
    ] = "127.0.0.1",
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    no_header: NoHeader = False,
    na: Missing = None,
    text: Text = None,
) -> None:
    """Watch a network learn in the browser: pause, rewind, change it, on moons or on your own table.

    The page stays, at the end of the run, too, until its button or Ctrl-C ends it. --record keeps the run in a file.
    """
    from clearprop.cli.moons import describe
    from clearprop.cli.termination import terminable
    from clearprop.live.sources import Uploads

    _check_words(view, lesson, record)
    if pace is not None:
        check_number(pace, "--pace", least=0)
    if lesson is not None and (file is not None or data not in (None, lesson)):
        raise InputError(f"the lesson {lesson!r} has its own data; leave out FILE and --data")
    uploads = Uploads()
    read = reading(delimiter, encoding, no_header, na, text)
    rows = read_rows(file, target, task, data, seed, read, uploads)
    found = choose(rows, layers, activation, optimizer, rate, batch_size)
    typer.echo(f"{rows.name}: {_learnt_from(rows)}")
    typer.echo(f"{describe(found.network)}; {found.optimizer.name}, rate {found.optimizer.rate:g}")
    with terminable():
        if view == "terminal":
            result = _in_terminal(rows, found, steps, seed, pace or None)
        else:
            from clearprop.live.watch import watch

            if pace is None and file is None:
                pace = _PACE
            typer.echo("Ctrl-C ends it")
            result = watch(
                found.network, loss=found.loss, optimizer=found.optimizer, steps=steps, batch_size=found.batch_size,
                rng=seed, data=rows, uploads=uploads, pace=pace or None, title=rows.name, open_browser=not no_browser,
                host=host, port=port, lesson=lesson, record=record, paused=lesson is not None,
            )  # fmt: skip
        typer.echo(last_line(result))


def _check_words(view: str, lesson: str | None, record: Path | None) -> None:
    if view not in VIEWS:
        raise unknown_name("view", view, VIEWS)
    if lesson is not None and lesson not in LESSONS:
        raise unknown_name("lesson", lesson, LESSONS)
    if view == "terminal" and (lesson is not None or record is not None):
        given = "--lesson" if lesson is not None else "--record"
        raise InputError(f"{given} belongs to the page; leave out --view terminal")


def read_rows(
    file: Path | None,
    target: str | None,
    task: str | None,
    name: str | None,
    seed: int,
    read: dict[str, Any],
    uploads: Uploads,
) -> Data:
    """Return the rows to learn from: those of a file, or made up.

    Raises
    ------
    InputError, FileError, OSError
        Where the options contradict each other, or the file can't be used.
    """
    from clearprop.live import sources

    if file is None:
        if target is not None or task is not None:
            given = "--target" if target is not None else "--task"
            raise InputError(f"{given} needs a table: clearprop play FILE --target COLUMN")
        return sources.make({"kind": "dataset", "name": name or "moons", "seed": seed})
    if name is not None:
        raise InputError(f"--data {name} and {file} are two things to learn from; leave one of them out")
    from clearprop.data.reader import read_table
    from clearprop.live.sources.tables import from_table

    table = read_table(file, **read)
    if target is None:
        names = ", ".join(table.names[:12]) + (", …" if len(table.names) > 12 else "")
        raise InputError(f"which column of {file} is to be predicted? --target COLUMN, one of: {names}")
    data = from_table(table, target, task=task, name=file.name, seed=seed)
    told = {name: value for name, value in read.items() if value not in (None, (), {}, True)}
    upload = uploads.keep(table, file.name, told)["upload"]  # so that the page can choose another target
    data.source.update(uploads.source(upload))
    return data


def choose(
    rows: Data,
    layers: str | None,
    activation: str | None,
    optimizer: str | None,
    rate: float | None,
    batch_size: int | None,
) -> Suggestion:
    """Return what suits the rows, with what a person has chosen in its place.

    Raises
    ------
    InputError
        For a name that isn't known, or a number that can't be.
    """
    from clearprop.cli.options import build_optimizer, parse_layers
    from clearprop.live.sources import suggest

    hidden = None if layers is None else parse_layers(layers)
    found = suggest(rows, hidden=hidden, activation=activation)
    if optimizer is not None:
        rule = build_optimizer(optimizer, _SGD if rate is None and optimizer == "sgd" else rate)
        found = found._replace(optimizer=rule, batch_size=None if rule.name == "lbfgs" else found.batch_size)
    elif rate is not None:
        found = found._replace(optimizer=replace(found.optimizer, rate=rate))
    if batch_size is not None:
        if batch_size < 0:
            raise InputError(f"--batch-size is a number of rows, or 0 for all; got {batch_size}")
        found = found._replace(batch_size=batch_size or None)
    return found


def _in_terminal(rows: Data, found: Suggestion, steps: int, seed: int, pace: float | None) -> Result:
    from clearprop.live.terminal import TerminalView
    from clearprop.runs import train

    with TerminalView(rows, title=rows.name, pace=pace) as picture:
        return train(
            found.network, rows.x, rows.y, loss=found.loss, optimizer=found.optimizer, steps=steps,
            batch_size=found.batch_size, validation_data=rows.validation, rng=seed, callbacks=[picture],
        )  # fmt: skip


def _learnt_from(rows: Data) -> str:
    held = 0 if rows.validation is None else len(rows.validation[0])
    what = f"{len(rows.classes)} classes" if rows.classes else "a number"
    return f"{rows.target!r} ({what}), {len(rows.x):,} rows to learn from, {held:,} held out"


def last_line(result: Result) -> str:
    """Return what a run came to, in a line."""
    history = result.history
    parts = [f"{result.progress.step:,} steps"]
    if len(history.get("loss", ())):
        parts.append(f"loss {history.last('loss'):.6f}")
    if "validation_loss" in history:
        parts.append(f"validation {history.last('validation_loss'):.6f}")
    return f"{', '.join(parts)}: {result.stopped}"
