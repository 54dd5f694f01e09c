"""Compile the kernels, or load them: ``python -m clearprop.engines float32 float64``.

A run with ``engine="auto"`` starts this in the background, for the runs after it.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from clearprop.engines.kernels.cache import folder, is_ready, lock, mark_ready
from clearprop.errors import MissingExtraError
from clearprop.layers.dense import Dense
from clearprop.losses.regression import Squared
from clearprop.network import Network
from clearprop.parameters import Parameters

prepared: set[str] = set()
"""The dtypes whose kernels this process has loaded or compiled."""
_OLD = 1800.0  # seconds after which a lock was left by a process that died


def check_installed() -> None:
    """Raise MissingExtraError unless the libraries of the compiled engine are there."""
    missing = [name for name in ("numba", "scipy") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"engine='compiled' needs {' and '.join(missing)}, which isn't installed: pip install 'clearprop[fast]'"
        )


def say_if_not_ready(kernels: str) -> None:
    """Say on standard error that some kernels are compiled now, unless they lie on disk."""
    if not is_ready(kernels):
        kept = "once for this machine" if folder() else "for this process only: the cache folder can't be written"
        print(f"clearprop: compiling the {kernels} kernels ({kept}) ...", file=sys.stderr)  # noqa: T201 - a wait is said


@cache
def prepare(dtype: str) -> None:
    """Have the kernels of a dtype ready in this process; says so on standard error where that takes long.

    Raises
    ------
    MissingExtraError
        If Numba or SciPy isn't installed.
    """
    check_installed()
    say_if_not_ready(dtype)
    from clearprop.engines.compiled import CompiledEngine

    network = Network(1, [Dense(1)])
    engine = CompiledEngine(network, Squared())
    parameters = Parameters(network.layout, np.zeros(2, dtype))
    row = np.zeros((1, 1), dtype)
    engine.gradient(parameters, row, row, into=parameters.copy())
    engine.predict(parameters, row)
    mark_ready(dtype)
    prepared.add(dtype)


def start_in_background(dtype: str) -> None:
    """Begin to compile in a process of low priority that goes on by itself, unless one does already."""
    place = folder()
    if place is None:
        return
    try:
        if time.time() - lock(dtype).stat().st_mtime > _OLD:
            lock(dtype).unlink()
    except OSError:
        pass  # there is none
    try:
        lock(dtype).touch(exist_ok=False)
    except OSError:
        return
    os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-m", "clearprop.engines", "--background", dtype])  # noqa: S606 - this file # pyright: ignore[reportDeprecated] - a Popen would warn when it is outlived


def main(arguments: list[str]) -> None:
    """Compile the dtypes named on the command line."""
    background = arguments[:1] == ["--background"]
    dtypes: list[Any] = arguments[1:] if background else arguments
    if background:
        _step_back()
    for dtype in dtypes or ["float32", "float64"]:
        try:
            prepare(dtype)
        finally:
            if background:
                lock(dtype).unlink(missing_ok=True)


def _step_back() -> None:
    """Leave the terminal and the other process's files alone, and let others run first."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if hasattr(os, "setsid"):
        os.setsid()
        os.nice(10)
