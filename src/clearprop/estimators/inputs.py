"""The gate of the estimators: a user's X, y and weights, checked; what they hold is never changed."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from numbers import Real
from typing import Any

import numpy as np

from clearprop.arrays import Array, as_matrix, check_memory
from clearprop.errors import InputError, InputTypeError
from clearprop.estimators.sklearn_functions import column_or_1d, validate_data
from clearprop.training.rows import check_weight


@contextmanager
def as_input_errors() -> Generator[None]:
    """Turn scikit-learn's errors into ours, with its words, which people and tools know."""
    try:
        yield
    except (InputError, InputTypeError):
        raise
    except TypeError as error:
        raise InputTypeError(str(error)) from error
    except ValueError as error:
        raise InputError(str(error)) from error


def check_x(estimator: Any, x: Any, *, reset: bool, dtype: Any = None, least_rows: int = 1) -> Array:
    """Return X as a finite C-ordered matrix (rows, features), with its feature names kept (``reset``) or checked.

    Raises
    ------
    InputError, InputTypeError
        For a wrong shape, other features, text, dates, masked arrays, NaN and infinity (with row and column).
    TooLargeError
        For a sparse matrix that has no room in memory once it is dense.
    """
    refuse_masked(x, "X")
    with as_input_errors():
        matrix: Any = validate_data(
            estimator, x, reset=reset, accept_sparse=True, dtype=None, ensure_all_finite=False,
            ensure_min_samples=least_rows,
        )  # fmt: skip
    if hasattr(matrix, "toarray"):
        check_memory(8.0 * matrix.shape[0] * matrix.shape[1], "X as a dense matrix")
    try:
        return as_matrix(matrix, "X", dtype=dtype)
    except InputTypeError as error:
        hint = ": an argument must be neither a string nor another object, but a number"
        raise InputTypeError(_with_names(str(error), estimator) + hint) from None
    except InputError as error:
        hint = "; NaN can be filled by sklearn.impute.SimpleImputer" if "not finite" in str(error) else ""
        raise InputError(_with_names(str(error), estimator) + hint) from None


def check_quantities(y: Any, dtype: Any) -> Array:
    """Return a regression's targets as a matrix (rows, outputs).

    Raises
    ------
    InputError, InputTypeError
        For text, missing values and the like, with the first bad row.
    """
    array = as_array(y, "y")
    if array.ndim == 2 and array.shape[1] == 1:
        array = column_or_1d(array, warn=True)  # with scikit-learn's DataConversionWarning
    return as_matrix(array, "y", dtype=dtype, column=True)


def check_weights(weight: Any, n_rows: int, dtype: Any) -> Array | None:
    """Return sample weights (rows,), 0 or more; one number is every row's weight, None stays None.

    Raises
    ------
    InputError, InputTypeError
        For negative, missing, all-zero weights, or another number of them.
    """
    if weight is None:
        return None
    return check_weight(np.full(n_rows, weight) if isinstance(weight, Real) else weight, n_rows, dtype)


def check_lengths(x: Array, y: Array) -> None:
    """Raise InputError unless X and y have as many rows."""
    if len(x) != len(y):
        raise InputError(f"X has {len(x)} rows and y has {len(y)}; they must be equal")


def as_array(y: Any, what: str) -> Array:
    """Return a user's ``y`` as an array of whatever kind; a sparse one becomes dense."""
    if y is None:
        raise InputError("this estimator requires y to be passed, but the target y is None")
    refuse_masked(y, what)
    if hasattr(y, "toarray"):
        y = y.toarray()
    try:
        array = np.asarray(y)
    except ValueError as error:
        raise InputError(f"{what} must have rows of one length: {error}") from error
    if array.dtype.kind == "c":
        raise InputError(f"Complex data not supported: {what} must be real; take {what}.real")
    return array


def _with_names(text: str, estimator: Any) -> str:
    """Return a message that names the column, where X came with names."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return text
    return re.sub(
        r"(at row \d+, column )(\d+)", lambda found: f"{found[1]}{str(names[int(found[2])])!r}", text, count=1
    )


def refuse_masked(x: Any, what: str) -> None:
    """Raise InputTypeError for a masked array."""
    masked = sys.modules.get("numpy.ma")  # not imported: then there are no masked arrays
    if masked is not None and isinstance(x, masked.MaskedArray):
        raise InputTypeError(f"{what} is a masked array, and its mask would be lost; fill it first: {what}.filled(0)")
