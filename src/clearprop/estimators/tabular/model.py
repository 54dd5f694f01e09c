"""What a fit of a table comes to: how cells become numbers, and the network that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.data.table import Table
from clearprop.result import Result


@dataclass(frozen=True)
class TableModel:
    """Turns a table into the outputs of an ensemble.

    Attributes
    ----------
    encoder : FeatureEncoder
    result : Result
        Of the network, whose outputs are those of its members side by side.
    n_members : int
    """

    encoder: FeatureEncoder
    result: Result
    n_members: int

    @property
    def dtype(self) -> Any:
        """What the network computes in, and so what is predicted in."""
        return self.result.parameters.vector.dtype

    def matrix(self, table: Table) -> Array:
        """Return the network's inputs, shape (rows, columns), in the parameters' dtype."""
        return self.encoder.transform(table).astype(self.dtype)

    def outputs(self, table: Table) -> Array:
        """Return the mean of the members' outputs, float64, shape (rows, outputs)."""
        return mean_of_members(self.result.predict(self.matrix(table)), self.n_members)


def mean_of_members(outputs: Array, n_members: int) -> Array:
    """Return the mean over members, float64 (rows, outputs), of outputs (rows, n_members · outputs)."""
    return outputs.reshape(len(outputs), n_members, outputs.shape[1] // n_members).mean(axis=1, dtype=np.float64)
