"""What the Tabular estimators say: classes, probabilities, intervals, scores, derivatives, and what weights do."""

from __future__ import annotations

import importlib
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import metrics

from clearprop import Adam, TabularClassifier, TabularRegressor
from clearprop.errors import ClearpropWarning, InputError

RNG = np.random.default_rng(1)
ROWS = 300
X = RNG.normal(size=(ROWS, 3))
VALUE = 2 * X[:, 0] - X[:, 1] + RNG.normal(0, 0.3, ROWS)
FRAME = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "town": np.where(X[:, 2] > 0, "Ulm", "Bonn")})
QUICK = {"n_members": 2, "hidden_layer_sizes": (16,), "max_epochs": 8, "dropout": 0.0, "random_state": 0}
LEARNT = {**QUICK, "optimizer": Adam(0.01), "max_epochs": 20}


@pytest.mark.parametrize(
    ("classes", "dtype"),
    [
        (["no", "yes"], "U"), ([False, True], "b"), ([2**62, 2**62 + 1], "i"), (["a", "b", "c"], "U"),
        ([-1.0, 3.0], "f"), (np.array(["x", "y"], dtype=object), "O"),
    ],
)  # fmt: skip
def test_classes_of_any_kind(classes, dtype):
    place = np.digitize(VALUE, [0.0, 1.5][: len(classes) - 1])
    y = np.asarray(classes)[place]
    model = TabularClassifier(**LEARNT).fit(X, y)
    assert model.classes_.tolist() == list(classes)
    assert model.predict(X).dtype.kind == dtype
    assert model.score(X, y) > 0.85
    proba = model.predict_proba(X)
    assert proba.shape == (ROWS, len(classes))
    assert_allclose(proba.sum(axis=1), 1, rtol=1e-12)
    assert (proba >= 0).all()
    assert_array_equal(model.predict(X), model.classes_[proba.argmax(axis=1)])
    assert_allclose(np.exp(model.predict_log_proba(X)), proba)


def test_several_labels_a_row():
    y = np.c_[VALUE > 0, X[:, 2] > 0].astype(int)
    model = TabularClassifier(**LEARNT).fit(X, y)
    assert model.predict(X).shape == model.predict_proba(X).shape == (ROWS, 2)
    assert (model.predict(X) == y).mean() > 0.9
    assert_array_equal(model.predict(X), model.predict_proba(X) > 0.5)
    with pytest.raises(InputError, match="evaluate is for one label a row"):
        model.evaluate(X, y)


@pytest.mark.filterwarnings("ignore:every row of y is the same")  # train says so as well
def test_one_class_alone_is_said():
    with pytest.warns(ClearpropWarning, match="one class only, 'a'") as caught:
        model = TabularClassifier(**QUICK).fit(X, np.full(ROWS, "a"))
    assert sum("one class" in str(w.message) for w in caught) == 1
    assert_array_equal(model.predict_proba(X), np.ones((ROWS, 1)))
    assert set(model.predict(X)) == {"a"}


def test_several_numbers_a_row():
    y = np.c_[VALUE, 100 - 50 * X[:, 2]]
    model = TabularRegressor(**LEARNT).fit(X, y)
    assert model.predict(X).shape == (ROWS, 2)
    assert metrics.r2_score(y, model.predict(X), multioutput="raw_values").min() > 0.8
    truth = model.evaluate(X, y)[0]
    assert truth.model == pytest.approx(np.sqrt(((model.predict(X) - y) ** 2).mean()))


@pytest.mark.parametrize("factor", [1e-200, 1e200])
def test_targets_of_any_size(factor):
    model, large = (TabularRegressor(**QUICK).fit(X, VALUE * size) for size in (1.0, factor))
    assert_allclose(large.predict(X) / factor, model.predict(X), rtol=1e-6)  # and no warning, as the error it would be
    assert large.best_iter_ == model.best_iter_
    assert np.isfinite(large.history_["validation_rmse"]).all()
    assert [score.name for score in large.evaluate(X, VALUE * factor)] == ["RMSE", "MAE", "R²"]


def test_a_constant_target_is_said_once_and_always_predicted(tmp_path):
    with pytest.warns(ClearpropWarning, match=r"y is the same in every row \(7\)") as caught:
        model = TabularRegressor(**LEARNT).fit(X, np.full(ROWS, 7.0))
    assert len(caught) == 1
    model.save(tmp_path / "m.safetensors")
    for each in (model, TabularRegressor.load(tmp_path / "m.safetensors")):
        assert (each.predict(X) == 7).all()


def test_one_class_is_said_once():
    with pytest.warns(ClearpropWarning, match="one class only, 'a'") as caught:
        TabularClassifier(**LEARNT).fit(X, np.full(ROWS, "a"))
    assert len(caught) == 1


