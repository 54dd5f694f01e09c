"""From a table to a model: split, encode, train with early stopping, and measure on rows that were never seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from clearprop.arrays import Array
from clearprop.data.preprocessing import FeatureEncoder, TargetEncoder
from clearprop.data.table import Table
from clearprop.data.target import Task
from clearprop.errors import InputError
from clearprop.estimators.scores import Score, scores
from clearprop.estimators.table_model import TableModel
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.network import Network
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer
from clearprop.runs import train
from clearprop.streams import seed_of, stream
from clearprop.training.callbacks import Callback, EarlyStopping

_LEAST_ROWS = 10  # with fewer, one of the three parts would be empty or a single row


@dataclass(frozen=True)
class TableFit:
    """A trained model, what it was trained on, and how good it is.

    Attributes
    ----------
    model : TableModel
    scores : list of Score
        Measured on the held-out rows.
    train_rows, validation_rows, held_out_rows : int
        How the table was split.
    """

    model: TableModel
    scores: list[Score]
    train_rows: int
    validation_rows: int
    held_out_rows: int


def fit_table(
    table: Table,
    target: str,
    *,
    task: Task | None = None,
    layers: Sequence[int] = (64, 64),
    activation: str | Activation = "silu",
    optimizer: str | Optimizer = "adam",
    epochs: int = 100,
    batch_size: int | None = None,
    validation: float = 0.2,
    patience: int = 10,
    seed: int = 0,
    deterministic: bool = False,
    callbacks: Iterable[Callback] = (),
) -> TableFit:
    """Train a network to predict one column of a table from the others.

    A fifth of the rows is held out for the scores; of the others a share ``validation`` decides when to stop. Both are
    drawn so that the target's values are spread alike over the parts. Encoding and scaling are learnt from the training
    rows alone.

    Parameters
    ----------
    table : Table
    target : str
        The column to predict.
    task : "classification" or "regression", optional
        By default found out from the target's values.
    layers : sequence of int
        Units of each hidden layer; none for a linear model.
    activation, optimizer
        By name or object, as for ``Dense`` and ``train``.
    epochs : int
        The most passes over the training rows.
    batch_size : int, optional
        By default a hundredth of the training rows, between 16 and 256; all rows for L-BFGS.
    validation : float between 0 and 1
    patience : int
        Epochs without a better validation loss after which it stops.
    seed : int
    deterministic : bool
    callbacks : iterable of Callback

    Returns
    -------
    TableFit

    Raises
    ------
    InputError, InputTypeError
        For an unknown column, too few rows, missing labels and the like.
    DivergenceError
        As ``train`` does.
    """
    column, seed = table[target], seed_of(seed)
    if table.n_rows < _LEAST_ROWS:
        raise InputError(
            f"the table has {table.n_rows} rows; at least {_LEAST_ROWS} are needed to train and to measure"
        )
    if not 0 < validation < 1:
        raise InputError(f"validation is a share of the rows, between 0 and 1; got {validation!r}")
    labels = TargetEncoder.fit(column, task)
    values = labels.transform(column)
    rest, held = split(values, 0.2, stream(seed, "split", 0))
    inner, outer = split(values[rest], validation, stream(seed, "split", 1))
    learn, check = rest[inner], rest[outer]
    if labels.task == "regression":  # its mean and deviation too come from the training rows alone
        labels = TargetEncoder.fit(column.take(learn), "regression")
    features = FeatureEncoder.fit(table.without(target).take(learn))
    rule = Optimizer.resolve(optimizer)
    rows = (
        None if isinstance(rule, LBFGS) else min(max(len(learn) // 100, 16), 256) if batch_size is None else batch_size
    )
    network, loss = _network(features, labels, layers, activation)
    inputs = table.without(target)
    result = train(
        network,
        features.transform(inputs.take(learn)),
        labels.transform(column.take(learn)),
        loss=loss,
        optimizer=rule,
        epochs=epochs,
        batch_size=rows,
        validation_data=(features.transform(inputs.take(check)), labels.transform(column.take(check))),
        callbacks=[EarlyStopping(patience=patience), *callbacks],
        deterministic=deterministic,
        rng=seed,
    )
    model = TableModel(features, labels, result, table.names)
    return TableFit(model, scores(model, table.take(held), table.take(learn)), len(learn), len(check), len(held))


def split(values: Array, share: float, rng: Generator) -> tuple[Array, Array]:
    """Return the rows that stay and a ``share`` of rows taken out, drawn evenly along the order of ``values``.

    Each class, and each stretch of a numeric target, gives its share; at least one row is on either side.

    Examples
    --------
    >>> stay, out = split(np.array([0] * 50 + [1] * 10), 0.2, np.random.default_rng(0))
    >>> len(stay), (out < 50).sum(), (out >= 50).sum()
    (48, np.int64(10), np.int64(2))
    """
    n = len(values)
    count = min(max(round(share * n), 1), n - 1)
    shuffled = rng.permutation(n)
    order = shuffled[np.argsort(values[shuffled], kind="stable")]
    places = ((np.arange(count) + rng.random()) * (n / count)).astype(np.intp)
    return np.sort(np.delete(order, places)), np.sort(order[places])


def _network(
    features: FeatureEncoder, target: TargetEncoder, layers: Sequence[int], activation: str | Activation
) -> tuple[Network, str]:
    if target.task == "regression":
        last, loss = Dense(1), "squared"
    elif len(target.classes) <= 2:
        last, loss = Dense(1, "sigmoid"), "binary_cross_entropy"
    else:
        last, loss = Dense(len(target.classes), "softmax"), "categorical_cross_entropy"
    return Network(len(features.feature_names), [*(Dense(units, activation) for units in layers), last]), loss
