"""Explanations of fitted estimators: gradients to rounding error, importances by name, findings about real fits."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import clearprop as cp
from clearprop.estimators.explanation import Importance, permutation_importance
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor
from clearprop.explain import input_gradients
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.members import Members
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.layers.scale import Scale
from clearprop.losses.regression import Squared
from clearprop.optimizers.optimizer import Optimizer
from clearprop.result import Result
from clearprop.training.progress import Best, Progress

X = np.random.default_rng(0).normal(size=(300, 4))
QUANTITY = 2 * X[:, 0] - X[:, 2] ** 2
FRAME = pd.DataFrame(X, columns=["age", "noise", "debt", "town"])


def fitted(model, x=X, y=QUANTITY):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(x, y)


def regressor(**options):
    return MLPRegressor("squared_error", (16,), "tanh", solver="lbfgs", max_iter=150, random_state=0, **options)


def classifier(**options):
    return MLPClassifier((8,), "tanh", solver="lbfgs", max_iter=30, alpha=1.0, random_state=0, **options)


def untrained(network, dtype=np.float64) -> Result:
    parameters = network.first_parameters(np.random.default_rng(3), dtype)
    parameters.vector += np.random.default_rng(4).normal(0, 0.1, parameters.vector.shape).astype(dtype)
    rule = Optimizer.resolve("adam")
    return Result(network, Squared(), rule, Progress(parameters, rule.first_state(parameters.vector), 0))


def complex_step(result, x):
    """Return Im f(x + ih) / h: exact to rounding error."""
    slopes = np.empty((len(x), result.network.n_outputs, x.shape[1]))
    wide = result.parameters.like(result.parameters.vector.astype(complex))
    for j in range(x.shape[1]):
        moved = x.astype(complex)
        moved[:, j] += 1e-30j
        slopes[:, :, j] = result.network.forward(wide, moved)[0].imag / 1e-30
    return slopes


class TestInputGradients:
    @pytest.mark.parametrize(
        "layers",
        [
            [cp.Dense(8, "tanh"), cp.Dense(3, "softmax")],
            [cp.Dense(8, "relu"), cp.LayerNorm(), cp.Dropout(0.5), cp.Dense(2)],
            [PiecewiseLinear(((-1.0, 0.0, 1.0), (), (-2.0, 2.0), ())), Scale(), cp.Dense(5, "gelu"), cp.Dense(1)],
            [Members(3), GroupedDense(4, "silu", groups=3), GroupedDense(1, "sigmoid", groups=3)],
        ],
        ids=["softmax", "dropout", "pieces", "members"],
    )
    def test_they_are_the_complex_steps(self, layers):
        result = untrained(cp.Network(4, layers))
        np.testing.assert_allclose(input_gradients(result, X), complex_step(result, X), rtol=1e-11, atol=1e-13)

    def test_blocks_of_rows_and_float32(self):
        result = untrained(cp.Network(4, [cp.Dense(8, "tanh"), cp.Dense(2)]), np.float32)
        rows = np.tile(X, (15, 1)).astype(np.float32)
        found = input_gradients(result, rows)
        assert found.shape == (4500, 2, 4)
        assert found.dtype == np.float32
        wide = Result(result.network, result.loss, result.optimizer, result.progress)
        np.testing.assert_allclose(found, complex_step(wide, rows), rtol=1e-4, atol=1e-5)

    def test_the_best_parameters_count_and_nothing_is_changed(self):
        result = untrained(cp.Network(4, [cp.Dense(2)]))
        last = result.progress.parameters.vector
        result.progress.best = Best(1, 0.0, last * 2)
        before = result.parameters.vector.copy()
        np.testing.assert_array_equal(input_gradients(result, X)[0], 2 * result.progress.parameters["0.weight"].T)
        np.testing.assert_array_equal(result.parameters.vector, before)

    def test_no_rows_and_wrong_columns(self):
        result = untrained(cp.Network(4, [cp.Dense(2)]))
        assert input_gradients(result, X[:0]).shape == (0, 2, 4)
        with pytest.raises(cp.errors.InputError, match=r"x must have 4 columns; got shape \(300, 3\)"):
            input_gradients(result, X[:, :3])

    def test_too_large_an_answer_is_refused(self):
        result = untrained(cp.Network(1, [cp.Dense(200_000, weight="zeros")]), np.float32)
        with pytest.raises(cp.errors.TooLargeError, match="input gradients"):
            input_gradients(result, np.zeros((4_000_000, 1), np.float32))

    def test_of_a_regressor(self):
        model = fitted(regressor())
        slopes = model.input_gradients(X)
        step = 1e-6 * np.array([1.0, 0, 0, 0])
        np.testing.assert_allclose(slopes[:, 0, 0], (model.predict(X + step) - model.predict(X - step)) / 2e-6, 1e-4)

    @pytest.mark.parametrize("y", [QUANTITY > 0, np.digitize(QUANTITY, [-1, 1])], ids=["two classes", "three"])
    def test_of_each_class_and_their_sum_is_0(self, y):
        model = fitted(classifier(), y=y)
        slopes = model.input_gradients(FRAME.to_numpy())
        assert slopes.shape == (300, len(model.classes_), 4)
        step = 1e-6 * np.array([0, 0, 1.0, 0])
        change = (model.predict_proba(X + step) - model.predict_proba(X - step)) / 2e-6
        np.testing.assert_allclose(slopes[:, :, 2], change, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(slopes.sum(axis=1), 0, atol=1e-12)

    def test_of_labels_each(self):
        y = np.column_stack([QUANTITY > 0, X[:, 1] > 0]).astype(int)
        model = fitted(classifier(), y=y)
        step = 1e-6 * np.array([0, 1.0, 0, 0])
        change = (model.predict_proba(X + step) - model.predict_proba(X - step)) / 2e-6
        np.testing.assert_allclose(model.input_gradients(X)[:, :, 1], change, rtol=1e-4, atol=1e-7)

    def test_of_one_class_nothing_moves(self):
        with pytest.warns(cp.errors.ClearpropWarning, match="one class only"):
            model = MLPClassifier((4,), max_iter=9, tol=10, n_iter_no_change=1).fit(X, np.zeros(300))
        assert not model.input_gradients(X).any()


class TestPermutationImportance:
    def test_features_by_name_the_most_important_first(self):
        found = fitted(regressor(), FRAME).permutation_importance(FRAME, QUANTITY, random_state=0)
        assert [f.name for f in found[:2]] == ["age", "debt"]
        assert found[0].mean > found[1].mean > 0.1
        assert abs(found[3].mean) < 0.02
        assert found[0].std > 0

    def test_names_of_arrays(self):
        found = fitted(regressor()).permutation_importance(X, QUANTITY, n_repeats=2, random_state=0)
        assert [f.name for f in found[:2]] == ["x0", "x2"]

    def test_repeats_scorer_seed_and_weights_reach_scikit_learn(self):
        model = fitted(regressor())
        first = model.permutation_importance(X, QUANTITY, random_state=1)
        assert first == model.permutation_importance(X, QUANTITY, random_state=1)
        assert first != model.permutation_importance(X, QUANTITY, random_state=2)
        assert first != model.permutation_importance(X, QUANTITY, random_state=1, n_repeats=2)
        error = model.permutation_importance(X, QUANTITY, random_state=1, scoring="neg_mean_squared_error")
        assert error[0].mean / first[0].mean == pytest.approx(QUANTITY.var())
        weight = np.where(X[:, 0] > 0, 1.0, 1e-3)
        assert first != model.permutation_importance(X, QUANTITY, random_state=1, sample_weight=weight)

    def test_any_estimator_and_any_frame(self):
        import polars

        found = permutation_importance(LinearRegression().fit(FRAME, X[:, 1]), FRAME, X[:, 1], random_state=0)
        assert found[0].name == "noise"
        model = make_pipeline(StandardScaler(), regressor())
        table = polars.DataFrame({name: FRAME[name].to_numpy() for name in FRAME})
        assert permutation_importance(fitted(model, FRAME), table, QUANTITY, random_state=0)[0].name == "age"

    def test_text_is_shuffled_as_it_is(self):
        class Towns(BaseEstimator):
            """Knows the towns' prices by heart."""

            def fit(self, X, y):  # noqa: N803 - scikit-learn's X
                self.prices_ = {"Ulm": 1.0, "Bonn": 5.0}
                return self

            def predict(self, X):  # noqa: N803 - scikit-learn's X
                return X["town"].map(self.prices_).to_numpy()

            def score(self, X, y):  # noqa: N803 - scikit-learn's X
                return -abs(self.predict(X) - y).mean()

        table = pd.DataFrame({"size": [1.0, None, 3.0, 4.0] * 5, "town": ["Ulm", "Bonn"] * 10})
        y = np.array([1.0, 5.0] * 10)
        assert permutation_importance(Towns().fit(table, y), table, y, random_state=0)[0].name == "town"

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"n_repeats": 0}, "n_repeats must be a whole number, at least 1; got 0"),
            ({"scoring": ["r2", "max_error"]}, "scoring must be one scorer"),
            ({"scoring": "r3"}, "unknown scorer 'r3'; did you mean 'r2'"),
        ],
    )
    def test_what_can_not_be_done_is_said(self, options, words):
        with pytest.raises(cp.errors.InputError, match=words):
            fitted(regressor()).permutation_importance(X, QUANTITY, **options)

    def test_an_importance_reads_well(self):
        assert str(Importance("age", 1.23456, 0.0456)) == "age: 1.23 ± 0.05"


