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
class OwnScale(cp.Layer):
    """A right layer; each subclass below breaks one rule."""

    def shapes(self, n_inputs):
        return {"scale": (n_inputs,)}

    def initializers(self):
        return {"scale": cp.initializers.Normal(1.0, 0.1)}

    def forward(self, parameters, x, rng=None):
        a = x * parameters["scale"]
        return cp.Cache(x, a, a)

    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] = (gradient * cache.x).sum(axis=0)
        return gradient * parameters["scale"]


class WrongInput(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        return 1.001 * super().backward(parameters, cache, gradient, into)


class WrongParameter(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        dx = super().backward(parameters, cache, gradient, into)
        into["scale"][2] *= -1
        return dx


class Adds(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] += (gradient * cache.x).sum(axis=0)
        return gradient * parameters["scale"]


class AddsUnlessNaN(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] = (gradient * cache.x).sum(axis=0) + np.nan_to_num(into["scale"])
        return gradient * parameters["scale"]


class NeedsInput(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] = (gradient * cache.x).sum(axis=0) * need_input
        return gradient * parameters["scale"]


class ChangesX(OwnScale):
    def forward(self, parameters, x, rng=None):
        x *= 1.5
        return super().forward(parameters, x)


class ChangesParameters(OwnScale):
    def forward(self, parameters, x, rng=None):
        parameters["scale"][0] += 1
        return super().forward(parameters, x)


class ChangesGradient(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        into["scale"][...] = (gradient * cache.x).sum(axis=0)
        gradient *= parameters["scale"]
        return gradient


class ChangesCache(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        dx = super().backward(parameters, cache, gradient, into)
        cache.a[...] = 0
        return dx


class OtherShape(OwnScale):
    def n_outputs(self, n_inputs):
        return n_inputs + 1


class OtherShapeBack(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        return super().backward(parameters, cache, gradient, into)[:, :1]


class OtherX(OwnScale):
    def forward(self, parameters, x, rng=None):
        return super().forward(parameters, x)._replace(x=x + 1)


class OtherFirstValues(OwnScale):
    def first_values(self, n_inputs, rng):
        return {"scale": np.ones(n_inputs + 1)}


class OtherNames(OwnScale):
    def first_values(self, n_inputs, rng):
        return {"gain": np.ones(n_inputs)}


class DrawsInSecret(OwnScale):
    def forward(self, parameters, x, rng=None):
        if rng is not None:
            rng.random()
        return super().forward(parameters, x)


class Remembers(OwnScale):
    count = [0]  # noqa: RUF012 - the fault that is looked for

    def forward(self, parameters, x, rng=None):
        self.count[0] += 1
        return super().forward(parameters, x + self.count[0])._replace(x=x)


class Promotes(OwnScale):
    def forward(self, parameters, x, rng=None):
        a = x * parameters["scale"] * np.float64(1)
        return cp.Cache(x, a, a)


class PromotesBack(OwnScale):
    def backward(self, parameters, cache, gradient, into, need_input=True):
        return super().backward(parameters, cache, gradient, into) * np.ones(1)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (WrongInput, "the derivative by 'input' is wrong (at|along)"),
        (
            WrongParameter,
            r"the derivative by 'scale' is wrong at \[2\]: by hand .*, by the complex step .*; scaled error",
        ),
        (Adds, r"backward must write every number of into\['scale'\], not add"),
        (AddsUnlessNaN, r"into\['scale'\] differs when it held other numbers: overwrite it, don't add"),
        (NeedsInput, r"into\['scale'\] differs without need_input"),
        (ChangesX, "forward must not change x, and it did"),
        (ChangesParameters, "forward must not change scale"),
        (ChangesGradient, "backward must not change gradient"),
        (ChangesCache, "backward must not change (z|a)"),
        (OtherShape, r"forward's output must have shape \(5, 4\), as n_outputs says; got \(5, 3\)"),
        (OtherShapeBack, r"backward must return the input's derivative, shape \(5, 3\); got \(5, 1\)"),
        (OtherX, "the cache's x must be the input"),
        (OtherFirstValues, r"the first scale has shape \(4,\); shapes says \(3,\)"),
        (OtherNames, r"first_values names \['gain'\], and shapes names \['scale'\]"),
        (DrawsInSecret, "forward drew from rng, but the layer doesn't say so: set draws = True"),
        (Remembers, "forward's output differs in a second pass"),
        (Promotes, "for float32 the output must be float32; got float64"),
        (PromotesBack, "for float32 the input's derivative must be float32; got float64"),
    ],
)
def test_each_broken_rule_is_named(kind: type[cp.Layer], message: str) -> None:
    assert testing.check_layer(OwnScale(), 3).error < 1e-15
    with pytest.raises(AssertionError, match=message):
        testing.check_layer(kind(), 3)


def test_the_message_gives_place_values_and_error() -> None:
    with pytest.raises(AssertionError) as caught:
        testing.check_layer(WrongParameter(), 3, x=[[1, 2, 3]], parameters={"scale": [1, 1, 1]}, rng=4)
    by_hand, computed = (float(part.split("; ")[0].split(" ")[-1]) for part in str(caught.value).split(", by the"))
    assert by_hand == pytest.approx(-computed)
    assert "scaled error 0.00951, at most 1e-10 is allowed" in str(caught.value)


def test_a_wrong_entry_that_was_not_looked_at_is_found_all_the_same() -> None:
    class OneWrong(OwnScale):
        def backward(self, parameters, cache, gradient, into, need_input=True):
            dx = super().backward(parameters, cache, gradient, into)
            into["scale"][777] *= 1.01
            return dx

    with pytest.raises(AssertionError, match="the derivative by 'scale' is wrong along a random direction"):
        testing.check_layer(OneWrong(), 1000, entries=3)


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


def test_network() -> None:
    network = cp.Network(3, [cp.Dense(4, "gelu"), cp.Dropout(0.3), OwnScale(), cp.Dense(3, "softmax")])
    labels, weight = [0, 2, 1, 1], [1.0, 2.0, 0.5, 1.0]
    report = testing.check_network(
        network, "categorical_cross_entropy", x=np.ones((4, 3)), y=labels, sample_weight=weight, entries=1000
    )
    assert report.error < 1e-12
    with pytest.raises(AssertionError, match=r"the derivative by '2\.scale' is wrong at \[2\]"):
        testing.check_network(
            cp.Network(3, [cp.Dense(4, "gelu"), cp.Dropout(0.3), WrongParameter(), cp.Dense(1)]), "huber"
        )
    with pytest.raises(AssertionError, match=r"the derivative by '(0\.weight|0\.bias|input)' is wrong"):
        testing.check_network(cp.Network(3, [cp.Dense(4, "gelu"), WrongInput(), cp.Dense(1)]), "huber")


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

    class Nowhere(OwnScale):
        def backward(self, parameters, cache, gradient, into, need_input=True):
            return np.full_like(super().backward(parameters, cache, gradient, into), np.nan)

    with pytest.raises(AssertionError, match=r"the derivative by 'input' is wrong .*: by hand nan"):
        testing.check_layer(Nowhere(), 2)


def test_nothing_given_is_changed() -> None:
    x: Any = np.ones((2, 3))
    x.setflags(write=False)
    scale = np.ones(3)
    scale.setflags(write=False)
    testing.check_layer(OwnScale(), 3, x=x, parameters={"scale": scale})
    testing.check_activation("tanh", z=x)
    testing.check_network(cp.Network(3, [OwnScale(), cp.Dense(1)]), "squared", x=x)
