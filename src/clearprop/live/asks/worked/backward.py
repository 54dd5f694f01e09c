"""From the loss back to the chosen weight, for the one sample."""

from __future__ import annotations

from clearprop.layers.activations import Identity, Softmax
from clearprop.layers.dense import Dense
from clearprop.layers.layer_norm import LayerNorm
from clearprop.live.asks.worked.activations import derivative
from clearprop.live.asks.worked.expression import Expr, add, div, leaf, mul, sub, summed
from clearprop.live.asks.worked.forward import factor_of, output, output_name, score, unit_of
from clearprop.live.asks.worked.losses import write_slope
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.live.asks.worked.symbols import at, high, low, slope


def write_backward(sheet: Sheet, n: Numbers, path: Path) -> None:
    """Write the derivative by each z and a on the path, down to the chosen weight and its unit's bias."""
    sheet.group = "backward"
    layers, last = n.engine.network.layers, len(n.forward) - 1
    for j in path.shown[last]:
        write_slope(sheet, n, j)
    for k in range(last, path.layer - 1, -1):
        layer = layers[k]
        if isinstance(layer, Dense):
            if not (k == last and n.engine.from_z):
                for unit in path.shown[k]:
                    _through_activation(sheet, n, k, unit, layer)
            if k > path.layer:
                for unit in path.shown[k - 1]:
                    _through_weights(sheet, n, k, unit)
        else:
            for unit in path.shown[k]:
                _through_norm(sheet, n, k, unit) if isinstance(layer, LayerNorm) else _through_factor(sheet, n, k, unit)
    _weight_and_bias(sheet, n, path)


def by_output(n: Numbers, k: int, unit: int) -> Expr:
    """Return ∂ℓ/∂a as an operand."""
    return leaf(n.by_output[k][unit], slope(output_name(n, k, unit)))


def by_z(n: Numbers, k: int, unit: int) -> Expr:
    """Return ∂ℓ/∂z as an operand."""
    return leaf(n.by_z[k][unit], slope(at("z", k, unit)))


def _through_activation(sheet: Sheet, n: Numbers, k: int, unit: int, layer: Dense) -> None:
    da, dz, a, place = by_output(n, k, unit), by_z(n, k, unit), output(n, k, unit), (k, unit, None)
    if isinstance(layer.activation, Softmax):
        size = layer.units // layer.activation.groups
        start = unit // size * size
        mark = high(k) if layer.activation.groups == 1 else at("", k, unit // size)
        products = n.by_output[k][start : start + size] * n.forward[k].a[0, start : start + size]

        def product(j: int) -> Expr:
            return mul(by_output(n, k, start + j), output(n, k, start + j))

        name = output_name(n, k, 0)[0]
        mean = sheet.line(
            f"c{mark}", f"c{mark} = Σₖ ∂ℓ/∂{name}ₖ {name}ₖ", add(*summed(products, product)), float(products.sum()),
            note="Softmax ties its units together: more for one is less for the others.",
        )  # fmt: skip
        sheet.line(dz["s"], f"{dz['s']} = {a['s']} ({da['s']} − {mean['s']})", mul(a, sub(da, mean)), dz["v"], place)
        return
    z = score(n, k, unit)
    right, expression = derivative(unit_of(sheet, n, k, unit, layer))
    cache = n.forward[k]
    value = layer.activation.derivative(cache.z, cache.a)[0, unit]
    name = f"f′({z['s']})"
    note = "" if not isinstance(layer.activation, Identity) else "The identity passes everything on."
    f = sheet.line(name, f"{name} = {right}", expression, float(value), place, note)
    sheet.line(dz["s"], f"{dz['s']} = {da['s']} {name}", mul(da, f), dz["v"], place)


def _through_weights(sheet: Sheet, n: Numbers, k: int, source: int) -> None:
    """Write ∂ℓ/∂a of a unit: each unit of layer k that it leads to hands its part back through its weight."""
    weight, da = n.weights(k)["weight"][source], by_output(n, k - 1, source)
    terms = summed(weight * n.by_z[k], lambda j: mul(leaf(weight[j], at("w", k, source, j)), by_z(n, k, j)))
    one = at("w", k, source, 0) if len(weight) == 1 else f"w{low(source)}ⱼ{high(k)}"
    formula = f"{da['s']} = Σⱼ {one} ∂ℓ/∂zⱼ{high(k)}" if len(weight) > 1 else f"{da['s']} = {one} {by_z(n, k, 0)['s']}"
    sheet.line(da["s"], formula, add(*terms), da["v"], (k - 1, source, None))


def _through_factor(sheet: Sheet, n: Numbers, k: int, unit: int) -> None:
    if k == 0:
        return
    da, before, factor = by_output(n, k, unit), by_output(n, k - 1, unit), factor_of(n, k, unit)
    formula = f"{before['s']} = {da['s']} {factor['s']}"
    sheet.line(before["s"], formula, mul(da, factor), before["v"], (k - 1, unit, None))


def _through_norm(sheet: Sheet, n: Numbers, k: int, unit: int) -> None:
    """Write dx = (g − mean(g) − z mean(g z)) / √(σ² + ε), with g = ∂ℓ/∂a · scale."""
    if k == 0:
        return
    cache, scales, mark = n.forward[k], n.weights(k)["scale"], high(k)
    g, z, count = n.by_output[k] * scales, cache.z[0], leaf(len(scales))

    def scale(j: int) -> Expr:
        return leaf(scales[j], at("scale", k, j))

    own = sheet.line(
        at("g", k, unit), f"{at('g', k, unit)} = {by_output(n, k, unit)['s']} {scale(unit)['s']}",
        mul(by_output(n, k, unit), scale(unit)), float(g[unit]), (k, unit, None),
    )  # fmt: skip
    terms = summed(g, lambda j: mul(by_output(n, k, j), scale(j)))
    mean = sheet.line(f"ḡ{mark}", f"ḡ{mark} = Σⱼ gⱼ{mark} / {len(g)}", div(add(*terms), count), float(g.mean()))
    terms = summed(g * z, lambda j: mul(by_output(n, k, j), scale(j), score(n, k, j)))
    tilt = sheet.line(
        f"h{mark}", f"h{mark} = Σⱼ gⱼ{mark} zⱼ{mark} / {len(g)}", div(add(*terms), count), float((g * z).mean())
    )
    before, inverse = by_output(n, k - 1, unit), leaf(float(cache.extra[0, 0]), f"1/√(σ²{mark} + ε)")
    inside = f"{own['s']} − {mean['s']} − {score(n, k, unit)['s']} {tilt['s']}"
    sheet.line(
        before["s"], f"{before['s']} = ({inside}) {inverse['s']}",
        mul(inverse, sub(sub(own, mean), mul(score(n, k, unit), tilt))), before["v"], (k - 1, unit, None),
        "Moving one column moves the mean and the deviation of the row, too.",
    )  # fmt: skip


def _weight_and_bias(sheet: Sheet, n: Numbers, path: Path) -> None:
    k, unit, source = path.layer, path.unit, path.source
    dz, x = by_z(n, k, unit), output(n, k - 1, source)
    name, bias = slope(at("w", k, source, unit)), slope(at("b", k, unit))
    sheet.line(
        name, f"{name} = {dz['s']} {x['s']}", mul(dz, x), float(n.by_z[k][unit] * n.forward[k].x[0, source]),
        (k, unit, source), "The chosen weight, for this sample alone: what came in, times what came back.",
    )  # fmt: skip
    sheet.line(bias, f"{bias} = {dz['s']}", dz, dz["v"], (k, unit, None), "The bias is a weight on the number 1.")
