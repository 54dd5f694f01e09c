"""That every script runs, that all contenders do the same work, and that a difference would be found. No timing."""
# ruff: noqa: D103 - a test's name says what it holds

import importlib.util
import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import floor
import growth
import numpy as np
import page
import peers
import pytest
import startup
import table
from onnx_model import onnx_bytes

from clearprop.bench import contenders
from clearprop.bench.jobs import JOBS, Job
from clearprop.bench.measure import Figure, measure, unequal
from clearprop.bench.threads import environment, limited

SMALL = [
    replace(JOBS["A"], check_steps=40),
    replace(JOBS["B"], check_steps=40),
    Job("C", (20, 16, 8, 3), "relu", 64, 16, "adam", 0.01, 40, ("float32", "float64")),
    Job("D", (5, 8, 8, 1), "relu", 60, 20, "adam", 0.01, 30, ("float32", "float64")),
]
SLOW = {"torch.compile"}  # many seconds of compiling


def pairs():
    """Yield who does which job to the same loss; not scikit-learn's Adam in float64, where its ε elsewhere shows."""
    for who in table.EVERYBODY:
        for job in SMALL:
            if job.name in who.skips | who.differs:
                continue
            for dtype in job.dtypes:
                if (who.name, job.optimizer, dtype) != ("scikit-learn", "adam", "float64"):
                    marks = [pytest.mark.long] if who.name in SLOW else []
                    yield pytest.param(who, job, dtype, marks=marks, id=f"{who.name}-{job.name}-{dtype}")


def script(name, *flags):
    done = subprocess.run(  # noqa: S603 - our own scripts
        [sys.executable, str(Path(__file__).with_name(name)), *flags],
        capture_output=True, text=True, env=environment(1), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.compile's own, of what it uses of torch
@pytest.mark.parametrize(("who", "job", "dtype"), list(pairs()))
def test_everybody_does_the_same_work(who, job, dtype):
    if not who.installed():
        pytest.skip(f"{who.name} isn't installed")
    ours = contenders.Contender("ours", ("clearprop",), contenders.clearprop("reference"))
    who.load()
    with limited(1):
        figures = measure(job, dtype, [ours, who], seconds=0.0, rounds=1)
    assert unequal(dtype, [ours, who], job, figures) == []
    longer = job.whole_epochs(2 * job.check_steps)  # and a second run begins anew, with another number of steps
    x, y = job.data(dtype)
    losses = []
    for each in (ours, who):
        run = each.prepare(job, x, y, job.first(dtype))
        run(job.check_steps)
        losses.append(job.loss(run(longer), x, y))
    assert losses[1] == pytest.approx(losses[0], rel=1e-6 if dtype == "float64" else 5e-3)


def test_a_case_with_other_work_is_refused(monkeypatch):
    job = SMALL[0]
    wrong = contenders.Contender("wrong", ("numpy",), lambda job, x, y, first: floor.products(job, x, y, first))
    monkeypatch.setattr(table, "EVERYBODY", [contenders.CONTENDERS[1], wrong])
    monkeypatch.setitem(table.JOBS, "A", job)
    with pytest.raises(RuntimeError, match=r"not the same work in job A, float64: \['wrong'\]"):
        table.run_case("A", "float64", 1, 1, 0.0, [])


@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_the_onnx_model_is_the_network(name):
    ort = pytest.importorskip("onnxruntime")
    job = JOBS[name]
    x, _ = job.data("float32")
    network, first = job.network(), job.first("float32")
    session = ort.InferenceSession(onnx_bytes(network, first), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x})[0], network.predict(first, x), rtol=1e-4, atol=1e-6)


def test_the_products_are_those_of_a_step():
    """Multiplications and their order: forward, then by weights and by inputs, the first layer's inputs left out."""
    job = SMALL[2]
    x, _ = job.data("float64")
    seen = []
    real = np.dot
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "dot", lambda a, b, out: (seen.append((*a.shape, b.shape[1])), real(a, b, out=out))[1])
        floor.step_of_products(job, x, job.first("float64"), slice(0, job.batch))(0)
    forward = [(16, 20, 16), (16, 16, 8), (16, 8, 3)]
    backward = [(8, 16, 3), (16, 3, 8), (16, 16, 8), (16, 8, 16), (20, 16, 16)]
    assert seen == forward + backward


def test_the_floor_takes_a_new_batch_each_step():
    job = SMALL[2]
    x, _ = job.data("float64")
    seen = []
    real = np.dot
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "dot", lambda a, b, out: (seen.append(a), real(a, b, out=out))[1])
        once = floor.step_of_products(job, x, job.first("float64"), slice(4, 8))
        once(0)
        start = len(seen)
        once(5)
    assert np.array_equal(seen[0], x[4:8])
    assert np.array_equal(seen[start], x[20:24])


def test_ratios_stand_beside_their_goals():
    figures = {"Clearprop, compiled": 2.0, "Clearprop, NumPy": 20.0, "scikit-learn": 70.0, "C++, sizes fixed": 1.6}
    found = {name: {"micros": micros, "cores": 1.0, "memory": 40.0} for name, micros in figures.items()}
    found["scikit-learn"]["cores"] = 1.8
    cases = {("B", "float64", 1): found}
    wanted = [goal for goal in table.goals.STEPS if (goal.job, goal.dtype) == ("B", "float64")]
    rows = table.ratios(wanted, cases).splitlines()
    assert rows[2] == "| B | float64 | 1 | compiled | 35.0 ≥ 15 ✓ | 1.25 ≤ 1.6 ✓ |"
    assert rows[3] == "| B | float64 | 1 | NumPy | 3.50 ≥ 2.2 ✓ | 12.5 |"
    assert table.busy(cases) == "More processors than threads were used by scikit-learn (1.8 with 1)."
    found["scikit-learn"]["micros"] = 20.8
    assert table.ratios(wanted, cases).splitlines()[2].split(" | ")[4] == "10.4 < 15 ✗ (floor 13)"
    found["scikit-learn"]["micros"] = 70.0
    del found["Clearprop, compiled"]
    assert table.ratios(wanted[:1], cases).splitlines()[2] == "| B | float64 | 1 | NumPy | 3.50 | 12.5 |"


