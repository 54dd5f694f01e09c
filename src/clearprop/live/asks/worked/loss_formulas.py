"""The formula of every loss for one output, and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from clearprop.live.asks.worked.activations import ONE, ZERO, Written
from clearprop.live.asks.worked.expression import Expr, add, div, evaluate, leaf, mul, op, sub
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss
from clearprop.losses.regression import Absolute, Huber, Poisson, Quantile, Squared

HALF, TWO = leaf(0.5), leaf(2.0)


class Answer(NamedTuple):
    """One output with what it should be: what the losses' formulas are written over."""

    loss: Loss
    joined: bool
    prediction: Expr
    z: Expr
    target: Expr
    place: int
    error: Expr
    log_sum: Expr | None
    """Of a softmax that is joined with its loss: m + ln S."""


def value_of(answer: Answer, value: float) -> Written:
    """Return ℓ(ŷ, y) written out; one of a person's own is only a number."""
    return _write(answer, _VALUES.get(type(answer.loss)), value, answer.loss.name)


def slope_of(answer: Answer, value: float) -> Written:
    """Return ∂ℓ/∂ŷ written out, or ∂ℓ/∂z where loss and activation are joined."""
    return _write(answer, _SLOPES.get(type(answer.loss)), value, f"{answer.loss.name}′")


def _write(answer: Answer, write: Callable[[Answer], Written] | None, value: float, name: str) -> Written:
    if write is None:  # a person's own loss: there is only its number
        text = f"{name}({answer.prediction['s']}, {answer.target['s']})"
        return text, leaf(value, text)
    return write(answer)


def _squared(e: Answer) -> Written:
    return f"({e.prediction['s']} − {e.target['s']})²", op("pow", sub(e.prediction, e.target), TWO)


def _squared_slope(e: Answer) -> Written:
    return f"2 ({e.prediction['s']} − {e.target['s']})", mul(TWO, sub(e.prediction, e.target))


def _sign(e: Answer) -> Expr:
    return op("where_positive", e.error, ONE, op("where_positive", op("neg", e.error), leaf(-1.0), ZERO))


def _huber(e: Answer) -> Written:
    assert isinstance(e.loss, Huber)  # noqa: S101 - what it stands under in the table
    size, delta = op("abs", e.error), leaf(e.loss.delta, "δ")
    if abs(e.error["v"]) <= e.loss.delta:
        return f"({e.error['s']})² / 2, as |{e.error['s']}| ≤ δ", mul(HALF, e.error, e.error)
    return f"δ (|{e.error['s']}| − δ/2), as |{e.error['s']}| > δ", mul(delta, sub(size, mul(HALF, delta)))


def _huber_slope(e: Answer) -> Written:
    assert isinstance(e.loss, Huber)  # noqa: S101 - what it stands under in the table
    delta = leaf(e.loss.delta, "δ")
    return f"min(max({e.error['s']}, −δ), δ)", op("min", op("max", e.error, op("neg", delta)), delta)


def _quantile(e: Answer) -> Written:
    assert isinstance(e.loss, Quantile)  # noqa: S101 - what it stands under in the table
    q = leaf(e.loss.quantile, "q")
    expression = op("where_positive", e.error, mul(sub(ONE, q), e.error), mul(op("neg", q), e.error))
    return f"(1 − q) {e.error['s']} where that is above 0, else −q {e.error['s']}", expression


def _quantile_slope(e: Answer) -> Written:
    assert isinstance(e.loss, Quantile)  # noqa: S101 - what it stands under in the table
    q = leaf(e.loss.quantile, "q")
    below = op("where_positive", op("neg", e.error), op("neg", q), ZERO)
    return f"1 − q where {e.error['s']} > 0, −q where it is below", op("where_positive", e.error, sub(ONE, q), below)


def _times_log(x: Expr, y: Expr) -> Expr:
    """Return x ln y, which is 0 where x is."""
    return ZERO if evaluate(x) == 0 else mul(x, op("log", y))


def _binary(e: Answer) -> Written:
    y, p, z = e.target, e.prediction, e.z
    if e.joined:
        text = f"ln(1 + e^{z['s']}) − {y['s']} {z['s']} = (1 − {y['s']}) {z['s']} + ln(1 + e^−{z['s']})"
        if z["v"] <= 0:
            text = f"ln(1 + e^{z['s']}) − {y['s']} {z['s']}"
        factor = sub(ONE, y) if z["v"] > 0 else op("neg", y)
        return text, add(mul(factor, z), op("log1p", op("exp", op("neg", op("abs", z)))))
    text = f"−{y['s']} ln {p['s']} − (1 − {y['s']}) ln(1 − {p['s']})"
    return text, op("neg", add(_times_log(y, p), _times_log(sub(ONE, y), sub(ONE, p))))


def _ratio(x: Expr, y: Expr) -> Expr:
    """Return x / y, which is 0 where x is."""
    return ZERO if evaluate(x) == 0 else div(x, y)


def _binary_slope(e: Answer) -> Written:
    y, p = e.target, e.prediction
    if e.joined:
        return f"{p['s']} − {y['s']}", sub(p, y)
    text = f"(1 − {y['s']}) / (1 − {p['s']}) − {y['s']} / {p['s']}"
    return text, sub(_ratio(sub(ONE, y), sub(ONE, p)), _ratio(y, p))


def _shared(e: Answer, written: Written) -> Written:
    groups = getattr(e.loss, "groups", 1)
    return written if groups == 1 else (f"({written[0]}) / {groups}", div(written[1], leaf(groups)))


def _categorical(e: Answer) -> Written:
    y, p = e.target, e.prediction
    if e.log_sum is not None:
        surprise = ZERO if y["v"] == 0 else sub(e.log_sum, e.z)
        return _shared(e, (f"{y['s']} ({e.log_sum['s']} − {e.z['s']})", mul(y, surprise)))
    return _shared(e, (f"−{y['s']} ln {p['s']}", op("neg", _times_log(y, p))))


def _categorical_slope(e: Answer) -> Written:
    y, p = e.target, e.prediction
    if e.joined:
        return _shared(e, (f"{p['s']} − {y['s']}", sub(p, y)))
    return _shared(e, (f"−{y['s']} / {p['s']}", op("neg", _ratio(y, p))))


def _poisson(e: Answer) -> Written:
    y, p, z = e.target, e.prediction, e.z
    if e.joined:
        return f"e^{z['s']} − {y['s']} {z['s']}", sub(op("exp", z), mul(y, z))
    return f"{p['s']} − {y['s']} ln {p['s']}", sub(p, _times_log(y, p))


def _poisson_slope(e: Answer) -> Written:
    y, p = e.target, e.prediction
    if e.joined:
        return f"{p['s']} − {y['s']}", sub(p, y)
    return f"1 − {y['s']} / {p['s']}", sub(ONE, _ratio(y, p))


_VALUES: dict[type[Loss], Callable[[Answer], Written]] = {
    Squared: _squared,
    Absolute: lambda e: (f"|{e.error['s']}|", op("abs", e.error)),
    Huber: _huber,
    Quantile: _quantile,
    Poisson: _poisson,
    BinaryCrossEntropy: _binary,
    CategoricalCrossEntropy: _categorical,
}
_SLOPES: dict[type[Loss], Callable[[Answer], Written]] = {
    Squared: _squared_slope,
    Absolute: lambda e: (f"the sign of {e.error['s']}", _sign(e)),
    Huber: _huber_slope,
    Quantile: _quantile_slope,
    Poisson: _poisson_slope,
    BinaryCrossEntropy: _binary_slope,
    CategoricalCrossEntropy: _categorical_slope,
}
