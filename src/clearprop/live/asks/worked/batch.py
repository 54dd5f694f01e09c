"""The gradient that the optimiser gets for the chosen weight: the batch's mean, the penalty's part, clipping."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clearprop.arrays import Array
from clearprop.live.asks.worked.expression import Expr, add, div, leaf, mul, op, summed
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.asks.worked.symbols import at, low, slope
from clearprop.optimizers.clipping import ClipGlobalNorm, ClipNorm, ClipValue

ROWS = 10
"""Of so many rows of the batch each one's own part is shown."""


def write_gradient(sheet: Sheet, n: Numbers, path: Path) -> Expr:
    """Write the batch's gradient by the chosen weight, and what becomes of it; return what the optimiser gets."""
    sheet.group = "update"
    k, unit, source = path.layer, path.unit, path.source
    w, training, place = at("w", k, source, unit), n.moment.training, (path.layer, path.unit, path.source)
    each = n.batch_by_z[k][:, unit] * n.batch_forward[k].x[:, source]
    own = slope(w)

    def of_row(r: int) -> Expr:
        return leaf(each[r], own if r == n.place else f"∂ℓ{low(r)}/∂{w}")

    mean = float(n.shares @ each)
    g = sheet.line(
        f"∂L/∂{w}", f"∂L/∂{w} = {mean_text(n, f'∂ℓᵣ/∂{w}')}", mean_of_rows(n, each, of_row), mean, place,
        f"The mean over the batch of this update, {len(each):,} rows. " + (
            f"The sample is row {n.place + 1} of it." if n.place is not None else "The sample isn't one of them."
        ),
    )  # fmt: skip
    g = _penalised(sheet, n, path, g, w)
    return g if training.clip is None else _clipped(sheet, n, path, g)


def mean_of_rows(n: Numbers, values: Array, of_row: Callable[[int], Expr]) -> Expr:
    """Return a mean over the batch's rows: of ten of them one by one, the sample first."""
    weight, first = n.update.batch.weight, [] if n.place is None else [n.place]
    if weight is None:
        return div(add(*summed(values, of_row, first=first, most=ROWS)), leaf(len(values), "n"))

    def weighted(r: int) -> Expr:
        return mul(leaf(weight[r], f"v{low(r)}"), of_row(r))

    terms = summed(weight * values, weighted, first=first, most=ROWS)
    return div(add(*terms), leaf(float(weight.sum()), "Σᵣ vᵣ"))


def mean_text(n: Numbers, name: str) -> str:
    """Return how a mean over the batch's rows is written."""
    return f"Σᵣ {name} / n" if n.update.batch.weight is None else f"Σᵣ vᵣ {name} / Σᵣ vᵣ"


def _penalised(sheet: Sheet, n: Numbers, path: Path, g: Expr, w: str) -> Expr:
    training = n.moment.training
    if not (training.l1 or training.l2):
        return g
    weight = weight_of(n, path)
    parts, terms = ["∂L/∂" + w], [g]
    if training.l2:
        parts.append(f"l2 {w}")
        terms.append(mul(leaf(training.l2, "l2"), weight))
    if training.l1:
        parts.append(f"l1 sign({w})")
        terms.append(mul(leaf(training.l1, "l1"), leaf(float(np.sign(weight["v"])), f"sign({w})")))
    result = float(n.update.gradients.layers[path.layer]["weight"][path.source, path.unit])
    note = "The penalty pulls the weight towards 0."
    return sheet.line(f"g{w[1:]}", f"g{w[1:]} = {' + '.join(parts)}", add(*terms), result, _place(path), note)


def _clipped(sheet: Sheet, n: Numbers, path: Path, g: Expr) -> Expr:
    clip, layer = n.moment.training.clip, n.update.gradients.layers[path.layer]
    assert clip is not None  # noqa: S101 - the caller's condition
    result = float(n.update.clipped.layers[path.layer]["weight"][path.source, path.unit])
    name, limit = f"clipped g{at('', path.layer, path.source, path.unit)}", leaf(clip.limit, "limit")
    if isinstance(clip, ClipValue):
        expression = op("max", op("min", g, limit), op("neg", limit))
        note = "Clipping: no gradient may be larger than the limit."
        return sheet.line(name, f"{name} = max(min({g['s']}, limit), −limit)", expression, result, _place(path), note)
    if not isinstance(clip, ClipNorm | ClipGlobalNorm):
        return sheet.line(
            name, f"{name} = {clip}", leaf(result, f"{clip}"), result, _place(path), "What clipping left."
        )
    array = n.update.gradients.vector if isinstance(clip, ClipGlobalNorm) else layer["weight"]
    squares = float((array * array).sum())
    whose = (
        "all gradients" if isinstance(clip, ClipGlobalNorm) else f"the gradients of layer {path.layer + 1}'s weights"
    )
    others = leaf(max(squares - g["v"] ** 2, 0.0), f"the squares of the other {array.size - 1:,}")
    norm = sheet.line(
        "‖g‖", f"‖g‖ = √Σ g², over {whose}", op("sqrt", add(op("pow", g, leaf(2.0)), others)), squares**0.5
    )
    if norm["v"] <= clip.limit:
        return sheet.line(
            name, f"{name} = {g['s']}, as ‖g‖ ≤ limit", g, result, _place(path), "Nothing is clipped here."
        )
    note = "Clipping: a gradient that is longer than the limit is shortened to it."
    return sheet.line(name, f"{name} = {g['s']} limit / ‖g‖", mul(g, div(limit, norm)), result, _place(path), note)


def weight_of(n: Numbers, path: Path) -> Expr:
    """Return the chosen weight before the update as an operand."""
    value = n.weights(path.layer)["weight"][path.source, path.unit]
    return leaf(value, at("w", path.layer, path.source, path.unit))


def _place(path: Path) -> tuple[int, int, int]:
    return path.layer, path.unit, path.source
