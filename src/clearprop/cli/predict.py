"""``clearprop predict MODEL FILE``: a saved model's predictions for the rows of a file, as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from clearprop.cli.csv_options import Delimiter, Encoding, Missing, NoHeader
from clearprop.errors import InputError

if TYPE_CHECKING:
    from clearprop.data.table import Table
    from clearprop.estimators.tabular import TabularClassifier, TabularRegressor


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="What `clearprop train` saved.", show_default=False)],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table with the same columns.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Where to write; else to the terminal.", show_default=False)
    ] = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    no_header: NoHeader = False,
    na: Missing = None,
) -> None:
    """Predict the target of each row of your file with a model that `clearprop train` saved."""
    from clearprop.data.reader import read_table
    from clearprop.estimators.tabular.files import load_model
    from clearprop.storage import write_whole

    trained = load_model(model)
    kinds = trained.kinds_
    table = read_table(file, delimiter=delimiter, encoding=encoding, header=not no_header, na=na or (), kinds=kinds)
    if no_header:
        check_positions(trained, table)
    text = predictions(trained, table)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_whole(out, text.encode())


def check_positions(model: TabularClassifier | TabularRegressor, table: Table) -> None:
    """Raise InputError where columns that are known by their places alone can't be those of training.

    A file without its target is the same only if the target was the last column.
    """
    trained = model.n_features_in_ + 1
    allowed = {trained, trained - 1} if model.target_name_ == f"column_{trained}" else {trained}
    if len(table.names) not in allowed:
        raise InputError(
            f"without names columns are known by their places: training had {trained} with the target among them "
            f"({model.target_name_}), this file has {len(table.names)}; give it the same columns, any target will do"
        )


def predictions(model: TabularClassifier | TabularRegressor, table: Table) -> str:
    """Return a CSV text with a line for each row: the prediction, and its interval, or each class's probability."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    said: list[Any] = model.predict(table).tolist()
    names, more = more_columns(model, table)
    writer.writerow([model.target_name_, *names])
    writer.writerows([value, *row] for value, row in zip(said, more, strict=True))
    return text.getvalue()


def more_columns(model: TabularClassifier | TabularRegressor, table: Table) -> tuple[list[str], list[list[float]]]:
    """Return what stands beside the predictions: names, and a list a row."""
    chances = getattr(model, "predict_proba", None)
    if chances is not None:
        classes: list[Any] = cast(Any, model).classes_.tolist()
        return [f"probability of {label}" for label in classes], chances(table).round(6).tolist()
    if hasattr(model, "interval_coverage_"):
        return ["from", "to"], cast(Any, model).predict_interval(table).tolist()
    return [], [[]] * table.n_rows
