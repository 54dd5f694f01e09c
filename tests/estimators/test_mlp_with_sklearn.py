"""The MLP estimators inside scikit-learn's own tools."""

from __future__ import annotations

import joblib
import numpy as np
import pytest
import sklearn
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import clearprop as cp
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

X, Y = load_iris(return_X_y=True)
NET = MLPClassifier((8,), max_iter=30, learning_rate_init=0.03, random_state=0)


def test_pipeline_grid_search_and_cross_validation():
    pipeline = make_pipeline(StandardScaler(), NET)
    search = GridSearchCV(
        pipeline, {"mlpclassifier__activation": ["tanh", "silu"], "mlpclassifier__alpha": [0, 1e-3]}, cv=3
    )
    assert search.fit(X, Y).best_score_ > 0.9
    assert search.best_estimator_[-1].n_layers_ == 3
    assert cross_val_score(pipeline, X, Y, cv=3, scoring="roc_auc_ovr").min() > 0.9
    assert cross_val_score(MultiOutputRegressor(MLPRegressor(max_iter=5)), X, X[:, :2], cv=2).shape == (2,)


def test_calibration():
    calibrated = CalibratedClassifierCV(make_pipeline(StandardScaler(), NET), cv=3).fit(X, Y)
    assert calibrated.score(X, Y) > 0.9
    assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib_backends(backend):
    with joblib.parallel_backend(backend, n_jobs=2):
        scores = cross_val_score(NET, X, Y, cv=3)
    assert_array_equal(scores, cross_val_score(NET, X, Y, cv=3))


def test_clones_and_parameters():
    model = clone(NET.set_params(alpha=0.01)).fit(X, Y)
    assert model.get_params() == NET.get_params()
    assert not hasattr(clone(model), "coefs_")
    with pytest.raises(ValueError, match="Invalid parameter 'alfa'"):
        model.set_params(alfa=1)
    rule = cp.SGD(0.1)
    assert clone(MLPRegressor(optimizer=rule)).optimizer == rule
    assert repr(MLPRegressor("huber", (5,))) == "MLPRegressor(hidden_layer_sizes=(5,), loss='huber')"


def test_metadata_routing_of_weights():
    weight = np.where(Y == 0, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = clone(NET).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        got = cross_validate(routed, X, Y, cv=3, params={"sample_weight": weight}, return_estimator=True)
    assert all(model.classes_.tolist() == [1, 2] for model in got["estimator"])
    assert got["test_score"].max() <= 1


def test_score_with_weights():
    model, weight = clone(NET).fit(X, Y), np.arange(150.0)
    assert model.score(X, Y, sample_weight=weight) == accuracy_score(Y, model.predict(X), sample_weight=weight)
    assert MLPRegressor(max_iter=2).fit(X, Y).score(X, Y, sample_weight=weight) < 1


def test_coefficients_are_the_parameters_themselves():
    model = clone(NET).fit(X, Y)
    model.coefs_[1][...] = 0
    model.intercepts_[1][...] = [0, 5, 0]
    assert set(model.predict(X)) == {1}
    assert not hasattr(MLPClassifier(), "coefs_")
    with pytest.raises(AttributeError, match="this MLPClassifier is not fitted yet"):
        _ = MLPClassifier().coefs_
