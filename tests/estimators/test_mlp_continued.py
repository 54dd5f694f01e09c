"""A fit that is saved, loaded and continued is the fit that was never stopped, bit for bit."""

from __future__ import annotations

import pickle
from io import BytesIO

import joblib
import numpy as np
import pytest

import clearprop as cp
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

RNG = np.random.default_rng(1)
X = RNG.normal(size=(150, 4))
Y = {MLPClassifier: np.digitize(X[:, 0] * X[:, 1], [-0.3, 0.3]), MLPRegressor: X[:, 0] * X[:, 1]}
RUNS = {
    "adam": {},
    "adam, early stopping": {"early_stopping": True},
    "sgd": {"solver": "sgd"},
    "sgd, adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 1.0, "n_iter_no_change": 3},
    "sgd, adaptive, early stopping": {
        "solver": "sgd", "learning_rate": "adaptive", "tol": 0.2, "n_iter_no_change": 2, "early_stopping": True
    },
    "sgd, invscaling": {"solver": "sgd", "learning_rate": "invscaling", "momentum": 0.0},
    "lbfgs": {"solver": "lbfgs"},
    "rmsprop": {"optimizer": "rmsprop"},
    "rprop": {"optimizer": "rprop", "batch_size": 150},
    "lbfgs of the core": {"optimizer": "lbfgs"},
    "dropout": {"dropout": 0.3, "layer_norm": True},
    "validation data": {"validation_data": (X[:30], None), "early_stopping": True},
    "a plateau": {"schedule": cp.ReduceOnPlateau("loss", patience=2, min_delta=1.0)},
    "float32": {"dtype": "float32"},
    "no shuffling": {"shuffle": False},
}  # fmt: skip


def model(kind, name, **more):
    settings = (
        {"hidden_layer_sizes": (8,), "batch_size": 40, "random_state": 5, "n_iter_no_change": 50} | RUNS[name] | more
    )
    if "validation_data" in settings:
        settings["validation_data"] = (X[:30], Y[kind][:30])
    return kind(**settings)


def by_pickle(estimator):
    return pickle.loads(pickle.dumps(estimator))  # noqa: S301 - made on this line


def by_joblib(estimator):
    file = BytesIO()
    joblib.dump(estimator, file)
    return joblib.load(BytesIO(file.getvalue()))


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("saved", [by_pickle, by_joblib])
def test_ten_and_ten_are_twenty(kind, name, saved):
    whole = model(kind, name, max_iter=20).fit(X, Y[kind])
    half = model(kind, name, max_iter=10, warm_start=True).fit(X, Y[kind])
    again = saved(half).fit(X, Y[kind])
    for a, b in zip(again.coefs_ + again.intercepts_, whole.coefs_ + whole.intercepts_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert half.n_iter_ + again.n_iter_ == whole.n_iter_ > 15
    assert again.t_ == whole.t_
    assert again.loss_ == whole.loss_
    assert getattr(again, "loss_curve_", None) == getattr(whole, "loss_curve_", None)
    assert getattr(again, "validation_scores_", None) == getattr(whole, "validation_scores_", None)
    assert getattr(again, "best_validation_score_", None) == getattr(whole, "best_validation_score_", None)


@pytest.mark.parametrize("more", [{"early_stopping": True}, {}], ids=["by score", "by loss"])
def test_a_run_that_would_stop_by_itself_stops_at_the_same_epoch(more):
    settings = {"tol": 0.5, "n_iter_no_change": 12, "random_state": 0} | more
    whole = MLPClassifier(max_iter=50, **settings).fit(X, Y[MLPClassifier])
    half = MLPClassifier(max_iter=8, warm_start=True, **settings).fit(X, Y[MLPClassifier])
    again = by_pickle(half).set_params(max_iter=42).fit(X, Y[MLPClassifier])
    assert 8 + again.n_iter_ == whole.n_iter_ < 50
    np.testing.assert_array_equal(again.coefs_[0], whole.coefs_[0])


def test_a_warm_start_on_other_rows_keeps_the_optimisers_memory():
    first = MLPRegressor(max_iter=5, warm_start=True, random_state=0).fit(X, Y[MLPRegressor])
    copied = by_pickle(first)
    first.fit(X[:100], Y[MLPRegressor][:100])
    assert first._run.result.progress.age == 5
    assert (first.n_iter_, first.t_, len(first.loss_curve_)) == (5, 5 * 150 + 5 * 100, 10)
    copied.fit(X[:100], Y[MLPRegressor][:100])
    np.testing.assert_array_equal(first.coefs_[0], copied.coefs_[0])


def test_a_warm_start_with_another_solver_keeps_the_parameters():
    adam = MLPRegressor(max_iter=100, warm_start=True, random_state=0).fit(X, Y[MLPRegressor])
    before = adam.loss_
    assert adam.set_params(solver="lbfgs", max_iter=2).fit(X, Y[MLPRegressor]).loss_ < before


def test_partial_fit_goes_on_exactly_from_a_file():
    settings = {"random_state": 0, "batch_size": 30, "dropout": 0.2}
    one, other = MLPRegressor(**settings), MLPRegressor(**settings)
    for call in range(6):
        one.partial_fit(X, Y[MLPRegressor])
        other = by_joblib(other).partial_fit(X, Y[MLPRegressor])
        assert len(one.loss_curve_) == call + 1
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])
    assert one.t_ == 6 * 150
    np.testing.assert_array_equal(one.history_.steps("loss"), np.arange(30))


