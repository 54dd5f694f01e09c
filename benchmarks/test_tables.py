"""That the real tables are read, split, measured, kept and shown as they should be: on made-up files. No timing."""
# ruff: noqa: D103 - a test's name says what it holds

import json
import subprocess
import sys

import numpy as np
import page
import pandas as pd
import pytest
import tables
import tables_made_up
import tables_page
from tables_data import TABLES, halves, split, times
from tables_made_up import ADULT, N
from tables_models import MODELS

from clearprop.bench.threads import environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("tables")
    tables_made_up.write(where)
    return where


def flags(folder, kept, *more):
    return [str(flag) for flag in ("--data", folder, "--folder", kept, "--threads", 1, "--points", 2, *more)]


def figures(kept):
    return json.loads((kept / "tables.json").read_text(encoding="utf-8"))


@pytest.fixture
def measured(monkeypatch, capsys):
    """Return what runs the script in this process, and returns its output and its figures."""
    monkeypatch.setattr(tables, "restart", lambda _: None)

    def measure(folder, kept, *more):
        tables.main(flags(folder, kept, *more))
        return capsys.readouterr().out, figures(kept)

    return measure


def test_every_model_is_measured_on_every_table(folder, tmp_path):
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, tables.__file__, *flags(folder, tmp_path, "--seeds", 0)],
        capture_output=True, text=True, env=environment(1), check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    out, found = done.stdout, figures(tmp_path)
    here = [model for model in MODELS.values() if model.installed()]
    for table in TABLES.values():
        expected = [model.name for model in here if model.images or not table.images]
        assert list(found["scores"][table.name]) == expected
        for name, runs in found["scores"][table.name].items():
            (run,) = runs.values()
            assert run["fit"] > 0
            assert run["predict"] > 0
            if not table.regression and MODELS[name].space is None:  # a search may find leaves larger than this table
                assert run[table.metrics[0].name] > 0.6, (table.name, name)
                assert run.get("AUC", 1.0) > 0.6, (table.name, name)
    for table in list(TABLES.values())[:-1]:
        searched = found["searches"][table.name]
        assert {name: set(best["settings"]) for name, best in searched.items()} == {
            model.name: set(model.space) for model in here if model.space
        }
    for model in MODELS.values():
        assert (f"| {model.title} | " in out) == model.installed()
        assert any(line.startswith(f"{model.name} is skipped") for line in out.splitlines()) != model.installed()
    assert "| goal | ≥ 0.868 | ≥ 0.922 | ≤ 0.45 |" in out


def test_only_pytabkit_may_be_missing():
    assert {model.module for model in MODELS.values() if not model.installed()} <= {"pytabkit"}


def test_a_run_goes_on_where_it_was_interrupted(folder, tmp_path, measured):
    some = ("--tables", "wine_quality", "--models", "boosting,boosting-tuned")
    _, first = measured(folder, tmp_path, *some, "--seeds", "0")
    _, both = measured(folder, tmp_path, *some, "--seeds", "0,1")
    before, after = (found["scores"]["wine_quality"]["boosting-tuned"] for found in (first, both))
    assert after["0"] == before["0"]
    assert set(after) == {"0", "1"}
    assert both["searches"] == first["searches"]
    _, again = measured(folder, tmp_path, *some, "--seeds", "1", "--again")
    anew = again["scores"]["wine_quality"]["boosting-tuned"]
    assert anew["0"] == before["0"]
    assert anew["1"]["fit"] != after["1"]["fit"]
    assert anew["1"]["RMSE"] == after["1"]["RMSE"]
    assert again["searches"]["wine_quality"]["boosting-tuned"] != first["searches"]["wine_quality"]["boosting-tuned"]


def test_tables_that_are_missing_are_skipped_and_named(tmp_path, measured):
    out, found = measured(tmp_path, tmp_path, "--seeds", "0")
    assert found["scores"] == {}
    assert [f"{table.name} is skipped: {tmp_path} has no {table.file}" in out for table in TABLES.values()] == [
        True
    ] * 7


def test_what_the_command_line_has_wrong_is_said(capsys):
    wrong = {
        "--tables: it should be some of adult, ": ["--data", ".", "--tables", "adult,moon"],
        "give --data FOLDER to measure": [],
    }
    for message, command in wrong.items():
        with pytest.raises(SystemExit):
            tables.main(command)
        assert message in capsys.readouterr().err


def test_figures_measured_in_another_way_are_not_mixed(tmp_path):
    file = tmp_path / "tables.json"
    tables.Kept.at(file, {"threads": 1}).keep("scores", "adult", "boosting", {})
    assert tables.Kept.at(file, {"threads": 1}).found["scores"] == {"adult": {"boosting": {}}}
    with pytest.raises(ValueError, match=r"should hold figures of \{'threads': 2\}"):
        tables.Kept.at(file, {"threads": 2})


