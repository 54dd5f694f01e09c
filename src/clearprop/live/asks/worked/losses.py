"""A sample's loss, output by output, and its derivative."""

from __future__ import annotations

import numpy as np

from clearprop.layers.activations import Softmax
from clearprop.live.asks.worked.activations import ONE, ZERO
from clearprop.live.asks.worked.expression import Expr, add, div, evaluate, leaf, mul, op, sub
from clearprop.live.asks.worked.forward import output, score
from clearprop.live.asks.worked.loss_formulas import Answer, slope_of, value_of
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.asks.worked.symbols import high, low, slope
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.regression import Absolute, Huber, Quantile


def write_loss(sheet: Sheet, n: Numbers, path: Path) -> None:
    """Write the loss of each shown output, and the sample's."""
    sheet.group = "loss"
    loss, last, outputs = n.engine.loss, len(n.forward) - 1, len(n.target)
    parts = divisor(n)
    values = own_values(n)
    answers = [answer_of(sheet, n, j) for j in path.shown[last]]
    terms, whole = list[Expr](), f"The loss of this sample: {loss}."
    for each in answers:
        formula, expression = value_of(each, float(values[each.place]))
        symbol = "ℓ" if outputs == 1 else f"ℓ{low(each.place)}"
        note = whole if outputs == 1 else f"What output {each.place + 1} adds to the loss."
        if each.joined:
            note += " It is computed from z, together with the activation: nothing overflows, no digits are lost."
        terms.append(sheet.line(symbol, f"{symbol} = {formula}", expression, float(values[each.place]), None, note))
    if outputs == 1:
        return
    others = outputs - len(answers)
    if others:
        rest = float(np.delete(values, path.shown[last]).sum())
        terms.append(leaf(rest, f"the other {others:,}"))
    total, mean = add(*terms), "" if parts == 1 else f" / {parts}"
    expression = total if parts == 1 else div(total, leaf(parts))
    sheet.line(
        "ℓ", f"ℓ = Σⱼ ℓⱼ{mean}", expression, float(values.sum() / parts), None, f"The loss of this sample: {loss}."
    )


def answer_of(sheet: Sheet, n: Numbers, j: int) -> Answer:
    """Return one output as the losses' formulas take it, with lines for what they share."""
    loss, last = n.engine.loss, len(n.forward) - 1
    joined, mark = n.engine.from_z, low(j)
    prediction, z, target = output(n, last, j), score(n, last, j), leaf(n.target[j], f"y{mark}")
    group, sheet.group = sheet.group, "loss"
    smoothing = getattr(loss, "label_smoothing", 0.0)
    if smoothing and isinstance(loss, BinaryCrossEntropy | CategoricalCrossEntropy):
        binary = isinstance(loss, BinaryCrossEntropy)
        classes = 2 if isinstance(loss, BinaryCrossEntropy) else len(n.target) // loss.groups
        s = leaf(smoothing, "s")
        expression = add(mul(target, sub(ONE, s)), div(s, leaf(classes)))
        name = f"ȳ{mark}"
        note = "Label smoothing moves each target towards " + ("a half." if binary else "even odds.")
        formula = f"{name} = y{mark} (1 − s) + s / {classes}"
        target = sheet.line(name, formula, expression, evaluate(expression), None, note)
    error, log_sum = ZERO, None
    if isinstance(loss, Absolute | Huber | Quantile):
        error = sheet.line(f"e{mark}", f"e{mark} = {prediction['s']} − {target['s']}", sub(prediction, target),
                           float(prediction["v"] - target["v"]))  # fmt: skip
    if joined and isinstance(loss, CategoricalCrossEntropy):
        size = len(n.target) // loss.groups
        end = high(last) if loss.groups == 1 else f"{low(j // size)}{high(last)}"
        m, total = sheet.known(f"m{end}"), sheet.known(f"S{end}")
        expression = add(m, op("log", total))
        log_sum = sheet.line(f"lse{end}", f"lse{end} = m{end} + ln S{end}", expression, evaluate(expression), None,
                             "The logarithm of the sum of all e^z.")  # fmt: skip
    sheet.group = group
    return Answer(loss, joined, prediction, z, target, j, error, log_sum)


def write_slope(sheet: Sheet, n: Numbers, j: int) -> None:
    """Write the derivative of the sample's loss by an output; where loss and activation are joined, by its z."""
    answer, last, parts = answer_of(sheet, n, j), len(n.forward) - 1, divisor(n)
    result = float((n.by_z if answer.joined else n.by_output)[last][j])
    formula, expression = slope_of(answer, result * parts)
    if parts > 1:
        formula, expression = f"({formula}) / {parts}", div(expression, leaf(parts))
    name = slope(answer.z["s"] if answer.joined else answer.prediction["s"])
    note = "How the loss of this sample changes with the output."
    if answer.joined:
        pair = Softmax.name if answer.loss.joint is None else answer.loss.joint.name
        note = f"Directly by z: of {pair} and {answer.loss.name} together this much is left, f′ has cancelled."
    sheet.line(name, f"{name} = {formula}", expression, result, (last, j, None), note)


def divisor(n: Numbers) -> int:
    """Return by how much the sum over the outputs is divided: by their number, or for classes of one answer by 1."""
    return 1 if n.engine.loss.sums_outputs else len(n.target)


def own_values(n: Numbers) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the loss's value of each of the sample's outputs."""
    loss, cache, target = n.engine.loss, n.forward[-1], n.target[None]
    return (loss.value_from_z(cache.z, target) if n.engine.from_z else loss.value(cache.a, target))[0]
