"""A person's table as a network's input: scaled numbers, one-hot text, parts of dates, and holes as columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from clearprop.arrays import Array, check_memory
from clearprop.data.encodings import CodeEncoding, Encoding, TextEncoding
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.data.table import Table
from clearprop.data.target import read_target
from clearprop.errors import InputError
from clearprop.live.data import Data
from clearprop.live.sources.held_out import hold_out
from clearprop.live.sources.image_rows import image_of
from clearprop.live.sources.targets import class_targets, number_targets
from clearprop.live.sources.uploads import describe_columns

LEVELS = 20
"""Of text with very many levels, so many of the most frequent ones get a column each."""


def from_table(
    table: Table,
    target: str,
    *,
    features: list[str] | None = None,
    task: Any = None,
    name: str | None = None,
    share: float = 0.25,
    seed: int = 0,
) -> Data:
    """Return a table as numbers, with a share of its rows held out; the encoding is learnt from the others.

    Columns that are the same in every row, or of names and codes, are left out (with a warning), and ``about`` says so.
    A table of 64 or 784 columns of brightness is taken for pictures: its values are only divided by the largest.

    Parameters
    ----------
    target : str
        The column to predict.
    features : list of str, optional
        The columns to predict it from; by default all others.
    task : {"classification", "regression"}, optional
        By default what the target's values say.
    name : str, optional
        For people; by default the file's.

    Raises
    ------
    InputError, InputTypeError
        For a column that isn't there, a target with holes, one value only, or that can't be the task.

    Examples
    --------
    >>> from clearprop.data.table import Column
    >>> table = Table([Column("age", "number", [20, None, 40]), Column("fare", "text", ["low", "low", "high"])])
    >>> data = from_table(table, "fare", share=0)
    >>> data.features, data.classes, data.y.ravel()
    (['age', 'age is missing'], ['high', 'low'], array([1., 1., 0.]))
    """
    column = table[target]
    chosen = [each for each in table.names if each != target] if features is None else list(dict.fromkeys(features))
    if target in chosen:
        raise InputError(f"{target!r} is the target, so it can't be a feature too; leave one of them out")
    if not chosen:
        raise InputError(f"there is no column to predict {target!r} from; choose at least one")
    wanted = read_target(column, task)
    rows = hold_out(wanted.values, share, seed)
    if wanted.task == "classification":
        targets = class_targets(wanted.values, target)
    else:
        targets = number_targets(wanted.values, rows.learn, target)
    inputs = Table(table[each] for each in chosen)
    image, x, names, used = _matrix(inputs, rows.learn)
    about = describe_columns(table)
    for each in about:
        each["role"] = "feature" if each["name"] in used else "left out" if each["name"] in chosen else "not chosen"
        if each["name"] == target:
            each |= targets.about(target, column.kind, 0, each["levels"])
    shown = str(name) if name else column.source.rpartition("/")[2] or "your table"
    source = {
        "kind": "table", "file": shown, "target": target, "features": chosen, "task": wanted.task, "seed": seed,
        "validation": share,
    }  # fmt: skip
    return Data(
        name=shown, task=targets.task, x=x[rows.learn], y=targets.y[rows.learn],
        validation=None if rows.held is None else (x[rows.held], targets.y[rows.held]),
        features=names, classes=targets.classes, target=target, source=source, image=image, scale=targets.scale,
        about=about,
    )  # fmt: skip


def _matrix(table: Table, learn: Array) -> tuple[tuple[int, int] | None, Array, list[str], set[str]]:
    """Return the shape of a row that is a picture, the matrix of all rows, its columns' names, and whose they are."""
    if all(column.kind == "number" and not column.missing.any() for column in table.columns):
        plain = np.column_stack([column.values for column in table.columns])
        picture = image_of(plain)
        if picture is not None:
            return picture.shape, plain / picture.white, list(table.names), set(table.names)
    encoder = FeatureEncoder.fit(table.take(learn))
    encoder = FeatureEncoder(tuple(_without_codes(each, table) for each in encoder.encodings))
    names = list(encoder.feature_names)
    check_memory(24.0 * table.n_rows * len(names), "the encoded table")
    return None, encoder.transform(table, warn_of_unseen=False), names, {each.column for each in encoder.encodings}


def _without_codes(encoding: Encoding, table: Table) -> Encoding:
    """Return an embedding's codes as columns of the most frequent levels: the page's networks have no embedding."""
    if not isinstance(encoding, CodeEncoding):
        return encoding
    column = table[encoding.column]
    known, counts = np.unique(column.values[~column.missing].astype(np.str_), return_counts=True)
    levels = {str(level): int(n) for level, n in zip(known, counts, strict=True) if str(level) in set(encoding.levels)}
    frequent = sorted(levels, key=lambda level: (-levels[level], level))[:LEVELS]
    return TextEncoding(encoding.column, tuple(sorted(frequent)), bool(column.missing.any()))
