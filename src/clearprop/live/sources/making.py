"""Where a page's rows come from: made-up tables, points drawn by hand, and people's own files."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, cast

import numpy as np

from clearprop import datasets
from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError, unknown_name
from clearprop.live.data import Data
from clearprop.live.sources.arrays import from_arrays
from clearprop.live.sources.held_out import MOST_HELD_OUT, hold_out
from clearprop.live.sources.suggestion import Suggestion, suggest
from clearprop.live.sources.tables import from_table
from clearprop.live.sources.targets import class_targets
from clearprop.live.sources.uploads import Uploads

__all__ = ["Suggestion", "from_arrays", "make", "suggest"]

VALIDATION = 0.25
"""The share of the rows that is held out if nobody says otherwise."""
ROWS = 20_000
"""The most rows that are made up, or drawn by hand."""

_KEYS = {
    "dataset": {"name", "n_rows", "noise", "seed", "validation"},
    "points": {"x", "y", "seed", "validation"},
    "table": {"upload", "file", "reading", "target", "features", "task", "seed", "validation"},
}


def make(source: Mapping[str, Any], uploads: Uploads | None = None) -> Data:
    """Return the rows that a source stands for; the same source gives the same rows.

    Parameters
    ----------
    source : mapping of JSON values
        ``kind`` and, each but the first with a default,

        - dataset: ``name``, ``n_rows`` (2 to 20,000), ``noise``
        - points: ``x`` (rows of two numbers), ``y`` (labels 0, 1, …)
        - table: ``upload``, ``target``, ``features`` (names; by default all others), ``task`` (what else a table's
          own ``source`` says of its file is known by the upload)

        and with each of them ``validation``, the share of rows that is held out (evenly over the classes, where there
        are enough), and ``seed``, which draws them.
    uploads : Uploads, optional
        Where tables are.

    Returns
    -------
    Data

    Raises
    ------
    InputError, InputTypeError
        For anything that can't be used.

    Examples
    --------
    >>> data = make({"kind": "dataset", "name": "moons", "n_rows": 200})
    >>> data.task, data.x.shape, data.validation[0].shape, data.features
    ('binary', (150, 2), (50, 2), ['x1', 'x2'])
    """
    if not isinstance(source, Mapping):
        raise InputError(f"a source of data is an object with a kind; got {source!r:.60}")
    kind = source.get("kind")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise unknown_name("kind of data", str(kind), _KEYS)
    settings = {name: value for name, value in source.items() if name != "kind"}
    for name in settings:
        if name not in _KEYS[kind]:
            raise unknown_name(f"setting of a {kind}", str(name), _KEYS[kind])
    share, seed = _share(settings.get("validation", VALIDATION)), _seed(settings.get("seed", 0))
    if kind == "dataset":
        return _dataset(settings, share, seed)
    if kind == "points":
        return _points(settings, share, seed)
    return _table(settings, uploads, share, seed)


def _dataset(settings: Mapping[str, Any], share: float, seed: int) -> Data:
    name, n_rows, noise = settings.get("name", "moons"), settings.get("n_rows", 200), settings.get("noise")
    if isinstance(n_rows, bool) or not isinstance(n_rows, Integral) or not 2 <= int(n_rows) <= ROWS:
        raise InputError(f"a data set has 2 to {ROWS:,} rows; got {n_rows!r:.60}")
    x, y = datasets.make(name, int(n_rows), noise=noise, seed=seed)
    if len(np.unique(y)) < 2:
        raise InputError(f"these {n_rows} rows of {name} are all of one class; take more, or another seed")
    source = {"kind": "dataset", "name": name, "n_rows": int(n_rows), "noise": noise, "seed": seed, "validation": share}
    return _of_plane(name, x, y, source, share, seed)


def _points(settings: Mapping[str, Any], share: float, seed: int) -> Data:
    x = as_matrix(settings.get("x", []), "the points", dtype=np.float64, features=2)
    labels = np.asarray(settings.get("y", []))
    if len(x) > ROWS:
        raise InputError(f"at most {ROWS:,} points can be drawn; got {len(x):,}")
    if labels.shape != (len(x),) or labels.dtype.kind not in "iuf" or not np.isin(labels, range(8)).all():
        raise InputError(f"each of the {len(x)} points needs a label from 0 to 7; got {settings.get('y')!r:.60}")
    y = labels.astype(np.int64)
    if len(np.unique(y)) < 2:
        raise InputError("there are points of one class only, so there is nothing to tell apart; draw some of another")
    source = {"kind": "points", "x": x.tolist(), "y": y.tolist(), "seed": seed, "validation": share}
    return _of_plane("your points", x, y, source, share, seed)


def _of_plane(name: str, x: Array, labels: Array, source: dict[str, Any], share: float, seed: int) -> Data:
    targets = class_targets(labels, "class")
    rows = hold_out(labels, share, seed)
    about = [{"name": each, "kind": "number", "missing": 0, "levels": len(np.unique(x[:, j])), "role": "feature"}
             for j, each in enumerate(("x1", "x2"))]  # fmt: skip
    return Data(
        name=name, task=targets.task, x=x[rows.learn], y=targets.y[rows.learn],
        validation=None if rows.held is None else (x[rows.held], targets.y[rows.held]),
        features=["x1", "x2"], classes=targets.classes, target="class", source=source,
        about=[*about, targets.about("class", "number", 0)],
    )  # fmt: skip


def _table(settings: Mapping[str, Any], uploads: Uploads | None, share: float, seed: int) -> Data:
    upload, target, features = settings.get("upload"), settings.get("target"), settings.get("features")
    if uploads is None or not isinstance(upload, str):
        raise InputError(f"a table needs an upload, the name that a loaded file was given; got {upload!r:.60}")
    if not isinstance(target, str):
        raise InputError(f"a table needs a target, the name of a column; got {target!r:.60}")
    if features is not None:
        if not isinstance(features, list | tuple) or not all(isinstance(name, str) for name in cast(Any, features)):
            raise InputError(f"features are a list of names of columns; got {features!r:.60}")
        features = list(cast("list[str]", features))
    task = settings.get("task")
    data = from_table(
        uploads.table(upload), target, features=features, task=task, name=settings.get("file"), share=share, seed=seed
    )
    data.source.update(uploads.source(upload))
    return data


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) <= MOST_HELD_OUT:
        raise InputError(f"validation is the share of rows held out, from 0 to {MOST_HELD_OUT:g}; got {value!r:.60}")
    return float(value)


def _seed(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= int(value) < 2**32:
        raise InputError(f"a seed is a whole number from 0 to 2**32 - 1; got {value!r:.60}")
    return int(value)
