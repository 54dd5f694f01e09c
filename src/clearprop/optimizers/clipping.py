"""Gradient clipping: off unless asked for, and said in the history when it acts."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from clearprop.arrays import namespace
from clearprop.parameters import Parameters
from clearprop.settings import Settings, check_number


@dataclass(frozen=True)
class Clip(Settings):
    """``clip(gradients)`` changes gradients in place where they pass the limit.

    Parameters
    ----------
    limit : float, above 0

    Raises
    ------
    InputError
        For a limit that isn't above 0.
    """

    limit: float = 1.0

    def __post_init__(self) -> None:
        check_number(self.limit, f"{type(self).__name__}'s limit", above=0)

    @abstractmethod
    def __call__(self, gradients: Parameters) -> bool:
        """Clip in place; return whether anything was changed."""


@dataclass(frozen=True)
class ClipValue(Clip):
    """g ← min(max(g, −limit), limit), each number for itself.

    Examples
    --------
    >>> import numpy as np
    >>> from clearprop.parameters import Layout
    >>> g = Parameters(Layout(((("bias", (2,)),),)), np.array([0.5, -3.0]))
    >>> ClipValue(1.0)(g), g.vector
    (True, array([ 0.5, -1. ]))
    """

    def __call__(self, gradients: Parameters) -> bool:
        g = gradients.vector
        if not _largest(g) > self.limit:
            return False
        namespace(g).clip(g, -self.limit, self.limit, out=g)
        return True


@dataclass(frozen=True)
class ClipNorm(Clip):
    """g ← g · limit / ‖g‖ for each parameter array whose norm passes the limit."""

    def __call__(self, gradients: Parameters) -> bool:
        return max([_shrink(g, self.limit) for g in gradients.values()], default=False)


@dataclass(frozen=True)
class ClipGlobalNorm(Clip):
    """g ← g · limit / ‖g‖ for all parameters together (Pascanu et al. 2012, arXiv 1211.5063, algorithm 1)."""

    def __call__(self, gradients: Parameters) -> bool:
        return _shrink(gradients.vector, self.limit)


def _largest(g: Any) -> float:
    return max(float(g.max()), -float(g.min())) if len(g) else 0.0


def _shrink(g: Any, limit: float) -> bool:
    flat = g.reshape(-1)
    largest = _largest(flat)
    if largest == 0:
        return False
    scaled = flat / largest  # so that the squares of large gradients don't overflow
    norm = largest * float(scaled @ scaled) ** 0.5
    if not norm > limit:
        return False
    g *= limit / norm
    return True
