"""From the sample's inputs to the outputs, along the path."""

from __future__ import annotations

import numpy as np

from clearprop.layers.activations import Softmax
from clearprop.layers.dense import Dense
from clearprop.layers.layer import Layer
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.scale import Scale
from clearprop.live.asks.worked.activations import Unit, activation, softmax
from clearprop.live.asks.worked.expression import Expr, add, div, leaf, mul, op, sub, summed
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.asks.worked.symbols import at, high, low


def output_name(n: Numbers, layer: int, unit: int) -> str:
    """Return what a layer's output is called: x before the first layer, ŷ after the last, else a."""
    if layer < 0:
        return f"x{low(unit)}"
    return f"ŷ{low(unit)}" if layer == len(n.forward) - 1 else at("a", layer, unit)


def output(n: Numbers, layer: int, unit: int) -> Expr:
    """Return a layer's output (before the first layer: an input) as an operand."""
    value = n.forward[0].x[0, unit] if layer < 0 else n.forward[layer].a[0, unit]
    return leaf(value, output_name(n, layer, unit))


def score(n: Numbers, layer: int, unit: int) -> Expr:
    """Return a z as an operand."""
    return leaf(n.forward[layer].z[0, unit], at("z", layer, unit))


def write_forward(sheet: Sheet, n: Numbers, path: Path) -> None:
    """Write z and a of each unit on the path."""
    sheet.group = "forward"
    for k, layer in enumerate(n.engine.network.layers):
        if isinstance(layer, Dense):
            for unit in path.shown[k]:
                _sum(sheet, n, path, k, unit)
            for unit in path.shown[k]:
                _activate(sheet, n, k, unit, layer)
        else:
            for unit in path.shown[k]:
                _norm(sheet, n, k, unit, layer) if isinstance(layer, LayerNorm) else _factor(sheet, n, k, unit, layer)


def unit_of(sheet: Sheet, n: Numbers, k: int, unit: int, layer: Dense) -> Unit:
    """Return a Dense layer's unit as the activations' formulas take it."""
    return Unit(sheet, layer.activation, score(n, k, unit), output(n, k, unit), at("", k, unit), (k, unit, None))


def _sum(sheet: Sheet, n: Numbers, path: Path, k: int, unit: int) -> None:
    views, x = n.weights(k), n.forward[k].x[0]
    weight = views["weight"][:, unit]
    first = [path.source] if (k, unit) == (path.layer, path.unit) else []
    terms = summed(weight * x, lambda i: mul(leaf(weight[i], at("w", k, i, unit)), output(n, k - 1, i)), first=first)
    bias, z = leaf(views["bias"][unit], at("b", k, unit)), score(n, k, unit)
    note = ""
    if not sheet.groups["forward"]:
        note = f"⁽{high(k)[1:-1]}⁾ is the layer, the small numbers below are its units and inputs; all count from 1."
    elif len(terms) != len(weight):
        note = f"The {len(terms) - 1} largest of {len(weight):,} products are shown one by one."
    before = "xᵢ" if k == 0 else f"aᵢ{high(k - 1)}"
    formula = f"{z['s']} = Σᵢ wᵢ{low(unit)}{high(k)} {before} + {bias['s']}"
    sheet.line(z["s"], formula, add(*terms, bias), z["v"], (k, unit, None), note)


def _activate(sheet: Sheet, n: Numbers, k: int, unit: int, layer: Dense) -> None:
    a = output(n, k, unit)
    if isinstance(layer.activation, Softmax):
        size = layer.units // layer.activation.groups
        start = unit // size * size
        mark = high(k) if layer.activation.groups == 1 else at("", k, unit // size)
        right, expression = softmax(sheet, [score(n, k, start + j) for j in range(size)], unit - start, mark, "z")
    else:
        right, expression = activation(unit_of(sheet, n, k, unit, layer))
    last = k == len(n.forward) - 1
    note = f"Its activation is {layer.activation}" + (", and this is the output." if last else ".")
    sheet.line(a["s"], f"{a['s']} = {right}", expression, a["v"], (k, unit, None), note)


def _norm(sheet: Sheet, n: Numbers, k: int, unit: int, layer: LayerNorm) -> None:
    cache, views, x, count = n.forward[k], n.weights(k), n.forward[k].x[0], leaf(n.forward[k].x.shape[1])
    centre, mark = float(x.mean()), high(k)
    before = "xᵢ" if k == 0 else f"aᵢ{high(k - 1)}"
    mean = sheet.line(
        f"μ{mark}", f"μ{mark} = Σᵢ {before} / {count['v']:.0f}",
        div(add(*summed(x, lambda i: output(n, k - 1, i))), count), centre,
        note="LayerNorm centres and scales a row by its own mean and deviation.",
    )  # fmt: skip

    def squared(i: int) -> Expr:
        return op("pow", sub(output(n, k - 1, i), mean), leaf(2.0))

    variance = sheet.line(
        f"σ²{mark}", f"σ²{mark} = Σᵢ ({before} − μ{mark})² / {count['v']:.0f}",
        div(add(*summed((x - centre) ** 2, squared)), count), float(((x - centre) ** 2).mean()),
    )  # fmt: skip
    z, a, own = score(n, k, unit), output(n, k, unit), output(n, k - 1, unit)
    scale, shift = leaf(views["scale"][unit], at("scale", k, unit)), leaf(views["shift"][unit], at("shift", k, unit))
    root = op("sqrt", add(variance, leaf(layer.epsilon, "ε")))
    formula = f"{z['s']} = ({own['s']} − μ{mark}) / √(σ²{mark} + ε)"
    sheet.line(z["s"], formula, div(sub(own, mean), root), cache.z[0, unit], (k, unit, None))
    formula = f"{a['s']} = {z['s']} {scale['s']} + {shift['s']}"
    sheet.line(a["s"], formula, add(mul(z, scale), shift), a["v"], (k, unit, None))


def _factor(sheet: Sheet, n: Numbers, k: int, unit: int, layer: Layer) -> None:
    a, before, factor = output(n, k, unit), output(n, k - 1, unit), factor_of(n, k, unit)
    note = "A learnt factor for each column."
    if not isinstance(layer, Scale):
        note = (
            "Dropout lets everything through: this sample isn't in the batch, or the rate is 0." if factor["v"] == 1
            else "Dropout has left this value out in this update." if factor["v"] == 0
            else "Dropout has kept this value, and scaled it by 1 / (1 − rate)."
        )  # fmt: skip
    sheet.line(a["s"], f"{a['s']} = {before['s']} {factor['s']}", mul(before, factor), a["v"], (k, unit, None), note)


def factor_of(n: Numbers, k: int, unit: int) -> Expr:
    """Return what Scale or Dropout multiplies a column by."""
    if isinstance(n.engine.network.layers[k], Scale):
        return leaf(n.weights(k)["scale"][unit], at("scale", k, unit))
    kept = n.forward[k].extra
    return leaf(kept[0, unit] if isinstance(kept, np.ndarray) else kept, at("m", k, unit))
