"""``clearprop predict MODEL FILE``: a saved model's predictions for the rows of a file, as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clearprop.cli.csv_options import Delimiter, Encoding, Missing, NoHeader
from clearprop.errors import InputError

if TYPE_CHECKING:
    from clearprop.data.table import Table
    from clearprop.estimators.table_model import TableModel


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
    from clearprop.estimators.table_model import TableModel
    from clearprop.storage import write_whole

    trained = TableModel.load(model)
    kinds = trained.features.kinds
    table = read_table(file, delimiter=delimiter, encoding=encoding, header=not no_header, na=na or (), kinds=kinds)
    if no_header:
        check_positions(trained, table)
    text = predictions(trained, table)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_whole(out, text.encode())


def check_positions(model: TableModel, table: Table) -> None:
    """Raise InputError where columns that are known by their places alone can't be those of training.

    A file without its target is the same only if the target was the last column.
    """
    trained = len(model.columns)
    allowed = {trained, trained - 1} if model.columns[-1] == model.target.column else {trained}
    if len(table.names) not in allowed:
        raise InputError(
            f"without names columns are known by their places: training had {trained} with the target among them "
            f"({model.target.column}), this file has {len(table.names)}; give it the same columns, any target will do"
        )


def predictions(model: TableModel, table: Table) -> str:
    """Return a CSV text with a line for each row: the prediction, and for classes each one's probability."""
    target = model.target
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if target.task == "regression":
        writer.writerow([target.column])
        writer.writerows([value] for value in model.predict(table).tolist())
        return text.getvalue()
    chances = model.predict_proba(table)
    writer.writerow([target.column, *(f"probability of {label}" for label in target.classes)])
    labels = target.inverse(chances.argmax(axis=1)).tolist()
    writer.writerows([label, *row] for label, row in zip(labels, chances.round(6).tolist(), strict=True))
    return text.getvalue()
