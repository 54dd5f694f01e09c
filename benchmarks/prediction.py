"""Job F: what a prediction takes, for one row and for a million, with networks B and C."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np

from clearprop.bench.contenders import Contender
from clearprop.bench.jobs import JOBS, Predict

MILLION = 1_000_000
ROWS = {"B": MILLION, "C": 200_000}  # a million rows of 784 float32 are 3 GB: fewer are timed, and the time is scaled
NETWORKS = tuple(ROWS)
WHO = {"Clearprop, compiled", "Clearprop, NumPy", "scikit-learn", "PyTorch", "onnxruntime"}
TOLERANCE = 1e-4  # of a probability, in float32


def measure_predictions(
    name: str, contenders: list[Contender], *, rounds: int, seconds: float, rows: int
) -> dict[str, tuple[float, float]]:
    """Return by contender the median µs of one row, and the median seconds of a million.

    Raises
    ------
    RuntimeError
        If somebody predicts otherwise than the first contender.
    """
    job = replace(JOBS[name], optimizer="sgd")  # scikit-learn's Adam has its ε elsewhere
    x, y = job.data("float32")
    first = job.first("float32")
    chosen = [each for each in contenders if each.name in WHO]
    predicts: dict[str, Predict] = {each.name: each.prepare(job, x, y, first)(job.check_steps) for each in chosen}
    wanted = predicts[chosen[0].name](x)
    for each in chosen:
        far = float(np.abs(np.asarray(predicts[each.name](x)) - wanted).max())
        if name not in each.differs and far > TOLERANCE:
            raise RuntimeError(f"{each.name} predicts {far:.1e} away from {chosen[0].name} in network {name}")
    many = np.random.default_rng(2).normal(size=(rows, job.sizes[0])).astype("float32")
    one = interleaved({who: _calls(predict, x[:1]) for who, predict in predicts.items()}, rounds, seconds)
    all_rows = interleaved({who: _calls(predict, many) for who, predict in predicts.items()}, rounds, 0.0)
    return {who: (one[who] * 1e6, all_rows[who] * MILLION / rows) for who in predicts}


def interleaved(calls: dict[str, Callable[[int], None]], rounds: int, seconds: float) -> dict[str, float]:
    """Return the median seconds of one call each; a timed run has as many calls as last about so many seconds."""
    counts: dict[str, int] = {}
    times: dict[str, list[float]] = {}
    for name, call in calls.items():
        call(1)
        start = time.perf_counter()
        call(1)
        counts[name] = max(1, int(seconds / (time.perf_counter() - start)))
        times[name] = []
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call(counts[name])
            times[name].append((time.perf_counter() - start) / counts[name])
    return {name: median(found) for name, found in times.items()}


def _calls(predict: Predict, rows: np.ndarray) -> Callable[[int], None]:
    def call(count: int) -> None:
        for _ in range(count):
            predict(rows)

    return call
