"""What scikit-learn wants of an estimator's arguments: kept as they are, and one seed from ``random_state``."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, cast

import numpy as np

from clearprop.errors import InputError, InputTypeError


def keep_arguments(estimator: Any, arguments: Mapping[str, Any]) -> None:
    """Store the arguments of ``__init__`` as they are: scikit-learn's convention."""
    cast(Any, vars(estimator)).update(
        {name: value for name, value in arguments.items() if name not in ("self", "__class__")}
    )


def seed_from(random_state: Any) -> int:
    """Return one seed: the number given, else a draw from the RandomState given, or from NumPy's global one for None.

    Raises
    ------
    InputError, InputTypeError
        For a negative number, or anything else.
    """
    if isinstance(random_state, Integral) and not isinstance(random_state, bool):
        if int(random_state) < 0:
            raise InputError(f"random_state must be 0 or more; got {random_state}")
        return int(random_state)
    if random_state is None:
        return int.from_bytes(np.random.bytes(16), "little")  # noqa: NPY002 - np.random.seed counts, as in scikit-learn
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return int.from_bytes(random_state.bytes(16), "little")
    raise InputTypeError(f"random_state must be a whole number, a RandomState or None; got {random_state!r:.60}")
