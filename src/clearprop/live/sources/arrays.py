"""The arrays of somebody's script, with the names that can be found for what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from clearprop.arrays import Array, as_matrix
from clearprop.errors import InputError
from clearprop.live.data import Data, Task
from clearprop.live.sources.image_rows import image_of
from clearprop.live.sources.targets import Targets
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.training.callbacks import Names
from clearprop.training.loop import Training


def from_arrays(
    x: Any,
    y: Any,
    *,
    network: Network | None = None,
    loss: str | Loss | None = None,
    validation: Sequence[Any] | None = None,
    features: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    target: str | None = None,
    name: str = "your data",
    image: tuple[int, int] | None = None,
) -> Data:
    """Return a script's arrays with names: a DataFrame's own, else x1, x2, …; for classes 0, 1, ….

    Parameters
    ----------
    x : array-like or DataFrame, shape (rows, features)
    y : array-like, shape (rows,) or (rows, outputs)
        As ``train`` takes it, labels for categorical cross-entropy included.
    network : Network, optional
        The one that learns it; of one with several members the targets are taken once.
    loss : str or Loss, optional
        Tells classes from numbers; without it 0 and 1 in one column, or one-hot rows, are classes.
    validation : (x, y), optional
        A third part, weights, is left aside.
    features, classes, target : optional
        Names.
    image : (height, width), optional
        That of the picture that a row is; rows of 64 or 784 numbers from 0 to 1, 16 or 255 are seen to be one.

    Raises
    ------
    InputError, InputTypeError
        For arrays that can't be used, or names and an image of another size.

    Examples
    --------
    >>> data = from_arrays([[0.0, 0.5], [1.0, 0.2]], [0, 1], features=["age", "fare"])
    >>> data.task, data.features, data.classes
    ('binary', ['age', 'fare'], ['0', '1'])
    """
    matrix = as_matrix(x, "x", dtype=np.float64)
    objective = None if loss is None else Loss.resolve(loss)
    targets = _targets(y, network, objective)
    if len(targets) != len(matrix):
        raise InputError(f"x has {len(matrix)} rows and y has {len(targets)}; they must be equal")
    task = _task(targets, objective)
    shape = _image(image, matrix)
    names = _names(features, x, matrix.shape[1])
    labels = _classes(classes, task, targets.shape[1])
    held = None
    if validation is not None:
        held_x, held_y = list(validation)[:2]
        held = as_matrix(held_x, "validation x", dtype=np.float64), _targets(held_y, network, objective)
    called = target or str(getattr(y, "name", None) or "y")
    return Data(
        name=name, task=task, x=matrix, y=targets, validation=held, features=names, classes=labels, target=called,
        source={"kind": "arrays"}, image=shape,
        about=_about(matrix, names, held, Targets(task, targets, labels), called),
    )  # fmt: skip


def from_training(training: Training, names: Names | None = None) -> Data:
    """Return what a run learns from, by an estimator's names where there are any."""
    rows, engine = training.batches.rows, training.engine
    called: dict[str, Any] = {} if names is None else {"features": names.features, "target": names.target}
    if names is not None and len(names.classes) > 1:  # of one alone there is nothing to tell apart
        called["classes"] = names.classes
    data = from_arrays(
        rows.x, rows.targets, network=engine.network, loss=engine.loss, validation=training.validation, **called
    )
    return data if names is None else replace(data, scale=names.scale)


def _targets(y: Any, network: Network | None, loss: Loss | None) -> Array:
    """Return y as a matrix, labels one-hot, that of an ensemble's members once."""
    if loss is not None and network is not None:
        return network.mean_of_members(loss.targets(y, network.n_outputs, np.float64))
    matrix = as_matrix(y, "y", dtype=np.float64, column=True)
    if isinstance(loss, CategoricalCrossEntropy) and matrix.shape[1] == 1:
        return loss.targets(y, int(matrix.max()) + 1, np.float64)
    return matrix if network is None else network.mean_of_members(matrix)


def _task(y: Array, loss: Loss | None) -> Task:
    one = y.shape[1] == 1
    zeros_and_ones = bool(((y == 0) | (y == 1)).all())
    if isinstance(loss, CategoricalCrossEntropy):
        return "multiclass"
    if loss is None and not one and zeros_and_ones and bool((y.sum(axis=1) == 1).all()):
        return "multiclass"
    if one and (isinstance(loss, BinaryCrossEntropy) or (loss is None and zeros_and_ones)):
        return "binary"
    return "regression" if one else "multi"


def _image(image: tuple[int, int] | None, x: Array) -> tuple[int, int] | None:
    if image is None:
        picture = image_of(x)
        return None if picture is None else picture.shape
    if len(image) != 2 or min(image) < 1 or prod(image) != x.shape[1]:
        raise InputError(f"image={image} is height and width of a row, and a row has {x.shape[1]} numbers")
    return int(image[0]), int(image[1])


def _names(given: Sequence[str] | None, x: Any, count: int) -> list[str]:
    columns: Any = given if given is not None else getattr(x, "columns", None)
    if columns is None:
        return [f"x{j + 1}" for j in range(count)]
    names = [str(name) for name in columns]
    if len(names) != count:
        raise InputError(f"x has {count} columns, and there are {len(names)} names of features; give one for each")
    return names


def _classes(given: Sequence[str] | None, task: Task, outputs: int) -> list[str]:
    if task in ("regression", "multi"):
        return []
    count = 2 if task == "binary" else outputs
    names = [str(k) for k in range(count)] if given is None else [str(name) for name in given]
    if len(names) != count:
        raise InputError(f"there are {count} classes, and {len(names)} names of classes; give one for each")
    return names


def _about(
    x: Array, names: list[str], held: tuple[Array, Array] | None, learnt: Targets, target: str
) -> list[dict[str, Any]]:
    """Return the page's description of all rows' columns, those held out too, as for a table."""
    if held is not None:
        x, learnt = np.concatenate([x, held[0]]), replace(learnt, y=np.concatenate([learnt.y, held[1]]))
    features = [
        {"name": name, "kind": "number", "missing": 0, "levels": len(np.unique(x[:, j])), "role": "feature"}
        for j, name in enumerate(names)
    ]
    levels = None if learnt.classes else len(np.unique(learnt.y))
    return [*features, learnt.about(target, "number", 0, levels)]
