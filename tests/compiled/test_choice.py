"""``engine="auto"``: which engine a run gets, why, that it stays, and that the run says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines import choice
from clearprop.engines.choice import LONG, SHORT, choose, seconds_a_step
from clearprop.engines.kernels import cache
from clearprop.layers.activations import Activation

NETWORK = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(1)])
SECONDS = seconds_a_step(NETWORK, 32)
MIDDLE, MANY = int(2 * SHORT / SECONDS), int(2 * LONG / SECONDS)


class OwnTanh(Activation):
    def __call__(self, z: Any) -> Any:
        return np.tanh(z)

    def derivative(self, z: Any, a: Any) -> Any:
        return 1 - a * a


class OwnSquared(cp.Squared):
    """Might compute anything."""


class OwnSGD(cp.SGD):
    """Might do anything."""


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Numba is there, no kernel is compiled, and what is started in the background is only written down."""
    begun: list[str] = []
    monkeypatch.setattr(choice, "find_spec", lambda name: name)
    monkeypatch.setattr(choice, "is_ready", lambda _: False)
    monkeypatch.setattr(choice, "start_in_background", begun.append)
    return begun


def chosen(
    steps: int, network: cp.Network = NETWORK, loss: Any = None, rule: Any = None, dtype: Any = "float64"
) -> Any:
    return choose(network, loss or cp.Squared(), rule or cp.Adam(), np.dtype(dtype), 32, steps)


def test_a_short_run_takes_numpy(monkeypatch: pytest.MonkeyPatch, started: list[str]) -> None:
    assert chosen(10) == ("reference", "a short run")
    monkeypatch.setattr(choice, "is_ready", lambda _: True)
    assert chosen(10).name == "reference"
    assert not started


def test_kernels_that_are_there_are_taken(monkeypatch: pytest.MonkeyPatch, started: list[str]) -> None:
    monkeypatch.setattr(choice, "is_ready", lambda dtype: dtype == "float32")
    assert chosen(MIDDLE, dtype="float32").name == chosen(MANY, dtype=np.float32).name == "compiled"
    assert "are compiled" in chosen(MIDDLE, dtype="float32").reason
    assert not started
    assert chosen(MIDDLE).name == "reference"
    assert started == ["float64"]


def test_a_long_run_waits_for_the_compiler(started: list[str]) -> None:
    assert chosen(MANY) == ("compiled", "a long run: compiled first")
    assert not started


def test_between_them_the_next_run_is_helped(started: list[str]) -> None:
    name, reason = chosen(MIDDLE)
    assert name == "reference"
    assert "in the background, for the next run" in reason
    assert started == ["float64"]


def test_without_numba_or_scipy(monkeypatch: pytest.MonkeyPatch, started: list[str]) -> None:
    for missing in ("numba", "scipy"):
        monkeypatch.setattr(choice, "find_spec", lambda name, missing=missing: None if name == missing else name)
        name, reason = chosen(MANY)
        assert name == "reference"
        assert "pip install 'clearprop[fast]'" in reason
    assert not started


@pytest.mark.parametrize(
    ("network", "loss", "rule", "what"),
    [
        (cp.Network(3, [cp.Dense(4), cp.Dense(2, OwnTanh())]), None, None, "no kernel knows layer 1"),
        (NETWORK, OwnSquared(), None, "no kernel knows the loss"),
        (NETWORK, None, OwnSGD(), "no kernel knows the optimiser"),
        (NETWORK, None, cp.LBFGS(), "no kernel knows the optimiser"),
    ],
    ids=["layer", "loss", "rule", "lbfgs"],
)
def test_what_no_kernel_knows(
    network: cp.Network, loss: Any, rule: Any, what: str, monkeypatch: pytest.MonkeyPatch, started: list[str]
) -> None:
    monkeypatch.setattr(choice, "is_ready", lambda _: True)
    assert chosen(MANY, network, loss, rule) == ("reference", what)
    assert not started


def test_a_larger_step_is_thought_to_take_longer() -> None:
    wide = cp.Network(3, [cp.Dense(500, "tanh"), cp.Dense(1)])
    deep = cp.Network(3, [*[cp.Dense(4, "tanh")] * 9, cp.Dense(1)])
    assert seconds_a_step(wide, 32) > SECONDS
    assert seconds_a_step(deep, 32) > SECONDS
    assert seconds_a_step(NETWORK, 3_200) > SECONDS
    assert 1e-6 < SECONDS < 1e-3


def test_what_is_ready_is_asked_once_a_process(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that get ready meanwhile don't change the choice: two equal runs in a process are the same bits."""
    cached = [cache.folder, cache.is_ready, cache._key]
    try:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
        for function in cached:
            function.cache_clear()
        assert not cache.is_ready("float64")
        cache.mark_ready("float64")
        assert not cache.is_ready("float64")
        cache.is_ready.cache_clear()
        assert cache.is_ready("float64")
        assert not cache.is_ready("float32")
    finally:
        for function in cached:
            function.cache_clear()


def train(xy: Any, **more: Any) -> cp.Result:
    return cp.train(NETWORK, *xy, **({"loss": "squared", "steps": 20, "rng": 0} | more))


def test_the_result_and_its_history_say_which(rows: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    result = train(rows)
    assert result.engine == "reference"
    assert result.history.events[0] == (0, "engine reference: a short run")
    result = train(rows, engine="compiled")
    assert result.engine == "compiled"
    assert result.history.events[0] == (0, "engine compiled: as asked for")
    result.save(tmp_path / "run.safetensors")
    assert cp.load(tmp_path / "run.safetensors").engine == "compiled"
    monkeypatch.setattr(choice, "is_ready", lambda _: True)
    monkeypatch.setattr(choice, "SHORT", 0.0)
    result = train(rows)
    assert result.engine == "compiled"
    assert result.history.events[0].text.startswith("engine compiled: its kernels are compiled")


def test_a_resumed_run_keeps_its_engine(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, reference = train(rows, engine="compiled"), train(rows, engine="reference")
    assert train(rows, resume=compiled, rng=None, steps=40).engine == "compiled"
    monkeypatch.setattr(choice, "is_ready", lambda _: True)
    monkeypatch.setattr(choice, "SHORT", 0.0)
    again = train(rows, resume=reference, rng=None, steps=40)
    assert again.engine == "reference"
    assert sum(event.text.startswith("engine") for event in again.history.events) == 1
    assert train(rows, resume=reference, rng=None, steps=40, engine="compiled").engine == "compiled"


def test_unknown_engines_are_refused(rows: Any) -> None:
    with pytest.raises(cp.errors.InputError, match=r"unknown engine 'fast'.* Known: auto, compiled, reference"):
        train(rows, engine="fast")


def test_compiled_without_its_extra_says_what_to_install(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from clearprop.engines import prepare

    prepare.prepare.cache_clear()
    monkeypatch.setattr(prepare, "find_spec", lambda name: None if name == "numba" else name)
    with pytest.raises(cp.errors.MissingExtraError, match=r"needs numba, .*: pip install 'clearprop\[fast\]'"):
        train(rows, engine="compiled")
    monkeypatch.setattr(prepare, "find_spec", lambda _: None)
    with pytest.raises(cp.errors.MissingExtraError, match="numba and scipy"):
        train(rows, engine="compiled")
