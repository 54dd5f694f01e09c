"""The recipes: what a network for a table is made of, and how it is trained, decided by real tables together."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from numbers import Integral
from typing import Any, Literal

from clearprop.errors import unknown_name
from clearprop.optimizers.optimizer import Optimizer
from clearprop.optimizers.rules import Adam, AdamW
from clearprop.schedules import Constant, CosineLog2, Schedule

Task = Literal["classification", "regression"]
NUMERIC = ("none", "periodic", "piecewise")


@dataclass(frozen=True)
class Recipe:
    """Everything that isn't learnt.

    Attributes
    ----------
    numeric : {"piecewise", "periodic", "none"}
        How numbers enter: the piecewise-linear encoding, PBLD embeddings, or as they are (scaled).
    n_members : int
        Networks trained side by side, whose outputs are averaged.
    shared : bool
        Whether they share the hidden layers' weights, each with a scale of its own on the inputs (TabM-mini).
    hidden_layer_sizes : tuple of int, or None
        None for 3 × 128 units, and 2 × 512 where the numbers are too many to be encoded, as an image's.
    activation : str
    dropout : float
    label_smoothing : float
        Where accuracy is the metric.
    optimizer : Optimizer
    schedule : Schedule
    ntk : bool
        A learnt scale on each input at 6 times the rate; weights N(0, 1/inputs) at 1/√inputs times the rate, biases
        N(0, 1) at a tenth of it, the last layer 0 at first: the NTK parametrisation under Adam.
    averaging : float
        The decay of the average over epochs that is validated and kept; 0 for none.
    max_epochs, patience : int
        The most epochs, and after how many without a better validation score it stops.
    batch_size, least_batch : int
        The most rows an update, and the fewest: between them a hundredth of the rows.
    """

    numeric: str
    n_members: int
    shared: bool
    hidden_layer_sizes: tuple[int, ...] | None
    activation: str
    dropout: float
    label_smoothing: float
    optimizer: Optimizer
    schedule: Schedule
    ntk: bool
    averaging: float
    max_epochs: int
    patience: int
    batch_size: int
    least_batch: int


def find_recipe(name: str, task: Task, changes: dict[str, Any]) -> Recipe:
    """Return a recipe by its name, with what a user changed: those that aren't None.

    Raises
    ------
    InputError, InputTypeError
        For an unknown name of a recipe, an optimiser or a schedule.

    Examples
    --------
    >>> find_recipe("realmlp", "regression", {"max_epochs": 10}).activation
    'mish'
    """
    recipes = {"tabm": _tabm(task), "realmlp": _realmlp(task)}
    if not isinstance(name, str) or name not in recipes:
        raise unknown_name("recipe", str(name), recipes)
    known = {field.name for field in fields(Recipe)}
    given = {name: value for name, value in changes.items() if name in known and value is not None}
    if "optimizer" in given:
        given["optimizer"] = Optimizer.resolve(given["optimizer"])
    if "schedule" in given:
        given["schedule"] = Schedule.resolve(given["schedule"])
    if isinstance(sizes := given.get("hidden_layer_sizes"), Integral):
        given["hidden_layer_sizes"] = (int(sizes),)
    return replace(recipes[name], **given)


def _tabm(task: Task) -> Recipe:
    """Return what the real tables together chose: docs/tables.md, decision 20."""
    return Recipe(
        numeric="piecewise", n_members=8, shared=True, hidden_layer_sizes=None, activation="relu",
        dropout=0.2 if task == "classification" else 0.0, label_smoothing=0.1,
        optimizer=AdamW(0.002, weight_decay=3e-4), schedule=Constant(), ntk=False,
        averaging=0.5 if task == "classification" else 0.6, max_epochs=200, patience=10, batch_size=256, least_batch=16,
    )  # fmt: skip


def _realmlp(task: Task) -> Recipe:
    """Return RealMLP-TD-S as published (Holzmüller, Grinsztajn, Steinwart 2024, arXiv 2407.04491)."""
    return Recipe(
        numeric="none", n_members=1, shared=False, hidden_layer_sizes=(256, 256, 256),
        activation="selu" if task == "classification" else "mish", dropout=0.0, label_smoothing=0.1,
        optimizer=Adam(0.04 if task == "classification" else 0.07, beta2=0.95), schedule=CosineLog2(4), ntk=True,
        averaging=0.0, max_epochs=256, patience=256, batch_size=256, least_batch=256,
    )  # fmt: skip
