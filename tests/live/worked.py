"""Runs of which every step is kept, and what holds each line of a worked update to its numbers and to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation, Softmax
from clearprop.live.asks import answer
from clearprop.live.asks.worked.expression import Expr, evaluate
from clearprop.live.asks.worked.sheet import GROUPS
from clearprop.live.data import Data
from clearprop.live.frames import Frame
from clearprop.live.messages import Message, decode
from clearprop.live.recording import Recording
from clearprop.losses.loss import Loss
from clearprop.optimizers.optimizer import Optimizer

ROWS, STEPS = 14, 4
MEMORY = {"velocity": "new v", "square": "new v", "mean": "new m", "size": "new size", "previous": "kept g"}


class Keep(cp.Callback):
    """Records a run: a frame at its start and after each update."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def on_start(self, training: Any) -> None:
        self.training, self.recording, self.frames = training, Recording(), list[Frame]()
        self.branch = self.recording.begin({"type": "branch"}, training, self.recording.add_data(self.data), None, 0)
        self.frames.append(self.recording.add_frame(self.branch, training.progress, "bookmark"))

    def on_step(self, training: Any) -> None:
        self.frames.append(self.recording.add_frame(self.branch, training.progress, "bookmark"))

    def ask(self, what: str, step: int, **values: Any) -> Message:
        return decode(answer(self.recording, what, {"frame": self.frames[step].id, **values}))

    def worked(self, step: int, **values: Any) -> dict[str, Any]:
        return self.ask("worked", step, **values).header


def run(
    layers: list[cp.Layer], loss: str | Loss = "squared", *, inputs: int = 3, rows: int = ROWS, **more: Any
) -> Keep:
    network = cp.Network(inputs, layers)
    rng = np.random.default_rng(5)
    x = rng.normal(size=(rows, inputs)) * 1.5
    outputs = network.n_outputs
    y = rng.normal(size=(rows, outputs))
    kind = Loss.resolve(loss)
    if kind.name == "categorical_cross_entropy":
        y = np.tile(
            np.eye(outputs // kind.groups)[rng.integers(outputs // kind.groups, size=rows)], getattr(kind, "groups", 1)
        )
    elif kind.name == "binary_cross_entropy":
        y = (y > 0).astype(float)
    elif kind.name == "poisson":
        y = rng.integers(0, 4, size=y.shape).astype(float)
    keep = Keep(Data("table", "regression", x, y, None, [f"f{i}" for i in range(inputs)], [], "y", {}))
    settings = {"steps": STEPS, "rng": 11, "engine": "reference", "batch_size": rows // 2} | more
    cp.train(network, x, y, loss=loss, callbacks=[keep], **settings)
    return keep


@dataclass
class Lines:
    """A worked update by symbol."""

    header: dict[str, Any]

    def __post_init__(self) -> None:
        assert [group["name"] for group in self.header["groups"]] == list(GROUPS)
        self.all = [line for group in self.header["groups"] for line in group["lines"]]
        self.by_symbol = {line["symbol"]: line["result"] for line in self.all}

    def starting(self, text: str) -> float:
        found = [line["result"] for line in self.all if line["symbol"].startswith(text)]
        assert len(found) == 1, (text, list(self.by_symbol))
        return found[0]


def leaves(expression: Expr) -> list[Expr]:
    return [leaf for each in expression["of"] for leaf in leaves(each)] if "op" in expression else [expression]


def close(found: float, wanted: float, tolerance: float = 1e-12) -> bool:
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted))


def held(keep: Keep, step: int, *, exact: float = 1e-12, **values: Any) -> Lines:
    """Ask, and hold every line to its own numbers, to former lines, and to what the engine really does."""
    lines = Lines(keep.worked(step, **values))
    header = lines.header
    assert len({line["id"] for line in lines.all}) == len({line["symbol"] for line in lines.all}) == len(lines.all)
    known: dict[str, float] = {}
    for line in lines.all:
        got = evaluate(line["expression"])
        largest = max(abs(each["v"]) for each in leaves(line["expression"]))
        assert abs(got - line["result"]) <= 1e-9 * abs(line["result"]) + 1e-13 * largest, line
        assert line["formula"].startswith(f"{line['symbol']} = "), line
        assert not line["note"] or line["note"].endswith(".")
        for each in leaves(line["expression"]):
            if each.get("s") in known:
                assert close(each["v"], known[each["s"]]), (line, each)
            if "s" in each:
                assert each["s"]
        known[line["symbol"]] = line["result"]
    training, frame = keep.training, keep.frames[step]
    k, unit, source = header["layer"], header["unit"], header["input"]
    layer, w = "⁽" + "¹²³⁴⁵"[k] + "⁾", frame.progress.parameters[f"{k}.weight"]
    assert header["weight"] == source * w.shape[1] + unit
    assert lines.starting("new w") == pytest.approx(
        keep.frames[step + 1].progress.parameters[f"{k}.weight"][source, unit], rel=exact, abs=exact
    )
    after = keep.frames[step + 1].progress
    for name, array in after.state.items():  # what the optimiser remembers from here on
        symbol = MEMORY.get(name)
        if symbol:
            remembered = after.parameters.like(array)[f"{k}.weight"][source, unit]
            assert lines.starting(symbol) == pytest.approx(remembered, rel=exact, abs=exact)
    assert header["rate"] == training.progress.history["rate"][step]
    assert close(header["loss_before"], training.progress.history["loss"][step], exact)
    assert close(lines.by_symbol["L before"], header["loss_before"])
    if header["loss_after"] is not None:
        assert close(lines.by_symbol["change of L"], header["loss_after"] - header["loss_before"])
    # the sample by itself, by the engine
    if header["batch"]["place"] is None or not any(each.draws for each in training.engine.network.layers):
        engine = ReferenceEngine(training.engine.network, training.engine.loss)
        p = frame.progress.parameters.like(frame.progress.parameters.vector.astype(float))
        g = p.copy()
        s = slice(header["sample"], header["sample"] + 1)
        x, y = (each.astype(w.dtype).astype(float) for each in (keep.data.x[s], keep.data.y[s]))
        assert close(lines.by_symbol["ℓ"], engine.gradient(p, x, y, into=g))
        assert close(lines.starting("∂ℓ/∂w"), g[f"{k}.weight"][source, unit])
        assert close(lines.starting("∂ℓ/∂b"), g[f"{k}.bias"][unit])
        caches = engine.network.forward(p, x)[1]
        z = next(v for s_, v in lines.by_symbol.items() if s_.startswith("z") and s_.endswith(layer))
        assert any(close(z, each) for each in caches[k].z[0])
    return lines


