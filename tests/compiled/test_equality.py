"""The compiled engine agrees with the reference: 10,000 random networks, shapes, batches and ways to compute them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines import layer_table, plan
from clearprop.engines.compiled import CompiledEngine
from clearprop.engines.reference import ReferenceEngine

TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
_MORE = 4 * 4  # four times what the reference may be off, with activations that may be off by 4 ulp instead of 1
ROWS = [1, 1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 200, 257, 600]


def distance(found: Any, expected: Any, scale: float) -> float:
    """The largest difference by the scale; 0 where both are the same infinity or NaN, infinite where one is."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(invalid="ignore"):
        error = np.where(same, 0.0, abs(found - expected))
    return float(np.nan_to_num(error, nan=np.inf).max(initial=0.0)) / scale


def scale_of(x: Any) -> float:
    finite = abs(np.asarray(x, float))
    return max(float(finite[np.isfinite(finite)].max(initial=0.0)), 1e-3)


def odd(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same numbers as every second row backwards, by columns, or as they are."""
    kind = rng.integers(0, 3)
    if kind == 0:
        wide = np.full((2 * len(x), x.shape[1]), np.nan, x.dtype)
        wide[::2, ::-1] = x
        return wide[::2, ::-1]
    return np.asfortranarray(x) if kind == 1 else x


def results(engine: ReferenceEngine, p: cp.Parameters, batch: list[Any], seed: int) -> dict[str, Any]:
    """Loss, gradient and prediction of one batch, and the loss without what is drawn."""
    into = p.like(np.full_like(p.vector, np.nan))
    value = engine.gradient(p, *batch, into=into, rng=np.random.default_rng(seed))
    prediction = engine.predict(p, batch[0])
    assert prediction.dtype == into.vector.dtype == p.vector.dtype
    validation, same = engine.evaluate(p, *batch)
    np.testing.assert_array_equal(same, prediction)
    return {"loss": value, "gradient": into.vector, "prediction": prediction, "validation loss": validation}


def uncertainty(engine: ReferenceEngine, p: cp.Parameters, batch: list[Any], seed: int, name: str) -> float:
    """How far the reference's own result may be off.

    The largest way that it moves where every parameter and input does, by a rounding error; or for float32 its distance
    from the same thing in float64, if that is larger.
    """
    rng, half = np.random.default_rng(seed), np.finfo(p.vector.dtype).eps / 2
    expected = results(engine, p, batch, seed)[name]

    def moved(x: np.ndarray) -> np.ndarray:
        return (x * (1 + half * rng.choice([-1.0, 2.0], x.shape))).astype(x.dtype)

    found = [results(engine, p.like(moved(p.vector)), [moved(batch[0]), *batch[1:]], seed)[name] for _ in range(5)]
    wide = [None if each is None else each.astype(np.float64) for each in batch]
    found.append(results(engine, p.like(p.vector.astype(np.float64)), wide, seed)[name])
    return max(distance(each, expected, scale_of(expected)) for each in found)


def compare(case: Any, x: np.ndarray, targets: np.ndarray, weight: Any, seed: int, engine: CompiledEngine) -> int:
    """Compare the engines in both dtypes; return how often the tolerance was the reference's own uncertainty."""
    rng, uncertain = np.random.default_rng([3, seed]), 0
    for dtype, tolerance in TOLERANCE.items():
        p = case.parameters.like(case.parameters.vector.astype(dtype))
        given = [odd(x.astype(dtype), rng), odd(targets.astype(dtype), rng)]
        batch = [*given, None if weight is None else weight.astype(dtype)]
        reference = ReferenceEngine(case.network, case.loss)
        expected, found = results(reference, p, batch, seed), results(engine, p, batch, seed)
        for name in expected:
            error = distance(found[name], expected[name], scale_of(expected[name]))
            if error > tolerance:
                uncertain += 1
                allowed = _MORE * uncertainty(reference, p, batch, seed, name)
                assert error <= allowed, f"network {seed}, {len(x)} rows, {dtype}, {name}: {error}, {engine}"
    return uncertain


def check(seed: int, networks: Any, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], None]) -> int:
    """One random network, batch and way to compute it."""
    case, rng = networks.random_case(seed), np.random.default_rng([2, seed])
    n = int(rng.choice(ROWS))
    x = rng.normal(size=(n, case.network.n_inputs))
    z = case.network.forward(case.parameters, x, np.random.default_rng(seed))[1][-1].z
    if case.loss.joint is not None:  # far out ŷ and 1 − ŷ lose digits in both engines
        for name in ("weight", "bias"):
            case.parameters[f"{len(case.network.layers) - 1}.{name}"][...] *= min(1.0, 3.0 / abs(z).max())
    output = case.network.forward(case.parameters, x, np.random.default_rng(seed))[0]
    targets = networks.targets_of(case.loss, case.network.n_outputs, output, rng)
    weight = rng.uniform(0.1, 3, n) if rng.random() < 0.5 else None
    monkeypatch.setattr(layer_table, "LARGE", int(rng.choice([1, 20, 4096])))
    monkeypatch.setattr(plan, "_CACHE", int(rng.choice([2_000, 192 * 1024])))
    share(int(rng.integers(1, 4)))
    return compare(case, x, targets, weight, seed, CompiledEngine(case.network, case.loss, bool(rng.random() < 0.3)))


