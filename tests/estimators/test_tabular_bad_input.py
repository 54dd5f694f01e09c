"""Bad input to the Tabular estimators gets a clear answer: a row of docs/estimators.md's table each."""

from __future__ import annotations

import builtins
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.exceptions import DataConversionWarning, NotFittedError

from clearprop import SGD, Adam, Dense, TabularClassifier, TabularRegressor
from clearprop.errors import ClearpropWarning, DivergenceError, InputError, InputTypeError, TooLargeError
from clearprop.training.callbacks import Callback

ROWS = 120
X = np.random.default_rng(0).normal(size=(ROWS, 3))
VALUE = X[:, 0] - X[:, 1]
Y = (X[:, 0] > 0).astype(int)


def quick(kind=TabularClassifier, **more):
    return kind(**{"n_members": 2, "hidden_layer_sizes": (8,), "max_epochs": 3, "random_state": 0, **more})


def with_value(array, place, value):
    changed = array.astype(object if isinstance(value, str) or value is None else float)
    changed[place] = value
    return changed


BAD_X = {
    "infinity": (
        with_value(X, ([17, 100, 101], [1, 2, 1]), -np.inf),
        InputError,
        r"column 'x1' holds -inf at row 17 \(2 such cells\)",
    ),
    "text among numbers": (
        with_value(X, (3, 2), "red"),
        InputTypeError,
        r"'x2' mixes kinds: row 3 holds 'red' \(str\)",
    ),
    "masked": (np.ma.masked_less(X, 0), InputTypeError, "X is a masked array, and its mask would be lost"),
    "complex": (X + 1j, InputError, "Complex data not supported"),
    "1-D": (X[:, 0], InputError, r"got shape \(120,\). Reshape your data"),
    "3-D": (X[:, :, None], InputError, r"a table \(rows, columns\); got shape"),
    "ragged": ([[1.0], [1.0, 2.0]] * 60, InputError, "rows of one length: .*inhomogeneous"),
    "no columns": (X[:, :0], InputError, "0 feature"),
    "lists in cells": (pd.DataFrame({"a": [[1]] * ROWS}), InputTypeError, r"column 'a'.* row 0 holds \[1\] \(list\)"),
    "a lazy frame": (pl.LazyFrame({"a": VALUE}), InputTypeError, r"give X.collect\(\)"),
    "one column twice": (pd.DataFrame(X[:, :2], columns=["a", "a"]), InputError, "'a' comes twice"),
    "no table at all": (3.0, InputTypeError, "X must be a DataFrame .* or an array"),
    "no rows": (X[:0], InputError, "X has 0 rows and y has 120"),
    "another number of rows": (X[:119], InputError, "X has 119 rows and y has 120"),
}


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("name", BAD_X)
def test_x(kind, name):
    x, error, message = BAD_X[name]
    with pytest.raises(error, match=message):
        quick(kind).fit(x, Y)
    if "rows" not in name and "twice" not in name:
        with pytest.raises(error, match=message if "lists" not in name else "column 'a'"):
            quick(kind).fit(X, Y).predict(x)


BAD_WEIGHT = {
    "negative": (with_value(np.ones(ROWS), 7, -2.0), InputError, "must not be negative; row 7 has -2"),
    "all zero": (np.zeros(ROWS), InputError, "every sample_weight is zero"),
    "nan": (with_value(np.ones(ROWS), 7, np.nan), InputError, "sample_weight holds nan at row 7"),
    "too few": (np.ones(119), InputError, "one number for each of the 120 rows; got 119"),
    "text": (["a"] * ROWS, InputTypeError, "sample_weight holds text"),
}


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("name", BAD_WEIGHT)
def test_weights(kind, name):
    weight, error, message = BAD_WEIGHT[name]
    with pytest.raises(error, match=message):
        quick(kind).fit(X, Y, sample_weight=weight)


