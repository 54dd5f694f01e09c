"""scikit-learn's own checks of an estimator, all of them: as it comes, in float32, and in plain NumPy."""

from __future__ import annotations

from functools import partial

import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from clearprop.estimators.mlp import MLPClassifier, MLPRegressor

ESTIMATORS = [
    kind(**more)
    for kind in (MLPClassifier, MLPRegressor)
    for more in ({}, {"dtype": "float32"}, {"engine": "reference"})
]


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",  # 200 epochs aren't always enough for a check's rows
    "ignore::clearprop.errors.ClearpropWarning",  # checks also fit one class only, and a y that is all the same
)
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_checks(estimator, check, monkeypatch):
    if estimator.dtype == "float32" and "sample_weight_equivalence" in check.func.__name__:
        # It compares two trained networks at 1e-7, one step of float32; 1e-4 is what scikit-learn's own assert_allclose
        # takes for float32.
        close = partial(estimator_checks.assert_allclose_dense_sparse, rtol=1e-4)
        monkeypatch.setattr(estimator_checks, "assert_allclose_dense_sparse", close)
    check(estimator)


def test_several_outputs():
    """The tag that asks for this check is off, as in scikit-learn's own: it wants float64 even of a float32 network."""
    estimator_checks.check_regressor_multioutput("MLPRegressor", MLPRegressor(max_iter=60, tol=1e4))
