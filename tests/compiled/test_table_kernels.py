"""Kernels of the layers for tables: waves, codes of every kind, and no work below the first layer that learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.compiled import CompiledEngine
from clearprop.engines.kernels import codes, periodic
from clearprop.engines.kernels.vectors import BYTES

DTYPES = ["float32", "float64"]
Compared = Callable[[cp.Network, np.ndarray, str], tuple[cp.Parameters, cp.Parameters]]


def compiled(function: Callable[[Any], Any]) -> Callable[[Any, Any], None]:
    @numba.njit(error_model="numpy", fastmath={"contract"})
    def loop(t, out):
        for i in range(len(t)):
            out[i] = function(t[i])

    return loop


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["cosine", "sine"])
@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="the truth needs a long double wider than float64")
def test_waves_are_exact(name: str, dtype: str) -> None:
    """Within two rounding errors of 1, for small angles and for thousands of turns; never above 1."""
    rng = np.random.default_rng(0)
    t = np.concatenate([rng.uniform(-3, 3, 50_000), 1e4 * rng.normal(size=20_000), np.arange(-8, 9) / 8, [1e9, -1e30]])
    t = t.astype(dtype)
    found = np.empty_like(t)
    compiled(getattr(periodic, name))(t, found)
    wide = t.astype(np.longdouble)
    angle = (wide - np.rint(wide)) * np.longdouble("6.283185307179586476925286766559")
    truth = np.cos(angle) if name == "cosine" else np.sin(angle)
    assert abs(found - truth).max() < 2 * np.finfo(dtype).eps
    assert abs(found).max() <= 1
    bad = np.array([np.nan, np.inf, -np.inf], dtype)
    compiled(getattr(periodic, name))(bad, bad)
    assert np.isnan(bad).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, 40, 3000])
def test_codes_of_every_kind(dtype: str, rows: int, share: Callable[[int], None], compared: Compared) -> None:
    """Codes that aren't 1 … levels read and write nothing; levels that no row has get a gradient of exactly 0."""
    share(2)
    network = cp.Network(4, [cp.Embedding((5, 0, 100_000, 2), units=3), cp.Dense(4, "tanh"), cp.Dense(1)])
    rng = np.random.default_rng(0)
    odd = [0, -1, -7.0, 6, 100_001, 1e9, 1e30, -1e30, 0.4, 2.4]
    x = np.column_stack(
        [
            rng.choice([1, 2, 4, *odd], rows), rng.normal(size=rows), rng.choice([3, 99_999, 100_000, *odd], rows),
            rng.choice([1, 2, *odd], rows),
        ]
    )  # fmt: skip
    found, expected = compared(network, x, dtype)
    unseen = (expected["0.weight"] == 0).all(axis=1)
    assert unseen.sum() >= 100_007 - 12
    assert (found["0.weight"][unseen] == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_inputs_that_are_not_finite(dtype: str) -> None:
    """A wave of infinity or NaN is NaN, and is told; a code of them is none."""
    x = np.array([[np.nan, 1.0], [np.inf, 1.0], [1.0, np.nan], [1.0, -np.inf]], dtype)
    network = cp.Network(2, [cp.Embedding((0, 3)), cp.Periodic(), cp.Dense(1)])
    p = network.first_parameters(np.random.default_rng(0), dtype)
    engine = CompiledEngine(network, cp.Squared())
    assert np.isnan(engine.predict(p, x)).ravel().tolist() == [True, True, False, False]
    assert engine.finite_outputs(p, x) is None


@pytest.mark.parametrize("rows", [1, 40])
def test_nothing_is_computed_below_the_first_layer_that_learns(rows: int) -> None:
    edges = tuple((-1.0, 0.0, 1.0) for _ in range(3))
    network = cp.Network(3, [cp.PiecewiseLinear(edges), cp.Dense(2)])
    engine, x = CompiledEngine(network, cp.Squared()), np.random.default_rng(0).normal(size=(rows, 3))
    p = network.first_parameters(np.random.default_rng(0))
    engine.gradient(p, x, np.ones((rows, 2)), into=p.copy())
    space = engine._space(p.vector.dtype, rows)[1]
    plan, wide = space.plan, 2 * BYTES // 8
    n = 1 if rows == 1 else -(-rows // wide) * wide
    first, last = int(plan[codes.SPARE]) * n, int(plan[codes.SCRATCH]) * n
    assert plan[codes.LOWEST] == 1
    assert (space.work[0, first:last] == 0).all()  # where the derivative by the encoding would be written


@pytest.mark.parametrize("below", [True, False])
def test_the_same_around_layers_of_ones_own(below: bool, compared: Compared) -> None:
    seen: list[bool] = []

    class Noted(cp.Dropout):
        """A layer that no kernel knows, without parameters."""

        def backward(self, parameters, cache, gradient, into, need_input=True):
            seen.append(need_input)
            return super().backward(parameters, cache, gradient, into, need_input)

    edges = tuple((-1.0, 0.0, 1.0) for _ in range(3))
    layers: list[cp.Layer] = [cp.PiecewiseLinear(edges), Noted(0.0), cp.Scale(), cp.Dense(1)]
    if not below:
        layers.insert(0, cp.Scale())
    compared(cp.Network(3, layers), np.random.default_rng(0).normal(size=(9, 3)), "float64")
    assert seen == ([] if below else [True] * 4)  # the reference's and the compiled one's, two each