@pytest.mark.parametrize("name", ["rmse", "mae"])
def test_the_metric_is_that_of_scaled_targets_and_chooses_the_loss(name):
    y = 100 * VALUE + 40 * RNG.standard_exponential(ROWS) ** 2
    held = X[250:], y[250:]
    model = TabularRegressor(**LEARNT, metric=name, validation_data=held).fit(X[:250], y[:250])
    metric = {"rmse": metrics.root_mean_squared_error, "mae": metrics.mean_absolute_error}[name]
    series = model.history_[f"validation_{name}"]
    assert metric(held[1], model.predict(held[0])) / y[:250].std() == pytest.approx(series.min())
    assert model.best_iter_ == series.argmin() + 1
    assert model.result_.loss.name == {"rmse": "squared", "mae": "absolute"}[name]


SMALL, SMALL_Y, SMALL_CLASS = FRAME[:16], VALUE[:16], np.where(VALUE[:16] > 0, "up", "down")


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("rows", [16, 120])
def test_a_weight_of_zero_is_the_row_left_out(kind, rows):
    y = np.where(VALUE[:rows] > 0, "up", "down").astype(object) if kind is TabularClassifier else VALUE[:rows].copy()
    weight = np.where(np.arange(rows) % 4, 1.5, 0.0)
    y[weight == 0] = "not there" if kind is TabularClassifier else 1e6  # a class that has no weight isn't there at all
    some = kind(**QUICK).fit(FRAME[:rows], y, weight)
    rest = kind(**QUICK).fit(FRAME[:rows][weight > 0], y[weight > 0], weight[weight > 0])
    assert_array_equal(some.predict(FRAME), rest.predict(FRAME))
    assert_array_equal(some.result_.parameters.vector, rest.result_.parameters.vector)
    assert some.n_learnt_ + some.n_held_out_ == rows * 3 // 4


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("recipe", ["tabm", "realmlp"])
def test_a_whole_weight_is_the_row_so_many_times(kind, recipe):
    y = SMALL_CLASS if kind is TabularClassifier else SMALL_Y
    weight = np.arange(16) % 4
    again = np.repeat(np.arange(16), weight)
    weighted = kind(**QUICK, recipe=recipe).fit(SMALL, y, weight)
    repeated = kind(**QUICK, recipe=recipe).fit(SMALL.iloc[again], y[again])
    says = "predict_proba" if kind is TabularClassifier else "predict"
    assert_allclose(getattr(weighted, says)(FRAME), getattr(repeated, says)(FRAME), rtol=1e-9, atol=1e-9)


def test_class_weights_are_weights_of_rows():
    y = np.where(VALUE > 2.2, "rare", "often")
    share = (y == "rare").mean()
    balanced = TabularClassifier(**QUICK, class_weight="balanced").fit(X, y)
    plain = TabularClassifier(**QUICK).fit(X, y)
    given = TabularClassifier(**QUICK, class_weight={"rare": 0.5 / share, "often": 0.5 / (1 - share)}).fit(X, y)
    by_rows = TabularClassifier(**QUICK).fit(X, y, np.where(y == "rare", 0.5 / share, 0.5 / (1 - share)))
    for model in (given, by_rows):
        assert_allclose(model.predict_proba(X), balanced.predict_proba(X), rtol=1e-6)
    assert balanced.predict_proba(X)[:, 1].mean() > plain.predict_proba(X)[:, 1].mean() + 0.05
    none = TabularClassifier(**QUICK, class_weight={"rare": 0, "often": 1, "never": 1})
    y[:30] = "never"
    none.fit(X, y)
    assert none.evaluate(X, y)[0].model < 0.95  # of all rows, whatever their class weighs


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_a_temperature_lowers_the_log_loss_of_rows_held_out(kind):
    noisy = VALUE + RNG.normal(0, 3, ROWS)
    y = {"binary": noisy > 0, "multiclass": np.digitize(noisy, [-1, 1]), "multilabel": np.c_[noisy > 0, noisy < 1] * 1}
    held = X[200:], y[kind][200:]

    def log_loss(model):
        p = model.predict_proba(held[0])
        if kind == "multilabel":
            return np.mean([metrics.log_loss(held[1][:, j], p[:, j]) for j in range(2)])
        return metrics.log_loss(held[1], p)

    settings = {**LEARNT, "patience": 40, "optimizer": Adam(0.05), "metric": "accuracy", "validation_data": held}
    calm, raw = (
        TabularClassifier(**settings, calibrate=calibrate).fit(X[:200], y[kind][:200]) for calibrate in (True, False)
    )
    assert raw.temperature_ == 1.0
    assert abs(calm.temperature_ - 1) > 0.1
    assert log_loss(calm) < log_loss(raw) - 1e-3
    assert_array_equal(calm.predict(X), raw.predict(X))
    least, best = log_loss(calm), calm.temperature_
    for calm.temperature_ in (best * 0.8, best * 1.25):
        assert log_loss(calm) > least
    assert TabularClassifier(**QUICK).fit(X[:40], y[kind][:40]).temperature_ == 1.0  # none are held out