class TestDiagnose:
    def test_findings_name_features(self):
        x = FRAME.assign(town=3.0, debt=2000 + FRAME["debt"])
        model = fitted(regressor(), x)
        found = {finding.problem: finding.evidence for finding in model.diagnose(x, QUANTITY)}
        assert "'debt'" in found["unscaled inputs"]
        assert "'town' (3)" in found["constant columns"]

    def test_nothing_is_said_or_printed_of_a_good_fit(self, capsys):
        x, y = load_iris(return_X_y=True, as_frame=True)
        scaled = (x - x.mean()) / x.std()
        model = MLPClassifier((16,), "tanh", learning_rate_init=0.01, alpha=0.01, max_iter=400, random_state=0)
        assert fitted(model, scaled, y).diagnose(scaled, y) == []
        assert fitted(regressor()).diagnose(X, (QUANTITY)) == []
        assert capsys.readouterr().out == ""

    def test_class_weights_belong_to_the_baseline(self):
        y = np.random.default_rng(0).permutation(QUANTITY > 1.8)
        model = MLPClassifier((1,), "tanh", class_weight="balanced", max_iter=60, tol=0, random_state=0)
        found = [finding.problem for finding in fitted(model, y=y).diagnose(X, y)]
        assert "rate too high" not in found
        assert "underfitting" in found

    def test_a_fit_that_diverged(self):
        model = MLPRegressor(solver="sgd", learning_rate_init=1e3, activation="identity", random_state=0)
        with pytest.raises(cp.errors.DivergenceError):
            model.fit(X, QUANTITY)
        assert "rate too high" in [finding.problem for finding in model.diagnose(X, QUANTITY)]

    def test_weights_of_0_leave_rows_out(self):
        x = X.copy()
        x[150:, 3] = 1.0
        weight = (np.arange(300) >= 150).astype(float)
        problems = [finding.problem for finding in fitted(regressor(), x).diagnose(x, QUANTITY, sample_weight=weight)]
        assert "constant columns" in problems

    @pytest.mark.parametrize("call", ["diagnose", "permutation_importance", "input_gradients"])
    def test_fit_comes_first(self, call):
        rows = (X,) if call == "input_gradients" else (X, QUANTITY)
        with pytest.raises(NotFittedError):
            getattr(MLPRegressor(), call)(*rows)
