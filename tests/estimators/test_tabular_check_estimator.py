"""scikit-learn's own checks of an estimator, all of them: as it comes, in both dtypes, and in plain NumPy."""

from __future__ import annotations

from functools import partial

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from clearprop import TabularClassifier, TabularRegressor

SMALL = {"n_members": 2, "hidden_layer_sizes": (32,)}
ESTIMATORS = [
    kind(**more)
    for kind in (TabularClassifier, TabularRegressor)
    for more in (
        {},
        SMALL | {"dtype": "float32", "max_epochs": 60},
        SMALL | {"dtype": "float64", "engine": "reference"},
    )
]


@pytest.mark.filterwarnings(
    "ignore::clearprop.errors.ClearpropWarning"  # checks also fit one class only, and columns that are all the same
)
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_checks(estimator, check, monkeypatch):
    if estimator.dtype == "float32" and any(word in check.func.__name__ for word in ("equivalence", "invariance")):
        # They compare two networks, or rows in another order, at 1e-7, one step of float32; 1e-4 is what scikit-learn's
        # own assert_allclose takes for float32.
        close = partial(estimator_checks.assert_allclose_dense_sparse, rtol=1e-4)
        monkeypatch.setattr(estimator_checks, "assert_allclose_dense_sparse", close)
    check(estimator)
