"""``clearprop bench``: what it prints and refuses, and the measuring under it. No time makes a test fail."""

import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from clearprop.bench import contenders, machine, measure, threads
from clearprop.bench.alone import Alone, alone
from clearprop.bench.contenders import CONTENDERS, Contender, installed
from clearprop.bench.jobs import JOBS, Job
from clearprop.bench.measure import Figure, unequal
from clearprop.cli import bench
from clearprop.cli.main import run
from clearprop.engines.prepare import prepare

NUMPY = next(each for each in CONTENDERS if each.name == contenders.REFERENCE)
TINY = Job("tiny", (3, 4, 1), "tanh", 20, 10, "sgd", 0.1, 4)


def refused(capsys, *flags):
    with pytest.raises(SystemExit) as end:
        run(["bench", *flags])
    said = capsys.readouterr()
    assert end.value.code == 2
    assert said.out == ""
    return said.err


def test_the_screen():
    """The real command, started where OpenBLAS would be given another processor's kernels."""
    prepare("float64")  # else it would say that it compiles
    code = "from clearprop.cli.main import run; run()"
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", code, "bench", "--jobs", "A,b", "--seconds", "0.1"],
        env=os.environ | {"OPENBLAS_CORETYPE": "Nehalem"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Nehalem" not in done.stdout
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines.index("A: 2-4-1, tanh, sgd, batch 200 of 200 rows, float64") < lines.index(
        "B: 2-16-16-1, leaky_relu, sgd, batch 150 of 150 rows, float64"
    )
    here = [each.name for each in CONTENDERS if each.installed()]
    for name in here:
        rows = [line.removeprefix(f"  {name}").split() for line in lines if line.startswith(f"  {name}  ")]
        assert len(rows) == 2
        assert all(float(cell.replace(",", "")) > 0 for row in rows for cell in row)
        assert all(len(row) == (3 if name == here[0] else 4) for row in rows)  # the first has no ratio to itself
    assert "not the same work" not in done.stdout
    assert re.search(rf"To import: {here[0]} [0-9.]+ s, ", done.stdout.replace("\n", " "))
    missing = [each.name for each in CONTENDERS if each.name not in here]
    assert (f"Not here: {', '.join(missing)}." in done.stdout) == bool(missing)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--jobs", "A,F"), "error: unknown job 'F'. Known: A, B, C, C32, D, E\n"),
        (("--jobs", ""), "error: unknown job ''. Known: A, B, C, C32, D, E\n"),
        (("--threads", "0"), f"error: --threads 0: give 1 to {os.cpu_count()}, the processors of this machine\n"),
        (("--seconds", "0"), "error: --seconds must be above 0; got 0.0\n"),
    ],
)
def test_what_it_refuses(capsys, flags, said):
    assert refused(capsys, *flags) == said


def test_lines_give_ratios_to_the_first():
    figures = {"ours": Figure(0.1, 0.0, 1, [2.0, 1.0, 3.0]), "peer": Figure(0.1, 0.0, 1, [5.0])}
    others = {name: Alone(0.5, {"tiny": 1.25}, {"tiny": 1200.4}) for name in figures}
    ours, peer = bench.lines(TINY, figures, others)
    assert ours.split() == ["ours", "2.0", "1,200", "1.250"]
    assert peer.split() == ["peer", "5.0", "2.50", "1,200", "1.250"]


def test_compiling_is_said():
    others = {name: Alone(0.5, {}, {}) for name in (contenders.COMPILED, NUMPY.name)}
    here = [each for each in CONTENDERS if each.name in others]
    assert "engine was ready 61.2 s after it was asked for" in " ".join(bench.footer(here, others, 61.23).split())
    assert "ready" not in bench.footer([NUMPY], {NUMPY.name: others[NUMPY.name]}, 61.23)


def test_it_starts_anew_with_the_threads_asked_for(monkeypatch):
    started = []
    monkeypatch.setattr(threads.os, "execve", lambda *call: started.append(call))
    for name in threads.OVERRIDES:
        monkeypatch.setenv(name, "1")
    threads.restart(2)
    [(program, command, environment)] = started
    assert (program, command) == (sys.executable, [sys.executable, *sys.orig_argv[1:]])
    assert not set(threads.OVERRIDES) & set(environment)
    assert {environment[name] for name in threads.COUNTS} == {"2"}
    monkeypatch.setattr(threads.os, "environ", environment)
    threads.restart(2)
    assert len(started) == 1


