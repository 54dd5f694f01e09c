"""Every activation and its derivative, written out."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import pi, sqrt
from typing import NamedTuple

import numpy as np

from clearprop.layers.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    Exponential,
    Identity,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from clearprop.live.asks.worked.expression import Expr, add, div, evaluate, leaf, mul, op, sub, summed
from clearprop.live.asks.worked.sheet import Sheet

ONE, ZERO, HALF = leaf(1.0), leaf(0.0), leaf(0.5)
_C = leaf(sqrt(2 / pi), "√(2/π)")


class Unit(NamedTuple):
    """A unit at its activation: z, and a where it is known; ``mark`` ends the symbols of its own, as in t₃⁽¹⁾."""

    sheet: Sheet
    f: Activation
    z: Expr
    a: Expr
    mark: str
    place: tuple[int, int, int | None]

    def helper(self, name: str, formula: str, expression: Expr) -> Expr:
        """Write a line for a part of the formula, such as t = tanh u."""
        return self.sheet.line(name + self.mark, self.named(formula), expression, evaluate(expression), self.place)

    def named(self, formula: str) -> str:
        """Return a formula with this unit's own z, a, t, … in it."""

        def own(found: re.Match[str]) -> str:
            symbol = self.a["s"] if found[1] == "a" else found[1] + self.mark
            return f"({symbol}){found[2]}" if found[2] else symbol

        return re.sub(r"(?<!\w)([zatspu])([²³]?)(?![A-Za-z′])", own, formula)


Written = tuple[str, Expr]
"""A formula's right side, and the same with numbers."""


def activation(u: Unit) -> Written:
    """Return f(z) written out; one of a person's own is only a number."""
    write = _VALUES.get(type(u.f))
    if write is None:
        return f"{u.f.name}({u.z['s']})", leaf(u.a["v"], f"{u.f.name}({u.z['s']})")
    formula, expression = write(u)
    return u.named(formula), expression


def derivative(u: Unit) -> Written:
    """Return f′(z) written out; one of a person's own is only a number."""
    write = _SLOPES.get(type(u.f))
    if write is None:
        value = u.f.derivative(np.array([[u.z["v"]]]), np.array([[u.a["v"]]]))
        return f"{u.f.name}′({u.z['s']})", leaf(float(value[0, 0]), f"{u.f.name}′({u.z['s']})")
    formula, expression = write(u)
    return u.named(formula), expression


def _exponential_of_minus(z: Expr) -> Expr:
    return op("exp", op("neg", z))


def _sigmoid(u: Unit) -> Written:
    return "1 / (1 + e^−z)", div(ONE, add(ONE, _exponential_of_minus(u.z)))


def _softplus(u: Unit) -> Written:
    tail = op("log1p", op("exp", op("neg", op("abs", u.z))))
    return "ln(1 + e^z) = max(z, 0) + ln(1 + e^−|z|)", add(op("max", u.z, ZERO), tail)


def _elu(u: Unit) -> Written:
    assert isinstance(u.f, ELU)  # noqa: S101 - what it stands under in the table
    if u.z["v"] > 0:
        return "z, as z > 0", u.z
    return "α (e^z − 1), as z ≤ 0", mul(leaf(u.f.alpha, "α"), op("expm1", u.z))


def _selu(u: Unit) -> Written:
    scale, alpha = leaf(SELU.scale, "λ"), leaf(SELU.alpha, "α")
    if u.z["v"] > 0:
        return "λ z, as z > 0", mul(scale, u.z)
    return "λ α (e^z − 1), as z ≤ 0", mul(scale, alpha, op("expm1", u.z))


def _gelu_tanh(u: Unit) -> Expr:
    z, cubic = u.z, leaf(0.044715)
    inner = u.helper("u", "u = √(2/π) (z + 0.044715 z³)", mul(_C, add(z, mul(cubic, z, z, z))))
    return u.helper("t", "t = tanh u", op("tanh", inner))


def _gelu(u: Unit) -> Written:
    return "z/2 (1 + t)", mul(HALF, u.z, add(ONE, _gelu_tanh(u)))


def _gelu_slope(u: Unit) -> Written:
    t, z = _gelu_tanh(u), u.z
    inner = mul(_C, add(ONE, mul(leaf(3.0), leaf(0.044715), z, z)))
    return (
        "(1 + t)/2 + z/2 (1 − t²) √(2/π) (1 + 3 · 0.044715 z²)",
        add(mul(HALF, add(ONE, t)), mul(HALF, z, sub(ONE, mul(t, t)), inner)),
    )


