"""The public check of a layer names each rule that one breaks."""

from __future__ import annotations

from dataclasses import dataclass

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
