"""Cross-entropies: losses of probabilities, computed from z where the network ends in the matching activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clearprop.arrays import Array, as_matrix, namespace
from clearprop.errors import InputError
from clearprop.layers.activations import Activation, Sigmoid, Softmax, below_row_maximum, folded
from clearprop.losses.loss import Loss, check_between
from clearprop.settings import check_number, check_whole


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """ℓ = −y ln ŷ − (1 − y) ln(1 − ŷ), y in [0, 1]; from the score z of a sigmoid: softplus(z) − y z.

    Parameters
    ----------
    label_smoothing : float, 0 ≤ label_smoothing < 1
        Moves each target towards a half: y (1 − s) + s / 2 (Szegedy et al. 2015, arXiv 1512.00567, section 7).

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([[1e4], [-1e4]])
    >>> BinaryCrossEntropy().value_and_gradient(Sigmoid()(z), np.array([[1.0], [1.0]]), z=z)
    (np.float64(5000.0), array([[ 0. ], [-0.5]]))
    """

    label_smoothing: float = 0.0
    domain = (0.0, 1.0)
    joint = Sigmoid

    def __post_init__(self) -> None:
        check_number(self.label_smoothing, "label_smoothing", least=0, below=1)

    def value(self, prediction: Any, target: Any) -> Any:
        y = self._smooth(target)
        return -_x_log(y, prediction) - _x_log(1.0 - y, 1.0 - prediction)

    def derivative(self, prediction: Any, target: Any) -> Any:
        y = self._smooth(target)
        return _ratio(1.0 - y, 1.0 - prediction) - _ratio(y, prediction)

    def value_from_z(self, z: Any, target: Any) -> Any:
        xp, y = namespace(z), self._smooth(target)
        positive = xp.asarray(z.real > 0.0, dtype=y.dtype)  # 1 or 0: softplus(z) = positive · z + ln(1 + e^−|z|)
        # softplus(z) − y z without the difference of two large numbers, so that small losses keep their digits
        return (positive - y) * z + xp.log1p(xp.exp(xp.minimum(z, -z)))

    def derivative_from_z(self, prediction: Any, target: Any) -> Any:
        return prediction - self._smooth(target)

    def check_targets(self, targets: Array) -> None:
        check_between(
            targets, 0, 1, "binary_cross_entropy needs targets between 0 and 1", "code the two classes as 0 and 1"
        )

    def _smooth(self, target: Any) -> Any:
        s = self.label_smoothing
        return target * (1.0 - s) + s / 2 if s else target


@dataclass(frozen=True)
class CategoricalCrossEntropy(Loss):
    """ℓ = −Σ_k y_k ln ŷ_k; from the scores z of a softmax: Σ_k y_k (ln Σ_j e^z_j − z_k); the mean over the groups.

    Targets are labels 0 … K−1 or rows of probabilities.

    Parameters
    ----------
    label_smoothing : float, 0 ≤ label_smoothing < 1
        Moves each target towards even odds: y_k (1 − s) + s / K.
    groups : int, at least 1
        Members side by side, each with K of the groups · K outputs and a cross-entropy of its own: what goes with
        ``Softmax(groups)``.

    Examples
    --------
    >>> import numpy as np
    >>> loss = CategoricalCrossEntropy()
    >>> targets = loss.targets([0, 2], 3, np.float64)  # labels become one-hot rows
    >>> z = np.array([[1e4, 0.0, -1e4], [0.0, 0.0, 0.0]])
    >>> loss.value_and_gradient(Softmax()(z), targets, z=z)[0].round(6)
    np.float64(0.549306)
    """

    label_smoothing: float = 0.0
    groups: int = 1
    domain = (0.0, 1.0)
    joint = Softmax
    sums_outputs = True

    def __post_init__(self) -> None:
        check_number(self.label_smoothing, "label_smoothing", least=0, below=1)
        check_whole(self.groups, "categorical_cross_entropy's groups")

    def value(self, prediction: Any, target: Any) -> Any:
        return self._share(-_x_log(self._smooth(target), prediction))

    def derivative(self, prediction: Any, target: Any) -> Any:
        return self._share(-_ratio(self._smooth(target), prediction))

    def value_from_z(self, z: Any, target: Any) -> Any:
        xp, y = namespace(z), self._smooth(target)
        shifted = below_row_maximum(folded(z, self.groups))
        surprise = (xp.log(xp.exp(shifted).sum(axis=1, keepdims=True)) - shifted).reshape(z.shape)
        return self._share(y * xp.where(y == 0, 0.0, surprise))

    def derivative_from_z(self, prediction: Any, target: Any) -> Any:
        return self._share(prediction - self._smooth(target))

    def joint_activation(self) -> Activation:
        return Softmax(self.groups)

    def joins(self, activation: Activation) -> bool:
        return isinstance(activation, Softmax) and super().joins(activation) and activation.groups == self.groups

    def targets(self, y: Any, n_outputs: int, dtype: Any) -> Array:
        """Return one-hot rows for labels 0 … K−1 (a vector or one column), or check the rows of probabilities given.

        Labels are repeated for each of several groups; rows given must hold groups · K numbers.
        """
        if n_outputs % self.groups:
            raise InputError(
                f"categorical_cross_entropy in {self.groups} groups needs a multiple of {self.groups} outputs; "
                f"the network has {n_outputs}"
            )
        classes = n_outputs // self.groups
        if classes == 1:
            raise InputError(
                "categorical_cross_entropy needs an output for each class; for two classes in one, use "
                "Dense(1, 'sigmoid') and 'binary_cross_entropy'"
            )
        matrix = as_matrix(y, "y", column=True)
        if matrix.shape[1] == n_outputs:
            self.check_targets(matrix)
            return matrix.astype(dtype)
        if matrix.shape[1] != 1:
            raise InputError(f"y must hold labels (1 column) or one-hot rows ({n_outputs}); got shape {matrix.shape}")
        labels = matrix[:, 0]
        bad = (labels != np.floor(labels)) | (labels < 0) | (labels >= classes)
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(f"labels must be whole numbers from 0 to {classes - 1}; row {row} has {labels[row]:g}")
        return np.tile(np.eye(classes, dtype=dtype), self.groups)[labels.astype(np.intp)]

    def check_targets(self, targets: Array) -> None:
        check_between(targets, 0, 1, "class probabilities must lie between 0 and 1", "give labels or one-hot rows")
        sums = folded(targets, self.groups).sum(axis=1, dtype=np.float64)
        if (abs(sums - 1) > 1e-4).any():
            place = int(np.argmax(abs(sums - 1) > 1e-4))
            of_group = f" of group {place % self.groups}" if self.groups > 1 else ""
            raise InputError(
                f"each row of y must sum to 1{' in each group' * (self.groups > 1)}; row {place // self.groups}"
                f"{of_group} sums to {sums[place]:g}"
            )

    def check_outputs(self, activation: Activation) -> None:
        super().check_outputs(activation)
        if isinstance(activation, Softmax) and activation.groups != self.groups:
            raise InputError(
                f"the network ends in softmax with groups={activation.groups}, and the loss has groups={self.groups}; "
                "give both the same number"
            )

    def _smooth(self, target: Any) -> Any:
        s = self.label_smoothing
        return target * (1.0 - s) + s * self.groups / target.shape[1] if s else target

    def _share(self, values: Any) -> Any:
        """Return what counts of each group's loss in the row's: the mean over the groups."""
        return values if self.groups == 1 else values / self.groups


def _x_log(x: Any, y: Any) -> Any:
    """Return x ln y, which is 0 where x is 0, whatever y."""
    xp = namespace(y)
    return x * xp.log(xp.where(x.real == 0, 1.0, y))


def _ratio(x: Any, y: Any) -> Any:
    """Return x / y, which is 0 where x is 0, whatever y."""
    return x / namespace(y).where(x.real == 0, 1.0, y)
