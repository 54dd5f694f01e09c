"""``clearprop bench``: how long a training step takes on this machine, beside the libraries that are installed."""

from __future__ import annotations

import os
from textwrap import fill
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from clearprop.bench.alone import Alone
    from clearprop.bench.contenders import Contender
    from clearprop.bench.jobs import Job
    from clearprop.bench.measure import Figure

ROUNDS, LONGEST = 7, 0.3  # of a contender in a job; seconds of a timed run
SHARE = 0.6  # of the time that the rounds get; imports, first runs and the processes for the memory take the rest
WIDTH = 80  # of the screen
HEAD = f"{'':22}{'µs a step':>12}{'times Clearprop':>17}{'peak MiB':>11}{'first run, s':>15}"


def bench(
    jobs: Annotated[str, typer.Option(metavar="NAMES", help="Some of A, B, C, C32, D and E (minutes).")] = "A,B,C,D",
    threads: Annotated[int, typer.Option(metavar="COUNT", help="Threads for everybody.")] = 1,
    seconds: Annotated[float, typer.Option(metavar="NUMBER", help="About how long it may take in all.")] = 20.0,
) -> None:
    """Time a training step beside scikit-learn's and PyTorch's, where they are installed.

    All start from the same weights and do the same updates; rounds are interleaved, and a figure is the median.

    Peak memory and the first run are those of a new process for each library, with its kernels on the disk.
    """
    from clearprop.bench import machine
    from clearprop.bench.alone import alone
    from clearprop.bench.contenders import CONTENDERS, has_engine, installed
    from clearprop.bench.measure import measure, unequal
    from clearprop.bench.threads import limited, restart
    from clearprop.errors import InputError
    from clearprop.settings import check_number

    chosen = parse_jobs(jobs)
    if not 1 <= threads <= (os.cpu_count() or 1):
        raise InputError(f"--threads {threads}: give 1 to {os.cpu_count()}, the processors of this machine")
    check_number(seconds, "--seconds", above=0)
    restart(threads)
    start = perf_counter()
    for dtype in dict.fromkeys(job.dtypes[0] for job in chosen):
        has_engine("compiled", dtype)
    ready = perf_counter() - start
    here = installed(CONTENDERS)
    typer.echo(fill(f"{machine.state()}; {threads} thread{'s' * (threads > 1)}", WIDTH) + f"\n\n{HEAD}")
    budget = SHARE * seconds / len(chosen)
    cases = [(job.name, job.dtypes[0]) for job in chosen]
    others = {each.name: alone(each, [case for case in cases if case[0] not in each.skips], threads) for each in here}
    for job, (_, dtype) in zip(chosen, cases, strict=True):
        with limited(threads):
            each_run = min(LONGEST, budget / (ROUNDS + 2) / len(here))
            figures = measure(job, dtype, here, seconds=each_run, rounds=ROUNDS, budget=budget)
        typer.echo("\n".join([f"{job.title()}, {dtype}", *lines(job, figures, others)]))
        if wrong := unequal(dtype, here, job, figures):
            typer.echo(f"  not the same work: {', '.join(wrong)} ended at another loss")
    typer.echo(footer(here, others, ready))


def parse_jobs(text: str) -> list[Job]:
    """Return the jobs of ``"A,B"``.

    Raises
    ------
    InputError
        For a name that no job has, or none at all.

    Examples
    --------
    >>> [job.name for job in parse_jobs("b, C32")]
    ['B', 'C32']
    """
    from clearprop.bench.jobs import JOBS
    from clearprop.errors import unknown_name

    names = [name.strip().upper() for name in text.split(",")]
    for name in names:
        if name not in JOBS:
            raise unknown_name("job", name, JOBS)
    return [JOBS[name] for name in dict.fromkeys(names)]


def lines(job: Job, figures: dict[str, Figure], others: dict[str, Alone]) -> list[str]:
    """Return a line for each contender; ratios are to the first one, which is Clearprop at its fastest."""
    own = next(iter(figures.values())).micros
    return [
        f"  {name:20}{figure.micros:12,.1f}"
        f"{f'{figure.micros / own:.2f}' if number else '':>17}"
        f"{others[name].memory[job.name]:11,.0f}{others[name].first_run[job.name]:15.3f}"
        for number, (name, figure) in enumerate(figures.items())
    ]


def footer(here: list[Contender], others: dict[str, Alone], ready: float) -> str:
    """Return what the figures above don't say: what starting costs, and who is missing."""
    from clearprop.bench.contenders import COMPILED, CONTENDERS

    said = ["To import: " + ", ".join(f"{name} {found.importing:.2f} s" for name, found in others.items()) + "."]
    if COMPILED in others:
        said.append(
            f"The compiled engine was ready {ready:.1f} s after it was asked for: its kernels are compiled once."
        )
    if missing := [each.name for each in CONTENDERS if each not in here]:
        said.append(f"Not here: {', '.join(missing)}.")
    return "\n" + "\n".join(fill(line, WIDTH) for line in said)
