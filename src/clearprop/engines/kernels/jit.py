"""How functions are compiled: decorators that keep a function's type for readers and type checkers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import config, extending, njit  # pyright: ignore - Numba has no types

from clearprop.engines.kernels.cache import folder

F = TypeVar("F", bound=Callable[..., Any])

_intrinsic = cast(Callable[[Any], Any], extending.intrinsic)
_compile = cast(Callable[..., Callable[[Any], Any]], njit)
_inside: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: F) -> F:
    """Compile a function that others call; a · b + c may become one rounding."""
    return cast(F, _compile(fastmath={"contract"}, **_inside)(function))


def reduction(function: F) -> F:
    """Compile, too; sums may also be added in lanes (in a fixed order), as vectors need. NaN and infinity stay."""
    return cast(F, _compile(fastmath={"contract", "reassoc", "nsz"}, **_inside)(function))


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that writes the code of the processor itself; it is called without its ``typing_context``."""
    return cast(Callable[..., Any], _intrinsic(function))


def inlined(function: F) -> F:
    """Make a function's text part of each of its callers' (of their mathematics, too): one thing less to compile."""
    return cast(F, _compile(inline="always", **_inside)(function))


def entry(function: F) -> F:
    """Compile a function that Python calls, or take it from the disk. The GIL is let go: several threads can run it."""
    compiled = _compile(error_model="numpy", nogil=True, no_cfunc_wrapper=True)(function)
    place = folder()
    if place is not None:
        settings = cast(Any, config)
        before, settings.CACHE_DIR = settings.CACHE_DIR, str(place)
        try:
            compiled.enable_caching()
        finally:
            settings.CACHE_DIR = before
    return cast(F, compiled)
