"""The same settings mean the same: parameters, attributes and, where nothing is drawn by the way, the same numbers."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn import neural_network as theirs
from sklearn.exceptions import ConvergenceWarning

from clearprop.estimators import mlp as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5))
SCORE = X[:, 0] - X[:, 1] ** 2
QUANTITY = SCORE + 0.1 * RNG.normal(size=60)
WEIGHT = RNG.uniform(0.1, 3, size=60)
KINDS = ["MLPClassifier", "MLPRegressor"]
SGD = {"solver": "sgd", "learning_rate_init": 0.1}
NETS = {
    "two classes": ("MLPClassifier", SCORE > 0, {}),
    "three classes": ("MLPClassifier", np.digitize(SCORE, [-1, 0.5]), {}),
    "multilabel": ("MLPClassifier", np.c_[SCORE > 0, X[:, 2] > 0, X[:, 3] > 1].astype(int), {}),
    "one quantity": ("MLPRegressor", QUANTITY, {}),
    "three quantities": ("MLPRegressor", np.c_[QUANTITY, X[:, 2], 2 * X[:, 3]], {}),
    "counts": ("MLPRegressor", np.floor(np.exp(0.3 * X[:, :2])), {"loss": "poisson"}),
}
DETERMINED = {
    "gradient descent": SGD | {"momentum": 0},
    "momentum": SGD | {"nesterovs_momentum": False},
    "nesterov": SGD,
    "a large penalty": SGD | {"alpha": 2.0},
    "batches in order": SGD | {"shuffle": False, "batch_size": 20},
    "invscaling": SGD | {"learning_rate": "invscaling", "power_t": 0.2},
    "adaptive": SGD | {"learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2, "max_iter": 200},
    "an early end": SGD | {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 200},
    "logistic": SGD | {"activation": "logistic", "hidden_layer_sizes": (4, 3)},
    "lbfgs": {"solver": "lbfgs", "activation": "tanh", "alpha": 0.1, "max_iter": 4},
}


def both(net, more, weight=None):
    kind, y, of_net = NETS[net]
    settings = {"random_state": 3, "hidden_layer_sizes": 8, "max_iter": 25} | of_net | more
    return [getattr(library, kind)(**settings).fit(X, y, sample_weight=weight) for library in (theirs, ours)]


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_have_scikit_learns_names_order_and_defaults(kind):
    wanted = list(inspect.signature(getattr(theirs, kind)).parameters.values())
    got = list(inspect.signature(getattr(ours, kind)).parameters.values())
    assert [(p.name, p.default, p.kind) for p in got[: len(wanted)]] == [(p.name, p.default, p.kind) for p in wanted]
    assert all(p.kind is p.KEYWORD_ONLY for p in got[len(wanted) :])


@pytest.mark.parametrize("settings", DETERMINED)
@pytest.mark.parametrize("net", NETS)
def test_the_same_numbers(net, settings):
    wanted, got = both(net, DETERMINED[settings])
    assert got.n_iter_ == wanted.n_iter_
    assert_allclose(got.loss_, wanted.loss_, rtol=1e-8)
    for a, b in zip(got.coefs_ + got.intercepts_, wanted.coefs_ + wanted.intercepts_, strict=True):
        assert_allclose(a, b, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("net", NETS)
def test_adam_is_the_papers(net):
    """scikit-learn adds epsilon before the second moment's correction: the same but for tiny gradients."""
    wanted, got = both(net, {"epsilon": 1e-14})
    assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-3)
    assert_allclose(got.coefs_[0], wanted.coefs_[0], atol=2e-2)


@pytest.mark.parametrize("net", ["two classes", "three classes", "three quantities"])
def test_the_same_numbers_with_weights(net):
    wanted, got = both(net, SGD, WEIGHT)
    assert_allclose(got.coefs_[0], wanted.coefs_[0], rtol=1e-7)
    assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-9)


# [1] scikit-learn's regressor shows a partial_fit with L-BFGS too, though it has none: its check isn't called.
@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("more", [{}, {"solver": "lbfgs"}, {"early_stopping": True}], ids=str)
def test_the_same_public_attributes(net, more):
    wanted, got = both(net, more)
    missing = {name for name in dir(wanted) if name[0] != "_"} - set(dir(got))
    assert missing == (
        {"partial_fit"} if more.get("solver") == "lbfgs" and "Regressor" in NETS[net][0] else set()
    )  # [1]
    if "solver" in more:
        assert not hasattr(got, "loss_curve_")  # nor has scikit-learn's
    for name in ("n_layers_", "n_outputs_", "out_activation_", "n_features_in_", "best_loss_", "validation_scores_"):
        a, b = getattr(got, name, None), getattr(wanted, name, None)
        assert (a is None) == (b is None)
        assert a == b or isinstance(a, float | list)
    assert [a.shape for a in got.coefs_ + got.intercepts_] == [b.shape for b in wanted.coefs_ + wanted.intercepts_]
    assert got.predict(X).dtype == wanted.predict(X).dtype


def test_partial_fit_in_batches():
    wanted, got = (library.MLPClassifier(random_state=3, **SGD) for library in (theirs, ours))
    for start in (0, 20, 40, 0, 20, 40):
        for model in (wanted, got):
            rows = slice(start, start + 20)
            model.partial_fit(X[rows], SCORE[rows] > 0, classes=[False, True])
    assert_allclose(got.coefs_[0], wanted.coefs_[0], rtol=1e-7)
    assert_allclose(got.loss_curve_, wanted.loss_curve_, rtol=1e-9)
    assert (got.t_, got.n_iter_) == (wanted.t_, wanted.n_iter_)


@pytest.mark.parametrize(
    "more", [{"max_iter": 3}, {"solver": "lbfgs", "max_iter": 3}, {"solver": "lbfgs", "max_fun": 3}]
)
def test_an_end_before_convergence_is_said(more):
    with pytest.warns(ConvergenceWarning, match="before training converged"):
        ours.MLPClassifier(**more).fit(X, SCORE > 0)


def test_first_values_of_activations_that_only_the_core_has():
    model = ours.MLPRegressor(hidden_layer_sizes=(400,), activation="selu", max_iter=1, learning_rate_init=1e-12).fit(
        X, QUANTITY
    )
    assert model.coefs_[0].std() == pytest.approx(5**-0.5, rel=0.1)  # LeCun's
    assert abs(model.intercepts_[0]).max() < 1e-9