BAD_LABELS = {
    "continuous": (X[:, 0], InputError, r"^Unknown label type: continuous.*row 0 has 0\.1.*TabularRegressor$"),
    "nan": (with_value(Y, 4, np.nan), InputError, "y holds nan at row 4"),
    "None": (with_value(Y, 4, None), InputError, "y holds None at row 4, where a label is needed"),
    "mixed": (np.array([1, "a"] * 60, dtype=object), InputTypeError, r"y mixes labels .*\(int, str\)"),
    "several columns": (np.c_[Y, Y + 1, Y], InputError, "multiclass-multioutput"),
    "complex": (Y + 1j, InputError, "Complex data not supported: y must be real"),
    "masked": (np.ma.masked_equal(Y, 1), InputTypeError, "y is a masked array"),
    "None at all": (None, InputError, "requires y to be passed"),
    "3-D": (np.zeros((ROWS, 1, 1)), InputError, "matrix of 0 and 1"),
    "too few": (Y[:119], InputError, "X has 120 rows and y has 119"),
}
BAD_QUANTITIES = {
    "nan": (with_value(VALUE, 4, np.nan), InputError, "y holds nan at row 4"),
    "infinity": (with_value(VALUE, 4, np.inf), InputError, "y holds inf at row 4"),
    "text": (VALUE.astype(str), InputTypeError, "y holds text"),
    "None": (with_value(VALUE, 4, None), InputTypeError, "y holds None at row 4"),
    "dates": (np.full(ROWS, "2024-01-01", "datetime64[D]"), InputTypeError, "y holds dates"),
}


@pytest.mark.parametrize("name", BAD_LABELS)
def test_labels(name):
    y, error, message = BAD_LABELS[name]
    with pytest.raises(error, match=message):
        quick().fit(X, y)


@pytest.mark.parametrize("name", BAD_QUANTITIES)
def test_quantities(name):
    y, error, message = BAD_QUANTITIES[name]
    with pytest.raises(error, match=message):
        quick(TabularRegressor).fit(X, y)


def test_y_as_a_column_and_sparse_labels():
    with pytest.warns(DataConversionWarning):
        column = quick().fit(X, Y[:, None])
    assert_array_equal(column.predict_proba(X), quick().fit(X, Y).predict_proba(X))
    several = np.c_[Y, X[:, 1] > 0] * 1
    spread = quick().fit(X, sparse.csr_matrix(several))
    assert_array_equal(spread.predict_proba(X), quick().fit(X, several).predict_proba(X))


