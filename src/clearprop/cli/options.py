"""Options in words turned into what they mean: the layers, the optimiser. For ``moons`` and ``train`` alike."""

from __future__ import annotations

import re
from dataclasses import replace

from clearprop.errors import InputError
from clearprop.optimizers.optimizer import Optimizer


def parse_layers(text: str) -> tuple[int, ...]:
    """Return the units of each hidden layer.

    Parameters
    ----------
    text : str
        Such as ``"16,16"``, or ``"0"`` for no hidden layer at all.

    Raises
    ------
    InputError
        For anything else.

    Examples
    --------
    >>> parse_layers("16, 8"), parse_layers("0")
    ((16, 8), ())
    """
    parts = [part.strip() for part in text.split(",")]
    if parts == ["0"]:
        return ()
    for part in parts:
        if not re.fullmatch(r"[0-9]{1,18}", part) or int(part) < 1:
            raise InputError(
                f"--layers {text!r}: {part!r} is not a number of units; give whole numbers, at least 1, "
                "with commas between: --layers 16,16"
            )
    return tuple(int(part) for part in parts)


def build_optimizer(name: str, rate: float | None = None) -> Optimizer:
    """Return the optimiser of a name with a rate, or with its own.

    Raises
    ------
    InputError
        For an unknown name, or a rate that isn't above 0 and finite.

    Examples
    --------
    >>> build_optimizer("sgd", 0.25)
    SGD(rate=0.25, weight_decay=0.0)
    """
    optimizer = Optimizer.resolve(name)
    return optimizer if rate is None else replace(optimizer, rate=rate)