ACTIVATIONS: list[Activation] = [
    cp.Identity(), cp.Sigmoid(), cp.Tanh(), cp.ReLU(), cp.LeakyReLU(0.1), cp.ELU(1.3), cp.SELU(), cp.GELU(), cp.SiLU(),
    cp.Mish(), cp.Softplus(), cp.Exponential(), cp.Softmax(), cp.Softmax(groups=2),
]  # fmt: skip
LOSSES: list[tuple[Loss, int, str | Activation]] = [
    (cp.Squared(), 1, "identity"),
    (cp.Squared(), 3, "tanh"),
    (cp.Squared(), 3, "softmax"),
    (cp.Absolute(), 2, "identity"),
    (cp.Huber(0.5), 2, "identity"),
    (cp.Quantile(0.8), 2, "softplus"),
    (cp.Poisson(), 2, "exponential"),
    (cp.Poisson(), 1, "softplus"),
    (cp.BinaryCrossEntropy(), 1, "sigmoid"),
    (cp.BinaryCrossEntropy(label_smoothing=0.1), 2, "sigmoid"),
    (cp.BinaryCrossEntropy(), 2, "softmax"),
    (cp.CategoricalCrossEntropy(), 3, "softmax"),
    (cp.CategoricalCrossEntropy(label_smoothing=0.2), 3, "softmax"),
    (cp.CategoricalCrossEntropy(), 3, "sigmoid"),
    (cp.CategoricalCrossEntropy(groups=2), 6, Softmax(groups=2)),
]
OPTIMIZERS: list[Optimizer] = [
    cp.SGD(0.1), cp.Momentum(0.05), cp.Nesterov(0.05, weight_decay=0.1), cp.RMSProp(0.01), cp.Adam(0.02),
    cp.AdamW(0.02, weight_decay=0.3), cp.Rprop(0.01),
]  # fmt: skip

CHAINS: dict[str, list[cp.Layer]] = {
    "dropout": [cp.Dense(5, "relu"), cp.Dropout(0.5), cp.Dense(4, "tanh"), cp.Dense(1)],
    "norm": [cp.Dense(5, "mish"), cp.LayerNorm(), cp.Dense(4, "gelu"), cp.LayerNorm(0.1), cp.Dense(2)],
    "scale": [cp.Scale(), cp.Dense(5, "silu"), cp.Scale(), cp.Dense(2)],
    "norm first": [cp.LayerNorm(), cp.Dropout(0.2), cp.Dense(5, "tanh"), cp.Dense(1)],
    "not dense at the end": [cp.Dense(5, "tanh"), cp.Dense(2), cp.Scale(), cp.LayerNorm()],
}

SETTINGS: dict[str, dict[str, Any]] = {
    "full batch": {"batch_size": None},
    "penalties": {"l1": 0.02, "l2": 0.3},
    "clip value": {"clip": cp.ClipValue(0.01)},
    "clip norm": {"clip": cp.ClipNorm(0.1), "l2": 0.1},
    "clip global norm": {"clip": cp.ClipGlobalNorm(0.1)},
    "clip that leaves it": {"clip": cp.ClipGlobalNorm(1e6)},
    "schedule": {"schedule": cp.schedules.CosineDecay(end=0.1)},
    "rate factors": {"rate_factors": {"0.weight": 0.3, "*.bias": 2.0}},
    "weights": {"sample_weight": np.linspace(0.5, 4.0, ROWS)},
    "weights, full batch": {"sample_weight": np.linspace(0.5, 4.0, ROWS), "batch_size": None},
}
