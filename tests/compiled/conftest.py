"""What the tests of the compiled engine share: the random networks of the core's tests, threads for small work."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop as cp

if importlib.util.find_spec("numba") is None or importlib.util.find_spec("scipy") is None:
    collect_ignore_glob = ["test_*.py"]  # without the extra "fast" there is no compiled engine


@pytest.fixture(scope="session", autouse=True)
def kernels_are_kept_where_they_were() -> None:
    """Load the kernels before a test changes the folder that they are kept in."""
    importlib.import_module("clearprop.engines.compiled")


@pytest.fixture(scope="session")
def networks() -> Any:
    """The module that draws the core's random networks."""
    path = Path(__file__).parents[1] / "core" / "test_gradients.py"
    spec = importlib.util.spec_from_file_location("random_networks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # dataclasses look there
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def share(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Have steps and predictions shared between so many threads, however small they are."""

    def between(threads: int) -> None:
        monkeypatch.setattr("clearprop.engines.compiled.WORTH", 1)
        monkeypatch.setattr("clearprop.engines.prediction._SHARED", 0)
        for module in ("compiled", "prediction"):
            monkeypatch.setattr(f"clearprop.engines.{module}.threads_of_blas", lambda: threads)

    return between


@pytest.fixture
def compared() -> Callable[[cp.Network, np.ndarray, str], tuple[cp.Parameters, cp.Parameters]]:
    """Tell whether both engines' gradients and predictions agree; return the gradients."""
    from clearprop.engines.compiled import CompiledEngine
    from clearprop.engines.reference import ReferenceEngine

    def check(network: cp.Network, x: np.ndarray, dtype: str) -> tuple[cp.Parameters, cp.Parameters]:
        loss, rng = cp.Squared(), np.random.default_rng(1)
        p = network.first_parameters(rng, dtype)
        x, y = x.astype(dtype), rng.normal(size=(len(x), network.n_outputs)).astype(dtype)
        gradients = []
        for engine in (ReferenceEngine(network, loss), CompiledEngine(network, loss)):
            into = p.like(np.full_like(p.vector, np.nan))
            engine.gradient(p, np.ones_like(x), y, into=into)  # of which nothing may be left
            engine.gradient(p, x, y, into=into)
            gradients.append(into)
        expected, found = gradients
        tolerance = {"float32": 3e-5, "float64": 1e-12}[dtype]
        np.testing.assert_allclose(found.vector, expected.vector, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(
            CompiledEngine(network, loss).predict(p, x), network.predict(p, x), rtol=tolerance, atol=tolerance
        )
        return found, expected

    return check


@pytest.fixture
def assert_same_bits() -> Callable[[cp.Result, cp.Result], None]:
    """Tell whether two runs came to the same, to the last bit: parameters, memory, series, events."""

    def check(first: cp.Result, second: cp.Result) -> None:
        a, b = first.progress, second.progress
        assert a.parameters.vector.tobytes() == b.parameters.vector.tobytes()
        assert {name: m.tobytes() for name, m in a.state.items()} == {name: m.tobytes() for name, m in b.state.items()}
        assert (a.step, a.rate_factor, a.memory) == (b.step, b.rate_factor, b.memory)
        assert list(a.history) == list(b.history)
        for name in a.history:
            assert a.history[name].tobytes() == b.history[name].tobytes(), name
            assert a.history.steps(name).tolist() == b.history.steps(name).tolist()
        assert events(first) == events(second)

    def events(result: cp.Result) -> list[Any]:
        return [event for event in result.history.events if not event.text.startswith("ended: paused")]

    return check


@pytest.fixture
def rows() -> tuple[np.ndarray, np.ndarray]:
    """Sixty-one rows of three columns, and a class that isn't linear in them."""
    x = np.random.default_rng(5).normal(size=(61, 3))
    return x, (x[:, 0] * x[:, 1] > 0).astype(float)
