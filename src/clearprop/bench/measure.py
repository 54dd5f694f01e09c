"""Time contenders side by side: interleaved rounds, so that a machine that slows down slows down all; medians."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isclose
from statistics import median

from clearprop.bench.contenders import Contender, Run
from clearprop.bench.jobs import Job

TOLERANCE = {"float64": 1e-6, "float32": 5e-3}  # of the losses; rounding grows, and not all put Adam's ε at one place
LONG = 2.0  # seconds of a first run that needn't be warmed up once more: they can't be all compiling


@dataclass
class Figure:
    """What was found for one contender in one job.

    Parameters
    ----------
    loss : float
        After the job's ``check_steps``.
    first : float
        Seconds of the first run of ``check_steps`` in this process, compiling included.
    steps : int
        Of a timed run.
    times : list of float
        µs a step, one a round.
    cores : float
        The most processors that a timed run kept busy on average: processor time over time.
    """

    loss: float
    first: float
    steps: int = 0
    times: list[float] = field(default_factory=list[float])
    cores: float = 0.0

    @property
    def micros(self) -> float:
        """The median time of a step in µs."""
        return median(self.times)


def measure(
    job: Job, dtype: str, contenders: Sequence[Contender], *, seconds: float = 0.3, rounds: int = 7, budget: float = inf
) -> dict[str, Figure]:
    """Return by name what was found for each contender; those that skip the job are left out.

    Each first does the job's ``check_steps``, which gives its loss and warms it up, and then gets its own number of
    steps, so that one timed run takes about as long for all.

    Parameters
    ----------
    seconds : float
        The least time of a timed run.
    rounds : int
    budget : float
        No further round begins after so many seconds.
    """
    begin = time.perf_counter()
    x, y = job.data(dtype)
    first = job.first(dtype)
    runs: dict[str, Run] = {}
    figures: dict[str, Figure] = {}
    for each in contenders:
        if job.name in each.skips:
            continue
        start = time.perf_counter()
        run = runs[each.name] = each.prepare(job, x, y, first)
        predict = run(job.check_steps)
        took = time.perf_counter() - start
        figure = figures[each.name] = Figure(job.loss(predict, x, y), took)
        figure.steps = _enough_steps(job, run, took, seconds)
    for _ in range(rounds):
        for name, run in runs.items():
            _time(run, figures[name])
        if time.perf_counter() - begin > budget:
            break
    return figures


def unequal(dtype: str, contenders: Sequence[Contender], job: Job, figures: dict[str, Figure]) -> list[str]:
    """Return the names of those whose loss isn't the first one's: they have done other work."""
    differing = {each.name for each in contenders if job.name in each.differs}
    compared = {name: figure.loss for name, figure in figures.items() if name not in differing}
    wanted = next(iter(compared.values()))
    return [name for name, loss in compared.items() if not isclose(loss, wanted, rel_tol=TOLERANCE[dtype])]


def _enough_steps(job: Job, run: Run, took: float, seconds: float) -> int:
    """Return how many steps last about ``seconds``, given what the first run took; and warm a run of so many up."""
    steps = job.check_steps
    if took > max(LONG, seconds):
        return steps
    took = _seconds(run, steps)
    for _ in range(3):  # a first guess is short where a run's fixed costs are a good part of it
        if took > 0.8 * seconds:
            break
        steps = job.whole_epochs(steps * seconds / took)
        run(steps)  # where the number of steps is compiled in, this is another one
        took = _seconds(run, steps)
    return steps


def _seconds(run: Run, steps: int) -> float:
    start = time.perf_counter()
    run(steps)
    return time.perf_counter() - start


def _time(run: Run, figure: Figure) -> None:
    busy = time.process_time()
    took = _seconds(run, figure.steps)
    figure.times.append(took / figure.steps * 1e6)
    figure.cores = max(figure.cores, (time.process_time() - busy) / took)
