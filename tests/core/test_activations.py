from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import clearprop as cp
from clearprop import testing
from clearprop.layers.activations import Activation

FORMULAS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.05 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * (np.exp(z) - 1)),
    "gelu": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "exponential": np.exp,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}
NAMES = list(FORMULAS)


@pytest.mark.parametrize("name", NAMES)
def test_formula(name: str) -> None:
    """The textbook form, where it doesn't overflow."""
    z = np.random.default_rng(0).normal(size=(7, 4)) * 3
    np.testing.assert_allclose(Activation.resolve(name)(z), FORMULAS[name](z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_derivative(name: str, seed: int) -> None:
    assert testing.check_activation(name, rng=seed).error <= 1e-12


@pytest.mark.parametrize("name", [name for name in NAMES if name != "exponential"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out(name: str, dtype: type) -> None:
    """Finite, in range and without a warning at ±1e4, ±745, 0 and near the dtype's largest number."""
    far = np.finfo(dtype).max / 4
    z = np.array([[-far, -1e4, -745.2, -1.0, 0.0], [far, 1e4, 745.2, 1.0, -0.0]], dtype)
    f = Activation.resolve(name)
    a = f(z)
    assert a.dtype == dtype
    for array in (a, f.derivative(z, a), f.backward(z, a, np.ones_like(z))):
        assert np.isfinite(array).all(), name
        assert array.dtype == dtype
    assert ((a >= f.range[0]) & (a <= f.range[1])).all()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "softmax"])
def test_backward_is_gradient_times_derivative(name: str) -> None:
    f = Activation.resolve(name)
    z, gradient = np.random.default_rng(1).normal(size=(2, 5, 3))
    np.testing.assert_allclose(f.backward(z, f(z), gradient), gradient * f.derivative(z, f(z)), rtol=1e-15, atol=1e-300)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7, 3), (150, 100)])
def test_the_fast_forms_give_the_bits_of_the_plain_ones(shape: tuple[int, int], dtype: type) -> None:
    """What is written without ``where``, which is slow on large arrays, is what the cases say."""
    z, gradient = np.random.default_rng(2).normal(size=(2, *shape)).astype(dtype)
    z[0] = 0.0
    e = np.exp(-abs(z))
    np.testing.assert_array_equal(cp.Sigmoid()(z), np.where(z < 0, e, dtype(1)) / (1 + e))
    np.testing.assert_array_equal(cp.ReLU()(z), np.where(z > 0, z, dtype(0)))
    for slope in (0.0, 0.05, 0.3, 1.0):
        f = cp.LeakyReLU(slope)
        np.testing.assert_array_equal(f(z), np.where(z > 0, z, dtype(slope) * z))
        np.testing.assert_array_equal(f.derivative(z, f(z)), np.where(z > 0, dtype(1), dtype(slope)))
        np.testing.assert_array_equal(f.backward(z, f(z), gradient), np.where(z > 0, gradient, dtype(slope) * gradient))


def test_kinks() -> None:
    """At 0 the derivative is that of the left side, as documented."""
    z = np.array([[0.0]])
    for f, slope in ((cp.ReLU(), 0.0), (cp.LeakyReLU(0.2), 0.2), (cp.ELU(0.5), 0.5)):
        assert f.derivative(z, f(z)).item() == slope
        assert f.backward(z, f(z), np.ones_like(z)).item() == slope


@given(z=hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e5, 1e5)))
def test_softmax_rows_are_probabilities(z: np.ndarray) -> None:
    a = cp.Softmax()(z)
    np.testing.assert_allclose(a.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(cp.Softmax()(z + 17.0), a, atol=1e-10)
    assert (abs(cp.Softmax().backward(z, a, np.ones_like(z))) < 1e-12).all()  # all outputs up: nothing changes


def test_settings() -> None:
    assert cp.LeakyReLU(0.2)(np.array([-1.0, 2.0])).tolist() == [-0.2, 2.0]
    assert cp.LeakyReLU(0.0)(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]
    np.testing.assert_allclose(cp.ELU(2.0)(np.array([-1.0])), 2 * np.expm1(-1))


def test_selu_keeps_mean_and_variance() -> None:
    a = cp.SELU()(np.random.default_rng(0).normal(size=(1_000_000, 1)))
    assert abs(a.mean()) < 0.005
    assert a.var() == pytest.approx(1, abs=0.01)
