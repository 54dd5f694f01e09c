"""``deterministic=True`` gives one hash for 1, 2 and 4 threads; and no thread is left when a run is over."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

import numba
import numpy as np
import pytest

import clearprop as cp
from clearprop.engines import layer_table, plan
from clearprop.engines.compiled import CompiledEngine
from clearprop.engines.kernels.threads import ABORTED, FLAGS, STATUS, STOP, wait_for_all
from clearprop.engines.workers import Workers, one_blas_thread, threads_of_blas
from clearprop.losses.loss import Loss

X = np.random.default_rng(8).normal(size=(300, 20))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
NETWORK = cp.Network(
    20, [cp.Dense(70, "tanh"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(33, "silu"), cp.Dense(1, "sigmoid")]
)
CLIPS = [None, cp.ClipValue(0.001), cp.ClipNorm(0.01), cp.ClipGlobalNorm(0.01)]


def run(**more: Any) -> cp.Result:
    options = {"loss": "binary_cross_entropy", "steps": 25, "batch_size": 130, "engine": "compiled", "rng": 6} | more
    return cp.train(NETWORK, X, Y, **options)


def digest(result: cp.Result) -> str:
    parts = [result.progress.parameters.vector, *result.progress.state.values(), *result.history.values()]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


@pytest.mark.parametrize("large", [1, 10**9], ids=["BLAS", "tiles"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("clip", CLIPS, ids=str)
def test_one_hash(clip: Any, dtype: str, large: int, share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_table, "LARGE", large)
    hashes: set[str] = set()
    for threads in (1, 2, 4):
        share(threads)
        result = run(clip=clip, dtype=dtype, l1=1e-4, l2=1e-3, deterministic=True)
        assert clip is None or len(result.history["clipped"])
        hashes.add(digest(result))
    assert len(hashes) == 1


def test_one_hash_without_penalties_and_by_other_rules(share: Any) -> None:
    for optimizer in ("rmsprop", "momentum", cp.SGD(0.1, weight_decay=0.1)):
        for clip in CLIPS:
            hashes: set[str] = set()
            for threads in (1, 2, 3, 4):
                share(threads)
                hashes.add(digest(run(optimizer=optimizer, clip=clip, steps=7, deterministic=True)))
            assert len(hashes) == 1


def test_threads_only_change_the_rounding(share: Any) -> None:
    share(1)
    expected = run().parameters.vector
    for threads in (2, 3, 5):
        share(threads)
        np.testing.assert_allclose(run().parameters.vector, expected, rtol=1e-9, atol=1e-12)


def test_no_thread_is_left(share: Any) -> None:
    share(3)
    before = set(threading.enumerate())
    result = run()
    result.predict(X)
    with pytest.raises(cp.errors.DivergenceError):
        run(optimizer=cp.SGD(1e300), loss="squared")
    until = time.monotonic() + 2.0
    while (left := set(threading.enumerate()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left


def test_workers_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=20)
    workers = Workers(3)

    def task(worker: int) -> int:
        meeting.wait()
        return 10 + worker

    assert workers.run(task, bool) == 10
    assert workers.run(task, bool) == 10
    workers.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("clearprop")]


def test_one_runs_here_and_aside_elsewhere() -> None:
    workers = Workers(1)
    seen: list[threading.Thread] = []

    def task(worker: int) -> int:
        seen.append(threading.current_thread())
        return worker

    assert workers.run(task, bool) == workers.run(task, bool, aside=True) == 0
    assert seen[0] is threading.current_thread()
    assert seen[1] is not seen[0]
    workers.close()


def test_flags_start_at_zero_and_stop_is_set_once_asked_for() -> None:
    workers = Workers(2)
    workers.flags[:] = 7
    begun = time.monotonic()
    seen: list[list[int]] = []

    def task(_: int) -> int:
        seen.append(workers.flags.tolist())
        while not workers.flags[STOP] and time.monotonic() < begun + 20:
            time.sleep(0.001)
        return int(workers.flags[STOP])

    assert workers.run(task, lambda: time.monotonic() > begun + 0.1, aside=True) == 1
    assert time.monotonic() - begun < 10
    assert seen == [[0] * FLAGS] * 2
    assert len({STOP // 8, STATUS // 8, ABORTED // 8, 0}) == 4  # a cache line each
    workers.close()


def test_an_error_in_a_worker_is_raised() -> None:
    def task(worker: int) -> int:
        raise OSError(f"worker {worker}")

    workers = Workers(2)
    with pytest.raises(OSError, match="worker 0"):
        workers.run(task, bool)
    workers.close()


def test_blas_has_one_thread_within_a_session() -> None:
    before = threads_of_blas()
    assert before >= 1
    with one_blas_thread():
        assert threads_of_blas() == 1
    assert threads_of_blas() == before


def test_wide_layers_are_left_to_blas_own_threads(share: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    share(3)
    shared = run(steps=5)
    monkeypatch.setattr(layer_table, "LARGE", 1)
    monkeypatch.setattr(plan, "WIDE", 70 * 20)
    loss, before = Loss.resolve("binary_cross_entropy"), threads_of_blas()
    assert CompiledEngine(NETWORK, loss, deterministic=True).threads == 3
    engine = CompiledEngine(NETWORK, loss)
    assert engine.threads == 1
    with engine.session():
        assert threads_of_blas() == before
    wide = run(steps=5)
    np.testing.assert_allclose(wide.parameters.vector, shared.parameters.vector, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(wide.predict(X), shared.predict(X), rtol=1e-9)


def test_a_worker_that_never_comes_is_not_waited_for() -> None:
    """As where a second Ctrl-C comes just before the first worker begins."""

    @numba.njit(nogil=True)
    def wait(flags):
        wait_for_all(flags, 2, 1)

    def task(worker: int) -> int:
        if worker == 0:
            raise KeyboardInterrupt
        wait(workers.flags)
        ended.set()
        return 0

    workers, ended = Workers(2), threading.Event()
    with pytest.raises(KeyboardInterrupt):
        workers.run(task, bool)
    left = ended.wait(20)
    workers.flags[:] = 2  # so that it ends, whatever it does
    workers.close()
    assert left
