"""A model of a table: the preprocessing and the network together, in one file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

import numpy as np

from clearprop import storage
from clearprop.arrays import Array
from clearprop.data.preprocessing import FeatureEncoder, TargetEncoder
from clearprop.data.table import Table
from clearprop.errors import FileError, InputError
from clearprop.result import Result


@dataclass(frozen=True)
class TableModel:
    """Predicts a column of a table from the others, as they stand in the file.

    Parameters
    ----------
    features : FeatureEncoder
        Makes the columns into the network's inputs.
    target : TargetEncoder
        Makes the network's outputs into labels, or numbers in the target's own units.
    result : Result
        The trained network: one sigmoid output for two classes, a softmax for more, one plain output for regression.
    columns : tuple of str
        The names of all columns of the table that it was trained on, in order.
    """

    features: FeatureEncoder
    target: TargetEncoder
    result: Result
    columns: tuple[str, ...]

    def outputs(self, table: Table) -> Array:
        """Return the network's outputs (rows, n_outputs) for a table that has the columns of training."""
        return self.result.predict(self.features.transform(table))

    def predict(self, table: Table) -> Array:
        """Return labels, or numbers in the target's own units, shape (rows,).

        Raises
        ------
        InputError, InputTypeError
            If a column of training is missing or holds another kind of thing.
        """
        if self.target.task == "regression":
            return self.target.inverse(self.outputs(table)[:, 0].astype(np.float64))
        return self.target.inverse(self.predict_proba(table).argmax(axis=1))

    def predict_proba(self, table: Table) -> Array:
        """Return each class's probability (rows, n_classes), in the order of ``target.classes``."""
        if self.target.task == "regression":
            raise InputError(f"the target {self.target.column!r} is a number, so there are no classes; use predict")
        outputs = self.outputs(table)
        columns = {1: [np.ones_like(outputs)], 2: [1 - outputs, outputs]}.get(len(self.target.classes), [outputs])
        return np.hstack(columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write preprocessing and network into one safetensors file."""
        run, arrays = self.result.parts()
        described = {
            "features": self.features.describe(),
            "target": self.target.describe(),
            "columns": self.columns,
            "run": run,
        }
        storage.write(path, "table model", described, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't a table model's.
        """
        with storage.reading(path):
            found, arrays = storage.read(path, "table model")
            features = FeatureEncoder.from_description(found["features"])
            target = TargetEncoder.from_description(found["target"])
            model = cls(features, target, Result.from_parts(found["run"], arrays), tuple(map(str, found["columns"])))
            n_outputs = len(target.classes) if len(target.classes) > 2 else 1
            widths = model.result.network.widths
            if (widths[0], widths[-1]) != (len(features.feature_names), n_outputs):
                raise FileError(f"{path}: its network doesn't fit its preprocessing")
            return model
