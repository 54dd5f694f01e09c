"""The physical floor: jobs A and B by a C++ program with every size fixed, the others by their matrix products alone.

Contenders like all others, so that they are timed in the same rounds: floor.cpp, where there is a g++; and the products
of a step, nothing else, as BLAS shares them between threads, or with the rows shared between threads.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import clearprop as cp
from clearprop.bench.contenders import Contender, Run
from clearprop.bench.jobs import JOBS, Job, Predict
from clearprop.bench.threads import limited

SOURCE = Path(__file__).with_name("floor.cpp")
FIXED = frozenset({"A", "B"})
FLAGS = ("-O3", "-march=native", "-ffast-math", "-shared", "-fPIC")


@cache
def library() -> ctypes.CDLL:
    """Compile floor.cpp for this CPU, and load it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "floor.so"
        subprocess.run(["g++", *FLAGS, "-o", target, SOURCE], check=True)  # noqa: S603, S607 - the g++ of the PATH
        return ctypes.CDLL(str(target))


def fixed_sizes(job: Job, x: Any, y: Any, first: cp.Parameters) -> Run:
    """Run the C++ program."""
    real = ctypes.c_double if x.dtype == np.float64 else ctypes.c_float
    train = getattr(library(), f"{job.name.lower()}_{x.dtype}")
    train.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, real]
    train.restype = None
    targets = y.astype(x.dtype)
    network = job.network()

    def run(steps: int) -> Predict:
        parameters = first.copy()
        train(parameters.vector.ctypes.data, x.ctypes.data, targets.ctypes.data, steps, job.rate)
        return lambda rows: network.predict(parameters, rows)

    return run


def products(job: Job, x: Any, _: Any, first: cp.Parameters) -> Run:
    """Run a step's products with the whole batch, BLAS using all its threads."""
    once = step_of_products(job, x, first, slice(0, job.batch))

    def run(steps: int) -> Predict:
        for step in range(steps):
            once(step)
        return nothing(job)

    return run


def shared_products(job: Job, x: Any, _: Any, first: cp.Parameters) -> Run:
    """Run a step's products with the rows shared between threads of one-threaded BLAS; nobody waits for anybody."""
    count = int(os.environ.get("OMP_NUM_THREADS", "1"))
    share = job.batch // count
    parts = [step_of_products(job, x, first, slice(i * share, (i + 1) * share)) for i in range(count)]

    def repeat(once: Callable[[int], None], steps: int) -> None:
        for step in range(steps):
            once(step)

    def run(steps: int) -> Predict:
        with limited(1), ThreadPoolExecutor(count) as pool:
            list(pool.map(repeat, parts, [steps] * count))
        return nothing(job)

    return run


def step_of_products(job: Job, x: Any, first: cp.Parameters, part: slice) -> Callable[[int], None]:
    """Return a function that multiplies all that a step must for a part of its batch's rows.

    These are three products a layer, for the first layer two. Each step takes the next batch, as all others do.
    """
    weights = [layer["weight"] for layer in first.layers]
    rows = part.stop - part.start
    outputs = [np.ones((rows, width), x.dtype) for width in job.sizes]
    gradients = [np.empty_like(weight) for weight in weights]
    deltas = [np.ones((rows, width), x.dtype) for width in job.sizes]

    def once(step: int) -> None:
        start = step % job.per_epoch * job.batch
        outputs[0] = x[start + part.start : start + part.stop]
        for i, weight in enumerate(weights):
            np.dot(outputs[i], weight, out=outputs[i + 1])
        for i in reversed(range(len(weights))):
            np.dot(outputs[i].T, deltas[i + 1], out=gradients[i])
            if i:
                np.dot(deltas[i + 1], weights[i].T, out=deltas[i])

    return once


def nothing(job: Job) -> Predict:
    """Return predictions that say nothing: products alone learn nothing."""
    return lambda rows: np.full((len(rows), job.sizes[-1]), 1 / max(job.sizes[-1], 2))


_LARGE = frozenset(JOBS) - FIXED
CONTENDERS = [Contender("C++, sizes fixed", ("numpy",), fixed_sizes, skips=_LARGE)] if shutil.which("g++") else []
CONTENDERS += [
    Contender("products, BLAS's threads", ("numpy",), products, skips=FIXED, differs=_LARGE),
    Contender("products, rows shared", ("numpy",), shared_products, skips=FIXED, differs=_LARGE),
]