def test_the_table_is_made():
    out = script(
        "table.py", "--jobs", "A,F", "--rounds", "1", "--seconds", "0.001", "--rows", "50",
        "--without", "torch.compile", "--without", "JAX jit", "--without", "JAX scan",
    )  # fmt: skip
    assert "| A | float64 | 1 | " in out
    assert "| C | 10⁶ | scikit-learn | " in out


def test_growth_is_measured_kept_and_drawn(tmp_path):
    script("growth.py", "--limit", "0.01", "--points", "1", "--folder", str(tmp_path))
    found = json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))
    assert set(found["panels"]) == set(growth.PANELS)
    for name, panel in growth.PANELS.items():
        points = found["panels"][name]["Clearprop, NumPy"]
        assert [value for value, _ in points] == list(panel.values[:1])
        assert all(cost > 0 for _, cost in points)
    (tmp_path / "growth.png").unlink()
    script("growth.py", "--draw", "--folder", str(tmp_path))
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    script("growth.py", "--limit", "0.01", "--points", "2", "--panels", "depth", "--folder", str(tmp_path))
    again = json.loads((tmp_path / "growth.json").read_text(encoding="utf-8"))["panels"]
    assert len(again["depth"]["Clearprop, NumPy"]) == 2
    assert all(again[name] == found["panels"][name] for name in ("rows", "width", "batch"))


def test_a_point_that_would_take_too_long_is_left_out(monkeypatch):
    calls = []

    def fake(job, _, chosen, **__):
        calls.append((job.rows, [each.name for each in chosen]))
        return {each.name: Figure(0.0, 0.0, 1, [1e5 if each.name == "scikit-learn" else 1.0]) for each in chosen}

    monkeypatch.setattr(growth, "measure", fake)
    series = growth.grow(growth.PANELS["rows"], 0.5, None)
    assert [rows for rows, _ in series["scikit-learn"]] == [100]  # ten times 0.1 s is above 0.5 s
    assert [rows for rows, _ in series["Clearprop, NumPy"]] == [10**i for i in range(2, 8)]
    assert all(("scikit-learn" in names) == (rows == 100) for rows, names in calls)


def test_startup_is_measured():
    engines = [f"Clearprop, {engine}, {cache}" for engine in ("auto", "compiled") for cache in ("cold", "warm")]
    slow = [flag for name in (*engines, "PyTorch", "JAX") for flag in ("--without", name)]  # four minutes of compiling
    out = script("startup.py", "--rounds", "1", *slow)
    times = {cells[1].strip(): cells[2:-1] for line in out.splitlines() if len(cells := line.split("|")) > 3}
    for name in ("Clearprop, NumPy", "scikit-learn", "NumPy alone"):
        imported, trained, ended = (float(cell.split()[0]) for cell in times[name])
        assert 0 < imported <= trained <= ended


def test_cold_runs_have_an_empty_folder_and_warm_ones_keep_theirs(monkeypatch):
    """With a fake process that leaves a kernel behind, and a lock that somebody takes away a little later."""
    seen = []

    def fake(text, kernels):
        files = list(Path(kernels).iterdir()) if kernels else None
        seen.append((text, files if files is None else len(files)))
        if kernels:
            (Path(kernels) / f"kernel{len(seen)}").touch()
            if not files:
                (lock := Path(kernels) / "float64.lock").touch()
                threading.Timer(0.05, lock.unlink).start()
        return 1.0, 2.0, 3.0

    monkeypatch.setattr(startup, "run", fake)
    monkeypatch.setattr(startup, "programs", lambda: {"c": ("c", "cold"), "w": ("w", "warm"), "n": ("n", "")})
    assert startup.measure(3) == {"c": (1.0, 2.0, 3.0), "w": (1.0, 2.0, 3.0), "n": (1.0, 2.0, 3.0)}
    assert [files for text, files in seen if text == "c"] == [0, 0]
    assert [files for text, files in seen if text == "n"] == [None] * 4
    first, *later = [files for text, files in seen if text == "w"]
    assert first == 0
    assert later[0] == 1  # the kernel; the lock has been waited for
    assert later == sorted(later)


def test_a_section_of_the_page_is_replaced(tmp_path):
    file = tmp_path / "page.md"
    start, end = page.markers("table")
    file.write_text(f"before\n{start}\nold\n{end}\nafter\n", encoding="utf-8")
    page.put("table", "new", file)
    assert file.read_text(encoding="utf-8") == f"before\n{start}\nnew\n{end}\nafter\n"
    with pytest.raises(ValueError, match=r"page\.md should have the lines .*startup"):
        page.put("startup", "new", file)


@pytest.mark.parametrize("section", ["table", "growth", "startup"])
def test_the_page_has_the_sections(section):
    text = page.PAGE.read_text(encoding="utf-8")
    start, end = page.markers(section)
    assert text.index(start) < text.index(end)


def test_peers_are_left_out_where_they_are_missing(monkeypatch):
    monkeypatch.setattr(contenders, "find_spec", lambda name: None if name in {"jax", "torch"} else importlib.util)
    names = [each.name for each in peers.CONTENDERS if each.installed()]
    assert names == ["onnxruntime"]


def test_an_engine_is_there_only_if_it_trains():
    assert contenders.has_engine("reference")
    assert not contenders.has_engine("steam")
