"""Bad input gets a clear answer: a row of docs/estimators.md's table each."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import DataConversionWarning

from clearprop.errors import (
    ClearpropWarning,
    DivergenceError,
    InputError,
    InputTypeError,
    TooLargeError,
)
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, 0] > 0).astype(int)


def quick(kind=MLPClassifier, **more):
    return kind(hidden_layer_sizes=(4,), max_iter=3, random_state=0, **more)


def with_value(array, place, value):
    changed = array.astype(object if isinstance(value, str) or value is None else float)
    changed[place] = value
    return changed


BAD_X = {
    "nan": (
        with_value(X, (2, 1), np.nan),
        InputError,
        "X holds nan at row 2, column 1 .*1 value of 120.*SimpleImputer",
    ),
    "infinity": (with_value(X, (5, 0), -np.inf), InputError, "X holds -inf at row 5, column 0"),
    "text": (with_value(X, (3, 2), "red"), InputTypeError, "X holds 'red' at row 3, column 2"),
    "missing": (with_value(X, (3, 2), None), InputTypeError, "None at row 3, column 2, .*fill or drop missing"),
    "numbers as text": (X.astype(str), InputTypeError, "X holds text"),
    "dates": (np.full((40, 3), "2024-01-01", "datetime64[D]"), InputTypeError, "X holds dates"),
    "masked": (np.ma.masked_less(X, 0), InputTypeError, "X is a masked array, and its mask would be lost"),
    "complex": (X + 1j, InputError, "Complex data not supported"),
    "1-D": (X[:, 0], InputError, "Reshape your data"),
    "3-D": (X[:, :, None], InputError, "dim 3"),
    "ragged": ([[1.0], [1.0, 2.0]] * 20, InputError, "inhomogeneous"),
    "no rows": (X[:0], InputError, "0 sample"),
    "no columns": (X[:, :0], InputError, "0 feature"),
    "another number of rows": (X[:39], InputError, "X has 39 rows and y has 40"),
    "too large for float32": (with_value(X, (1, 1), 1e300), InputError, "X holds inf at row 1, column 1"),
}


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("name", BAD_X)
def test_x(kind, name):
    x, error, message = BAD_X[name]
    with pytest.raises(error, match=message):
        quick(kind, dtype="float32" if "float32" in name else None).fit(x, Y)
    if "rows" not in name:
        fitted = quick(kind, dtype="float32" if "float32" in name else None).fit(X, Y)
        with pytest.raises(error, match=message):
            fitted.predict(x)


BAD_WEIGHT = {
    "negative": (with_value(np.ones(40), 7, -2.0), InputError, "must not be negative; row 7 has -2"),
    "all zero": (np.zeros(40), InputError, "every sample_weight is zero"),
    "nan": (with_value(np.ones(40), 7, np.nan), InputError, "sample_weight holds nan at row 7"),
    "too few": (np.ones(39), InputError, "one number for each of the 40 rows; got 39"),
    "text": (["a"] * 40, InputTypeError, "sample_weight holds text"),
}


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
@pytest.mark.parametrize("name", BAD_WEIGHT)
def test_weights(kind, name):
    weight, error, message = BAD_WEIGHT[name]
    with pytest.raises(error, match=message):
        quick(kind).fit(X, Y, sample_weight=weight)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_weight_of_zero_is_the_row_left_out(early_stopping):
    weight = np.r_[np.ones(30), np.zeros(10)]
    labels = np.where(np.arange(40) < 30, Y, 7)  # a class that has no weight isn't there at all
    some = quick(early_stopping=early_stopping).fit(X, labels, sample_weight=weight)
    rest = quick(early_stopping=early_stopping).fit(X[:30], labels[:30], sample_weight=weight[:30])
    np.testing.assert_array_equal(some.coefs_[0], rest.coefs_[0])
    assert some.classes_.tolist() == [0, 1]


BAD_LABELS = {
    "continuous": (X[:, 0], InputError, r"^Unknown label type: continuous.*row 0 has 0\.1.*MLPRegressor$"),
    "nan": (with_value(Y, 4, np.nan), InputError, "y holds nan at row 4"),
    "None": (with_value(Y, 4, None), InputError, "y holds None at row 4, where a label is needed"),
    "mixed": (np.array([1, "a"] * 20, dtype=object), InputTypeError, r"y mixes labels .*\(int, str\)"),
    "several columns": (np.c_[Y, Y + 1, Y], InputError, "multiclass-multioutput"),
    "complex": (Y + 1j, InputError, "Complex data not supported: y must be real"),
    "masked": (np.ma.masked_equal(Y, 1), InputTypeError, "y is a masked array"),
    "None at all": (None, InputError, "requires y to be passed"),
    "3-D": (np.zeros((40, 1, 1)), InputError, "matrix of 0 and 1"),
}


@pytest.mark.parametrize("name", BAD_LABELS)
def test_labels(name):
    y, error, message = BAD_LABELS[name]
    with pytest.raises(error, match=message):
        quick().fit(X, y)


BAD_QUANTITIES = {
    "nan": (with_value(Y, 4, np.nan), InputError, "y holds nan at row 4"),
    "text": (Y.astype(str), InputTypeError, "y holds text"),
    "None": (with_value(Y, 4, None), InputTypeError, "y holds None at row 4"),
    "negative counts": (Y - 1.0, InputError, "poisson needs counts of 0 or more"),
}


@pytest.mark.parametrize("name", BAD_QUANTITIES)
def test_quantities(name):
    y, error, message = BAD_QUANTITIES[name]
    with pytest.raises(error, match=message):
        quick(MLPRegressor, loss="poisson").fit(X, y)


def test_one_class_only():
    with pytest.warns(ClearpropWarning, match="one class only, 'a'") as caught:
        model = quick().fit(X, np.full(40, "a"))
    assert len([w for w in caught if w.category is ClearpropWarning]) == 1
    np.testing.assert_array_equal(model.predict_proba(X), np.ones((40, 1)))
    assert set(model.predict(X)) == {"a"}


@pytest.mark.parametrize(
    ("labels", "dtype"),
    [
        (["no", "yes"], "U"), ([False, True], "b"), ([2**62, 2**62 + 1], "i"), (["a", "b", "c"], "U"),
        ([-1.0, 3.0], "f"), (np.array(["x", "y"], dtype=object), "O"), (np.array([2**70, 5], dtype=object), "O"),
    ],
)  # fmt: skip
def test_labels_of_any_kind(labels, dtype):
    y = np.asarray(labels)[np.arange(40) % len(labels)]
    model = MLPClassifier(solver="lbfgs", random_state=0).fit(X, y)
    assert model.predict(X).dtype.kind == dtype
    assert sorted(set(model.predict(X))) == sorted(labels)
    assert (model.predict(X) == y).mean() > 0.9


def test_y_as_a_column_and_sparse_labels():
    with pytest.warns(DataConversionWarning):
        column = quick().fit(X, Y[:, None])
    np.testing.assert_array_equal(column.coefs_[0], quick().fit(X, Y).coefs_[0])
    several = np.c_[Y, 1 - Y]
    np.testing.assert_array_equal(
        quick().fit(X, sparse.csr_matrix(several)).coefs_[0], quick().fit(X, several).coefs_[0]
    )


FORMS = {
    "big-endian": X.astype(">f8"), "Fortran order": np.asfortranarray(X), "strided": np.repeat(X, 2, axis=0)[::2],
    "objects": X.astype(object), "a list": X.tolist(), "long double": X.astype(np.longdouble),
    "csr": sparse.csr_matrix(X), "csc": sparse.csc_array(X), "coo": sparse.coo_matrix(X), "lil": sparse.lil_array(X),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_same_numbers_in_another_form_give_the_same_bits(name):
    wanted = quick().fit(X, Y)
    got = quick().fit(FORMS[name], Y)
    np.testing.assert_array_equal(got.coefs_[0], wanted.coefs_[0])
    np.testing.assert_array_equal(got.predict_proba(FORMS[name]), wanted.predict_proba(X))


def test_dtypes_and_inputs_that_stay_as_they_are():
    for dtype, wanted in ((np.float16, np.float32), (np.float32, np.float32), (np.int8, np.float64)):
        assert quick().fit(X.astype(dtype), Y).predict_proba(X).dtype == wanted
    x, y, weight = X.copy(), Y.copy(), np.r_[0.0, np.ones(39)]
    for array in (x, y, weight):
        array.flags.writeable = False
    quick().fit(x, y, weight).predict(x)
    assert quick().fit(X, Y).predict(X[:0]).shape == (0,)
    assert quick().fit(X, Y).predict_proba(X[:0]).shape == (0, 2)


def test_the_logarithm_of_zero_is_minus_infinity():
    model = MLPClassifier(solver="lbfgs", random_state=0).fit(X, Y)
    assert np.isneginf(model.predict_log_proba(1e4 * X)).any()  # and no warning, as the error it would be here


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_diverging_run_is_said_and_leaves_a_usable_model(early_stopping):
    model = MLPRegressor(
        solver="sgd",
        learning_rate_init=1e3,
        momentum=0,
        activation="identity",
        random_state=0,
        early_stopping=early_stopping,
    )
    with pytest.raises(DivergenceError, match=r"diverged at step .* is not finite .* Try a lower rate"):
        model.fit(X, X[:, 0])
    assert np.isfinite(model.predict(X)).all()
    assert all(np.isfinite(w).all() for w in model.coefs_)


def test_targets_too_large_to_square_name_the_scale():
    with pytest.raises(DivergenceError, match=r"\|y\| up to 1e\+200"):
        quick(MLPRegressor).fit(X, np.where(Y, 1e200, -1e200))


def test_dead_units_are_said():
    with pytest.warns(ClearpropWarning, match="dead ReLUs"):
        MLPClassifier((20,), solver="sgd", learning_rate_init=50.0, random_state=0, max_iter=8).fit(abs(X) + 5, Y)


def test_layers_and_tables_without_room_are_refused_first():
    with pytest.raises(TooLargeError, match="GiB"):
        MLPClassifier(hidden_layer_sizes=(10**10,)).fit(X, Y)
    with pytest.raises(TooLargeError, match="X as a dense matrix"):
        MLPClassifier().fit(sparse.csr_matrix((40, 2**40)), Y)


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_feature_names(library):
    module = pytest.importorskip(library)
    make = module.DataFrame if library == "pandas" else module.table
    table, turned = (
        make({name: X[:, i] for name, i in names.items()}) for names in ({"a": 0, "b": 1}, {"b": 1, "a": 0})
    )
    model = quick(early_stopping=True, validation_fraction=0.2).fit(table, Y)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(InputError, match="feature names"):
        model.predict(turned)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X[:, :2])
    with pytest.raises(InputTypeError, match="'red' at row 0, column 'colour'"):
        quick().fit(make({"a": X[:, 0], "colour": np.full(40, "red")}), Y)
    with pytest.raises(InputError, match="nan at row 2, column 'b'"):
        model.predict(make({"a": X[:, 0], "b": BAD_X["nan"][0][:, 1]}))