def test_intervals_hold_what_they_promise():
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (3000, 1))
    y = x[:, 0] + rng.normal(0, 0.1 + 0.5 * (x[:, 0] > 0))  # four times as noisy on one side
    model = TabularRegressor(**{**LEARNT, "max_epochs": 8}, interval=0.8).fit(x[:1500], y[:1500])
    low, high = model.predict_interval(x[1500:]).T
    inside = (low <= y[1500:]) & (y[1500:] <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.05)
    assert model.interval_coverage_ == pytest.approx(0.8, abs=0.06)
    right = x[1500:, 0] > 0.2
    assert (high - low)[right].mean() > 2 * (high - low)[x[1500:, 0] < -0.2].mean()
    assert (low <= high).all()
    with pytest.raises(InputError, match="fit with interval="):
        TabularRegressor(**QUICK).fit(X, VALUE).predict_interval(X)
    again = model.set_params(interval=None).fit(x[:60], y[:60])
    assert not hasattr(again, "interval_coverage_")


def test_evaluate_gives_scikit_learns_scores():
    learnt, held = slice(0, 200), slice(200, None)
    y = np.where(VALUE > 0, "up", "down")
    model = TabularClassifier(**QUICK).fit(FRAME[learnt], y[learnt], np.arange(1, 201))
    scores = {score.name: score for score in model.evaluate(FRAME[held], y[held])}
    p = model.predict_proba(FRAME[held])
    assert scores["accuracy"].model == pytest.approx(metrics.accuracy_score(y[held], model.predict(FRAME[held])))
    assert scores["log loss"].model == pytest.approx(metrics.log_loss(y[held], p))
    assert scores["ROC AUC"].model == pytest.approx(metrics.roc_auc_score(y[held], p[:, 1]))
    assert [score.larger_is_better for score in scores.values()] == [True, False, True]
    number = TabularRegressor(**QUICK).fit(FRAME[learnt], VALUE[learnt])
    scores = {score.name: score for score in number.evaluate(FRAME[held], VALUE[held])}
    said = number.predict(FRAME[held])
    assert scores["RMSE"].model == pytest.approx(metrics.root_mean_squared_error(VALUE[held], said))
    assert scores["MAE"].model == pytest.approx(metrics.mean_absolute_error(VALUE[held], said))
    assert scores["R²"].model == pytest.approx(metrics.r2_score(VALUE[held], said))
    assert scores["R²"].dummy == pytest.approx(0, abs=0.1)
    assert scores["RMSE"].dummy == pytest.approx(VALUE[held].std(), rel=0.1)


SLOPES = {
    "regression": (TabularRegressor, VALUE), "several numbers": (TabularRegressor, np.c_[VALUE, 50 * X[:, 0] ** 2]),
    "two classes": (TabularClassifier, VALUE > 0), "three classes": (TabularClassifier, np.digitize(VALUE, [-1, 1])),
    "labels": (TabularClassifier, np.c_[VALUE > 0, X[:, 1] > 0] * 1),
}  # fmt: skip


@pytest.mark.parametrize("numeric", ["piecewise", "periodic", "none"])
@pytest.mark.parametrize("name", SLOPES)
def test_input_gradients_are_the_slopes_of_what_is_said(name, numeric):
    kind, y = SLOPES[name]
    model = kind(**{**LEARNT, "max_epochs": 5}, activation="tanh", numeric=numeric, dtype="float64").fit(FRAME, y)
    says = model.predict_proba if kind is TabularClassifier else model.predict
    assert getattr(model, "temperature_", 0) != 1.0
    found = model.input_gradients(FRAME)
    assert np.isnan(found[:, :, 2]).all()  # a town is no number
    h = 1e-6
    for j, column in enumerate("ab"):
        up, down = (says(FRAME.assign(**{column: FRAME[column] + step})) for step in (h, -h))
        slope = ((up - down) / (2 * h)).reshape(ROWS, -1)
        error = np.abs(found[:, :, j] - slope).max(axis=1) / np.abs(slope).max()
        kinks = 0 if numeric != "piecewise" else 96 + 2 if j < 2 else 0  # values that training saw are edges
        assert (error > 1e-6).sum() <= kinks


def test_importances_and_diagnosis_speak_of_columns():
    cells = FRAME.astype(object).to_numpy()
    y = 3.0 * (FRAME["town"] == "Ulm") + 0.1 * VALUE
    for table, name in ((FRAME, "town"), (cells, "x2"), (cells.tolist(), "x2")):
        model = TabularRegressor(**LEARNT).fit(table, y)
        found = model.permutation_importance(table, y, random_state=0)
        assert found[0].name == name
        assert len(found) == 3
    copied = FRAME.assign(answer=y)
    model = TabularRegressor(**LEARNT).fit(copied, y)
    findings = model.diagnose(copied, y)
    assert any("answer" in finding.evidence for finding in findings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(TabularClassifier(**QUICK).fit(FRAME, VALUE > 0).diagnose(FRAME, VALUE > 0), list)


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_importances_of_other_frames(library):
    module = importlib.import_module(library)
    table = (module.DataFrame if library == "polars" else module.table)(FRAME.to_dict("list"))
    found = TabularRegressor(**QUICK).fit(table, VALUE).permutation_importance(table, VALUE, random_state=0)
    assert sorted(importance.name for importance in found) == ["a", "b", "town"]