SETTINGS = {
    "recipe": ("tamb", InputError, "unknown recipe 'tamb'; did you mean 'tabm'"),
    "numeric": ("peicewise", InputError, "unknown numeric 'peicewise'; did you mean 'piecewise'"),
    "metric": ("rsme", InputError, "unknown metric 'rsme'; did you mean 'rmse'"),
    "n_members": (0, InputError, "n_members must be a whole number, at least 1; got 0"),
    "hidden_layer_sizes": (
        (8, 2.5),
        InputError,
        "each of hidden_layer_sizes must be a whole number, at least 1; got 2.5",
    ),
    "activation": ("rellu", InputError, "unknown activation 'rellu'; did you mean 'relu'"),
    "dropout": (1.0, InputError, "rate must be at least 0 and below 1; got 1"),
    "optimizer": ("adamm", InputError, "unknown optimizer 'adamm'; did you mean 'adam'"),
    "schedule": ("cosine_log", InputError, "unknown schedule 'cosine_log'; did you mean 'cosine_log2'"),
    "batch_size": (-1, InputError, "batch_size must be a whole number, at least 1; got -1"),
    "max_epochs": (2.0, InputError, "max_epochs must be a whole number, at least 1; got 2.0"),
    "patience": (True, InputError, "patience must be a whole number, at least 1; got True"),
    "interval": (90, InputError, r"interval \(a coverage\) must be above 0 and below 1; got 90"),
    "validation_fraction": (0, InputError, "validation_fraction must be above 0 and below 1; got 0"),
    "validation_data": ("test.csv", InputTypeError, r"validation_data must be \(X, y\) or \(X, y, sample_weight\)"),
    "time_limit": (0, InputError, r"time_limit \(seconds\) must be above 0; got 0"),
    "callbacks": (print, InputTypeError, "callbacks must be a list"),
    "dtype": ("flaot32", InputError, "dtype must be 'float32' or 'float64'; got 'flaot32'"),
    "engine": ("complied", InputError, "unknown engine 'complied'; did you mean 'compiled'"),
    "random_state": (-1, InputError, "random_state must be 0 or more"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_out_of_their_bounds(name):
    value, error, message = SETTINGS[name]
    with pytest.raises(error, match=message):
        quick(TabularRegressor, **{name: value}).fit(X, VALUE)


WRONG_KINDS = {
    "recipe": ["tabm"], "metric": ["rmse"], "numeric": 3, "n_members": "2", "optimizer": Adam, "activation": Dense(2),
    "interval": "0.9", "time_limit": "1 h", "validation_fraction": None, "callbacks": [print], "dtype": np.int32,
    "engine": None, "random_state": "seed", "validation_data": (X,), "dropout": "0.1",
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_KINDS)
def test_settings_of_another_kind(name):
    with pytest.raises((InputError, InputTypeError)):
        quick(TabularRegressor, **{name: WRONG_KINDS[name]}).fit(X, VALUE)


def test_settings_of_a_classifier():
    with pytest.raises(InputError, match="unknown metric 'logloss'; did you mean 'log_loss'"):
        quick(metric="logloss").fit(X, Y)
    with pytest.raises(InputError, match="class_weight"):
        quick(class_weight={0: 1.0, 7: 2.0}).fit(X, Y)
    with pytest.raises(InputError, match="must not be negative"):
        quick(class_weight={0: 1.0, 1: -2.0}).fit(X, Y)


def test_validation_rows_are_checked_like_the_others():
    cases = {
        "validation_data: y has 2 columns": (X, np.c_[VALUE, VALUE]),
        "validation_data: y holds nan at row 0": (X, np.full(ROWS, np.nan)),
        "X has 2 features, but TabularRegressor is expecting 3": (X[:, :2], VALUE),
        "validation_data: sample_weight must not be negative": (X, VALUE, -np.ones(ROWS)),
    }
    for message, given in cases.items():
        with pytest.raises(InputError, match=message):
            quick(TabularRegressor, validation_data=given).fit(X, VALUE)
    with pytest.raises(InputError, match=r"validation_data: `y` has classes not in `self.classes_`: 6, 7"):
        quick(validation_data=(X, Y + 6)).fit(X, Y)


def test_too_few_rows():
    with pytest.raises(InputError, match="at least 2 rows are needed"):
        quick().fit(X[:1], Y[:1])
    with pytest.raises(InputError, match="at least 2 rows are needed"):
        quick().fit(X, Y, np.eye(1, ROWS)[0])
    with pytest.raises(InputError, match="intervals need a single target, and rows held out: 50 rows or more"):
        quick(TabularRegressor, interval=0.9).fit(X[:49], VALUE[:49])
    with pytest.raises(InputError, match="intervals need 2 rows held out"):
        quick(TabularRegressor, interval=0.9, validation_fraction=0.001).fit(X, VALUE)
    assert quick(TabularRegressor).fit(X[:2], VALUE[:2]).predict(X).shape == (ROWS,)


def test_no_rows_to_predict_are_no_predictions():
    classes, numbers = quick().fit(X, np.digitize(VALUE, [-1, 1])), quick(TabularRegressor, interval=0.8).fit(X, VALUE)
    assert classes.predict(X[:0]).shape == numbers.predict(X[:0]).shape == (0,)
    assert classes.predict_proba(X[:0]).shape == classes.predict_log_proba(X[:0]).shape == (0, 3)
    assert quick().fit(X, Y).predict_proba(X[:0]).shape == numbers.predict_interval(X[:0]).shape == (0, 2)
    assert numbers.input_gradients(X[:0]).shape == (0, 1, 3)
    assert quick(TabularRegressor).fit(X, np.c_[VALUE, VALUE]).predict(X[:0]).shape == (0, 2)


def test_what_is_too_large_is_refused_first():
    with pytest.raises(TooLargeError, match="GiB"):
        quick(hidden_layer_sizes=(10**10,)).fit(X, Y)
    with pytest.raises(TooLargeError, match="X as a dense matrix"):
        quick().fit(sparse.csr_matrix((ROWS, 2**40)), Y)


def test_extreme_numbers_do_no_harm():
    plain = quick(TabularRegressor).fit(X, VALUE).predict(X)
    np.testing.assert_allclose(quick(TabularRegressor).fit(X * 2.0**27, VALUE).predict(X * 2.0**27), plain)
    for place, numeric in (((5, 0), "piecewise"), ((100, 2), "none")):
        wild = with_value(X, place, 1e300)
        model = quick(TabularRegressor, numeric=numeric, optimizer=Adam(0.01), max_epochs=20).fit(wild, VALUE)
        assert np.corrcoef(model.predict(wild), VALUE)[0, 1] > 0.8


def test_dead_units_are_said():
    with pytest.warns(ClearpropWarning, match="dead ReLUs"):
        quick(dropout=0.0, optimizer=SGD(5.0), max_epochs=8).fit(X, Y)


class RunAway(Callback):
    """Makes the rate far too high after three epochs."""

    def on_epoch(self, training):
        if training.progress.step >= 3 * training.batches.per_epoch:
            training.progress.rate_factor = 1e200


@pytest.mark.filterwarnings("ignore:some predictions are not finite")  # of 30 rows none are held out: no epoch was best
@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("rows", [ROWS, 30])
def test_a_diverging_fit_is_said_and_leaves_a_usable_estimator(kind, rows, tmp_path):
    y = VALUE if kind is TabularRegressor else Y
    model = quick(kind, callbacks=[RunAway()], activation="identity", optimizer=SGD(0.01), max_epochs=300)
    with pytest.raises(DivergenceError, match=r"diverged at step .* is not finite .* Try a lower rate"):
        model.fit(X[:rows], y[:rows])
    assert np.isfinite(model.result_.parameters.vector).all()
    assert model.predict(X).shape == (ROWS,)
    assert model.stopped_.startswith("diverged")
    assert len(model.history_["loss"]) > 0
    assert model.n_iter_ >= 1
    model.save(tmp_path / "m")
    if kind is TabularClassifier:
        assert model.predict_proba(X).shape == (ROWS, 2)
    if rows == ROWS:
        assert model.evaluate(X, y)[0].model > 0
        assert np.isfinite(model.input_gradients(X)).all()


def test_nothing_works_before_a_fit(tmp_path):
    for use in (
        lambda model: model.predict(X), lambda model: model.evaluate(X, VALUE), lambda model: model.input_gradients(X),
        lambda model: model.save(tmp_path / "m"), lambda model: model.diagnose(X, VALUE),
        lambda model: model.predict_interval(X), lambda model: model.permutation_importance(X, VALUE),
    ):  # fmt: skip
        with pytest.raises(NotFittedError, match="This TabularRegressor instance is not fitted yet"):
            use(quick(TabularRegressor))


def test_it_works_without_numba(monkeypatch):
    wanted = quick(engine="reference").fit(X, Y).predict_proba(X)
    own = builtins.__import__

    def refuse(name, *more):
        if name.partition(".")[0] in ("numba", "llvmlite"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return own(name, *more)

    for name in [name for name in sys.modules if name.partition(".")[0] in ("numba", "llvmlite")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    for engine in ("reference", "auto"):
        assert_array_equal(quick(engine=engine).fit(X, Y).predict_proba(X), wanted)
