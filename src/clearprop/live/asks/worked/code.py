"""One update as NumPy code: its numbers written out, to be run and changed anywhere."""

from __future__ import annotations

from textwrap import wrap

import numpy as np

from clearprop.arrays import Array
from clearprop.layers.dense import Dense
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.scale import Scale
from clearprop.live.asks.worked.code_formulas import ACTIVATIONS, JOINED, LOSSES, RULES
from clearprop.live.asks.worked.numbers import Numbers
from clearprop.live.asks.worked.path import Path
from clearprop.optimizers.clipping import ClipGlobalNorm, ClipNorm, ClipValue
from clearprop.optimizers.optimizer import UpdateRule

MOST_NUMBERS = 3000
"""Networks and batches with more numbers than this aren't written out."""


def written_code(n: Numbers, path: Path) -> tuple[str, str]:
    """Return code that does the update and prints the batch's loss and the new weight; or none, and a sentence why.

    Layers count from 1 in its names, as in the lines: ``W1`` holds the w⁽¹⁾.
    """
    why = _why_not(n)
    if why:
        return "", why
    lines = [
        f"# The update after step {n.moment.frame.step}, in NumPy. Layers count from 1: W1 and b1 are the first one's.",
        "import numpy as np", "", *_given(n), "", *_forward(n), "", *_backward(n), "", *_move(n), "",
        'print("loss", float(loss))',
        f'print("new weight", float({_view(path.layer, "weight")}[{path.source}, {path.unit}]))',
    ]  # fmt: skip
    return "\n".join(lines) + "\n", ""


def _why_not(n: Numbers) -> str:
    training, layers = n.moment.training, n.engine.network.layers
    own = [
        layer.activation for layer in layers if isinstance(layer, Dense) and type(layer.activation) not in ACTIVATIONS
    ]
    own += [] if type(n.engine.loss) in LOSSES else [n.engine.loss]
    own += [] if type(training.optimizer) in RULES else [training.optimizer]
    own += [] if isinstance(training.clip, ClipValue | ClipNorm | ClipGlobalNorm | None) else [training.clip]
    if own:
        return f"This update isn't written as NumPy code: {own[0]} is more than a few lines."
    if getattr(n.engine.loss, "groups", 1) > 1 or n.engine.network.members > 1:
        return "The update of an ensemble isn't written as NumPy code."
    batch, size = n.update.batch, n.update.before.vector.size
    numbers = batch.x.size + batch.targets.size + size * (1 + len(n.update.memory))
    if numbers > MOST_NUMBERS:
        return (
            f"This update has {numbers:,} numbers in it; up to {MOST_NUMBERS:,} are written out as NumPy code. Take a "
            "smaller batch or network."
        )
    return ""


def _given(n: Numbers) -> list[str]:
    """Return the batch, the parameters as one vector with views, and the optimiser's memory."""
    batch, layout = n.update.batch, n.update.before.layout
    lines = _literal("x", batch.x) + _literal("y", batch.targets)
    if batch.weight is not None:
        lines += [*_literal("v", batch.weight), "v /= v.sum()  # what part of the mean each row is"]
    lines += [
        "# every weight and bias in one vector, and the gradient likewise",
        *_literal("p", n.update.before.vector),
    ]
    lines.append("g = np.zeros_like(p)")
    for name, (place, shape) in layout.places.items():
        layer, _, own = name.partition(".")
        view = _view(int(layer), own)
        reshaped = f".reshape{shape}" if len(shape) > 1 else ""
        part = f"[{place.start}:{place.stop}]{reshaped}"
        lines.append(f"{view}, d{view} = p{part}, g{part}")
    for name, array in n.update.memory.items():
        lines += _literal(name, array)
    for k, cache in enumerate(n.batch_forward):
        if _drops(n, k):
            lines += _literal(f"m{k + 1}", cache.extra)
    return lines


def _forward(n: Numbers) -> list[str]:
    lines = ["# forward"]
    for k, layer in enumerate(n.engine.network.layers):
        x, a, z, i = "x" if k == 0 else f"a{k}", f"a{k + 1}", f"z{k + 1}", k + 1
        if isinstance(layer, Dense):
            lines.append(f"{z} = {x} @ W{i} + b{i}")
            statements = ACTIVATIONS[type(layer.activation)][0]
            lines += [each.format(z=z, a=a, t=f"t{i}", f=layer.activation) for each in statements]
        elif isinstance(layer, LayerNorm):
            lines.append(f"i{i} = 1 / np.sqrt({x}.var(axis=1, keepdims=True) + {layer.epsilon!r})")
            lines.append(f"{z} = ({x} - {x}.mean(axis=1, keepdims=True)) * i{i}")
            lines.append(f"{a} = {z} * scale{i} + shift{i}")
        elif isinstance(layer, Scale):
            lines.append(f"{a} = {x} * scale{i}")
        else:
            lines.append(f"{a} = {x} * m{i}  # dropout, as it was drawn" if _drops(n, k) else f"{a} = {x}")
    return lines


