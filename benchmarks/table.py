"""Every job beside every library that is installed: ``python benchmarks/table.py``; ``--write`` puts it into docs/.

Each case (a job, a dtype, a number of threads) runs in a process of its own, started with so many threads for all.
In it all contenders take turns, round after round. A figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from math import nan
from typing import Any

import floor
import goals
import page
import peers
import prediction
from goals import Goal, verdict

from clearprop.bench import contenders, machine
from clearprop.bench.alone import alone
from clearprop.bench.contenders import COMPILED, REFERENCE
from clearprop.bench.jobs import JOBS
from clearprop.bench.measure import measure, unequal
from clearprop.bench.threads import environment, limited, restart

EVERYBODY = [*contenders.CONTENDERS, *peers.CONTENDERS, *floor.CONTENDERS]
FLOORS = [each.name for each in floor.CONTENDERS]
HEAVY = {"E": 3}  # rounds of jobs whose one step takes seconds
BUSY = 0.25  # processors more than it was given threads, from which on a contender is named

Found = dict[str, dict[str, Any]]  # by contender: its Figure as plain values, and its peak memory


def run_case(job: str, dtype: str, threads: int, rounds: int, seconds: float, without: list[str]) -> Found:
    """Measure a case in this process, and each contender's memory in one of its own.

    Raises
    ------
    RuntimeError
        If two contenders haven't done the same work.
    """
    here = contenders.installed([each for each in EVERYBODY if job not in each.skips and each.name not in without])
    with limited(threads):
        figures = measure(JOBS[job], dtype, here, seconds=seconds, rounds=min(rounds, HEAVY.get(job, rounds)))
    if wrong := unequal(dtype, here, JOBS[job], figures):
        raise RuntimeError(f"not the same work in job {job}, {dtype}: {wrong}: {figures}")
    found = {name: asdict(figure) | {"micros": figure.micros} for name, figure in figures.items()}
    for each in here:
        if each.name not in FLOORS:
            seen = alone(each, [(job, dtype)], threads)
            found[each.name] |= {"memory": seen.memory[job], "start": seen.first_run[job]}
    return found


def run_predictions(name: str, rounds: int, seconds: float, rows: int) -> dict[str, tuple[float, float]]:
    """Measure a network's predictions in this process, with one thread."""
    here = contenders.installed([each for each in EVERYBODY if each.name in prediction.WHO])
    with limited(1):
        return prediction.measure_predictions(name, here, rounds=rounds, seconds=seconds, rows=rows)


