"""What a loss is: a value and a derivative for each output, averaged over outputs and (weighted) rows."""

from __future__ import annotations

from abc import abstractmethod
from math import inf
from typing import Any, ClassVar

import numpy as np

from clearprop.arrays import Array, as_matrix, total
from clearprop.errors import InputError
from clearprop.layers.activations import Activation, Identity
from clearprop.settings import Settings


class Loss(Settings):
    """L = Σ_i w_i mean_j ℓ(ŷ_ij, y_ij) / Σ_i w_i over rows i and outputs j; without weights every w_i is 1.

    One of your own is a frozen dataclass with ``value`` and ``derivative``. A loss that has a better formula in the
    scores z, for outputs a = f(z) of one kind of activation, names that kind in ``joint`` and gives both formulas.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Quartic(Loss):
    ...     def value(self, prediction, target):
    ...         return (prediction - target) ** 4
    ...     def derivative(self, prediction, target):
    ...         return 4 * (prediction - target) ** 3
    >>> Quartic().value_and_gradient(np.array([[2.0], [3.0]]), np.array([[0.0], [3.0]]))
    (np.float64(8.0), array([[16.], [ 0.]]))
    """

    domain: ClassVar[tuple[float, float]] = (-inf, inf)
    """Where predictions must lie."""
    joint: ClassVar[type[Activation] | None] = None
    """The output activation whose pair with this loss is computed from z."""
    sums_outputs: ClassVar[bool] = False
    """True where a row's loss is the sum over its outputs (classes of one answer), not their mean."""

    @abstractmethod
    def value(self, prediction: Any, target: Any) -> Any:
        """Return ℓ(ŷ, y) for each output, shape (rows, outputs)."""

    @abstractmethod
    def derivative(self, prediction: Any, target: Any) -> Any:
        """Return ∂ℓ/∂ŷ for each output, shape (rows, outputs)."""

    def value_from_z(self, z: Any, target: Any) -> Any:
        """Return ℓ(f(z), y), where f is the ``joint`` activation."""
        raise NotImplementedError(f"{type(self).__name__} names a joint activation but has no value_from_z")

    def derivative_from_z(self, prediction: Any, target: Any) -> Any:
        """Return ∂ℓ(f(z), y)/∂z, where f is the ``joint`` activation and ŷ = f(z); for the usual pairs it is ŷ − y."""
        raise NotImplementedError(f"{type(self).__name__} names a joint activation but has no derivative_from_z")

    def joint_activation(self) -> Activation | None:
        """Return an output activation that this loss is computed from z with: ``joint`` with its defaults."""
        return None if self.joint is None else self.joint()

    def joins(self, activation: Activation) -> bool:
        """Tell whether this loss is computed from z when the network ends in ``activation``."""
        return self.joint is not None and type(activation) is self.joint

    def value_and_gradient(self, prediction: Any, target: Any, weight: Any = None, *, z: Any = None) -> tuple[Any, Any]:
        """Return the batch's mean loss, and its derivative by the predictions, or by the scores if they are given.

        Parameters
        ----------
        prediction, target : array, shape (rows, outputs)
        weight : array, shape (rows,), optional
            Weights of the rows; only their ratios count.
        z : array, shape (rows, outputs), optional
            The scores that the joint activation turned into the predictions.
        """
        if z is None:
            values, gradient = self.value(prediction, target), self.derivative(prediction, target)
        else:
            values, gradient = self.value_from_z(z, target), self.derivative_from_z(prediction, target)
        parts = 1 if self.sums_outputs else prediction.shape[1]
        if weight is None:
            count = float(parts * len(prediction))
            return total(values) / count, gradient / count
        share = weight[:, None] / (weight.sum() * parts)
        return total(values * share), gradient * share

    def targets(self, y: Any, n_outputs: int, dtype: Any) -> Array:
        """Check a user's ``y`` and return it as a matrix (rows, n_outputs); a vector is taken as one column.

        Raises
        ------
        InputError, InputTypeError
            For another shape, text, NaN, or values outside what this loss takes.
        """
        matrix = as_matrix(y, "y", dtype=dtype, column=True)
        if matrix.shape[1] != n_outputs:
            raise InputError(
                f"y has {matrix.shape[1]} columns and the network has {n_outputs} outputs; they must be equal"
            )
        self.check_targets(matrix)
        return matrix

    def check_targets(self, targets: Array) -> None:
        """Raise InputError where this loss can't take the values; any finite ones do, if not overridden."""

    def check_outputs(self, activation: Activation) -> None:
        """Raise InputError if a network ending in ``activation`` can leave this loss's domain."""
        if activation.range[0] < self.domain[0] or activation.range[1] > self.domain[1]:
            low, high = self.domain
            pair = self.joint.name if self.joint else Identity.name
            raise InputError(
                f"the loss {self.name!r} needs outputs between {low:g} and {high:g}, and the last layer's "
                f"{activation.name!r} gives {activation.range[0]:g} to {activation.range[1]:g}; "
                f"end with Dense(..., {pair!r})"
            )


def check_between(targets: Array, low: float, high: float, what: str, remedy: str) -> None:
    """Raise InputError naming the first row whose target is below ``low`` or above ``high``."""
    bad = (targets < low) | (targets > high)
    if bad.any():
        row, column = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise InputError(f"{what}; y holds {targets[row, column]:g} at row {row}, column {column}; {remedy}")