def _backward(n: Numbers) -> list[str]:
    """Return the loss, and each layer's part of the gradient from last to first."""
    loss, layers, batch = n.engine.loss, n.engine.network.layers, n.update.batch
    last = len(layers)
    value, slope = (JOINED if n.engine.from_z else LOSSES)[type(loss)]
    names = {"a": f"a{last}", "z": f"z{last}", "loss": loss}
    parts = 1 if loss.sums_outputs else batch.targets.shape[1]
    smoothing = getattr(loss, "label_smoothing", 0.0)
    classes = batch.targets.shape[1] if loss.sums_outputs else 2
    lines = [f"# loss: {loss}", *([f"y = y * (1 - {smoothing!r}) + {smoothing!r} / {classes}"] if smoothing else [])]
    values = value.format(**names)
    weighted = "" if batch.weight is None else " * v[:, None]"
    over = parts if weighted else parts * len(batch.x)
    values = f"({values}){weighted}" if weighted else values
    lines += [f"loss = ({values}).sum() / {over}", "", "# backward: d… is the loss's derivative by …"]
    start = "dz" if n.engine.from_z else "da"
    lines.append(f"{start}{last} = ({slope.format(**names)}){weighted} / {over}")
    for k in range(last - 1, -1, -1):
        layer, i = layers[k], k + 1
        x, a, z, da, dz, dx = "x" if k == 0 else f"a{k}", f"a{i}", f"z{i}", f"da{i}", f"dz{i}", f"da{k}"
        onward: list[str] = []
        if isinstance(layer, Dense):
            if not (n.engine.from_z and i == last):
                formula = ACTIVATIONS[type(layer.activation)][1]
                lines.append(f"{dz} = {formula.format(z=z, a=a, da=da, t=f't{i}', f=layer.activation)}")
            lines += [f"dW{i}[:] = {x}.T @ {dz}", f"db{i}[:] = {dz}.sum(axis=0)"]
            onward = [f"{dx} = {dz} @ W{i}.T"]
        elif isinstance(layer, LayerNorm):
            lines += [f"dscale{i}[:] = ({da} * {z}).sum(axis=0)", f"dshift{i}[:] = {da}.sum(axis=0)"]
            onward = [
                f"h = {da} * scale{i}",
                f"{dx} = i{i} * (h - h.mean(axis=1, keepdims=True) - {z} * (h * {z}).mean(axis=1, keepdims=True))",
            ]
        elif isinstance(layer, Scale):
            lines.append(f"dscale{i}[:] = ({da} * {x}).sum(axis=0)")
            onward = [f"{dx} = {da} * scale{i}"]
        else:
            onward = [f"{dx} = {da} * m{i}" if _drops(n, k) else f"{dx} = {da}"]
        lines += onward if k else []
    return lines


def _move(n: Numbers) -> list[str]:
    """Return penalty, clipping, weight decay and the optimiser's rule."""
    training, layout = n.moment.training, n.update.before.layout
    rule, clip = training.optimizer, training.clip
    weights = [int(name.split(".")[0]) + 1 for name in layout.places if name.endswith(".weight")]
    lines = [f"# update: {rule}"]
    for i in weights:
        lines += [f"dW{i} += {training.l2!r} * W{i}"] if training.l2 else []
        lines += [f"dW{i} += {training.l1!r} * np.sign(W{i})"] if training.l1 else []
    if isinstance(clip, ClipValue):
        lines.append(f"np.clip(g, {-clip.limit!r}, {clip.limit!r}, out=g)")
    elif isinstance(clip, ClipGlobalNorm):
        lines.append(f"g *= min(1, {clip.limit!r} / np.linalg.norm(g))")
    elif isinstance(clip, ClipNorm):
        views = ", ".join("d" + _view(int(layer), own) for layer, own in (name.split(".") for name in layout.places))
        lines += [f"for part in ({views},):", f"    part *= min(1, {clip.limit!r} / max(np.linalg.norm(part), 1e-300))"]
    lines.append(f"rate = np.full(p.shape, {n.update.rate!r})")
    for name, factor in training.rate_factors.items():
        place = layout.places[name][0]
        lines.append(f"rate[{place.start}:{place.stop}] *= {factor!r}")
    if isinstance(rule, UpdateRule) and rule.weight_decay:
        for i in weights:
            place = layout.places[f"{i - 1}.weight"][0]
            lines.append(
                f"p[{place.start}:{place.stop}] *= 1 - rate[{place.start}:{place.stop}] * {rule.weight_decay!r}"
            )
    t = n.moment.progress.step + n.moment.progress.age + 1
    return lines + [line.format(rule=rule, t=t) for line in RULES[type(rule)]]


def _drops(n: Numbers, k: int) -> bool:
    return np.ndim(n.batch_forward[k].extra) > 0 and not isinstance(n.engine.network.layers[k], LayerNorm)


def _view(layer: int, own: str) -> str:
    return {"weight": "W", "bias": "b"}.get(own, own) + str(layer + 1)


def _literal(name: str, array: Array) -> list[str]:
    """Return an array as code, every digit of it, in lines that a page can show."""
    numbers = ", ".join(repr(float(value)) for value in array.ravel().tolist())
    shape = f".reshape{array.shape}" if array.ndim > 1 else ""
    short = f"{name} = np.array([{numbers}]){shape}"
    if len(short) <= 110:
        return [short]
    return [f"{name} = np.array([", *(f"    {line}" for line in wrap(numbers, 106)), f"]){shape}"]
