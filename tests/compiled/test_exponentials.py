"""e^z, tanh, sigmoid, softplus and their parts: within 4 ulp of the truth over all exponents, signs and dtypes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
import pytest

from clearprop.engines.kernels import exponentials

L = np.longdouble
BOUND = 4.0
DTYPES = ["float32", "float64"]
pytestmark = pytest.mark.skipif(np.finfo(L).nmant < 63, reason="the truth needs a long double wider than float64")


def _softplus(z: Any) -> Any:
    return np.maximum(z, 0) + np.log1p(np.exp(-abs(z)))


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sigmoid": lambda z: np.where(z < 0, np.exp(-abs(z)), 1) / (1 + np.exp(-abs(z))),
    "softplus": _softplus,
    "log1p_unit": np.log1p,
    "expm1_negative": np.expm1,
}
DOMAINS = {"log1p_unit": (0.0, 1.0), "expm1_negative": (-np.inf, 0.0)}


@cache
def compiled(name: str) -> Callable[[Any, Any], None]:
    """The kernel over an array, as loops use it: vectorised."""
    function = getattr(exponentials, name)

    @numba.njit(error_model="numpy", fastmath={"contract"})
    def loop(z, out):
        for i in range(len(z)):
            out[i] = function(z[i])

    return loop


def arguments(dtype: str, each: int) -> np.ndarray:
    """``each`` numbers of every exponent and sign, subnormal ones too; the powers of 2 and their neighbours; ±0."""
    info, rng = np.finfo(dtype), np.random.default_rng(each)
    exponents = np.arange(info.minexp - info.nmant, info.maxexp)
    z = (rng.uniform(1, 2, (each, len(exponents))) * np.exp2(exponents.astype(L))).astype(dtype).ravel()
    powers = np.exp2(exponents.astype(L)).astype(dtype)
    z = np.concatenate([z, powers, np.nextafter(powers, np.inf), np.nextafter(powers, 0), np.zeros(1, dtype)])
    z = z[np.isfinite(z)]
    middle = rng.uniform(-760, 760, 40 * each), rng.uniform(-110, 110, 40 * each), 3 * rng.normal(size=40 * each)
    return np.concatenate([z, -z, *(each.astype(dtype) for each in middle)])


def ulps(found: np.ndarray, truth: Any) -> np.ndarray:
    """The error in units of the last place of what is nearest to the truth."""
    nearest = truth.astype(found.dtype)
    with np.errstate(invalid="ignore"):
        error = abs(found.astype(L) - truth) / np.spacing(abs(nearest)).astype(L)
    return np.where((found == nearest) | (np.isnan(found) & np.isnan(nearest)), 0, error)


def worst(name: str, z: np.ndarray) -> tuple[float, float]:
    """The largest error of a kernel, and where."""
    low, high = DOMAINS.get(name, (-np.inf, np.inf))
    z = z[(z >= low) & (z <= high)]
    out = np.full_like(z, np.nan)
    compiled(name)(z, out)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        error = ulps(out, TRUTHS[name](z.astype(L)))
    error = np.nan_to_num(error, nan=np.inf)
    place = int(error.argmax())
    return float(error[place]), float(z[place])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTHS)
def test_four_ulp_over_all_exponents(name: str, dtype: str) -> None:
    error, place = worst(name, arguments(dtype, 40))
    assert error <= BOUND, f"{name}({place!r}) in {dtype} is {error:.2f} ulp off"


@pytest.mark.long
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TRUTHS)
def test_four_ulp_in_a_hundred_times_as_many_places(name: str, dtype: str) -> None:
    for seed in range(4):
        error, place = worst(name, arguments(dtype, 1_000 + seed))
        assert error <= BOUND, f"{name}({place!r}) in {dtype} is {error:.2f} ulp off"


@pytest.mark.long
@pytest.mark.parametrize("name", TRUTHS)
def test_a_share_of_all_float32(name: str) -> None:
    """Every 61st of the 2^32 bit patterns."""
    for start in range(0, 2**32, 2**28):
        bits = np.arange(start, start + 2**28, 61, dtype=np.uint64).astype(np.uint32)
        z = bits.view(np.float32)
        error, place = worst(name, z[np.isfinite(z)])
        assert error <= BOUND, f"{name}({place!r}) is {error:.2f} ulp off"


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_special(dtype: str) -> None:
    inf, nan = np.inf, np.nan
    z = np.array([-inf, -1e30, -0.0, 0.0, 1e30, inf, nan], dtype)
    expected = {
        "exp": [0, 0, 1, 1, inf, inf, nan],
        "tanh": [-1, -1, -0.0, 0, 1, 1, nan],
        "sigmoid": [0, 0, 0.5, 0.5, 1, 1, nan],
        "softplus": [0, 0, np.log(2), np.log(2), 1e30, inf, nan],
        "expm1_negative": [-1, -1, 0, 0],
    }
    for name, values in expected.items():
        out = np.full(len(values), 7.0, dtype)
        compiled(name)(z[: len(values)], out)
        truth = np.array(values, dtype)
        assert (ulps(out, truth.astype(L)) <= 1).all(), (name, out)
        if name == "tanh":
            assert np.signbit(out[:6]).tolist() == [True, True, True, False, False, False]
    out = np.full(3, 7.0, dtype)
    compiled("log1p_unit")(np.array([0.0, 1.0, nan], dtype), out)
    assert out[0] == 0
    assert out[1] == np.log(2.0).astype(dtype)
    assert np.isnan(out[2])
    compiled("expm1_negative")(np.array([nan], dtype), out[:1])
    assert np.isnan(out[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_same_alone_and_in_a_vector(dtype: str) -> None:
    """A remainder of a loop, which isn't vectorised, gives the same bits."""
    z = arguments(dtype, 1)[::37].copy()
    for name in ("exp", "tanh", "sigmoid", "softplus"):
        whole, single = np.empty_like(z), np.empty_like(z)
        compiled(name)(z, whole)
        for i in range(len(z)):
            compiled(name)(z[i : i + 1], single[i : i + 1])
        np.testing.assert_array_equal(whole, single)
