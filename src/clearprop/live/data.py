"""A table made ready for a network, and what people call the things in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from clearprop.arrays import Array

Task = Literal["binary", "multiclass", "regression", "multi"]


@dataclass(frozen=True, eq=False)
class Data:
    """Rows to learn from and rows to validate on, as numbers, and their names for people.

    Attributes
    ----------
    name : str
        Of the whole, for titles: ``"moons"``, ``"titanic.csv"``.
    task : "binary", "multiclass", "regression" or "multi"
        What is predicted: two classes by one output, one of several classes, a number, or several outputs.
    x, y : array, shape (rows, features) and (rows, outputs), float64
        Targets as a loss takes them: 0 and 1, one-hot rows, or numbers (scaled, if ``scale`` is given).
    validation : (x, y) or None
        Rows held out.
    features, classes : list of str
        Names of x's columns, and of the classes; none for numbers.
    target : str
        What y is called.
    source : dict
        Where it comes from, in JSON values, such that it can be made again.
    image : (height, width) or None
        Where a row is a picture.
    scale : (mean, deviation) or None
        Of a number that was standardised: target = mean + deviation · y.
    about : list of dict
        The columns of the table that it was made of: name, kind, missing, levels.
    """

    name: str
    task: Task
    x: Array
    y: Array
    validation: tuple[Array, Array] | None
    features: list[str]
    classes: list[str]
    target: str
    source: dict[str, Any]
    image: tuple[int, int] | None = None
    scale: tuple[float, float] | None = None
    about: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
