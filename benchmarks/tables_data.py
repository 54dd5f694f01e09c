"""The real tables: where they lie, how they are read and split, what counts, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

TEST = 0.2  # of the rows, where a table has no official split; of the training rows, for the search's validation


@dataclass(frozen=True)
class Metric:
    """One column of the results: a score, and the goal of our estimators with no tuning."""

    name: str
    goal: float

    @property
    def lower_is_better(self) -> bool:
        """Whether it is an error."""
        return self.name == "RMSE"

    @property
    def digits(self) -> int:
        """Decimals that are shown."""
        return 3 if self.name == "RMSE" else 4

    def reached(self, value: float) -> bool:
        """Tell whether a mean score reaches the goal."""
        return value <= self.goal if self.lower_is_better else value >= self.goal


@dataclass(frozen=True)
class Table:
    """A file of the folder: ``metrics[0]`` is what the searches go by."""

    name: str
    title: str
    file: str
    target: str
    metrics: tuple[Metric, ...]
    drop: tuple[str, ...] = ()
    split: str | None = None  # the column that holds the official split, its test rows marked "test"
    images: bool = False  # all columns on one scale already, and only some of the models

    @property
    def regression(self) -> bool:
        """Whether its target is a number."""
        return self.metrics[0].lower_is_better


@dataclass(frozen=True)
class Rows:
    """Training and test rows: DataFrames and NumPy targets."""

    x: Any
    y: Any
    x_test: Any
    y_test: Any


TABLES = {
    each.name: each
    for each in (
        Table(
            "adult", "Adult", "adult.parquet", "income",
            (Metric("accuracy", 0.868), Metric("AUC", 0.922)), split="split",
        ),
        Table("california_housing", "California", "california_housing.parquet", "MedHouseVal", (Metric("RMSE", 0.45),)),
        # how long the call lasted is known only when its outcome is
        Table("bank_marketing", "bank", "bank_marketing.parquet", "y", (Metric("AUC", 0.805),), drop=("duration",)),
        Table("wine_quality", "wine", "wine_quality.parquet", "quality", (Metric("RMSE", 0.635),)),
        Table(
            "credit_default", "credit", "credit_default.parquet", "default.payment.next.month",
            (Metric("AUC", 0.783),), drop=("ID",),
        ),
        Table("casp_protein", "protein", "casp_protein.parquet", "RMSD", (Metric("RMSE", 3.5),)),
        Table("mnist", "MNIST", "mnist.npz", "digit", (Metric("accuracy", 0.985),), images=True),
    )
}  # fmt: skip


def split(table: Table, folder: Path, seed: int, limit: int | None = None) -> Rows:
    """Return a table's rows, split officially or by the seed; both parts cut to ``limit`` random rows if it is given.

    Raises
    ------
    FileNotFoundError
        If the table isn't in the folder.
    """
    found = _mnist(folder / table.file) if table.images else _frame(table, folder / table.file, seed)
    if limit is None:
        return found
    train, test = (np.random.default_rng(seed).permutation(len(y))[:limit] for y in (found.y, found.y_test))
    return Rows(found.x.iloc[train], found.y[train], found.x_test.iloc[test], found.y_test[test])


def halves(rows: Rows, seed: int) -> Rows:
    """Split the training rows by the seed: in the test rows' place comes a fifth to choose by."""
    learn, choose = _fifth(len(rows.y), seed)
    return Rows(rows.x.iloc[learn], rows.y[learn], rows.x.iloc[choose], rows.y[choose])


def times(rows: Rows, fraction: float) -> Rows:
    """Return so many times the training rows: the first ones, or all of them again and again."""
    wanted = np.arange(round(fraction * len(rows.y))) % len(rows.y)
    return replace(rows, x=rows.x.iloc[wanted].reset_index(drop=True), y=rows.y[wanted])


@lru_cache(maxsize=1)
def _read(file: Path) -> Any:
    import pandas as pd

    frame = pd.read_parquet(file)
    for name in frame.select_dtypes(exclude="number"):
        frame[name] = frame[name].where(frame[name] != "?").astype("category")
    return frame


def _frame(table: Table, file: Path, seed: int) -> Rows:
    frame = _read(file)
    y = frame[table.target].to_numpy(dtype=np.float64 if table.regression else None)
    if table.split is None:
        train, test = _fifth(len(frame), seed)
    else:
        official = (frame[table.split] == "test").to_numpy()
        train, test = np.flatnonzero(~official), np.flatnonzero(official)
    x = frame.drop(columns=[table.target, *table.drop, *([table.split] if table.split else [])])
    return Rows(x.iloc[train], y[train], x.iloc[test], y[test])


@lru_cache(maxsize=1)
def _mnist(file: Path) -> Rows:
    import pandas as pd

    with np.load(file) as found:
        parts = {name: found[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    flat = [parts[name].reshape(len(parts[name]), -1) / np.float32(255) for name in ("x_train", "x_test")]
    names = [f"pixel{i}" for i in range(flat[0].shape[1])]
    x, x_test = (pd.DataFrame(each, columns=names) for each in flat)
    return Rows(x, parts["y_train"].astype(np.int64), x_test, parts["y_test"].astype(np.int64))


def _fifth(n: int, seed: int) -> tuple[Any, Any]:
    order = np.random.default_rng(seed).permutation(n)
    n_test = round(TEST * n)
    return np.sort(order[n_test:]), np.sort(order[:n_test])
