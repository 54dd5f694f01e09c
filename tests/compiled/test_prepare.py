"""Compiling in the background: one process at a time, which leaves a mark; locks of the dead are overcome."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clearprop.engines import prepare
from clearprop.engines.kernels import cache


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a machine that has compiled nothing yet."""
    functions = (cache.folder, cache.is_ready, cache._key)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    for function in functions:
        function.cache_clear()
    folder = cache.folder()
    assert folder is not None
    yield folder
    for function in functions:
        function.cache_clear()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that would have been started."""
    lines: list[list[str]] = []
    monkeypatch.setattr(prepare.os, "spawnv", lambda _mode, _path, line: lines.append(line))
    return lines


@pytest.mark.usefixtures("place")
def test_one_process_is_started(started: list[list[str]]) -> None:
    for _ in range(3):
        prepare.start_in_background("float32")
    assert len(started) == 1
    assert started[0][0] == sys.executable
    assert "float32" in started[0][-1]
    assert cache.lock("float32").exists()
    prepare.start_in_background("float64")
    assert len(started) == 2


@pytest.mark.usefixtures("place")
def test_a_lock_of_a_process_that_died_is_overcome(started: list[list[str]]) -> None:
    cache.lock("float32").touch()
    prepare.start_in_background("float32")
    assert not started
    long_ago = time.time() - prepare._OLD - 10
    os.utime(cache.lock("float32"), (long_ago, long_ago))
    prepare.start_in_background("float32")
    assert len(started) == 1
    assert time.time() - cache.lock("float32").stat().st_mtime < 60
    prepare.start_in_background("float32")
    assert len(started) == 1


@pytest.mark.usefixtures("place")
def test_nothing_is_started_where_nothing_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, started: list[list[str]]
) -> None:
    monkeypatch.setattr(prepare, "folder", lambda: None)
    prepare.start_in_background("float32")
    assert not started


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("fails", [False, True])
def test_the_lock_is_let_go_of(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_it(dtype: str) -> None:
        assert dtype == "float32"
        if fails:
            raise MemoryError

    monkeypatch.setattr(prepare, "prepare", compile_it)
    monkeypatch.setattr(prepare, "_step_back", lambda: None)
    cache.lock("float32").touch()
    try:
        prepare.main(["--background", "float32"])
    except MemoryError:
        assert fails
    assert not cache.lock("float32").exists()


def test_by_hand_both_dtypes_or_those_named(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(prepare, "prepare", seen.append)
    prepare.main([])
    prepare.main(["float64"])
    assert seen == ["float32", "float64", "float64"]


@pytest.mark.usefixtures("place")
def test_a_wait_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Said before compiling; nothing is said where the kernels lie on disk."""

    class StopError(Exception):
        pass

    def stop(*_: Any) -> None:
        raise StopError

    monkeypatch.setattr(prepare, "Network", stop)  # what comes after the message
    with pytest.raises(StopError):
        prepare.prepare.__wrapped__("float32")
    assert capsys.readouterr().err == "clearprop: compiling the float32 kernels (once for this machine) ...\n"
    monkeypatch.setattr(prepare, "folder", lambda: None)
    with pytest.raises(StopError):
        prepare.prepare.__wrapped__("float32")
    assert "(for this process only: the cache folder can't be written)" in capsys.readouterr().err
    cache.mark_ready("float32")
    monkeypatch.setattr(prepare, "is_ready", lambda _: True)
    with pytest.raises(StopError):
        prepare.prepare.__wrapped__("float32")
    assert capsys.readouterr().err == ""


AUTO = """
import time
import clearprop as cp
import numpy as np
from clearprop.engines import choice
choice.SHORT = 0.0
x = np.linspace(0, 1, 20)[:, None]
network = cp.Network(1, [cp.Dense(2, "tanh"), cp.Dense(1)])
runs = [cp.train(network, x, x, loss="squared", steps=500, rng=0) for _ in range(2)]
print(*[run.engine for run in runs])
"""


@pytest.mark.long
def test_the_next_process_finds_what_was_compiled_in_the_background(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", AUTO], capture_output=True, text=True, env=environment, check=True)  # noqa: S603 - our own interpreter, our own code

    first = run()
    assert first.stdout == "reference reference\n"
    assert first.stderr == ""  # what goes on in the background says nothing
    locks = list(tmp_path.rglob("float64.lock"))
    assert len(locks) == 1
    until = time.monotonic() + 500
    while not (ready := list(tmp_path.rglob("float64.ready"))) or locks[0].exists():
        assert time.monotonic() < until
        time.sleep(1)
    assert len(ready) == 1
    second = run()
    assert second.stdout == "compiled compiled\n"
    assert second.stderr == ""