def in_a_process(threads: int, function: str, *values: Any) -> Any:
    """Call one of the functions above in a new process with so many threads, and return what it returned."""
    print(f"{function} {values}", file=sys.stderr)  # the whole takes many minutes
    done = subprocess.run(  # noqa: S603 - this file
        [sys.executable, __file__, "--call", function, json.dumps(values)], env=environment(threads),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def own(found: Found) -> str:
    """Return which Clearprop the ratios are to: the compiled engine where there is one."""
    return COMPILED if COMPILED in found else REFERENCE


def floor_of(found: Found) -> float:
    """Return the smaller of the floors that were measured, in µs."""
    return min((found[name]["micros"] for name in FLOORS if name in found), default=nan)


def micros(cases: dict[tuple[str, str, int], Found]) -> str:
    """Return the times as a table."""
    names = [each.name for each in EVERYBODY if any(each.name in found for found in cases.values())]
    names = [name for name in names if name not in FLOORS]
    rows = [["job", "dtype", "threads", *names, "floor"]]
    for (job, dtype, threads), found in cases.items():
        times = [found[name]["micros"] if name in found else nan for name in names]
        rows.append([job, dtype, str(threads), *map(_number, [*times, floor_of(found)])])
    return page.table(rows, 2)


def ratios(wanted: list[Goal], cases: dict[tuple[str, str, int], Found]) -> str:
    """Return the ratios beside their goals as a table; a goal of the NumPy engine has a row of its own."""
    names = [each.name for each in EVERYBODY if each.name not in (COMPILED, REFERENCE, *FLOORS)]
    names = [name for name in names if any(name in found for found in cases.values())]
    rows = [["job", "dtype", "threads", "whose", *(f"{name} / ours" for name in names), "over the floor"]]
    for goal in wanted:
        found = cases[goal.job, goal.dtype, goal.threads]
        who = REFERENCE if goal.who == REFERENCE else own(found)
        least = goal.ratios if who == goal.who else {}  # without the compiled engine its goals say nothing
        ours = found[who]["micros"]
        cells = [verdict(found[n]["micros"] / ours, least.get(n)) if n in found else "—" for n in names]
        for i, name in enumerate(names):  # a goal that the floor itself doesn't reach
            if name in found and (possible := found[name]["micros"] / floor_of(found)) < least.get(name, 0.0):
                cells[i] += f" (floor {possible:.3g})"
        over = ours / floor_of(found)
        cells.append(verdict(over, goal.over_floor if least else None, most=True) if over == over else "—")
        rows.append([goal.job, goal.dtype, str(goal.threads), who.removeprefix("Clearprop, "), *cells])
    return page.table(rows, 4)


def others(cases: dict[tuple[str, str, int], Found], key: str, form: str) -> str:
    """Return another of the figures as a table: peak memory, the first run, the loss."""
    names = [each.name for each in EVERYBODY if any(key in found.get(each.name, {}) for found in cases.values())]
    names = [name for name in names if name not in FLOORS]
    rows = [["job", "dtype", "threads", *names]]
    for (job, dtype, threads), found in cases.items():
        rows.append([job, dtype, str(threads), *(format(found[n][key], form) if n in found else "—" for n in names)])
    return page.table(rows, 2)


def predictions(found: dict[str, dict[str, tuple[float, float]]]) -> str:
    """Return job F as a table of times and ratios beside their goals."""
    rows = [["network", "rows", "who", "time", "ratio to ours"]]
    for network, figures in found.items():
        who = COMPILED if COMPILED in figures else REFERENCE
        for i, (n_rows, unit, wanted) in enumerate((("1", "µs", goals.ONE_ROW), ("10⁶", "s", goals.MILLION_ROWS))):
            for name, times in figures.items():
                ratio = "" if name == who else verdict(times[i] / figures[who][i], wanted.get(name))
                rows.append([network, n_rows, name, f"{times[i]:.3g} {unit}", ratio])
    return page.table(rows, 3)


def busy(cases: dict[tuple[str, str, int], Found]) -> str:
    """Name those that kept more processors busy than they were given threads."""
    named = {
        f"{name} ({found[name]['cores']:.1f} with {case[2]})"
        for case, found in cases.items()
        for name in found
        if found[name]["cores"] > case[2] + BUSY
    }
    return f"More processors than threads were used by {', '.join(sorted(named))}." if named else ""


def report(names: list[str], rounds: int, seconds: float, rows: int, without: list[str]) -> str:
    """Measure these jobs and return everything as Markdown."""
    head = machine.state()
    wanted = [goal for goal in goals.STEPS if goal.job in names]
    keys = dict.fromkeys((goal.job, goal.dtype, goal.threads) for goal in wanted)
    cases = {key: in_a_process(key[2], "run_case", *key, rounds, seconds, without) for key in keys}
    parts = [f"Measured on {head}.", "\n".join(f"- {JOBS[name].title()}" for name in names if name in JOBS)]
    if cases:
        parts += ["Median time of a step, in µs:", micros(cases)]
        parts += ["How many times ours a peer's time is, beside the goal:", ratios(wanted, cases), busy(cases)]
        parts += ["Peak memory in MiB of a process that imports the library and does the job:"]
        parts += [others(cases, "memory", ",.0f")]
        parts += ["The first run in such a process, in seconds; what is kept on the disk is there (else see start-up):"]
        parts += [others(cases, "start", ".2f")]
        parts += ["The loss that all came to:", others(cases, "loss", ".6f")]
    if "F" in names:
        networks = {n: in_a_process(1, "run_predictions", n, rounds, seconds, rows or prediction.ROWS[n]) for n in "BC"}
        scaled = ", ".join(f"{rows or count:,} rows of {name}" for name, count in prediction.ROWS.items())
        parts += [
            f"F, predictions in float32 with one thread (a million rows: {scaled} were timed, and scaled):",
            predictions(networks),
        ]
    return "\n\n".join(part for part in parts if part)


def _number(value: float) -> str:
    return "—" if value != value else f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def main() -> None:
    """Read the command line, measure, print and maybe write."""
    restart(1)
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--jobs", default=",".join([*JOBS, "F"]), help="some of A, B, C, C32, D, E and F")
    reader.add_argument("--rounds", type=int, default=7)
    reader.add_argument("--seconds", type=float, default=0.3, help="the least time of a timed run")
    reader.add_argument("--rows", type=int, default=0, help="for F, in place of a million")
    reader.add_argument("--without", action="append", default=[], metavar="WHO", help="leave somebody out of the steps")
    reader.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    arguments = reader.parse_args()
    text = report(arguments.jobs.split(","), arguments.rounds, arguments.seconds, arguments.rows, arguments.without)
    print(text)
    if arguments.write:
        page.put("table", text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--call"]:
        print(json.dumps(globals()[sys.argv[2]](*json.loads(sys.argv[3]))))
    else:
        main()
