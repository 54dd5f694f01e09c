"""Arrays: which library computes them, sums that keep their digits, and the gate that a user's numbers pass."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import InputError, InputTypeError, TooLargeError

Array = NDArray[Any]
_NUMPY: Any = np.ndarray  # for formulas over any library's arrays: a checker must not take x for NumPy's alone

_ROWS = 4096  # how many rows a product with ones adds up at a time
_LONG = 8192  # from how many numbers on a vectorised loop is worth an array of its own


def namespace(x: Any) -> Any:
    """Return the module that computes ``x``: NumPy, or the library that the array comes from (torch, say).

    Formulas use only what these modules name alike, so that one text serves them all.
    """
    return np if isinstance(x, _NUMPY) else sys.modules[type(x).__module__.partition(".")[0]]


def dot(x: Any, y: Any, out: Any = None) -> Any:
    """Return the matrix product x @ y; on NumPy by ``x.dot``, which costs less a call than ``matmul``."""
    if isinstance(x, _NUMPY):
        return x.dot(y, out)
    product = x @ y
    if out is None:
        return product
    out[...] = product
    return out


def at_least(x: Any, least: float, out: Any = None) -> Any:
    """Return max(x, least), elementwise; on NumPy without what ``clip`` costs a call."""
    if not isinstance(x, _NUMPY):
        return namespace(x).clip(x, least, None, out=out)
    bound: Any = least
    if x.size > _LONG:  # NumPy's loop for an array and a number isn't vectorised, that for an array and a row is
        bound = np.full(x.shape[-1], least, x.dtype)
    return np.maximum(x, bound, out=out)


@cache
def keep_freed_memory() -> None:
    """Let the memory of freed arrays stay with this process, for the arrays of the next step: up to 64 MiB.

    Else a step on a large batch may take its memory from the system anew, page by page: a third of its time, measured.
    The GNU C library learns how much to keep from the largest array freed so far, so an array of nearly 32 MiB, the
    most that it learns from, is made and freed, never touched. Other C libraries, and limits that a person has set
    (``MALLOC_TRIM_THRESHOLD_``, say), stay as they are.
    """
    np.empty(2**25 - 2**14, np.uint8)


def copy(x: Any) -> Any:
    """Return the same values in memory of their own."""
    return x.copy() if namespace(x) is np else x.clone()


def sum_rows(x: Any, out: Any) -> None:
    """Write the sum over the rows of ``x`` (n, k) into ``out`` (k,).

    A plain ``x.sum(axis=0)`` of a C-ordered float32 array adds row after row and loses digits as n grows (1e-4 at 1e7
    rows). A product with ones is faster and adds in lanes; its sums over 4,096 rows each are added in float64.
    """
    n = len(x)
    ones = _ones(x.dtype) if isinstance(x, _NUMPY) else namespace(x).ones_like(x[:_ROWS, 0])
    if n <= _ROWS:
        dot(ones[:n], x, out)
    else:
        parts = [dot(ones[: n - i], x[i : i + _ROWS]) for i in range(0, n, _ROWS)]
        out[...] = total(namespace(x).stack(parts), axis=0)


@cache
def _ones(dtype: Any) -> Array:
    """Return the ones of ``sum_rows``, made once for each dtype and never written to."""
    ones = np.ones(_ROWS, dtype)
    ones.flags.writeable = False
    return ones


def total(x: Any, axis: int | None = None) -> Any:
    """Return the sum of ``x`` (over one axis, or all of it), float32 summed in float64."""
    xp = namespace(x)
    wide = xp.float64 if x.dtype == xp.float32 else None
    return np.add.reduce(x, axis, wide) if xp is np else x.sum(axis=axis, dtype=wide)  # np: x.sum, but for its detour


def as_matrix(x: Any, what: str, *, dtype: Any = None, features: int | None = None, column: bool = False) -> Array:
    """Return a user's ``x`` as a finite C-ordered float matrix of shape (rows, columns), without changing ``x``.

    float32 stays float32 and float64 stays float64; float16 becomes float32; everything else that is a number
    becomes float64, unless ``dtype`` says otherwise. With ``column`` a vector is taken as one column.

    Raises
    ------
    InputError, InputTypeError
        For text, dates, complex or masked arrays, another number of dimensions or columns, NaN and infinity.

    Examples
    --------
    >>> as_matrix([[1, 2], [3, float("nan")]], "x")
    Traceback (most recent call last):
    clearprop.errors.InputError: x holds nan at row 1, column 1 (1 value of 4 is not finite); ...
    """
    matrix = _as_numbers(x, what)
    if column and matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2:
        remedy = "one row per sample: reshape(-1, 1) for one feature, reshape(1, -1) for one sample"
        raise InputError(f"{what} must be a matrix (rows, columns), {remedy}; got shape {matrix.shape}")
    if features is not None and matrix.shape[1] != features:
        raise InputError(f"{what} must have {features} columns; got shape {matrix.shape}")
    if matrix.shape[1] == 0:
        raise InputError(f"{what} has no columns; got shape {matrix.shape}")
    with np.errstate(over="ignore"):  # a value too large for float32 becomes infinite, and is found below
        matrix = np.ascontiguousarray(matrix, dtype=dtype or natural_dtype(matrix))
    check_finite(matrix, what)
    return matrix


def natural_dtype(x: Array) -> Any:
    """Return float32 for float32 and float16, float64 for every other kind of number."""
    return np.float32 if x.dtype.kind == "f" and x.dtype.itemsize <= 4 else np.float64


def check_finite(x: Array, what: str) -> None:
    """Raise InputError with the place of the first value that is not finite, and how many there are."""
    finite = np.isfinite(x)
    if finite.all():
        return
    place = np.unravel_index(int(np.argmin(finite)), x.shape)
    words = ("row", "column") if x.ndim < 3 else ("index",) * x.ndim
    where = ", ".join(f"{word} {int(i)}" for word, i in zip(words, place, strict=False))
    count = int(x.size - finite.sum())
    verb = "value of {} is" if count == 1 else "values of {} are"
    raise InputError(
        f"{what} holds {x[place]} at {where} ({count} {verb.format(x.size)} not finite); fill or drop such rows first"
    )


def check_memory(n_bytes: float, what: str) -> None:
    """Raise TooLargeError if ``n_bytes`` is more than this machine's memory, before anything is taken."""
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    memory = pages * os.sysconf("SC_PAGE_SIZE") if pages > 0 else 2**46
    if n_bytes > memory:
        raise TooLargeError(
            f"{what} would take about {n_bytes / 2**30:,.1f} GiB, and this machine has {memory / 2**30:,.1f} GiB; "
            "use fewer units, smaller batches or dtype='float32'"
        )


