"""The gradient without any calculus, and what the update did to the batch's loss."""

from __future__ import annotations

from math import isfinite

import numpy as np

from clearprop.live.asks.worked.batch import mean_of_rows, mean_text
from clearprop.live.asks.worked.expression import Expr, div, leaf, mul, op, sub
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.asks.worked.symbols import at
from clearprop.training.penalty import add_penalty


def write_check(sheet: Sheet, n: Numbers, path: Path) -> tuple[float, float | None]:
    """Write a finite difference beside the gradient, and the batch's loss before and after.

    Return these two; None for a loss after the update that isn't finite.
    """
    sheet.group = "check"
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        _difference(sheet, n, path)
        before, after = float(n.shares @ n.losses), n.objective(n.update.after)

    def of_row(r: int) -> Expr:
        return leaf(n.losses[r], "ℓ" if r == n.place else f"ℓ of row {r + 1}")

    note = "The loss of the batch before this update."
    if not isfinite(after):
        note += " After it, it isn't finite: the step was far too long."
    formula = f"L before = {mean_text(n, 'ℓᵣ')}"
    first = sheet.line("L before", formula, mean_of_rows(n, n.losses, of_row), before, note=note)
    if not isfinite(after):
        return before, None
    note = "The same rows, once every weight and bias has moved: " + (
        "less than before." if after < before else "no less than before, so the step was too long, or at its end."
    )
    formula = "change of L = L after − L before"
    sheet.line("change of L", formula, sub(leaf(after, "L after"), first), after - before, note=note)
    return before, after


def _difference(sheet: Sheet, n: Numbers, path: Path) -> None:
    k, unit, source = path.layer, path.unit, path.source
    w, training = at("w", k, source, unit), n.moment.training
    g = float(n.update.gradients.layers[k]["weight"][source, unit])
    weight = float(n.weights(k)["weight"][source, unit])
    h = float(np.finfo(np.float64).eps ** (1 / 3) * max(1.0, abs(weight)))  # rounding and curvature cost alike
    sides: list[float] = []
    for move in (h, -h):
        moved = n.update.before.copy()
        moved.layers[k]["weight"][source, unit] += move
        unread = moved.copy()
        sides.append(n.objective(moved) + add_penalty(moved, unread, training.l1, training.l2))
    up, down = leaf(sides[0], f"L({w} + h)"), leaf(sides[1], f"L({w} − h)")
    found = sheet.line(
        f"ΔL/Δ{w}", f"ΔL/Δ{w} = ({up['s']} − {down['s']}) / (2 h)", div(sub(up, down), mul(leaf(2.0), leaf(h, "h"))),
        (sides[0] - sides[1]) / (2 * h), (k, unit, source),
        "The batch's loss" + (" and penalty" if training.l1 or training.l2 else "")
        + ", computed twice with nothing but this weight moved: no calculus.",
    )  # fmt: skip
    symbol = f"g{w[1:]}" if training.l1 or training.l2 else f"∂L/∂{w}"
    size = max(abs(found["v"]), abs(g), 1e-8)  # of gradients that are all but 0 only noise is left
    larger = leaf(size, "the larger one")
    off = abs(found["v"] - g) / size
    note = "So far apart are the two, as a share of the larger one."
    if off > 1e-4:
        note += " Where some unit bends within h, as ReLU does at 0, the difference sees both sides of the bend."
    expression = div(op("abs", sub(found, leaf(g, symbol))), larger)
    sheet.line("difference", f"difference = |ΔL/Δ{w} − {symbol}| / the larger one", expression, off, None, note)
