"""``clearprop train`` and ``clearprop predict`` on a person's own files, in process, by the command's own entry."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest

from clearprop.cli.main import run
from clearprop.estimators.tabular import TabularClassifier
from clearprop.estimators.tabular.files import load_model


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def clearprop(capsys):
    def call(*words):
        with pytest.raises(SystemExit) as ended:
            run([str(word) for word in words])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return call


def write(path, header, rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        if header:
            writer.writerow(header)
        writer.writerows(rows)
    return path


def rows(n=120, seed=0):
    """Age with holes, a city, a code with leading zeros, and whether a customer stays."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        age, city = round(rng.normal(40, 12), 1), rng.choice(["Köln", "Ulm", "O'Hara, IL"])
        stays = "yes" if age + 15 * (city == "Ulm") + rng.normal(0, 3) > 42 else "no"
        yield "" if rng.random() < 0.1 else age, city, f"{rng.integers(3):03d}", stays


NAMES = ("age", "city", "code", "stays")
SMALL = ("--members", 2, "--layers", 16)  # for tests of what stands around the network


def test_a_table_with_text_holes_and_codes_is_learnt_scored_and_saved(folder, clearprop):
    write(folder / "customers.csv", NAMES, rows(400))
    code, out, err = clearprop("train", "customers.csv", "--target", "stays", "--epochs", 30, *SMALL)
    assert code == 0, err
    assert "customers.csv: stays (2 classes: no, yes) from 3 columns, 8 inputs" in out
    assert "288 rows to learn from, 32 to decide when to stop, 80 held out" in out
    assert re.search(r"^[\d,]+ parameters, the best after \d+ of \d+ epochs: ", out, re.MULTILINE)
    for name in ("accuracy", "log loss", "ROC AUC"):
        line = next(line for line in out.splitlines() if line.startswith(name))
        model, dummy = map(float, line.split()[-2:])
        assert model < dummy if name == "log loss" else model > dummy
    assert "customers-stays.safetensors" in out
    assert "validation" in err  # the progress goes to standard error, so that results can be piped
    model = TabularClassifier.load(folder / "customers-stays.safetensors")
    assert model.kinds_ == {"age": "number", "city": "text", "code": "text"}


def test_predictions_have_a_line_a_row_and_the_model_s_numbers(folder, clearprop):
    write(folder / "train.csv", NAMES, rows())
    assert (
        clearprop("train", "train.csv", "--target", "stays", "--epochs", 5, *SMALL, "--save", "m.safetensors")[0] == 0
    )
    new = [(age, city, zip_code) for age, city, zip_code, _ in rows(7, seed=1)]
    write(folder / "new.csv", ("age", "city", "code"), new)
    code, out, err = clearprop("predict", "m.safetensors", "new.csv")
    assert code == 0, err
    lines = list(csv.DictReader(out.splitlines()))
    assert [*lines[0]] == ["stays", "probability of no", "probability of yes"]
    assert len(lines) == 7
    for line in lines:
        assert (float(line["probability of yes"]) > 0.5) == (line["stays"] == "yes")
    assert clearprop("predict", "m.safetensors", "new.csv", "--out", "said.csv") == (0, "", "")
    assert (folder / "said.csv").read_text() == out


def test_columns_may_come_in_another_order_and_with_more_of_them(folder, clearprop):
    write(folder / "train.csv", NAMES, rows())
    clearprop("train", "train.csv", "--target", "stays", "--epochs", 2, *SMALL, "--save", "m.safetensors")
    same = list(rows(5, seed=2))
    write(folder / "a.csv", NAMES, same)
    write(folder / "b.csv", ("code", "note", "city", "age"), [(c, "x", b, a) for a, b, c, _ in same])
    first, second = (clearprop("predict", "m.safetensors", name)[1] for name in ("a.csv", "b.csv"))
    assert first == second


def test_regression_predicts_in_the_target_s_own_units(folder, clearprop):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, 200)
    write(folder / "prices.csv", ("size", "price"), zip(x.round(3), (1e5 + 3e4 * x).round(2), strict=True), ";")
    code, out, err = clearprop("train", "prices.csv", "--target", "price", "--epochs", 60, "--members", 2)
    assert code == 0, err
    assert "price (a number) from 1 column, 1 input\n" in out
    assert "always the mean" in out
    write(folder / "new.csv", ("size",), [(2.0,), (8.0,)])
    _, out, _ = clearprop("predict", "prices-price.safetensors", "new.csv")
    said = [float(value) for value in out.split()[1:]]
    np.testing.assert_allclose(said, [1.6e5, 3.4e5], rtol=0.15)


def heights(folder, n=200):
    x = np.random.default_rng(0).uniform(0, 10, n)
    noise = np.random.default_rng(1).normal(0, 1, n)
    return write(folder / "t.csv", ("x", "y"), zip(x.round(3), (3 * x + noise).round(3), strict=True))


