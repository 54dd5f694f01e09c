"""Settings that can't be used, and calls that don't follow on one another, get a clear answer."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from clearprop.errors import ClearpropError, ClearpropWarning, InputError
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)


def quick(**more):
    return MLPClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=0, **more)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "rellu"}, "unknown activation 'rellu'; did you mean 'relu'"),
        ({"activation": "logistik"}, "unknown activation 'logistik'; did you mean 'logistic'"),
        ({"callbacks": print}, "callbacks must be a list"),
        ({"solver": "lbgfs"}, "unknown solver 'lbgfs'; did you mean 'lbfgs'"),
        ({"learning_rate": "adaptiv"}, "unknown learning_rate 'adaptiv'; did you mean 'adaptive'"),
        ({"loss": "hubber"}, "unknown loss 'hubber'; did you mean 'huber'"),
        ({"optimizer": "adan"}, "unknown optimizer 'adan'; did you mean 'adam'"),
        ({"schedule": "cosine"}, "unknown schedule 'cosine'; did you mean 'cosine_"),
        ({"scoring": "acuracy", "early_stopping": True}, "unknown scoring 'acuracy'; did you mean 'accuracy'"),
        ({"engine": "compild"}, "unknown engine 'compild'; did you mean 'compiled'"),
        ({"dtype": "float16"}, "dtype must be 'float32' or 'float64'; got 'float16'"),
        ({"hidden_layer_sizes": (3, 0)}, "each of hidden_layer_sizes must be a whole number, at least 1; got 0"),
        ({"alpha": -1}, "alpha must be at least 0; got -1"),
        ({"max_iter": 0}, "max_iter must be a whole number"),
        ({"batch_size": "all"}, "batch_size .* must be a whole number"),
        ({"beta_1": 1.0}, "beta_1 must be .*below 1"),
        ({"momentum": 1.0}, "momentum must be .*below 1"),
        ({"n_iter_no_change": 0.5}, "n_iter_no_change must be a whole number"),
        ({"random_state": -1}, "random_state must be 0 or more; got -1"),
        ({"random_state": "seven"}, "random_state must be a whole number"),
        ({"shuffle": "no"}, "shuffle must be True or False; got 'no'"),
        ({"solver": None}, "solver must be one of adam, lbfgs, sgd; got None"),
        ({"dropout": 1.0}, "Dropout's rate must be .*below 1"),
        ({"solver": "lbfgs", "dropout": 0.5}, "lbfgs needs the same loss at each evaluation"),
        ({"scoring": 3, "early_stopping": True}, "scoring is a name or a function"),
    ],
)
def test_settings(settings, message):
    with pytest.raises(ClearpropError, match=message) as caught:
        MLPClassifier(**settings).fit(X, Y)
    assert isinstance(caught.value, ValueError | TypeError)


def test_a_batch_size_above_the_rows_is_said():
    with pytest.warns(ClearpropWarning, match="batch_size=100 is more than the 40 rows"):
        quick(batch_size=100).fit(X, Y)


def test_partial_fit():
    filters = list(warnings.filters)
    with pytest.raises(InputError, match="classes must be passed on the first call to partial_fit"):
        quick().partial_fit(X, Y)
    model = quick().partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(InputError, match=r"is not the same as in the first call"):
        model.partial_fit(X, Y, classes=[0, 1, 2])
    with pytest.raises(InputError, match=r"`y` has classes not in `self.classes_`: 2"):
        model.partial_fit(X, Y + 1)
    with pytest.raises(InputError, match="X has 2 features, but MLPClassifier is expecting 3"):
        model.partial_fit(X[:, :2], Y)
    with pytest.raises(InputError, match="does not support early_stopping"):
        quick(early_stopping=True).partial_fit(X, Y, classes=[0, 1])
    before = model.predict_proba(X)
    assert (model.partial_fit(X[:2], [1, 1]).predict_proba(X) != before).any()  # rows of one class: no warning
    assert warnings.filters == filters


def test_early_stopping_needs_rows_to_hold_out():
    with pytest.raises(InputError, match=r"The validation set is too small.*'validation_fraction'"):
        MLPRegressor(early_stopping=True).fit(X[:9], Y[:9])
    with pytest.raises(InputError, match="least populated classes"):
        MLPClassifier(early_stopping=True).fit(X, [1] + [0] * 39)
