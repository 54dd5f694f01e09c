"""Every error and warning that Clearprop raises: what was expected, what came, and how to mend it."""

from __future__ import annotations

import difflib
import inspect
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.result import Result


class ClearpropError(Exception):
    """The family: ``except clearprop.errors.ClearpropError`` catches all that this package raises on purpose."""


class InputError(ClearpropError, ValueError):
    """A value that can't be used: a wrong shape, a missing value, a negative weight, an unknown name."""


class InputTypeError(ClearpropError, TypeError):
    """A thing of the wrong kind, such as text where numbers are needed."""


class TooLargeError(ClearpropError, MemoryError):
    """What was asked for would need more memory than this machine has; nothing was taken."""


class FileError(ClearpropError, ValueError):
    """A file that can't be read as what it should be; the message starts with the file, line and column.

    Attributes
    ----------
    by_hand : str
        The message for whoever can change the file and nothing else: it names no option and no argument.
    """

    def __init__(self, message: str, *, by_hand: str = "") -> None:
        super().__init__(message)
        self.by_hand = by_hand or message


class MissingExtraError(ClearpropError, ImportError):
    """A library that this feature needs isn't installed; the message says which ``pip install`` mends it."""


class DivergenceError(ClearpropError, ArithmeticError):
    """A run met a value that is not finite; it stopped and kept the last finite parameters.

    Attributes
    ----------
    step : int
        The update at which it happened, counted from 0.
    tensor : str
        What was not finite: ``"loss"``, ``"gradient of 0.weight"``, ``"0.weight"``.
    largest_gradient : float
        The largest finite absolute gradient at that step (nan where there was none).
    result : Result
        The run as it stood, with the last finite parameters and the history up to there (set by ``train``).
    """

    result: Result

    def __init__(self, message: str, *, step: int, tensor: str, largest_gradient: float) -> None:
        super().__init__(message)
        self.step = step
        self.tensor = tensor
        self.largest_gradient = largest_gradient


class ClearpropWarning(UserWarning):
    """Something that may be meant, but most often is a mistake: one class only, dead units, constant columns."""


def warn(text: str) -> None:
    """Issue a ClearpropWarning that points at the line of the caller's own code, not into this package."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "clearprop":
        level, frame = level + 1, frame.f_back
    warnings.warn(text, ClearpropWarning, stacklevel=level)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for a name that isn't known: the nearest right one first, then the list.

    A name's initials, or its beginning, count as near: ``bce`` for ``binary_cross_entropy``.

    Examples
    --------
    >>> str(unknown_name("activation", "rellu", ["relu", "tanh"]))
    "unknown activation 'rellu'; did you mean 'relu'? Known: relu, tanh"
    """
    names = sorted(known)
    initials = [known for known in names if "".join(word[0] for word in known.split("_")) == name.lower()]
    near = initials or [known for known in names if name and known.startswith(name.lower())]
    near = near or difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    guess = f"; did you mean {near[0]!r}?" if near else "."
    return InputError(f"unknown {kind} {name!r}{guess} Known: {', '.join(names)}")
