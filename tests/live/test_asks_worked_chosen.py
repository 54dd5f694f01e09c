"""The ask "worked": what is chosen, what is left out, how long it gets, and the update as NumPy code."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from worked import ACTIVATIONS, CHAINS, LOSSES, OPTIMIZERS, ROWS, SETTINGS, held, run

import clearprop as cp
from clearprop.errors import InputError
from clearprop.layers.activations import Activation, Softmax
from clearprop.live.asks.worked.expression import leaf
from clearprop.live.asks.worked.sheet import Sheet
from clearprop.losses.loss import Loss
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import UpdateRule


def test_lbfgs_is_shown_by_its_result() -> None:
    keep = run([cp.Dense(3, "tanh"), cp.Dense(1)], optimizer="lbfgs", batch_size=None)
    lines = held(keep, 2)
    assert "line search of L-BFGS isn't shown line by line" in lines.all[-5]["note"]
    keep = run([cp.Dense(1)], optimizer="lbfgs", batch_size=None, steps=90)
    header = keep.worked(len(keep.frames) - 1)
    line = next(line for group in header["groups"] for line in group["lines"] if line["symbol"].startswith("new w"))
    assert line["note"].startswith("There is no update: ")


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
    assert len(str(keep.worked(1, layer=2, unit=11))) < 60_000


def test_one_layer_and_one_row() -> None:
    held(run([cp.Dense(1)], rows=2, batch_size=1, optimizer="sgd"), 1)
    held(run([cp.Dense(3, "softmax")], "categorical_cross_entropy", optimizer="sgd"), 1, unit=2)


def test_chosen_by_unit_or_by_weight() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dense(2)], optimizer="sgd")
    assert [keep.worked(1)[name] for name in ("layer", "unit", "input")] == [0, 0, 0]
    assert [keep.worked(1, layer=0, unit=3)[name] for name in ("layer", "unit", "input")] == [0, 3, 0]
    header = keep.worked(1, layer=1, unit=1, weight=5)
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
            keep.worked(1, **values)


def test_what_is_not_worked_through() -> None:
    keep = run([cp.Dense(4, "tanh"), cp.Dropout(0.1), cp.Dense(2)], optimizer="sgd")
    with pytest.raises(InputError, match=r"layer 1 is Dropout; choose a Dense one: \[0, 2\]"):
        keep.worked(1, layer=1)
    keep = run([cp.Members(2), cp.GroupedDense(3, groups=2), cp.Dense(1)], optimizer="sgd")
    with pytest.raises(InputError, match="Members layer isn't worked through"):
        keep.worked(1)
    keep = run([cp.Dense(2), cp.Dense(1)], optimizer="sgd")
    keep.frames[1].progress.parameters.vector[...] = 1e200
    with pytest.raises(InputError, match=r"aren't finite|isn't finite"):
        keep.worked(1)
    keep.training.batches.batch_size = 10**8
    with pytest.raises(InputError, match="too large to be worked through"):
        keep.worked(0)


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


def hold_code(keep: Any, step: int, **values: Any) -> str:
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
    header = keep.worked(1)
    assert header["code"] == ""
    assert "up to 3,000 are written out" in header["code_note"]
    keep = run([cp.Dense(4, "softmax")], "categorical_cross_entropy", optimizer="lbfgs", batch_size=None)
    assert "lbfgs is more than a few lines" in keep.worked(1)["code_note"]
    keep = run([cp.Dense(4, Softmax(groups=2))], cp.CategoricalCrossEntropy(groups=2), optimizer="sgd")
    assert "ensemble" in keep.worked(1)["code_note"]


def test_a_line_that_is_not_finite() -> None:
    with pytest.raises(InputError, match="z₁ isn't finite here"):
        Sheet().line("z₁", "z₁ = x₁", leaf(1.0), float("nan"))