def test_growth_takes_parts_and_twice_the_rows(folder, tmp_path, monkeypatch, measured):
    class Sized:
        def fit(self, x, y):
            assert len(x) == len(y)
            return self

    monkeypatch.setattr(tables.Model, "make", lambda *_: Sized())
    out, found = measured(folder, tmp_path, "--growth", "--rows", 64)
    assert [n for n, _ in found["growth"]] == [4, 8, 16, 32, 64, 128]
    assert found["scores"] == {}
    assert "\n| 128 | " in out
    assert "**Only 64 rows" in out
    assert tables_page.growth([[1000, 2.0]]).endswith("| 1,000 | 2 | 2 |")


def test_what_is_kept_is_written_into_the_page(tmp_path, monkeypatch):
    file = tmp_path / "tables.md"
    file.write_text("before\n{}\nold\n{}\nafter\n".format(*page.markers("tables")), encoding="utf-8")
    monkeypatch.setattr(tables, "PAGE", file)
    kept = tables.Kept.at(tmp_path / "tables.json", {"threads": 2, "rows": None, "points": 20})
    kept.found["machine"] = "a machine"
    run = {"RMSE": 0.7, "fit": 3.0, "predict": 0.1}
    kept.keep("scores", "wine_quality", "boosting", {"0": run, "1": run})
    tables.main(["--write", "--folder", str(tmp_path)])
    text = file.read_text(encoding="utf-8")
    assert "Measured on a machine; 2 threads.\n" in text
    assert "over 2 seeds" in text
    assert "| HistGradientBoosting | **0.700 ± 0.000** (3 s) |" in text
    assert "\nold\n" not in text


@pytest.mark.parametrize("name", TABLES)
def test_the_split_is_official_or_a_random_fifth(folder, name):
    table = TABLES[name]
    first, same, other = (split(table, folder, seed) for seed in (0, 0, 1))
    n_test = {"adult": 40, "mnist": 30}.get(name, 24)
    assert (len(first.x), len(first.x_test)) == (len(first.y), len(first.y_test)) == (N - n_test, n_test)
    pd.testing.assert_frame_equal(first.x_test, same.x_test)
    official = name in ("adult", "mnist")
    assert first.x_test.index.equals(other.x_test.index) == official
    if not table.images:
        assert set(first.x.index).isdisjoint(first.x_test.index)
    assert not {table.target, table.split, "duration", "ID"} & set(first.x.columns)
    assert (first.y.dtype == np.float64) == table.regression


def test_columns_are_read_as_a_user_would_have_them(folder):
    rows = split(TABLES["adult"], folder, 0)
    assert {name for name in rows.x if rows.x[name].dtype == "category"} == set(ADULT["text"])
    assert set(rows.x["race"].cat.categories) == {"one", "two"}
    assert rows.x["race"].isna().any()
    pixels = split(TABLES["mnist"], folder, 0).x
    assert (pixels.shape[1], pixels.to_numpy().dtype, pixels.to_numpy().max()) == (784, np.float32, 1.0)


def test_rows_are_cut_and_repeated(folder):
    rows = split(TABLES["adult"], folder, 0, limit=30)
    assert (len(rows.x), len(rows.x_test)) == (30, 30)
    parts = halves(rows, 0)
    assert sorted([*parts.x.index, *parts.x_test.index]) == sorted(rows.x.index)
    assert len(parts.y_test) == 6
    twice = times(rows, 2)
    assert twice.x.index.equals(pd.RangeIndex(60))
    assert np.array_equal(twice.y, np.tile(rows.y, 2))


def test_the_best_is_bold_and_losses_are_shown():
    def runs(key, *values):
        return {str(seed): {key: value, "fit": 2.0, "predict": 0.1} for seed, value in enumerate(values)}

    scores = {
        "california_housing": {
            "tabular": runs("RMSE", 0.44, 0.46),
            "boosting": runs("RMSE", 0.46, 0.48),
            "realmlp": runs("RMSE", 0.445),  # the easier of two splits
        },
        "bank_marketing": {"tabular": runs("AUC", 0.80, 0.80), "boosting": runs("AUC", 0.81, 0.81)},
    }
    ours, boosting, realmlp, goal = tables_page.results(scores).splitlines()[2:]
    assert ours.endswith("| **0.450 ± 0.014** ✓ (2 s) | 0.8000 ± 0.0000 ✗ (2 s) |")
    assert boosting.endswith("| 0.470 ± 0.014 (2 s) | **0.8100 ± 0.0000** (2 s) |")
    assert realmlp.endswith("| 0.445 (2 s, 1 of 2 seeds) | — |")
    assert goal == "| goal | ≤ 0.45 | ≥ 0.805 |"
    assert tables_page.duels(scores).splitlines()[2:] == [
        "- HistGradientBoosting: better on 1 of 2, not on bank",
        "- RealMLP-TD-S (pytabkit): better on 1 of 1",
    ]
    searched = {"bank_marketing": {"boosting": {"seconds": 321.4}}}
    assert tables_page.seconds(scores, searched).splitlines()[3] == (
        "| HistGradientBoosting | 2 · 0.1 | 2 · 0.1 · 321 |"
    )


def test_the_page_has_the_section():
    text = tables.PAGE.read_text(encoding="utf-8")
    start, end = page.markers("tables")
    assert text.index(start) < text.index(end)