def _as_numbers(x: Any, what: str) -> Array:
    masked = sys.modules.get("numpy.ma")  # not imported: then there are no masked arrays
    if masked is not None and isinstance(x, masked.MaskedArray):
        raise InputTypeError(
            f"{what} is a masked array, and its mask would be lost; fill it first: {what}.filled(value)"
        )
    if hasattr(x, "toarray"):  # SciPy's sparse matrices, without importing SciPy
        x = x.toarray()
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise InputError(f"{what} must be a matrix with rows of one length: {error}") from error
    if array.dtype.kind in "biuf":
        return array
    if array.dtype.kind == "c":
        raise InputTypeError(f"{what} holds complex numbers; real ones are needed: take {what}.real")
    if array.dtype.kind == "O":
        _check_objects(array, what, getattr(x, "columns", None))
        try:
            return array.astype(np.float64)
        except OverflowError as error:
            raise InputError(
                f"{what} holds a whole number above 1.8e308, too large for float64; scale it first"
            ) from error
    kind = {"U": "text", "S": "bytes", "M": "dates", "m": "time spans"}.get(array.dtype.kind, str(array.dtype))
    raise InputTypeError(f"{what} holds {kind}, where numbers are needed; encode such columns first")


def _check_objects(array: Array, what: str, names: Any) -> None:
    """Find the first element of an object array that isn't a real number, and name its place."""
    for place, value in np.ndenumerate(array):
        if isinstance(value, bool | int | float | np.integer | np.floating | np.bool_):
            continue
        where = f"row {place[0]}" if place else "its only value"
        if len(place) > 1:
            column = place[1] if names is None else repr(names[place[1]])
            where += f", column {column}"
        remedy = (
            "fill or drop missing values" if value is None or str(value) in {"<NA>", "NaT"} else "encode text and dates"
        )
        raise InputTypeError(f"{what} holds {value!r:.60} at {where}, where a number is needed; {remedy} first")
