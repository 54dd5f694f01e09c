"""Time a training step, side by side: ``python benchmarks/steps.py`` prints the table, ``--write`` puts it into docs/.

Runs are interleaved (Clearprop, scikit-learn, PyTorch, Clearprop, …), so that a machine that slows down slows down all;
a figure is the median of the rounds. A step is a whole run divided by its steps: checks, loop and record included.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import machine
from jobs import CONTENDERS, JOBS, Job, final_loss, load

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
START, END = "<!-- steps: written by benchmarks/steps.py -->", "<!-- end of steps -->"


def measure(job: Job, dtype: str, rounds: int) -> dict[str, tuple[float, float]]:
    """Return by contender the median time of a step in µs, and the loss that its last run ended at."""
    x, y = job.data(dtype)
    first = job.first(dtype)
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    losses: dict[str, float] = {}
    for turn in range(rounds + 1):
        for name, contender in CONTENDERS.items():
            start = time.perf_counter()
            predict = contender(job, x, y, first)
            if turn:  # the first round warms up
                times[name].append((time.perf_counter() - start) / job.steps * 1e6)
            losses[name] = final_loss(job, predict, x, y)
    return {name: (median(times[name]), losses[name]) for name in CONTENDERS}


def memory(job: Job, dtype: str, name: str) -> float:
    """Return the most memory in MiB that a process of its own takes, from its start through the run."""
    command = [sys.executable, __file__, "--memory", job.name, dtype, name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - this file


def run_once(job: Job, dtype: str, name: str) -> None:
    """Do a job and print the peak memory: what ``memory`` starts."""
    load(name)
    x, y = job.data(dtype)
    with machine.threads(1):
        CONTENDERS[name](job, x, y, job.first(dtype))
    print(machine.peak_memory())


def tables(jobs: list[Job], counts: list[int], rounds: int) -> str:
    """Measure everything, and return it as two Markdown tables: times and their ratios; memory and last losses."""
    load(*CONTENDERS)
    peers = [name for name in CONTENDERS if name != "Clearprop"]
    times = [["job", "dtype", "threads", *(f"{name}, µs" for name in CONTENDERS), *(f"{p} / Clearprop" for p in peers)]]
    rest = [["job", "dtype", *(f"{n}, MiB" for n in CONTENDERS), *(f"{n}, last loss" for n in CONTENDERS)]]
    for job, dtype in [(each, dtype) for each in jobs for dtype in each.dtypes]:
        losses: list[float] = []
        for count in counts:
            with machine.threads(count):
                found = measure(job, dtype, rounds)
            own = found["Clearprop"][0]
            ratios = [f"{found[name][0] / own:.2f}" for name in peers]
            times.append([job.name, dtype, str(count), *(f"{t:,.0f}" for t, _ in found.values()), *ratios])
            losses = [loss for _, loss in found.values()]
            print(times[-1], file=sys.stderr)  # the whole takes minutes
        peaks = [f"{memory(job, dtype, name):,.0f}" for name in CONTENDERS]
        rest.append([job.name, dtype, *peaks, *(f"{loss:.5f}" for loss in losses)])
    return f"{markdown(times, 3)}\n\n{markdown(rest, 2)}"


def markdown(rows: list[list[str]], n_words: int) -> str:
    """Return rows as a table whose columns after the first ``n_words`` hold numbers."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, "|" + " --- |" * n_words + " ---: |" * (len(rows[0]) - n_words))
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print and maybe write."""
    if found := set(machine.OVERRIDES) & os.environ.keys():
        clean = {name: value for name, value in os.environ.items() if name not in found}
        os.execve(sys.executable, [sys.executable, *sys.argv], clean)  # noqa: S606 - OpenBLAS read them at its start
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--jobs", default=",".join(JOBS), help="some of B,C,D")
    reader.add_argument("--threads", default="1,2")
    reader.add_argument("--rounds", type=int, default=7)
    reader.add_argument("--write", action="store_true", help=f"put the table into {PAGE.parent.name}/{PAGE.name}")
    reader.add_argument("--memory", nargs=3, metavar=("JOB", "DTYPE", "WHO"), help=argparse.SUPPRESS)
    arguments = reader.parse_args()
    if arguments.memory:
        name, dtype, who = arguments.memory
        run_once(JOBS[name], dtype, who)
        return
    jobs = [JOBS[name] for name in arguments.jobs.split(",")]
    head = f"Measured on {machine.state()}.\n\n" + "\n".join(f"- {job.title()}, {job.steps:,} steps" for job in jobs)
    text = f"{head}\n\n{tables(jobs, [int(count) for count in arguments.threads.split(',')], arguments.rounds)}"
    print(text)
    if arguments.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
