"""The settings of the MLP estimators, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, cast

import numpy as np

from clearprop.errors import InputError, InputTypeError, unknown_name
from clearprop.settings import check_number, check_whole

Settings = Mapping[str, Any]
"""An estimator's parameters by name."""

_NUMBERS: dict[str, dict[str, float]] = {
    "alpha": {"least": 0},
    "learning_rate_init": {"above": 0},
    "power_t": {"least": 0},
    "tol": {"least": 0},
    "momentum": {"least": 0, "below": 1},
    "validation_fraction": {"least": 0, "below": 1},
    "beta_1": {"least": 0, "below": 1},
    "beta_2": {"least": 0, "below": 1},
    "epsilon": {"above": 0},
}
_NAMES = {"solver": ("adam", "lbfgs", "sgd"), "learning_rate": ("adaptive", "constant", "invscaling")}
_SWITCHES = ("shuffle", "warm_start", "nesterovs_momentum", "early_stopping", "layer_norm")


def check_settings(settings: Settings) -> None:
    """Check what doesn't depend on the data.

    Raises
    ------
    InputError, InputTypeError
        Naming the parameter: for a number out of its bounds, or an unknown name (the nearest right one, then the list).

    Examples
    --------
    >>> from clearprop.estimators.mlp import MLPClassifier
    >>> check_settings(MLPClassifier(solver="adamm").get_params())
    Traceback (most recent call last):
    clearprop.errors.InputError: unknown solver 'adamm'; did you mean 'adam'? Known: adam, lbfgs, sgd
    """
    for name, bounds in _NUMBERS.items():
        check_number(settings[name], name, **bounds)
    for name in ("max_iter", "max_fun"):
        check_whole(settings[name], name)
    if settings["n_iter_no_change"] != inf:
        check_whole(settings["n_iter_no_change"], "n_iter_no_change")
    if not isinstance(settings["batch_size"], str) or settings["batch_size"] != "auto":
        check_whole(settings["batch_size"], "batch_size (where it isn't 'auto')")
    for name, known in _NAMES.items():
        if not isinstance(settings[name], str):
            raise InputTypeError(f"{name} must be one of {', '.join(known)}; got {settings[name]!r:.60}")
        if settings[name] not in known:
            raise unknown_name(name, settings[name], known)
    if not isinstance(settings["callbacks"], list | tuple | None):
        raise InputTypeError(
            f"callbacks must be a list, such as [cp.EarlyStopping()]; got {settings['callbacks']!r:.60}"
        )
    for name in _SWITCHES:
        if not isinstance(settings[name], bool | np.bool_):
            raise InputTypeError(f"{name} must be True or False; got {settings[name]!r:.60}")


def hidden_sizes(value: Any) -> list[int]:
    """Return the units of each hidden layer; one number is one layer, an empty sequence none.

    Raises
    ------
    InputError
        For anything that isn't a whole number of at least 1.
    """
    sizes: list[Any] = list(cast(Any, value)) if isinstance(value, Iterable) else [value]
    return [check_whole(size, "each of hidden_layer_sizes") for size in sizes]


def a_layer_each(value: Any, n_layers: int, what: str) -> list[Any]:
    """Return one setting a hidden layer: a list as it is, anything else repeated.

    Raises
    ------
    InputError
        For a list of another length.
    """
    if not isinstance(value, list | tuple):
        return [value] * n_layers
    values = list(cast(Any, value))
    if len(values) != n_layers:
        raise InputError(f"{what} as a list needs one for each of the {n_layers} hidden layers; got {len(values)}")
    return values
