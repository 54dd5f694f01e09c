from __future__ import annotations

import numpy as np
import pytest

import clearprop as cp
from clearprop import initializers
from clearprop.errors import InputError

SHAPE = (300, 500)
FAN_IN, BOTH = 300, 400


@pytest.mark.parametrize(
    ("name", "variance", "uniform"),
    [
        ("he_normal", 2 / FAN_IN, False),
        ("he_uniform", 2 / FAN_IN, True),
        ("glorot_normal", 1 / BOTH, False),
        ("glorot_uniform", 1 / BOTH, True),
        ("lecun_normal", 1 / FAN_IN, False),
        ("lecun_uniform", 1 / FAN_IN, True),
        ("normal", 0.01**2, False),
    ],
)
def test_mean_and_variance(name: str, variance: float, uniform: bool) -> None:
    values = cp.Initializer.resolve(name)(SHAPE, np.random.default_rng(0))
    assert values.shape == SHAPE
    assert abs(values.mean()) < 5 * (variance / values.size) ** 0.5
    assert values.var() == pytest.approx(variance, rel=0.02)
    assert (abs(values).max() <= (3 * variance) ** 0.5) == uniform
    kurtosis = ((values / values.std()) ** 4).mean()
    assert kurtosis == pytest.approx(1.8 if uniform else 3.0, rel=0.05)


def test_the_rest() -> None:
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(initializers.Zeros()((2, 3), rng), np.zeros((2, 3)))
    assert initializers.Normal(5.0, 0.0)((4,), rng).tolist() == [5.0] * 4
    np.testing.assert_array_equal(initializers.Given([[1, 2]])((1, 2), rng), [[1.0, 2.0]])
    with pytest.raises(
        InputError, match=r"given first values have shape \(1, 2\); these parameters have shape \(2, 1\)"
    ):
        initializers.Given([[1, 2]])((2, 1), rng)


def test_given_values_are_copied() -> None:
    values = np.ones((2, 1))
    network = cp.Network(2, [cp.Dense(1, weight=values)])
    network.first_parameters(np.random.default_rng(0)).vector[...] = 7
    assert values.tolist() == [[1.0], [1.0]]


def test_each_activation_has_one_that_suits_it() -> None:
    assert cp.Dense(2, "relu").weight == initializers.HeNormal()
    assert cp.Dense(2, "selu").weight == initializers.LecunNormal()
    assert cp.Dense(2, "tanh").weight == initializers.GlorotUniform()
    assert cp.Dense(2, "relu", weight="zeros").weight == initializers.Zeros()
    assert cp.Dense(2).bias == initializers.Zeros()