@pytest.mark.parametrize("start", [0, 100, 200])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a random network may overflow: in both engines alike
def test_three_hundred_networks(
    start: int, networks: Any, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], None]
) -> None:
    assert sum(check(seed, networks, monkeypatch, share) for seed in range(start, start + 100)) <= 5


@pytest.mark.long
@pytest.mark.parametrize("start", range(0, 10_000, 1_000))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # as above
def test_ten_thousand_networks(
    start: int, networks: Any, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], None]
) -> None:
    assert sum(check(seed, networks, monkeypatch, share) for seed in range(start, start + 1_000)) <= 30


WIDE = [[700, 300, 1], [1, 700, 3], [65, 63, 62, 31], [33, 100, 100, 64], [3, 45, 7, 130, 2]]


@pytest.mark.parametrize("large", [1, 4096, 10**9], ids=["BLAS", "as it is", "tiles"])
@pytest.mark.parametrize("widths", WIDE, ids=str)
def test_wide_ones(
    widths: list[int], large: int, networks: Any, monkeypatch: pytest.MonkeyPatch, share: Callable[[int], None]
) -> None:
    """Whole tiles and vectors, and what is left of them at each edge; several blocks."""
    monkeypatch.setattr(layer_table, "LARGE", large)
    share(2)
    layers: list[cp.Layer] = [cp.Dense(n, "tanh") for n in widths[1:-1]]
    network = cp.Network(widths[0], [cp.LayerNorm(), *layers, cp.Dense(widths[-1])])
    rng = np.random.default_rng(widths)
    case = networks.Case(network, cp.Squared(), network.first_parameters(rng), None, None, None, 0, 0, 0)
    for n in (1, 5, 33, 300):
        x, targets = rng.normal(size=(n, widths[0])), rng.normal(size=(n, widths[-1]))
        assert compare(case, x, targets, None, n, CompiledEngine(network, case.loss)) == 0


def test_no_rows_and_few_rows_are_predicted() -> None:
    network = cp.Network(2_000, [cp.Dense(1_800, "relu"), cp.Dense(2)])
    p = network.first_parameters(np.random.default_rng(0), np.float32)
    engine = CompiledEngine(network, cp.Squared())
    assert engine.predict(p, np.zeros((0, 2_000), np.float32)).shape == (0, 2)
    for n in (1, 9, 40):
        x = np.random.default_rng(n).normal(size=(n, 2_000)).astype(np.float32)
        np.testing.assert_allclose(engine.predict(p, x), network.predict(p, x), rtol=1e-4, atol=1e-4)


def test_an_input_that_is_not_finite_is_told() -> None:
    network = cp.Network(3, [cp.Dense(2, "relu")])
    p = network.first_parameters(np.random.default_rng(0))
    engine = CompiledEngine(network, cp.Squared())
    x = np.ones((700, 3))
    np.testing.assert_allclose(engine.finite_outputs(p, x), network.predict(p, x), rtol=1e-13)
    for bad in (np.nan, np.inf, -np.inf):
        x[699, 1] = bad
        assert engine.finite_outputs(p, x) is None
