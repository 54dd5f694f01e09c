"""What a fit of a table comes to: how cells become numbers, and the network that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    """

    encoder: FeatureEncoder
    result: Result

    @property
    def dtype(self) -> Any:
        """What the network computes in, and so what is predicted in."""
        return self.result.parameters.vector.dtype

    def matrix(self, table: Table) -> Array:
        """Return the network's inputs, shape (rows, columns), in the parameters' dtype."""
        return self.encoder.transform(table).astype(self.dtype)

    def said(self, x: Array) -> Array:
        """Return the mean of the members' outputs, float64, for the network's inputs."""
        return self.result.network.mean_of_members(self.result.predict(x))

    def outputs(self, table: Table) -> Array:
        """Return the mean of the members' outputs, float64, shape (rows, outputs)."""
        return self.said(self.matrix(table))
