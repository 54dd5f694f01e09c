"""Parameters that learn faster or slower than the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError, InputTypeError

X = np.random.default_rng(0).normal(size=(30, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
NETWORK = cp.Network(2, [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])


def train(rate_factors: Any = None, **more: Any) -> cp.Result:
    settings: dict[str, Any] = {"optimizer": cp.SGD(0.1), "steps": 1, "rng": 0, "engine": "reference"} | more
    return cp.train(NETWORK, X, Y, loss="binary_cross_entropy", rate_factors=rate_factors, **settings)


def test_a_factor_multiplies_the_move() -> None:
    first = NETWORK.first_parameters(np.random.default_rng(3))
    plain, other = (train(f, parameters=first).parameters for f in (None, {"0.weight": 3.0, "1.bias": 0.0}))
    np.testing.assert_allclose(other["0.weight"] - first["0.weight"], 3 * (plain["0.weight"] - first["0.weight"]))
    assert np.array_equal(other["1.bias"], first["1.bias"])
    assert np.array_equal(other["1.weight"], plain["1.weight"])


def test_decay_goes_by_it_too() -> None:
    first = NETWORK.first_parameters(np.random.default_rng(3))
    rule = cp.SGD(0.1, weight_decay=0.5)
    still = train({"*": 0.0}, parameters=first, optimizer=rule).parameters
    assert np.array_equal(still.vector, first.vector)


def test_under_adam_it_is_the_parameter_in_other_units() -> None:
    """With p = c q, q learning at the rate r is p learning at c r, but for Adam's epsilon."""
    factor, rule = 0.25, cp.Adam(0.01, epsilon=1e-300)
    inner = cp.Network(3, [cp.Dense(1)])
    x, y = np.random.default_rng(1).normal(size=(20, 3)), np.random.default_rng(2).normal(size=20)
    settings: dict[str, Any] = {"loss": "squared", "optimizer": rule, "steps": 50, "engine": "reference"}
    p = inner.first_parameters(np.random.default_rng(0))
    q = p.copy()
    q["0.weight"][...] /= factor
    ours = cp.train(inner, x, y, parameters=p, rate_factors={"0.weight": factor}, **settings)
    theirs = cp.train(inner, factor * x, y, parameters=q, **settings)  # x (c q) = (c x) q
    np.testing.assert_allclose(ours.parameters["0.weight"], factor * theirs.parameters["0.weight"], rtol=1e-10)


def test_the_last_name_that_fits_counts() -> None:
    first = NETWORK.first_parameters(np.random.default_rng(3))
    found = train({"*": 0.0, "0.*": 1.0}, parameters=first).parameters
    assert not np.array_equal(found["0.bias"], first["0.bias"])
    assert np.array_equal(found["1.weight"], first["1.weight"])


@pytest.mark.parametrize(
    ("factors", "more", "error", "message"),
    [
        ({"0.wieght": 2.0}, {}, InputError, r"unknown parameter '0.wieght'; did you mean '0.weight'"),
        ({"*.bias": -1.0}, {}, InputError, r"the rate factor of '\*.bias' must be at least 0"),
        ({"*.bias": "2"}, {}, InputTypeError, "must be a number"),
        ([("*.bias", 2.0)], {}, InputTypeError, "rate_factors must be a dict"),
        ({"*.bias": 2.0}, {"optimizer": "lbfgs"}, InputError, "rates of their own"),
    ],
    ids=["name", "sign", "text", "list", "lbfgs"],
)
def test_what_cannot_be(factors: Any, more: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        train(factors, **more)
