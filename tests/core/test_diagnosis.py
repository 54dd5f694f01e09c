"""Each finding is provoked by a small real run, and absent from its healthy twin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import clearprop as cp
from clearprop.diagnosis import Finding, diagnose
from clearprop.layers.activations import Activation
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.members import Members
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.layers.scale import Scale

GROUND = np.random.default_rng(0)
X = GROUND.normal(size=(600, 5))
QUANTITY = X @ [1.0, 0.5, -1.0, 0.0, 0.2] + np.sin(2 * X[:, 3]) + 0.3 * GROUND.normal(size=600)
QUANTITY = (QUANTITY - QUANTITY.mean()) / QUANTITY.std()
CLASS = (QUANTITY + 0.3 * GROUND.normal(size=600) > 0).astype(float)
THREE = np.digitize(QUANTITY, [-0.5, 0.5])
NAMES = ["age", "income", "debt", "rooms", "year"]


def train(layers, x, y, loss, **options):
    recipe = {"optimizer": cp.Adam(0.01), "epochs": 60, "batch_size": 32, "rng": 0, "engine": "reference"} | options
    return cp.train(cp.Network(x.shape[1], layers), x, y, loss=loss, **recipe)


def regression(x=X, y=QUANTITY, *, layers=None, loss="squared", **options):
    return train(
        [*(layers or [cp.Dense(16, "tanh")]), cp.Dense(1 if y.ndim == 1 else y.shape[1])], x, y, loss, **options
    )


def classes(x=X, y=CLASS, *, layers=None, **options):
    last, loss = cp.Dense(1, "sigmoid"), "binary_cross_entropy"
    if y.max() > 1:
        last, loss = cp.Dense(3, "softmax"), "categorical_cross_entropy"
    return train([*(layers or [cp.Dense(16, "tanh")]), last], x, y, loss, **options)


def problems(result, x, y, **options):
    found = diagnose(result, x, y, **options)
    for finding in found:
        assert finding.evidence[-1] == finding.remedy[-1] == ".", finding
        assert any(sign.isdigit() for sign in finding.evidence), "evidence holds numbers"
    return [finding.problem for finding in found]


def only(result, x, y, **options) -> Finding:
    (finding,) = diagnose(result, x, y, **options)
    return finding


def with_column(j, values, x=X):
    changed = x.copy()
    changed[:, j] = values
    return changed


class TestHealthyRuns:
    @pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "silu"])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_moons(self, activation, dtype):
        x, y = cp.datasets.make("moons", 200, seed=0)
        assert problems(classes(x, y, layers=[cp.Dense(16, activation)], dtype=dtype, epochs=100), x, y) == []

    @pytest.mark.parametrize("loss", ["squared", "absolute", "huber"])
    def test_a_standardised_table(self, loss):
        assert problems(regression(loss=loss), X, QUANTITY) == []

    def test_three_classes(self):
        assert problems(classes(y=THREE), X, THREE) == []

    def test_two_outputs(self):
        y = np.column_stack([QUANTITY, X[:, 0] * X[:, 1]])
        assert problems(regression(y=y, epochs=100), X, y) == []

    def test_dropout_and_layer_norm(self):
        layers = [cp.Dense(32, "relu"), cp.LayerNorm(), cp.Dropout(0.2), cp.Dense(16, "relu")]
        assert problems(classes(layers=layers), X, CLASS) == []

    def test_full_batch_lbfgs(self):
        run = classes(optimizer="lbfgs", batch_size=None, epochs=40, l2=1e-2)
        assert problems(run, X, CLASS) == []

    def test_an_ensemble_whose_members_answer_side_by_side(self):
        y = np.repeat(CLASS[:, None], 3, axis=1)
        chain = [Members(3), GroupedDense(8, "tanh", groups=3), GroupedDense(1, "sigmoid", groups=3)]
        run = train(chain, X, y, "binary_cross_entropy")
        assert problems(run, X, y) == []

    def test_weights_and_the_baseline_go_together(self):
        """Weighted classes raise the loss of always saying their frequency; without that, the rate would look high."""
        y = (QUANTITY > 1.2).astype(float)
        hard = y[np.random.default_rng(1).permutation(600)]
        weight = np.where(hard > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
        run = classes(y=hard, sample_weight=weight, layers=[cp.Dense(1, "tanh")], epochs=20)
        assert "rate too high" not in problems(run, X, hard, sample_weight=weight)
        assert "rate too high" in problems(run, X, hard)


class TestInputs:
    def test_unscaled_columns_are_named_worst_first(self):
        x = with_column(1, 4e4 + 1e4 * X[:, 1])
        x[:, 4] = 2015 + 5 * X[:, 4]
        finding = diagnose(regression(x), x, QUANTITY, names=NAMES)[0]
        assert finding.problem == "unscaled inputs"
        assert finding.evidence.startswith("2 of 5 columns are far from mean 0 and deviation 1")
        assert finding.evidence.index("'income' (mean ") < finding.evidence.index("'year'")

    def test_small_columns_and_those_that_hardly_differ(self):
        x = with_column(0, 1e-4 * X[:, 0])
        x[:, 2] = 0.997 + 0.003 * X[:, 2]
        finding = diagnose(regression(x), x, QUANTITY, names=NAMES)[0]
        assert "'age'" in finding.evidence
        assert "'debt'" in finding.evidence

    def test_rare_indicators_and_columns_between_0_and_1_are_well(self):
        x = with_column(0, (np.arange(600) % 100 == 0).astype(float))
        x[:, 1] = (np.arange(600) % 300 == 0) * 0.005  # a pixel at the border
        x[:, 2] = 1 / (1 + np.exp(-X[:, 2]))
        assert "unscaled inputs" not in problems(regression(x), x, QUANTITY)

    def test_encoded_columns_need_no_scale(self):
        x = with_column(1, 4e4 + 1e4 * X[:, 1])
        x[:, 4] = 2015 + 5 * X[:, 4]
        edges = tuple(() if j in (0, 2, 3, 4) else tuple(np.quantile(x[:, j], [0, 0.3, 0.6, 1])) for j in range(5))
        run = regression(x, layers=[Scale(), PiecewiseLinear(edges), Members(2), cp.Dense(16, "tanh")], epochs=1)
        finding = diagnose(run, x, QUANTITY, names=NAMES)[0]
        assert finding.evidence.startswith("1 of 5 columns is far")
        assert "'year'" in finding.evidence

    def test_a_scale_that_is_learnt_mends_nothing(self):
        x = with_column(1, 4e4 + 1e4 * X[:, 1])
        assert "unscaled inputs" in problems(regression(x, layers=[Scale(), cp.Dense(16, "tanh")]), x, QUANTITY)

    def test_constant_columns(self):
        finding = only(regression(x := with_column(3, 7.0)), x, QUANTITY, names=NAMES)
        assert finding.problem == "constant columns"
        assert "1 of 5 columns is the same in all 600 rows: 'rooms' (7)" in finding.evidence

    def test_one_row_that_differs_is_enough(self):
        x = with_column(3, 0.0)
        x[599, 3] = 1.0
        assert problems(regression(x), x, QUANTITY) == []


class TestLeakage:
    @pytest.mark.parametrize("copy", [2 * QUANTITY + 1, -np.exp(2 * QUANTITY)], ids=["linear", "monotone"])
    def test_a_column_that_is_nearly_a_quantity(self, copy):
        x = with_column(2, (copy - copy.mean()) / copy.std())
        finding = only(regression(x), x, QUANTITY, names=NAMES)
        assert finding.problem == "leakage suspected"
        assert "'debt'" in finding.evidence

    @pytest.mark.parametrize(
        ("y", "column", "words"),
        [
            (CLASS, CLASS * 2 - 1 + 0.1 * GROUND.normal(size=600), "area under the ROC curve 1.00000"),
            (CLASS, 1 - CLASS, "area under the ROC curve 1.00000"),
            (THREE, THREE + 0.1 * GROUND.normal(size=600), "thresholds separate all 3 classes"),
            (THREE, np.array([0.0, 2.0, 1.0])[THREE] - 1, "thresholds separate all 3 classes"),
            (CLASS, np.where(CLASS == 1, 0.0, np.where(X[:, 0] > 0, 1, -1)), "its 3 levels separate the classes"),
        ],
    )
    def test_a_column_that_separates_the_classes(self, y, column, words):
        x = with_column(2, column)
        finding = only(classes(x, y), x, y, names=NAMES)
        assert finding.problem == "leakage suspected"
        assert f"'debt' ({words}" in finding.evidence

    def test_a_good_column_is_no_leak(self):
        x = with_column(2, QUANTITY + 0.2 * GROUND.normal(size=600))
        assert np.corrcoef(x[:, 2], QUANTITY)[0, 1] > 0.97
        assert problems(regression(x), x, QUANTITY) == []

    def test_a_single_input_may_tell_everything(self):
        x = X[:, :1]
        assert problems(regression(x, np.tanh(x[:, 0]), epochs=100), x, np.tanh(x[:, 0])) == []

    def test_of_several_outputs_the_one_that_leaks_is_named(self):
        y = np.column_stack([QUANTITY, X[:, 3]])
        assert "with output 1)" in only(regression(y=y), X, y).evidence


class TestTargets:
    def test_unscaled_targets(self):
        y = 50_000 + 20_000 * QUANTITY
        finding = diagnose(regression(y=y), X, y)[0]
        assert finding.problem == "unscaled targets"
        assert "y has mean 5e+04 and deviation 2e+04" in finding.evidence

    def test_counts_with_a_loss_of_their_own_are_well(self):
        y = np.random.default_rng(0).poisson(np.exp(QUANTITY + 2.5)).astype(float)
        layers = [cp.Dense(16, "tanh"), cp.Dense(1, "exponential")]
        run = train(layers, X, y, "poisson", optimizer=cp.Adam(0.02))
        assert y.mean() > 10
        assert problems(run, X, y) == []

    def test_class_imbalance(self):
        y = (QUANTITY > 1.8).astype(float)
        finding = only(classes(y=y), X, y)
        assert finding.problem == "class imbalance"
        assert f"{1 - y.mean():.1%} of the rows are of class 0" in finding.evidence
        y = (QUANTITY > 1.2).astype(float)
        assert problems(classes(y=y), X, y) == []

    def test_a_constant_target(self):
        y = np.ones(600)
        with pytest.warns(cp.errors.ClearpropWarning, match="every row of y is the same"):
            run = classes(y=y)
        assert problems(run, X, y) == ["constant target"]


class TestCourse:
    def test_a_run_that_diverged(self):
        with pytest.raises(cp.errors.DivergenceError) as caught:
            regression(optimizer=cp.SGD(50.0))
        finding = diagnose(caught.value.result, X, QUANTITY)[0]
        assert finding.problem == "rate too high"
        assert "diverged" in finding.evidence
        assert "The rate was 50." in finding.evidence

    def test_a_loss_that_explodes_at_first(self):
        run = regression(optimizer=cp.Adam(1.0), batch_size=None, epochs=200)
        assert run.history["loss"].max() > 3 * run.history["loss"][0]
        finding = diagnose(run, X, QUANTITY)[0]
        assert finding.problem == "rate too high"
        assert "climbed to" in finding.evidence
        assert problems(regression(optimizer=cp.Adam(0.02), batch_size=None, epochs=300), X, QUANTITY) == []

    def test_a_loss_that_grows_beyond_all_bounds(self):
        run = regression(optimizer=cp.SGD(1.5), batch_size=None, epochs=100)
        assert run.history["loss"][-1] > 1e200
        assert "climbed to over 1e+100" in diagnose(run, X, QUANTITY)[0].evidence

    def test_a_loss_that_swings(self):
        recipe = {"layers": [cp.Dense(16, "relu")], "optimizer": cp.SGD(0.3), "batch_size": None}
        first = regression(epochs=100, **recipe).parameters
        finding = diagnose(regression(epochs=60, parameters=first, **recipe), X, QUANTITY)[0]
        assert finding.problem == "rate too high"
        assert "swings up and down" in finding.evidence

    def test_a_jumping_loss_that_falls_asks_for_no_higher_rate(self):
        run = classes(optimizer=cp.SGD(9.0), batch_size=None, epochs=100)
        assert "rate too low" not in problems(run, X, CLASS)

    def test_a_loss_that_rises_again(self):
        rate = cp.schedules.ExponentialDecay(every=760, decay=40.0)  # it grows
        run = regression(optimizer=cp.SGD(0.01), epochs=40, schedule=rate)
        finding = diagnose(run, X, QUANTITY)[0]
        assert finding.problem == "rate too high"
        assert "rose again" in finding.evidence

    @pytest.mark.parametrize("size", [1, 8, None])
    def test_noise_of_single_batches_is_no_rise(self, size):
        steps = {"epochs": 400} if size is None else {"epochs": 15 * size}
        assert problems(regression(optimizer=cp.SGD(0.05), batch_size=size, **steps), X, QUANTITY) == []

    def test_a_rate_that_is_too_low(self):
        run = regression(optimizer=cp.SGD(2e-3), batch_size=None, epochs=100)
        finding = diagnose(run, X, QUANTITY)[0]
        assert finding.problem == "rate too low"
        assert "after 100 steps the loss was" in finding.evidence
        assert "it was 0.002" in finding.remedy
        assert problems(regression(optimizer=cp.SGD(0.05), epochs=100), X, QUANTITY) == []

    def test_lbfgs_needs_steps_not_a_rate(self):
        x, y = cp.datasets.make("spirals", 300, seed=0)
        recipe = {"layers": [cp.Dense(16, "tanh")], "optimizer": "lbfgs", "batch_size": None}
        assert only(classes(x, y, epochs=20, **recipe), x, y).problem == "too few steps"
        assert problems(classes(x, y, epochs=60, **recipe), x, y) == []


class TestUnits:
    @pytest.mark.parametrize(("activation", "problem"), [("relu", "dead units"), ("softplus", "dead units")])
    def test_dead_units(self, activation, problem):
        bias = np.where(np.arange(20) < 10, -20.0, 0.0)
        layers = [cp.Dense(8, "tanh"), cp.Dense(20, activation, bias=bias)]
        finding = only(regression(layers=layers, epochs=80), X, QUANTITY)
        assert finding.problem == problem
        assert f"10 of the 20 units of layer 1 ({activation})" in finding.evidence
        layers = [cp.Dense(8, "tanh"), cp.Dense(20, activation)]
        assert problems(regression(layers=layers, epochs=80), X, QUANTITY) == []

    @pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
    def test_saturated_units(self, activation):
        bias = np.where(np.arange(20) < 10, 30.0, 0.0)
        finding = only(regression(layers=[cp.Dense(20, activation, bias=bias)], epochs=80), X, QUANTITY)
        assert finding.problem == "saturated units"
        assert f"10 of the 20 units of layer 0 ({activation})" in finding.evidence

    def test_members_units_are_seen(self):
        y = np.repeat(QUANTITY[:, None], 2, axis=1)
        bias = np.where(np.arange(10) < 5, -20.0, 0.0)
        chain = [Members(2), GroupedDense(10, "relu", groups=2, bias=bias), GroupedDense(1, groups=2)]
        run = train(chain, X, y, "squared")
        assert "10 of the 20 units of layer 1 (relu)" in only(run, X, y).evidence

    def test_sure_answers_are_no_fault(self):
        y = (X[:, 0] + X[:, 1] > 0).astype(float)
        assert problems(classes(y=y, optimizer=cp.Adam(0.05), epochs=100), X, y) == []

    def test_an_activation_of_ones_own_is_judged_by_its_derivative(self):
        run = regression(layers=[cp.Dense(8, HardStep())], epochs=5)
        assert "dead units" in problems(run, X, QUANTITY)


@dataclass(frozen=True)
class HardStep(Activation):
    """1 where z > 0, else 0, with no slope anywhere."""

    def __call__(self, z):
        return (z > 0) * np.ones_like(z)

    def derivative(self, z, a):
        return np.zeros_like(z)


class TestLearning:
    def test_underfitting(self):
        y = np.random.default_rng(9).normal(size=600)
        run = regression(y=y, optimizer=cp.SGD(0.01), epochs=5, l2=1.0)
        found = diagnose(run, X, y)
        assert found[-1].problem == "underfitting"
        assert "always saying the mean gives" in found[-1].evidence

    def test_underfitting_of_classes(self):
        y = (np.random.default_rng(9).random(600) < 0.3).astype(float)
        found = diagnose(classes(y=y, layers=[cp.Dense(1, "tanh")], l2=1.0), X, y)
        assert found[-1].problem == "underfitting"
        assert "always saying how frequent each class is gives" in found[-1].evidence

    def overfitted(self, **options):
        noisy = QUANTITY + 0.7 * np.random.default_rng(2).normal(size=600)
        rows, held = (X[:60], noisy[:60]), (X[300:], noisy[300:])
        layers = [cp.Dense(64, "leaky_relu"), cp.Dense(64, "leaky_relu")]
        return regression(*rows, layers=layers, epochs=200, validation_data=held, **options), rows, held

    def test_overfitting_in_the_history(self):
        run, rows, _ = self.overfitted()
        finding = only(run, *rows)
        assert finding.problem == "overfitting"
        assert "the validation loss rose from" in finding.evidence

    def test_the_best_epochs_parameters_are_no_overfitting(self):
        run, rows, _ = self.overfitted(callbacks=[cp.EarlyStopping(patience=20)])
        assert "validation_loss has not improved" in run.stopped
        assert problems(run, *rows) == []

    def test_overfitting_by_rows_given(self):
        _, rows, held = self.overfitted()
        run = regression(*rows, layers=[cp.Dense(64, "leaky_relu"), cp.Dense(64, "leaky_relu")], epochs=200)
        finding = only(run, *rows, validation=held)
        assert finding.problem == "overfitting"
        assert "on the validation rows" in finding.evidence
        assert problems(run, *rows) == []
        whole = regression(X[:400], QUANTITY[:400])
        assert problems(whole, X[:400], QUANTITY[:400], validation=(X[400:], QUANTITY[400:])) == []