def _own_sigmoid(u: Unit) -> Expr:
    return u.helper("s", "s = 1 / (1 + e^−z)", _sigmoid(u)[1])


def _silu_slope(u: Unit) -> Written:
    s = _own_sigmoid(u)
    return "s + a (1 − s)", add(s, mul(u.a, sub(ONE, s)))


def _mish_tanh(u: Unit) -> Expr:
    return u.helper("t", "t = tanh p", op("tanh", u.helper("p", "p = ln(1 + e^z)", _softplus(u)[1])))


def _mish_slope(u: Unit) -> Written:
    t, s = _mish_tanh(u), _own_sigmoid(u)
    return "t + z (1 − t²) s", add(t, mul(u.z, sub(ONE, mul(t, t)), s))


def _leaky(u: Unit) -> tuple[Expr, str]:
    assert isinstance(u.f, LeakyReLU)  # noqa: S101 - what it stands under in the table
    return leaf(u.f.slope, "slope"), f"{u.f.slope:g}"


def _elu_slope(u: Unit) -> Written:
    assert isinstance(u.f, ELU)  # noqa: S101 - what it stands under in the table
    return "1 where z > 0, else a + α", op("where_positive", u.z, ONE, add(u.a, leaf(u.f.alpha, "α")))


def _selu_slope(u: Unit) -> Written:
    scale = leaf(SELU.scale, "λ")
    return "λ where z > 0, else a + λ α", op("where_positive", u.z, scale, add(u.a, mul(scale, leaf(SELU.alpha, "α"))))


_VALUES: dict[type[Activation], Callable[[Unit], Written]] = {
    Identity: lambda u: ("z", u.z),
    Sigmoid: _sigmoid,
    Tanh: lambda u: ("tanh z", op("tanh", u.z)),
    ReLU: lambda u: ("max(z, 0)", op("max", u.z, ZERO)),
    LeakyReLU: lambda u: (f"max(z, {_leaky(u)[1]} z)", op("max", u.z, mul(_leaky(u)[0], u.z))),
    ELU: _elu,
    SELU: _selu,
    GELU: _gelu,
    SiLU: lambda u: ("z s", mul(u.z, _own_sigmoid(u))),
    Mish: lambda u: ("z t", mul(u.z, _mish_tanh(u))),
    Softplus: _softplus,
    Exponential: lambda u: ("e^z", op("exp", u.z)),
}
_SLOPES: dict[type[Activation], Callable[[Unit], Written]] = {
    Identity: lambda _: ("1", ONE),
    Sigmoid: lambda u: ("a (1 − a)", mul(u.a, sub(ONE, u.a))),
    Tanh: lambda u: ("1 − a²", sub(ONE, mul(u.a, u.a))),
    ReLU: lambda u: ("1 where z > 0, else 0", op("where_positive", u.z, ONE, ZERO)),
    LeakyReLU: lambda u: (f"1 where z > 0, else {_leaky(u)[1]}", op("where_positive", u.z, ONE, _leaky(u)[0])),
    ELU: _elu_slope,
    SELU: _selu_slope,
    GELU: _gelu_slope,
    SiLU: _silu_slope,
    Mish: _mish_slope,
    Softplus: lambda u: ("1 / (1 + e^−z)", _sigmoid(u)[1]),
    Exponential: lambda u: ("a = e^z", u.a),
}


def softmax(sheet: Sheet, scores: list[Expr], j: int, mark: str, name: str) -> Written:
    """Return e^(z_j − m) / S, with lines for the largest score m and the sum S of its group of units."""
    values = np.array([z["v"] for z in scores])
    top = int(values.argmax())
    shown = scores if len(scores) <= 30 else [scores[top]]
    m = sheet.line(
        f"m{mark}", f"m{mark} = maxₖ {name}ₖ", op("max", *shown) if len(shown) > 1 else shown[0], values[top],
        note="The largest score is taken off all of them, so that no power of e overflows.",
    )  # fmt: skip
    e = np.exp(values - values[top])
    terms = summed(e, lambda k: op("exp", sub(scores[k], m)), first=[j])
    s = sheet.line(f"S{mark}", f"S{mark} = Σₖ e^({name}ₖ − m{mark})", add(*terms), float(e.sum()))
    return f"e^({scores[j]['s']} − m{mark}) / S{mark}", div(op("exp", sub(scores[j], m)), s)