def test_intervals_are_learnt_told_and_predicted_in_two_columns(folder, clearprop):
    heights(folder)
    code, out, err = clearprop("train", "t.csv", "--target", "y", "--interval", 0.8, "--epochs", 20, *SMALL)
    assert code == 0, err
    model = load_model(folder / "t-y.safetensors")
    assert f"intervals hold {model.interval_coverage_:.1%} of the rows that decided when to stop" in out
    _, out, _ = clearprop("predict", "t-y.safetensors", "t.csv")
    names, *lines = csv.reader(out.splitlines())
    assert names == ["y", "from", "to"]
    table = np.array(lines, dtype=float)
    truth = np.loadtxt(folder / "t.csv", delimiter=",", skiprows=1)[:, 1]
    assert np.mean((table[:, 1] <= truth) & (truth <= table[:, 2])) > 0.6
    assert (table[:, 1] < table[:, 2]).all()


def test_a_regression_without_intervals_predicts_one_column(folder, clearprop):
    heights(folder, 60)
    clearprop("train", "t.csv", "--target", "y", "--epochs", 2, *SMALL)
    assert clearprop("predict", "t-y.safetensors", "t.csv")[1].splitlines()[0] == "y"


@pytest.mark.parametrize(
    ("words", "layers"),
    [
        (["--members", 3, "--layers", 16], ["PiecewiseLinear", "Members", "GroupedDense", "GroupedDense"]),
        (["--members", 1, "--layers", "8,4"], ["PiecewiseLinear", "Dense", "Dense", "Dense"]),
        (["--members", 1, "--layers", 8, "--numeric", "none"], ["Dense", "Dense"]),
        (["--members", 1, "--layers", 8, "--numeric", "periodic"], ["Periodic", "Dense", "Dense"]),
        (["--recipe", "realmlp", "--layers", 8], ["Scale", "Dense", "Dense"]),
        (["--members", 1, "--layers", 0, "--numeric", "none"], ["Dense"]),
    ],
)
def test_the_network_is_what_was_asked_for(folder, clearprop, words, layers):
    write(folder / "t.csv", NAMES, rows(60))
    assert clearprop("train", "t.csv", "--target", "stays", "--epochs", 1, *words)[0] == 0
    network = load_model(folder / "t-stays.safetensors").network_
    assert [name for layer in network.layers if (name := type(layer).__name__) != "Dropout"] == layers
    members = words[1] if words[0] == "--members" else 1
    assert network.n_outputs == members


@pytest.mark.parametrize(("target", "metric"), [("stays", "accuracy"), ("stays", "roc_auc"), ("age", "mae")])
def test_the_best_epoch_is_chosen_by_the_metric_asked_for(folder, clearprop, target, metric):
    write(folder / "t.csv", NAMES, [row for row in rows(150) if row[0] != ""])
    code, _, err = clearprop("train", "t.csv", "--target", target, "--metric", metric, "--epochs", 6, *SMALL)
    assert code == 0, err
    model = load_model(folder / f"t-{target}.safetensors")
    series = model.history_[f"validation_{metric}"]
    best = series.min() if metric == "mae" else series.max()
    assert series[model.best_iter_ - 1] == best


def test_a_time_limit_ends_a_long_run_with_a_model(folder, clearprop):
    write(folder / "t.csv", NAMES, rows())
    words = ("--time-limit", 1, "--epochs", 10_000_000, "--batch-size", 8, "--activation", "tanh", *SMALL)
    code, out, err = clearprop("train", "t.csv", "--target", "stays", *words, "--optimizer", "sgd", "--rate", "1e-9")
    assert code == 0, err
    assert "the time limit was reached" in out
    assert clearprop("predict", "t-stays.safetensors", "t.csv")[0] == 0


def test_the_same_seed_gives_the_same_file_but_for_nothing(folder, clearprop):
    write(folder / "t.csv", NAMES, rows())
    for name in ("a", "b"):
        clearprop(
            "train", "t.csv", "--target", "stays", "--epochs", 3, *SMALL, "--seed", 5, "--save", f"{name}.safetensors"
        )
    assert (folder / "a.safetensors").read_bytes() == (folder / "b.safetensors").read_bytes()