def test_threads_are_limited_and_given_back():
    from threadpoolctl import threadpool_info

    def counts():
        return [library["num_threads"] for library in threadpool_info()]

    before = counts()
    with threads.limited(1):
        assert set(counts()) == {1}
    assert counts() == before


def recorder(name, seen):
    def prepare(*_):
        def once(steps):
            seen.append((name, steps))
            return lambda rows: np.full((len(rows), 1), 0.5)

        return once

    return Contender(name, (), prepare, skips=frozenset({"C"}) if name == "b" else frozenset())


def test_rounds_are_interleaved(monkeypatch):
    seen = []
    both = [recorder("a", seen), recorder("b", seen)]
    monkeypatch.setattr(measure, "_enough_steps", lambda *_: 6)
    figures = measure.measure(TINY, "float64", both, rounds=3)
    assert seen == [("a", 4), ("b", 4), *[("a", 6), ("b", 6)] * 3]
    assert [len(figure.times) for figure in figures.values()] == [3, 3]
    assert figures["a"].loss == pytest.approx(np.log(2))
    assert list(measure.measure(replace(TINY, name="C"), "float64", both, rounds=1)) == ["a"]
    assert len(measure.measure(TINY, "float64", both, rounds=3, budget=0.0)["a"].times) == 1


@pytest.mark.parametrize(
    ("took", "a_step", "steps"),
    [
        (0.5, 0.001, 300),  # of 0.3 s
        (0.5, 1.0, 4),  # check_steps are long enough
        (9.0, 0.001, 4),  # so long a first run isn't repeated
    ],
)
def test_a_run_has_steps_for_the_time_asked_for(monkeypatch, took, a_step, steps):
    seen = []
    monkeypatch.setattr(measure, "_seconds", lambda _, steps: steps * a_step)
    assert measure._enough_steps(TINY, seen.append, took, 0.3) == steps
    assert seen == ([300] if steps == 300 else [])


def test_another_loss_is_found():
    figures = {name: Figure(loss, 0.0) for name, loss in (("a", 0.5), ("b", 0.5 + 4e-6), ("c", 0.6), ("d", np.nan))}
    those = [replace(recorder(name, []), differs=frozenset({"tiny"} if name == "c" else ())) for name in figures]
    assert unequal("float64", those, TINY, figures) == ["b", "d"]
    assert unequal("float32", those, TINY, figures) == ["d"]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_peers_do_the_same_work(optimizer):
    job = replace(TINY, sizes=(3, 5, 4, 1), optimizer=optimizer, rate=0.05, check_steps=30)
    here = installed(CONTENDERS)
    figures = measure.measure(job, "float32", here, seconds=0.0, rounds=1)
    assert len(figures) >= 2
    assert unequal("float32", here, job, figures) == []


def test_steps_are_whole_epochs():
    assert [JOBS["C"].whole_epochs(steps) for steps in (0, 1, 50, 50.5)] == [50, 50, 50, 100]
    for job in JOBS.values():
        assert job.rows % job.batch == 0
        assert job.check_steps % job.per_epoch == 0


def test_alone_tells_of_a_process_of_its_own():
    found = alone(NUMPY, [("A", "float64"), ("C", "float32")], 1)
    assert found.importing > 0
    assert found.first_run.keys() == found.memory.keys() == {"A", "C"}
    assert 20 < found.memory["A"] < found.memory["C"] - 20  # C's rows alone are 20 MiB


def test_a_process_that_fails_is_told():
    with pytest.raises(RuntimeError, match=r"(?s)alone failed in \[\('Z', 'float64'\)\].*KeyError: 'Z'"):
        alone(NUMPY, [("Z", "float64")], 1)


def test_an_engine_that_falls_back_is_told(monkeypatch):
    monkeypatch.setattr(contenders.cp, "train", lambda *_, **__: type("Result", (), {"engine": "reference"}))
    x, y = TINY.data("float64")
    with pytest.raises(RuntimeError, match="asked for the engine 'compiled' and was run by 'reference'"):
        contenders.clearprop("compiled")(TINY, x, y, TINY.first("float64"))(2)


def test_the_machine_is_told():
    said = machine.state()
    assert f"numpy {np.__version__}" in said
    assert f"{os.cpu_count()} cores" in said
    assert "kernels; Python" in said or "unknown BLAS; Python" in said
