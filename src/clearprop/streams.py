"""Random streams: one seed a run, and from it a named stream for each purpose.

A stream is keyed by (seed, purpose, index), the index being the epoch or the step, so that a run that goes on needs no
record of the draws before it.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Literal

import numpy as np

from clearprop.errors import InputError, InputTypeError

if TYPE_CHECKING:
    from numpy.random import Generator

Purpose = Literal["init", "shuffle", "dropout", "split"]
KEYS: dict[Purpose, int] = {"init": 0, "shuffle": 1, "dropout": 2, "split": 3}


def seed_of(rng: int | Generator | None) -> int:
    """Return the run's seed: the number given, a draw from the generator given, or fresh entropy for None.

    Raises
    ------
    InputError, InputTypeError
        For a negative number, or anything else.

    Examples
    --------
    >>> seed_of(7)
    7
    """
    if isinstance(rng, np.random.Generator):
        return int.from_bytes(rng.bytes(16), "little")
    if rng is None:
        entropy = np.random.SeedSequence().entropy
        assert isinstance(entropy, int)  # noqa: S101 - what NumPy documents for a seed sequence made from nothing
        return entropy
    if isinstance(rng, bool) or not isinstance(rng, Integral):
        raise InputTypeError(f"rng must be a whole number, a numpy.random.Generator or None; got {rng!r}")
    if int(rng) < 0:
        raise InputError(f"a seed must be 0 or more; got {rng}")
    return int(rng)


def stream(seed: int, purpose: Purpose, index: int = 0) -> Generator:
    """Return the generator for one purpose at one epoch or step."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(KEYS[purpose], index)))
