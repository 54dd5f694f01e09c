"""The settings of the Tabular estimators, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np

from clearprop.errors import InputError, InputTypeError, unknown_name
from clearprop.estimators.tabular.recipe import NUMERIC
from clearprop.settings import check_number, check_whole

_WHOLE = ("n_members", "max_epochs", "patience", "batch_size")


def check_settings(settings: Mapping[str, Any]) -> None:
    """Check what doesn't depend on the data.

    Raises
    ------
    InputError, InputTypeError
        Naming the parameter: for a number out of its bounds, or an unknown name (the nearest right one, then the list).

    Examples
    --------
    >>> from clearprop.estimators.tabular import TabularRegressor
    >>> check_settings(TabularRegressor(numeric="peicewise").get_params())
    Traceback (most recent call last):
    clearprop.errors.InputError: unknown numeric 'peicewise'; did you mean 'piecewise'? Known: none, periodic, piecewise
    """
    for name in _WHOLE:
        if settings[name] is not None:
            check_whole(settings[name], name)
    if settings["numeric"] is not None and settings["numeric"] not in NUMERIC:
        raise unknown_name("numeric", str(settings["numeric"]), NUMERIC)
    if settings["time_limit"] is not None:
        check_number(settings["time_limit"], "time_limit (seconds)", above=0)
    if settings["dtype"] not in (None, "float32", "float64", np.float32, np.float64):
        raise InputError(f"dtype must be 'float32' or 'float64'; got {settings['dtype']!r:.60}")
    check_number(settings["validation_fraction"], "validation_fraction", above=0, below=1)
    sizes = settings["hidden_layer_sizes"]
    if sizes is not None:
        for size in cast(Any, sizes) if isinstance(sizes, Iterable) else [sizes]:
            check_whole(size, "each of hidden_layer_sizes")
    if not isinstance(settings["callbacks"], list | tuple | None):
        raise InputTypeError(f"callbacks must be a list; got {settings['callbacks']!r:.60}")
