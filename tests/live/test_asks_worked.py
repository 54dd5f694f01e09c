from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError
from clearprop.layers.activations import Activation, Softmax
from clearprop.live.asks import answer
from clearprop.live.asks.worked.expression import Expr, evaluate, leaf
from clearprop.live.asks.worked.sheet import GROUPS, Sheet
from clearprop.live.data import Data
from clearprop.live.frames import Frame
from clearprop.live.messages import decode
from clearprop.live.recording import Recording
from clearprop.losses.loss import Loss
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer, UpdateRule

ROWS, STEPS = 14, 4
MEMORY = {"velocity": "new v", "square": "new v", "mean": "new m", "size": "new size", "previous": "kept g"}


class Keep(cp.Callback):
    """Records a run: a frame at its start and after each update."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        columns = [f"f{i}" for i in range(x.shape[1])]
        self.data = Data("table", "regression", x, y, None, columns, [], "y", {})

    def on_start(self, training: Any) -> None:
        self.training, self.recording, self.frames = training, Recording(), list[Frame]()
        self.branch = self.recording.begin({"type": "branch"}, training, self.recording.add_data(self.data), None, 0)
        self.frames.append(self.recording.add_frame(self.branch, training.progress, "bookmark"))

    def on_step(self, training: Any) -> None:
        self.frames.append(self.recording.add_frame(self.branch, training.progress, "bookmark"))

    def ask(self, step: int, **values: Any) -> dict[str, Any]:
        return decode(answer(self.recording, "worked", {"frame": self.frames[step].id, **values})).header


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
    keep = Keep(x, y)
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
    lines = Lines(keep.ask(step, **values))
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
EVERYTHING = list(product(ACTIVATIONS, LOSSES, OPTIMIZERS))
# a short form in which each activation meets each loss, and each optimiser several of both
SOME = [(f, loss, OPTIMIZERS[(i + j) % 7]) for i, f in enumerate(ACTIVATIONS) for j, loss in enumerate(LOSSES)]


def hold_all(cases: list[tuple[Activation, tuple[Loss, int, str | Activation], Optimizer]]) -> None:
    for f, (loss, outputs, last), rule in cases:
        keep = run([cp.Dense(4, f), cp.Dense(outputs, last)], loss, optimizer=rule, steps=3)
        for layer, unit, weight in ((0, 1, 1 + 4 * 2), (1, outputs - 1, 3 * outputs - 1)):
            held(keep, 2, sample=1, layer=layer, unit=unit, weight=weight)


@pytest.mark.parametrize("f", ACTIVATIONS, ids=str)
def test_every_activation_with_every_loss(f: Activation) -> None:
    hold_all([case for case in SOME if case[0] is f])


@pytest.mark.long
@pytest.mark.parametrize("f", ACTIVATIONS, ids=str)
def test_every_activation_loss_and_optimiser(f: Activation) -> None:
    hold_all([case for case in EVERYTHING if case[0] is f])


@pytest.mark.parametrize("z", [-30.0, -0.7, 0.0, 0.7, 30.0])
@pytest.mark.parametrize("f", ACTIVATIONS[:-2], ids=str)
def test_far_from_zero_and_at_it(f: Activation, z: float) -> None:
    keep = run([cp.Dense(2, f, weight=np.full((3, 2), 0.01), bias=[z, 0.5]), cp.Dense(1)], optimizer=cp.SGD(1e-9))
    keep.data = replace(keep.data, x=np.zeros((ROWS, 3)))  # with nothing coming in, z is the bias
    keep.branch.data = keep.recording.add_data(keep.data)
    lines = held(keep, 0)
    assert lines.by_symbol["z₁⁽¹⁾"] == z
    assert lines.by_symbol["a₁⁽¹⁾"] == f(np.array([[z]]))[0, 0]
    assert close(lines.by_symbol["f′(z₁⁽¹⁾)"], f.derivative(np.array([[z]]), f(np.array([[z]])))[0, 0])


CHAINS: dict[str, list[cp.Layer]] = {
    "dropout": [cp.Dense(5, "relu"), cp.Dropout(0.5), cp.Dense(4, "tanh"), cp.Dense(1)],
    "norm": [cp.Dense(5, "mish"), cp.LayerNorm(), cp.Dense(4, "gelu"), cp.LayerNorm(0.1), cp.Dense(2)],
    "scale": [cp.Scale(), cp.Dense(5, "silu"), cp.Scale(), cp.Dense(2)],
    "norm first": [cp.LayerNorm(), cp.Dropout(0.2), cp.Dense(5, "tanh"), cp.Dense(1)],
    "not dense at the end": [cp.Dense(5, "tanh"), cp.Dense(2), cp.Scale(), cp.LayerNorm()],
}


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_layers(name: str) -> None:
    layers = CHAINS[name]
    keep = run(layers, optimizer="adam", l2=0.1)
    for layer, sample in product([i for i, each in enumerate(layers) if isinstance(each, cp.Dense)], range(4)):
        width = keep.training.engine.network.widths[layer + 1]
        lines = held(keep, 2, layer=layer, sample=sample, unit=width - 1, weight=2 * width - 1)
        assert len(lines.by_symbol) > 8


def test_dropout_is_the_one_that_was_drawn() -> None:
    keep = run(CHAINS["dropout"], optimizer="sgd")
    notes = set[str]()
    for sample in range(ROWS):
        lines = held(keep, 1, sample=sample, layer=0, unit=0)
        factor = next(line for line in lines.all if line["place"] == {"layer": 1, "unit": 0, "input": None})
        assert factor["note"] != "" or not lines.header["batch"]["contains_sample"]
        notes.add(factor["note"].split(",")[0][:20])
        value = factor["expression"]["of"][1]["v"]
        assert value in ((0.0, 2.0) if lines.header["batch"]["contains_sample"] else (1.0,))
    assert len(notes) == 3


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


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule.name)
def test_settings_of_a_run(rule: Optimizer, name: str) -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dense(2)], optimizer=rule, **SETTINGS[name])
    for step in (0, 2):
        held(keep, step, sample=3, layer=0, unit=2)
        held(keep, step, sample=4, layer=1, unit=1)


def test_rprop_grows_shrinks_and_leaves_out() -> None:
    keep = run([cp.Dense(2, "tanh"), cp.Dense(1)], optimizer=cp.Rprop(0.5, largest=0.6), steps=12, batch_size=None)
    kinds = set[float]()
    for step, weight in product(range(12), range(6)):
        lines = held(keep, step, layer=0, weight=weight)
        kinds.add(float(np.sign(lines.starting("agreement"))))
    assert kinds == {-1.0, 0.0, 1.0}


def test_the_finite_difference_agrees() -> None:
    for f, (loss, outputs, last) in product(ACTIVATIONS, LOSSES):
        keep = run([cp.Dense(4, f), cp.Dense(outputs, last)], loss, optimizer="sgd", l2=0.1, steps=2)
        assert held(keep, 1, sample=2).by_symbol["difference"] < 2e-5, (f, loss)


def test_lbfgs_is_shown_by_its_result() -> None:
    keep = run([cp.Dense(3, "tanh"), cp.Dense(1)], optimizer="lbfgs", batch_size=None)
    lines = held(keep, 2)
    assert "line search of L-BFGS isn't shown line by line" in lines.all[-5]["note"]
    keep = run([cp.Dense(1)], optimizer="lbfgs", batch_size=None, steps=90)
    header = keep.ask(len(keep.frames) - 1)
    line = next(line for group in header["groups"] for line in group["lines"] if line["symbol"].startswith("new w"))
    assert line["note"].startswith("There is no update: ")


def test_float32_to_seven_digits() -> None:
    keep = run([cp.Dense(5, "tanh"), cp.Dense(1)], optimizer="adam", dtype="float32")
    lines = held(keep, 2, sample=2, exact=1e-5)
    assert lines.header["dtype"] == "float32"


def test_a_row_that_is_not_in_the_batch() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dense(1)], optimizer="sgd")
    places = [held(keep, 1, sample=i).header["batch"] for i in range(ROWS)]
    assert sum(each["contains_sample"] for each in places) == ROWS // 2
    assert sorted(each["place"] for each in places if each["contains_sample"]) == list(range(ROWS // 2))
    batch = keep.training.batches.at(1)
    inside = next(i for i, each in enumerate(places) if each["place"] == 3)
    assert (batch.x[3] == keep.data.x[inside]).all()


def test_wide_networks_show_thirty_terms_and_the_rest() -> None:
    keep = run([cp.Dense(40, "relu"), cp.Dense(30, "tanh"), cp.Dense(12, "softmax")], "categorical_cross_entropy",
               inputs=100, rows=60, optimizer="sgd")  # fmt: skip
    lines = held(keep, 1, layer=0, unit=7, weight=99 * 40 + 7)
    first = lines.all[0]["expression"]["of"]
    assert len(first) == 32  # thirty products, the rest, the bias
    assert first[-2]["s"] == "the other 70"
    assert any(term["of"][1]["s"] == "x₁₀₀" for term in first[:30])  # the chosen one is among them
    gradient = next(line for line in lines.all if line["symbol"].startswith("∂L/∂w"))
    assert len(gradient["expression"]["of"][0]["of"]) == 11
    assert len([s for s in lines.by_symbol if s.startswith("ŷ")]) <= 2
    held(keep, 1, layer=2, unit=11)
    assert len(str(keep.ask(1, layer=2, unit=11))) < 60_000


def test_one_layer_and_one_row() -> None:
    held(run([cp.Dense(1)], rows=2, batch_size=1, optimizer="sgd"), 1)
    held(run([cp.Dense(3, "softmax")], "categorical_cross_entropy", optimizer="sgd"), 1, unit=2)


def test_chosen_by_unit_or_by_weight() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dense(2)], optimizer="sgd")
    assert [keep.ask(1)[name] for name in ("layer", "unit", "input")] == [0, 0, 0]
    assert [keep.ask(1, layer=0, unit=3)[name] for name in ("layer", "unit", "input")] == [0, 3, 0]
    header = keep.ask(1, layer=1, unit=1, weight=5)
    assert [header[name] for name in ("layer", "unit", "input", "weight")] == [1, 1, 2, 5]
    symbols = {line["symbol"] for group in header["groups"] for line in group["lines"]}
    assert {"z₃⁽¹⁾", "a₃⁽¹⁾", "z₂⁽²⁾", "∂ℓ/∂w₃₂⁽²⁾"} <= symbols
    for values, text in (
        ({"layer": 2}, "'layer' must be less than 2"),
        ({"layer": 0, "unit": 4}, "'unit' must be less than 4"),
        ({"layer": 0, "weight": 12}, "'weight' must be less than 12"),
        ({"layer": 1, "unit": 0, "weight": 5}, "leads to unit 1, not to unit 0"),
        ({"sample": ROWS}, f"'sample' must be less than {ROWS}"),
        ({"sample": -1}, "'sample' must be a whole number"),
    ):
        with pytest.raises(InputError, match=text):
            keep.ask(1, **values)


def test_what_is_not_worked_through() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dropout(0.1), cp.Dense(2)], optimizer="sgd")
    with pytest.raises(InputError, match=r"layer 1 is Dropout; choose a Dense one: \[0, 2\]"):
        keep.ask(1, layer=1)
    keep = run([cp.Members(2), cp.GroupedDense(3, groups=2), cp.Dense(1)], optimizer="sgd")
    with pytest.raises(InputError, match="Members layer isn't worked through"):
        keep.ask(1)
    keep = run([cp.Dense(2), cp.Dense(1)], optimizer="sgd")
    keep.frames[1].progress.parameters.vector[...] = 1e200
    with pytest.raises(InputError, match=r"aren't finite|isn't finite"):
        keep.ask(1)
    keep.training.batches.batch_size = 10**8
    with pytest.raises(InputError, match="too large to be worked through"):
        keep.ask(0)


@dataclass(frozen=True)
class _Cube(Activation):
    def __call__(self, z: Any) -> Any:
        return z**3 / 9

    def derivative(self, z: Any, a: Any) -> Any:
        return z**2 / 3


@dataclass(frozen=True)
class _Quartic(Loss):
    def value(self, prediction: Any, target: Any) -> Any:
        return (prediction - target) ** 4 / 16

    def derivative(self, prediction: Any, target: Any) -> Any:
        return (prediction - target) ** 3 / 4


@dataclass(frozen=True)
class _Sign(UpdateRule):
    def update(self, p: Any, g: Any, state: Any, step: int, rate: float) -> None:
        p -= rate * np.sign(g)


@dataclass(frozen=True)
class _Half(Clip):
    def __call__(self, gradients: Any) -> bool:
        gradients.vector[...] /= 2
        return True


def test_a_person_s_own_parts_are_shown_as_numbers() -> None:
    keep = run([cp.Dense(3, _Cube()), cp.Dense(1, _Cube())], _Quartic(), optimizer=_Sign(0.01), clip=_Half())
    lines = held(keep, 1)
    assert "isn't shown line by line" in next(line["note"] for line in lines.all if line["symbol"].startswith("new w"))
    assert (lines.header["code"], lines.header["code_note"][:46]) == (
        "",
        "This update isn't written as NumPy code: _cube",
    )


def printed(code: str) -> dict[str, float]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})  # noqa: S102 - our own code, which is what this test is about
    return {name: float(number) for name, number in (line.rsplit(" ", 1) for line in out.getvalue().splitlines())}


def hold_code(keep: Keep, step: int, **values: Any) -> str:
    lines = held(keep, step, **values)
    code = lines.header["code"]
    assert code, lines.header["code_note"]
    got = printed(code)
    assert got["loss"] == pytest.approx(lines.header["loss_before"], rel=1e-12)
    assert got["new weight"] == pytest.approx(lines.starting("new w"), rel=1e-11, abs=1e-13)
    assert max(map(len, code.splitlines())) <= 120
    return code


def test_code_does_the_same_update() -> None:
    for i, (f, (loss, outputs, last)) in enumerate(product(ACTIVATIONS[:-1], LOSSES[:-1])):
        keep = run([cp.Dense(3, f), cp.Dense(outputs, last)], loss, optimizer=OPTIMIZERS[i % 7], steps=3)
        hold_code(keep, 2, layer=i % 2, unit=outputs - 1 if i % 2 else 2)


@pytest.mark.parametrize("name", SETTINGS)
def test_code_with_every_setting(name: str) -> None:
    for rule in OPTIMIZERS:
        hold_code(run([cp.Dense(3, "tanh"), cp.Dense(2)], optimizer=rule, **SETTINGS[name]), 2, layer=1)


@pytest.mark.parametrize("name", CHAINS)
def test_code_of_chains(name: str) -> None:
    layer = next(i for i, each in enumerate(CHAINS[name]) if isinstance(each, cp.Dense))
    code = hold_code(run(CHAINS[name], optimizer="adam"), 2, layer=layer)
    arithmetic = code[code.index("# forward") :].splitlines()
    assert len(arithmetic) < 60


def test_code_is_short_or_left_out() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")], "binary_cross_entropy", optimizer="sgd")
    code = hold_code(keep, 1)
    assert len(code[code.index("# forward") :].splitlines()) < 30
    keep = run([cp.Dense(40, "tanh"), cp.Dense(40, "tanh"), cp.Dense(1)], optimizer="adam")
    header = keep.ask(1)
    assert header["code"] == ""
    assert "up to 3,000 are written out" in header["code_note"]
    keep = run([cp.Dense(4, "softmax")], "categorical_cross_entropy", optimizer="lbfgs", batch_size=None)
    assert "lbfgs is more than a few lines" in keep.ask(1)["code_note"]
    keep = run([cp.Dense(4, Softmax(groups=2))], cp.CategoricalCrossEntropy(groups=2), optimizer="sgd")
    assert "ensemble" in keep.ask(1)["code_note"]


def test_a_line_that_is_not_finite() -> None:
    with pytest.raises(InputError, match="z₁ isn't finite here"):
        Sheet().line("z₁", "z₁ = x₁", leaf(1.0), float("nan"))
