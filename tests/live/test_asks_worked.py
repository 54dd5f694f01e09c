"""The ask "worked": every activation, loss, optimiser and layer, line by line, against the engine."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from worked import ACTIVATIONS, CHAINS, LOSSES, OPTIMIZERS, ROWS, SETTINGS, close, held, run

import clearprop as cp
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.optimizers.optimizer import Optimizer

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


def test_float32_to_seven_digits() -> None:
    keep = run([cp.Dense(5, "tanh"), cp.Dense(1)], optimizer="adam", dtype="float32")
    lines = held(keep, 2, sample=2, exact=1e-5)
    assert lines.header["dtype"] == "float32"
