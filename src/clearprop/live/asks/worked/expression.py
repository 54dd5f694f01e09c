"""Expressions with their numbers in them: what stands behind a line's result, to be shown and computed anew.

A leaf is ``{"v": 0.5, "s": "x₁"}``, a plain number ``{"v": 2.0}``, everything else ``{"op": "*", "of": [...]}``. ``+``,
``*``, ``max`` and ``min`` take any number of operands; ``where_positive`` takes three: the second where the first is
above 0, else the third.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, cast

import numpy as np

from clearprop.arrays import Array

Expr = dict[str, Any]

TERMS = 30
"""Of a longer sum so many terms are shown, and what the others come to."""


def leaf(value: float, symbol: str = "") -> Expr:
    """Return an operand; a plain number has no symbol."""
    number = float(value) + 0.0  # −0 becomes 0
    return {"v": number, "s": symbol} if symbol else {"v": number}


def op(name: str, *of: Expr) -> Expr:
    """Return an operation on operands."""
    return {"op": name, "of": list(of)}


def add(*of: Expr) -> Expr:
    """Return the sum, of one operand the operand itself."""
    return of[0] if len(of) == 1 else op("+", *of)


def sub(a: Expr, b: Expr) -> Expr:
    """Return a − b."""
    return op("-", a, b)


def mul(*of: Expr) -> Expr:
    """Return the product."""
    return op("*", *of)


def div(a: Expr, b: Expr) -> Expr:
    """Return a / b."""
    return op("/", a, b)


def summed(values: Array, term: Callable[[int], Expr], *, first: Sequence[int] = (), most: int = TERMS) -> list[Expr]:
    """Return the terms of a sum: all, or the ``first`` ones and then the largest, and what the others come to.

    Parameters
    ----------
    values : array, shape (n,)
        What each term comes to.
    term : function int → Expr
        Makes one.
    first : sequence of int
        Terms that must be among them.
    most : int

    Examples
    --------
    >>> terms = summed(np.array([1.0, 5.0, 2.0, 4.0]), lambda i: leaf([1, 5, 2, 4][i]), first=[0], most=2)
    >>> terms
    [{'v': 1.0}, {'v': 5.0}, {'v': 6.0, 's': 'the other 2'}]
    """
    n = len(values)
    if n <= most:
        return [term(i) for i in range(n)]
    by_size = [i for i in np.argsort(-abs(values), kind="stable").tolist() if i not in first]
    shown = sorted([*first, *by_size][:most])
    others = np.ones(n, bool)
    others[shown] = False
    return [*(term(i) for i in shown), leaf(float(values[others].sum()), f"the other {n - most:,}")]


_ONE: dict[str, Callable[[Any], Any]] = {
    "neg": np.negative, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "tanh": np.tanh,
    "sqrt": np.sqrt, "abs": np.abs,
}  # fmt: skip
_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "max": np.maximum, "min": np.minimum,
    "pow": np.power,
}  # fmt: skip


def evaluate(expression: Expr) -> float:
    """Return what an expression comes to, in double precision.

    Examples
    --------
    >>> evaluate(add(mul(leaf(2), leaf(3, "x₁")), op("neg", leaf(1))))
    5.0
    """
    with np.errstate(all="ignore"):
        return float(_evaluated(expression))


def _evaluated(expression: Expr) -> Any:
    if "op" not in expression:
        return np.float64(expression["v"])
    name, of = str(expression["op"]), [_evaluated(each) for each in cast(list[Expr], expression["of"])]
    if name == "where_positive":
        return of[1] if of[0] > 0 else of[2]
    return _ONE[name](of[0]) if name in _ONE else reduce(_TWO[name], of)