def test_watching_without_a_screen_leaves_a_picture(folder, clearprop, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    write(folder / "t.csv", NAMES, rows())
    code, out, err = clearprop("train", "t.csv", "--target", "stays", "--epochs", 2, *SMALL, "--watch")
    assert code == 0, err
    assert "no screen to watch on, so the last picture is in t-stays.png" in out
    assert (folder / "t-stays.png").read_bytes().startswith(b"\x89PNG")


def test_files_without_names_are_known_by_their_places(folder, clearprop):
    write(folder / "t.csv", None, [(stays, age, city) for age, city, _, stays in rows()])
    code, _, err = clearprop("train", "t.csv", "--no-header", "--target", "column_1", "--epochs", 2, *SMALL)
    assert code == 0, err
    write(folder / "shifted.csv", None, [(age, city) for age, city, _, _ in rows(3)])
    code, out, err = clearprop("predict", "t-column_1.safetensors", "shifted.csv", "--no-header")
    assert (code, out) == (2, "")
    write(folder / "whole.csv", None, [("?", age, city) for age, city, _, _ in rows(3)])
    assert clearprop("predict", "t-column_1.safetensors", "whole.csv", "--no-header")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.csv", "--target", "stays"], "nothing.csv: No such file"),
        (["t.csv", "--target", "stay"], "did you mean 'stays'"),
        (["t.csv"], "Missing option '--target'"),
        (["t.csv", "--target", "stays", "--layers", "16,x"], "'x' is not a number of units"),
        (["t.csv", "--target", "stays", "--layers", "10000000000"], "would take about"),
        (["t.csv", "--target", "stays", "--activation", "rellu"], "did you mean 'relu'"),
        (["t.csv", "--target", "stays", "--optimizer", "adma"], "did you mean 'adam'"),
        (["t.csv", "--target", "stays", "--rate", "0.1"], "--rate needs --optimizer"),
        (["t.csv", "--target", "stays", "--optimizer", "adam", "--rate", "-1"], "rate must be above 0"),
        (["t.csv", "--target", "stays", "--recipe", "realmpl"], "did you mean 'realmlp'"),
        (["t.csv", "--target", "stays", "--numeric", "peicewise"], "did you mean 'piecewise'"),
        (["t.csv", "--target", "stays", "--metric", "acuracy"], "did you mean 'accuracy'"),
        (["t.csv", "--target", "stays", "--metric", "rmse"], "unknown metric 'rmse'"),
        (["t.csv", "--target", "stays", "--members", "0"], "n_members must be a whole number"),
        (["t.csv", "--target", "stays", "--time-limit", "0"], "time_limit (seconds) must be above 0"),
        (["t.csv", "--target", "stays", "--interval", "0.9"], "--interval is for numbers, and 'stays' holds classes"),
        (
            ["numbers.csv", "--target", "y", "--interval", "1"],
            "interval (a coverage) must be above 0 and below 1; got 1.0",
        ),
        (["t.csv", "--target", "stays", "--epochs", "0"], "epochs must be a whole number"),
        (["t.csv", "--target", "stays", "--batch-size", "0"], "batch_size must be a whole number"),
        (
            ["t.csv", "--target", "stays", "--validation", "2"],
            "validation_fraction must be above 0 and below 1; got 2.0",
        ),
        (["t.csv", "--target", "stays", "--seed", "-1"], "seed must be 0 or more"),
        (["t.csv", "--target", "stays", "--task", "clasification"], "did you mean 'classification'"),
        (["t.csv", "--target", "stays", "--task", "regression"], "regression needs numbers"),
        (["t.csv", "--target", "stays", "--save", "no/m.safetensors"], "the folder no doesn't exist"),
        (["t.csv", "--target", "stays", "--save", "t.csv"], "it isn't a model"),
        (["t.csv", "--target", "stays", "--delimiter", ";"], "t.csv"),
        (["t.csv", "--target", "stays", "--optimizer", "sgd", "--rate", "1e300", "--layers", "4"], "diverged at step"),
        (["ragged.csv", "--target", "a"], "ragged.csv:3:"),
        (["few.csv", "--target", "a"], "at least 10 are needed"),
    ],
)
def test_bad_input_is_one_line_exit_2_and_nothing_is_written(folder, clearprop, words, said):
    write(folder / "t.csv", NAMES, rows(40))
    write(folder / "ragged.csv", ("a", "b"), [(1, 2), (3,), (4, 5)])
    write(folder / "few.csv", ("a", "b"), [(1, 2), (3, 4)])
    write(folder / "numbers.csv", ("x", "y"), [(i, i / 7) for i in range(60)])
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, out, err = clearprop("train", *words)
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert (code, out) == (2, "")
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["t.csv", "t.csv"], "not a model file"),
        (["missing.safetensors", "t.csv"], "there is no such file"),
        (["m.safetensors", "other.csv"], "unknown column 'age'"),
        (["m.safetensors", "words.csv"], "words.csv:2:"),
    ],
)
def test_predict_refuses_what_it_can_not_use(folder, clearprop, words, said):
    write(folder / "t.csv", NAMES, rows(40))
    clearprop("train", "t.csv", "--target", "stays", "--epochs", 1, *SMALL, "--save", "m.safetensors")
    write(folder / "other.csv", ("x", "city", "code"), [(1, "Ulm", "001")])
    write(folder / "words.csv", ("age", "city", "code"), [("old", "Ulm", "001")])
    code, out, err = clearprop("predict", *words)
    assert (code, out) == (2, "")
    assert said in err
