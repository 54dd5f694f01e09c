"""scikit-learn's own tests of its MLP, run against ours: read from the installed package, with one import changed."""

from __future__ import annotations

import types
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn import neural_network

if not sklearn.__version__.startswith("1.9."):
    pytest.skip("the estimators are a drop-in for scikit-learn 1.9's", allow_module_level=True)

PRIVATE = "reads or sets private attributes of scikit-learn's implementation: "
CANNOT_HOLD = {
    "test_fit": PRIVATE + "it hands in weights before the first fit, by way of coefs_ and _coef_grads",
    "test_gradient": PRIVATE + "_loss_grad_lbfgs; our derivatives are checked in tests/core",
    "test_learning_rate_warmstart": PRIVATE + "_optimizer.learning_rate",
    "test_adaptive_learning_rate": PRIVATE + "_optimizer.learning_rate",
    "test_n_iter_no_change": PRIVATE + "_no_improvement_count",
    "test_n_iter_no_change_inf": PRIVATE + "_no_improvement_count",
    "test_nonfinite_params": "expects a ValueError; ours is a DivergenceError, with step, tensor and a hint",
    "test_mlp_diverging_loss": "expects a diverging run to end as if nothing were wrong; ours raises DivergenceError",
    "test_preserve_feature_names": "makes warnings errors, and has a y that is all the same, of which we warn",
}

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),  # scikit-learn's tests don't mind them
    pytest.mark.filterwarnings("ignore::clearprop.errors.ClearpropWarning"),  # dead units in nets of two
]

THEIRS = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from clearprop.estimators.mlp import MLPClassifier, MLPRegressor"


@pytest.fixture(autouse=True)
def repeatable():
    """Some of the tests give no random_state: NumPy's global one is what they then get."""
    np.random.seed(0)  # noqa: NPY002 - see above


@pytest.fixture
def global_random_seed():
    """What scikit-learn's conftest gives where no seed is asked for."""
    return 42


def _tests():
    path = Path(neural_network.__file__).parent / "tests" / "test_mlp.py"
    source = path.read_text(encoding="utf-8")
    assert source.count(THEIRS) == 1
    module = types.ModuleType("sklearns_test_mlp")
    exec(compile(source.replace(THEIRS, OURS), str(path), "exec"), vars(module))  # noqa: S102 - an installed test
    return {name: test for name, test in vars(module).items() if name.startswith("test_")}


TESTS = _tests()
for _name, _reason in CANNOT_HOLD.items():
    TESTS[_name] = pytest.mark.xfail(reason=_reason)(TESTS[_name])  # strict: it must fail, or leave the list
globals().update(TESTS)


def test_there_are_as_many_as_there_should_be():
    assert len(TESTS) >= 40
