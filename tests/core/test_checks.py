"""The public gradient checks find what is wrong, name it, and find out which method a formula allows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop import testing


@dataclass(frozen=True)
class Modulus(cp.Activation):
    """|z|, by a function that drops the imaginary part: the complex step gives 0."""

    factor: float = 1.0

    def __call__(self, z):
        return abs(z)

    def derivative(self, z, a):
        return self.factor * np.sign(z)


@dataclass(frozen=True)
class RealOnly(Modulus):
    """Raises on complex numbers."""

    def __call__(self, z):
        if np.iscomplexobj(z):
            raise TypeError("real numbers only")
        return abs(z)


@pytest.mark.parametrize("kind", [Modulus, RealOnly])
def test_a_formula_that_is_not_complex_safe(kind: type[Modulus]) -> None:
    report = testing.check_activation(kind())
    assert report.method == "central differences"
    assert report.error < 1e-8
    with pytest.raises(AssertionError, match=r"wrong at \[.*\]: by hand .*, by the central differences"):
        testing.check_activation(kind(1.001))
    network = cp.Network(2, [cp.Dense(3, kind()), cp.Dense(1)])
    assert testing.check_network(network, "squared").method == "central differences"
    assert testing.check_layer(cp.Dense(3, kind()), 2).method == "central differences"


def test_a_kink_nearby_does_no_harm() -> None:
    """Within the larger difference of 1e-5, but not within the smaller."""
    z = np.array([[5e-6, 1.0, -1.0]])
    assert testing.check_activation(Modulus(), z=z).error < 1e-6
    assert testing.check_activation("relu", z=z).method == "complex step"


@dataclass(frozen=True)
class Odd(cp.Activation):
    """tanh with one fault."""

    fault: str = ""

    @property
    def range(self):  # pyright: ignore[reportIncompatibleVariableOverride] - a fault that depends on the settings
        return (-0.1, 0.1) if self.fault == "range" else (-1.0, 1.0)

    def __call__(self, z):
        if self.fault == "in place":
            z += 1
        a = np.tanh(z)
        if self.fault == "promotes":
            a = a * np.ones(1)
        return a[:, :1] if self.fault == "shape" else a

    def derivative(self, z, a):
        slope = 1 - a * a
        if self.fault == "promotes slope":
            slope = slope * np.ones(1)
        return slope[:1] if self.fault == "slope shape" else slope * (2 if self.fault == "slope" else 1)

    def backward(self, z, a, gradient):
        wrong = 2 if self.fault == "backward" else 1
        return gradient * (1 - a * a) * wrong


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("range", r"an output lies outside the range \(-0\.1, 0\.1\) that 'odd' claims"),
        ("in place", "the activation 'odd' must not change z"),
        ("promotes", "for float32 the output must be float32"),
        ("promotes slope", "for float32 the derivative must be float32"),
        ("shape", r"the output must have z's shape \(5, 4\); got \(5, 1\)"),
        ("slope shape", r"the derivative must have z's shape \(5, 4\); got \(1, 4\)"),
        ("slope", r"the derivative by 'z\[:, 0\]' is wrong at \[\d\]"),
        ("backward", "the derivative by 'z' is wrong"),
    ],
)
def test_activations(fault: str, message: str) -> None:
    assert testing.check_activation(Odd()).error < 1e-12
    with pytest.raises(AssertionError, match=message):
        testing.check_activation(Odd(fault))


@dataclass(frozen=True)
class Joint(cp.Loss):
    """Half the square, of a tanh that it joins; with one fault."""

    fault: str = ""
    joint = cp.Tanh
    domain = (-1.0, 1.0)

    def value(self, prediction, target):
        if self.fault == "in place":
            target *= 0.5
        value = 0.5 * (prediction - target) ** 2
        return value.sum(axis=1) if self.fault == "shape" else value

    def derivative(self, prediction, target):
        gradient = prediction - target
        if self.fault == "promotes":
            gradient = gradient * np.ones(1)
        return gradient * (2 if self.fault == "derivative" else 1)

    def value_from_z(self, z, target):
        return 0.5 * (np.tanh(z) - target) ** 2 + (0.25 if self.fault == "value from z" else 0)

    def derivative_from_z(self, prediction, target):
        slope = 1 - prediction**2
        return (prediction - target) * (slope**2 if self.fault == "derivative from z" else slope)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("in place", "the loss 'joint' must not change target"),
        ("shape", r"the value must have the predictions' shape \(6, 3\); got \(6,\)"),
        ("promotes", "for float32 the derivative by 'prediction' must be float32"),
        ("derivative", "the derivative by 'prediction' is wrong"),
        ("value from z", r"value_from_z gives .* where value gives .*; they must agree"),
        ("derivative from z", "the derivative by 'z' is wrong"),
    ],
)
def test_losses(fault: str, message: str) -> None:
    assert testing.check_loss(Joint()).error < 1e-12
    with pytest.raises(AssertionError, match=message):
        testing.check_loss(Joint(fault))


def test_loss_at_predictions_of_ones_own() -> None:
    prediction, target = [[0.2, 0.8]], [[0.0, 1.0]]
    assert testing.check_loss("binary_cross_entropy", prediction=prediction, target=target).error < 1e-12
    with pytest.raises(AssertionError, match=r"prediction has shape \(1, 2\) and target \(1, 1\)"):
        testing.check_loss("squared", prediction=prediction, target=[[1.0]])
    with pytest.raises(cp.errors.InputError, match="targets between 0 and 1"):
        testing.check_loss("binary_cross_entropy", prediction=prediction, target=[[0.0, 7.0]])


def test_targets_are_drawn_within_any_domain() -> None:
    @dataclass(frozen=True)
    class Below(cp.Squared):
        domain = (float("-inf"), 2.0)

    @dataclass(frozen=True)
    class Between(cp.Squared):
        domain = (3.0, 5.0)

    for loss in (Below(), Between()):
        assert testing.check_loss(loss).error < 1e-12


def test_network_at_parameters_of_ones_own() -> None:
    network = cp.Network(1, [cp.Dense(1, "relu")])
    p = network.first_parameters(np.random.default_rng(0))
    p.vector[...] = [-1.0, 0.0]
    report = testing.check_network(network, "squared", x=[[1.0], [2.0]], y=[1.0, 2.0], parameters=p)
    assert report == testing.Report(0.0, "complex step", "")  # the unit is dead: every derivative is 0
    assert p.vector.tolist() == [-1.0, 0.0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(
            AssertionError, match=r"the loss is inf, so there is no derivative; give x, y or parameters"
        ):
            testing.check_network(network, "poisson", x=[[1.0], [2.0]], y=[1.0, 2.0], parameters=p)
    with pytest.raises(cp.errors.InputError, match="needs outputs between 0 and 1"):
        testing.check_network(network, "binary_cross_entropy")


def test_tolerance_and_nan() -> None:
    with pytest.raises(AssertionError, match="at most 0 is allowed"):
        testing.check_activation("tanh", tolerance=0)

    class Nowhere(cp.Scale):
        def backward(self, parameters, cache, gradient, into, need_input=True):
            return np.full_like(super().backward(parameters, cache, gradient, into), np.nan)

    with pytest.raises(AssertionError, match=r"the derivative by 'input' is wrong .*: by hand nan"):
        testing.check_layer(Nowhere(), 2)


def test_nothing_given_is_changed() -> None:
    x: Any = np.ones((2, 3))
    x.setflags(write=False)
    scale = np.ones(3)
    scale.setflags(write=False)
    testing.check_layer(cp.Scale(), 3, x=x, parameters={"scale": scale})
    testing.check_activation("tanh", z=x)
    testing.check_network(cp.Network(3, [cp.Scale(), cp.Dense(1)]), "squared", x=x)
