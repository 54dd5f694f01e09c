"""Class labels of any kind: checked, turned into a network's targets, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from clearprop.arrays import Array, check_finite
from clearprop.errors import InputError, InputTypeError
from clearprop.estimators.inputs import as_array
from clearprop.estimators.sklearn_functions import column_or_1d

Kind = Literal["binary", "multiclass", "multilabel"]


@dataclass(frozen=True)
class Labels:
    """What the outputs of a classifier's network stand for.

    Two classes (or one) are one output, the second one's probability; more classes are one output each; so are the
    columns of a multilabel ``y``.

    Examples
    --------
    >>> labels = Labels.of(np.array(["cat", "dog", "ant"]))
    >>> labels.encode(np.array(["dog", "ant"]), np.float32)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    >>> labels.decode(np.array([[0.1, 0.7, 0.2]])).tolist()
    ['cat']
    """

    classes: Array
    kind: Kind

    @classmethod
    def of(cls, y: Array) -> Labels:
        """Return the labels found in a ``y`` that ``check_labels`` returned."""
        if y.ndim == 2:
            return cls(np.arange(y.shape[1], dtype=np.int64), "multilabel")
        classes = _unique(y)[0]
        return cls(classes, "binary" if len(classes) <= 2 else "multiclass")

    def describe(self) -> dict[str, Any]:
        """Return what the outputs stand for as plain JSON values."""
        return {"kind": self.kind, "classes": self.classes.tolist(), "dtype": self.classes.dtype.str}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Labels:
        """Build the labels that ``describe`` described.

        Raises
        ------
        InputError
            If it isn't such a description.
        """
        kind, classes, dtype = description["kind"], description["classes"], str(description["dtype"])
        plain = isinstance(classes, list) and {type(label) for label in cast(Any, classes)} <= {str, int, float, bool}
        if not plain or not classes or kind not in get_args(Kind) or dtype.lstrip("<>|=")[:1] not in "biufUO":
            raise InputError(f"expected the labels of a classifier; got {description!r:.200}")
        return cls(np.array(classes, dtype=dtype), kind)

    @property
    def n_outputs(self) -> int:
        """Outputs of the network."""
        return 1 if self.kind == "binary" else len(self.classes)

    def encode(self, y: Array, dtype: Any) -> Array:
        """Return targets of 0 and 1, shape (rows, n_outputs).

        Raises
        ------
        InputError
            For a label, or a number of columns, that isn't among the classes.
        """
        if (self.kind == "multilabel") != (y.ndim == 2) or (y.ndim == 2 and y.shape[1] != len(self.classes)):
            raise InputError(f"y has shape {y.shape}, and this model has learnt from {self.kind} labels {self.classes}")
        if self.kind == "multilabel":
            return y.astype(dtype)
        found, places = _unique(y)
        known = {label: place for place, label in enumerate(self.classes.tolist())}
        new = [label for label in found.tolist() if label not in known]
        if new:
            raise InputError(
                f"`y` has classes not in `self.classes_`: {', '.join(map(repr, new[:5]))}; "
                f"`self.classes_` has {self.classes}; all of them must be known from the beginning"
            )
        codes = np.array([known[label] for label in found.tolist()], np.intp)[places]
        return codes[:, None].astype(dtype) if self.kind == "binary" else np.eye(len(self.classes), dtype=dtype)[codes]

    def decode(self, outputs: Array) -> Array:
        """Return the likeliest labels, shape (rows,); for multilabel 0 or 1 a column."""
        if self.kind == "multilabel":
            return (outputs > 0.5).astype(np.int64)
        if self.kind == "multiclass":
            return self.classes[outputs.argmax(axis=1)]
        return self.classes[(outputs[:, 0] > 0.5).astype(np.intp) * (len(self.classes) - 1)]

    def probabilities(self, outputs: Array) -> Array:
        """Return the probability of each class, shape (rows, n_classes)."""
        if self.kind != "binary":
            return outputs
        return np.ones_like(outputs) if len(self.classes) == 1 else np.hstack([1 - outputs, outputs])


def check_labels(y: Any, regressor: str = "MLPRegressor") -> Array:
    """Return a user's labels as an array: (rows,), or (rows, labels) of 0 and 1 for multilabel.

    Raises
    ------
    InputError, InputTypeError
        For missing labels (with the first row), numbers with a fraction, mixed kinds, more than two dimensions.
    """
    array = as_array(y, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        array = column_or_1d(array, warn=True)  # with scikit-learn's DataConversionWarning
    if array.ndim not in (1, 2):
        raise InputError(f"y should be a 1d array of labels, or a matrix of 0 and 1 (rows, labels); got {array.shape}")
    if array.dtype.kind == "O":
        _check_missing(array)
    elif array.dtype.kind in "fmM":
        check_finite(array, "y")
    if array.ndim == 2:
        if not np.isin(array, (0, 1)).all():
            raise InputError(
                "Unknown label type: multiclass-multioutput. A y of several columns must be 0 and 1, a column for each "
                "label; for labels give one column"
            )
    elif array.dtype.kind == "f" and (array != np.floor(array)).any():
        row = int(np.argmax(array != np.floor(array)))
        raise InputError(
            f"Unknown label type: continuous. Labels must be whole numbers or names; row {row} has {array[row]:g}; "
            f"for quantities use {regressor}"
        )
    return array


def _check_missing(array: Array) -> None:
    for place, label in np.ndenumerate(array):
        if label is None or (not isinstance(label, str) and str(label) in {"nan", "<NA>", "NaT"}):
            raise InputError(f"y holds {label!r} at row {place[0]}, where a label is needed; drop such rows first")


def _unique(y: Array) -> tuple[Array, Array]:
    try:
        found, places = np.unique(y, return_inverse=True)
    except TypeError as error:
        kinds = sorted({type(label).__name__ for label in y.tolist()})
        raise InputTypeError(
            f"y mixes labels of kinds that can't be sorted ({', '.join(kinds)}); make them all text: y.astype(str)"
        ) from error
    return found, places