def test_each_call_of_partial_fit_has_an_order_of_its_own():
    model = MLPRegressor(batch_size=30, random_state=0, learning_rate_init=1e-15)
    for _ in range(4):
        model.partial_fit(X, Y[MLPRegressor])
    assert len(set(model.history_["loss"].round(9))) == 20  # with the same rows a batch they would be 5


@pytest.mark.parametrize("rate", ["adaptive", "invscaling"])
def test_partial_fit_lowers_the_rate_as_fit_does(rate):
    settings = {"solver": "sgd", "learning_rate": rate, "batch_size": 150, "random_state": 0, "tol": 1.0}
    settings["n_iter_no_change"] = 2 if rate == "adaptive" else 50
    whole = MLPRegressor(max_iter=12, **settings).fit(X, Y[MLPRegressor])
    parts = MLPRegressor(**settings)
    for _ in range(12):
        parts.partial_fit(X, Y[MLPRegressor])
    np.testing.assert_array_equal(parts.history_["rate"], whole.history_["rate"])
    assert len(set(whole.history_["rate"])) > 3
    np.testing.assert_array_equal(parts.coefs_[0], whole.coefs_[0])


def test_a_schedule_of_the_core_runs_through_calls_of_partial_fit():
    schedule = cp.schedules.CosineDecay()
    whole = MLPRegressor(max_iter=8, schedule=schedule, batch_size=50, tol=0, n_iter_no_change=99).fit(
        X, Y[MLPRegressor]
    )
    parts = MLPRegressor(max_iter=8, schedule=schedule, batch_size=50)
    for _ in range(8):
        parts.partial_fit(X, Y[MLPRegressor])
    np.testing.assert_array_equal(parts.history_["rate"], whole.history_["rate"])


def test_the_same_random_state_gives_the_same_bits():
    fits = [MLPClassifier(max_iter=5, early_stopping=True, random_state=4).fit(X, Y[MLPClassifier]) for _ in range(2)]
    np.testing.assert_array_equal(fits[0].coefs_[0], fits[1].coefs_[0])
    other = MLPClassifier(max_iter=5, early_stopping=True, random_state=6).fit(X, Y[MLPClassifier])
    assert (other.coefs_[0] != fits[0].coefs_[0]).any()


def test_random_states_of_other_kinds():
    for make in (lambda: np.random.RandomState(3), lambda: np.random.default_rng(3)):
        a, b = (MLPRegressor(max_iter=2, random_state=make()).fit(X, Y[MLPRegressor]) for _ in range(2))
        np.testing.assert_array_equal(a.coefs_[0], b.coefs_[0])
    fits = []
    for _ in range(2):
        np.random.seed(0)  # noqa: NPY002 - what random_state=None takes
        fits.append(MLPRegressor(max_iter=2).fit(X, Y[MLPRegressor]))
    np.testing.assert_array_equal(fits[0].coefs_[0], fits[1].coefs_[0])
