"""A contender in a process of its own: what importing it takes, its first run there, and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module

from clearprop.bench.contenders import Contender
from clearprop.bench.jobs import JOBS
from clearprop.bench.machine import forget_peak, peak_memory
from clearprop.bench.threads import environment, limited


@dataclass(frozen=True)
class Alone:
    """What a process found that did nothing else.

    Parameters
    ----------
    importing : float
        Seconds to import the library (its first import, NumPy included).
    first_run : dict of str to float
        By job: seconds of ``check_steps``, from ready data to the trained network.
    memory : dict of str to float
        By job: the most MiB held up to then. Jobs are done in the order given, and what one leaves to the allocator
        counts in the next one too.
    """

    importing: float
    first_run: dict[str, float]
    memory: dict[str, float]


def alone(contender: Contender, cases: Sequence[tuple[str, str]], threads: int) -> Alone:
    """Start a process, let it import the contender and do these jobs, each a (name, dtype).

    Raises
    ------
    RuntimeError
        If the process fails; with what it said.
    """
    module = contender.prepare.__module__
    code = (
        f"import time; start = time.perf_counter(); import {', '.join(contender.modules)}; "
        "took = time.perf_counter() - start; from clearprop.bench import alone; "
        f"alone.child({module!r}, {contender.name!r}, {list(cases)!r}, {threads}, took)"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code], env=environment(threads) | {"PYTHONPATH": paths}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{contender.name} alone failed in {cases}: {done.stderr.strip()[-1000:]}")
    return Alone(**json.loads(done.stdout.splitlines()[-1]))


def child(module: str, name: str, cases: Sequence[tuple[str, str]], threads: int, importing: float) -> None:
    """Do the jobs and print what was found: this is what the process runs."""
    contender: Contender = next(each for each in import_module(module).CONTENDERS if each.name == name)
    found = Alone(importing, {}, {})
    contender.load()
    with limited(threads):
        for job, dtype in [(JOBS[job], dtype) for job, dtype in cases]:
            forget_peak()
            x, y = job.data(dtype)
            first = job.first(dtype)
            start = time.perf_counter()
            contender.prepare(job, x, y, first)(job.check_steps)
            found.first_run[job.name] = time.perf_counter() - start
            found.memory[job.name] = peak_memory()
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
