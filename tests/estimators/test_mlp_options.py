"""What the MLP estimators have beyond scikit-learn's: each option does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer, log_loss

import clearprop as cp
from clearprop.errors import ClearpropWarning, InputError
from clearprop.estimators.mlp import MLPClassifier, MLPRegressor
from clearprop.estimators.mlp.options import Objective, sklearn_objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # few epochs are enough here

RNG = np.random.default_rng(2)
X = RNG.normal(size=(120, 4))
LABELS = np.where(X[:, 0] + X[:, 1] > 0.8, "yes", "no")
QUANTITY = X[:, 0] - X[:, 1] + 0.2 * RNG.normal(size=120)


def layers(model):
    return [
        str(layer) if not isinstance(layer, cp.Dense) else str(layer.activation)
        for layer in model._run.result.network.layers
    ]


@pytest.mark.parametrize(
    ("loss", "n_outputs", "wanted"),
    [
        (cp.Squared(), 1, Objective(0.5, 0.5, 0)),
        (cp.Squared(), 3, Objective(1.5, 0.5, 0)),
        (cp.BinaryCrossEntropy(), 3, Objective(3, 3, 0)),
        (cp.CategoricalCrossEntropy(), 3, Objective(1, 1, 0)),
        (cp.Absolute(), 2, Objective(2, 2, 0)),
        (cp.Poisson(), 1, Objective(1, 1, 2 * np.log(2) - 2)),
    ],
)
def test_scikit_learns_objective_in_the_cores_units(loss, n_outputs, wanted):
    assert sklearn_objective(loss, np.full((7, n_outputs), 2.0)) == pytest.approx(wanted)


def test_an_activation_a_layer():
    model = MLPRegressor(hidden_layer_sizes=(5, 4), activation=["silu", cp.LeakyReLU(0.2)], max_iter=2).fit(X, QUANTITY)
    assert layers(model) == ["silu", "leaky_relu(slope=0.2)", "identity"]
    with pytest.raises(InputError, match="one for each of the 2 hidden layers; got 3"):
        MLPRegressor(hidden_layer_sizes=(5, 4), activation=["relu"] * 3).fit(X, QUANTITY)


def test_dropout_and_layer_normalisation():
    model = MLPClassifier((5, 4), dropout=[0.0, 0.5], layer_norm=True, max_iter=2).fit(X, LABELS)
    assert layers(model) == ["relu", "layer_norm", "relu", "layer_norm", "dropout", "sigmoid"]
    assert [w.shape for w in model.coefs_] == [(4, 5), (5, 4), (4, 1)]
    assert_array_equal(model.predict_proba(X), model.predict_proba(X))


def test_no_hidden_layer_is_logistic_regression():
    model = MLPClassifier((), solver="lbfgs", alpha=1.0, tol=1e-9, max_iter=500, random_state=0).fit(X, LABELS)
    wanted = LogisticRegression(C=1.0, tol=1e-9).fit(X, LABELS)
    assert_allclose(model.coefs_[0][:, 0], wanted.coef_[0], atol=1e-3)
    assert model.n_layers_ == 2


def test_losses_of_the_core_by_name_and_object():
    upper = MLPRegressor(cp.Quantile(0.9), (), learning_rate_init=0.01, max_iter=1000, tol=0, random_state=0)
    assert (upper.fit(X, QUANTITY).predict(X) > QUANTITY).mean() == pytest.approx(0.9, abs=0.03)
    assert MLPRegressor("huber", max_iter=2).fit(X, QUANTITY).predict(X).shape == (120,)
    share = MLPRegressor("binary_cross_entropy", max_iter=2).fit(X, QUANTITY > 0)
    assert share.out_activation_ == "logistic"
    squared = MLPClassifier(loss="squared", max_iter=2).fit(X, np.digitize(QUANTITY, [-1, 1]))
    assert squared.out_activation_ == "softmax"


def test_label_smoothing_holds_for_either_number_of_classes():
    for y in (LABELS, np.digitize(QUANTITY, [-1, 1])):
        for loss in (cp.BinaryCrossEntropy(0.3), cp.CategoricalCrossEntropy(0.3)):
            model = MLPClassifier(loss=loss, solver="lbfgs", alpha=0, hidden_layer_sizes=(50,), random_state=0).fit(
                X, y
            )
            most = 1 - 0.3 + 0.3 / len(model.classes_)
            assert_allclose(np.median(model.predict_proba(X).max(axis=1)), most, atol=0.03)


def test_an_optimiser_of_the_core_keeps_its_own_meaning():
    model = MLPRegressor(
        hidden_layer_sizes=(6,), optimizer=cp.SGD(0.1), alpha=0.01, max_iter=7, shuffle=False, random_state=0
    )
    model.fit(X, QUANTITY)
    first = (
        MLPRegressor((6,), optimizer=cp.SGD(1e-300))
        .set_params(**model.get_params())
        .set_params(optimizer=cp.SGD(1e-300))
    )
    network, start = model._run.result.network, first.set_params(max_iter=1).fit(X, QUANTITY)._run.result.parameters
    wanted = cp.train(network, X, QUANTITY, loss="squared", optimizer=cp.SGD(0.1), l2=0.01, epochs=7, parameters=start)
    assert_array_equal(model.coefs_[0], wanted.parameters["0.weight"])
    assert model.loss_ == pytest.approx(wanted.history["loss"][-1] + wanted.history["penalty"][-1])
    assert hasattr(MLPClassifier(optimizer="rmsprop", solver="lbfgs"), "partial_fit")
    assert not hasattr(MLPClassifier(optimizer=cp.LBFGS()), "partial_fit")


def test_a_schedule_and_clipping_of_the_core():
    model = MLPRegressor(schedule="cosine_decay", clip=cp.ClipGlobalNorm(1e-3), max_iter=9, solver="sgd").fit(
        X, QUANTITY
    )
    rate = model.history_["rate"]
    assert rate[0] == pytest.approx(0.0005)  # scikit-learn's 0.001 for e²/2, in the core's e²
    assert rate[-1] == pytest.approx(0, abs=1e-12)
    assert model.history_["clipped"].all()


def test_class_weights():
    few = np.flatnonzero(LABELS == "yes")[5:]
    x, y = np.delete(X, few, axis=0), np.delete(LABELS, few)
    settings = {"solver": "lbfgs", "alpha": 10.0, "random_state": 0}
    plain, balanced = (MLPClassifier(class_weight=w, **settings).fit(x, y) for w in (None, "balanced"))
    assert (balanced.predict(X) == "yes").sum() > (plain.predict(X) == "yes").sum()
    weight = {"no": 0.5, "yes": 3.0}
    by_class = MLPClassifier(class_weight=weight, **settings).fit(x, y)
    by_row = MLPClassifier(**settings).fit(x, y, [weight[label] for label in y])
    assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])
    with pytest.warns(ClearpropWarning, match="every row of y is the same"):
        without = MLPClassifier(class_weight={"no": 1.0, "yes": 0.0}, **settings).fit(x, y)
    assert (without.predict(x) == "no").all()
    with pytest.raises(InputError, match="give class_weight as a dict"):
        MLPClassifier(class_weight="balanced").partial_fit(x, y, classes=["no", "yes"])


def test_validation_data_in_place_of_the_split():
    settings = {"max_iter": 6, "random_state": 0}
    plain = MLPClassifier(**settings).fit(X[:90], LABELS[:90])
    seen = MLPClassifier(validation_data=(X[90:], LABELS[90:]), **settings).fit(X[:90], LABELS[:90])
    assert_array_equal(seen.coefs_[0], plain.coefs_[0])  # it is only looked at
    assert len(seen.history_["validation_accuracy"]) == len(seen.history_["validation_loss"]) == 6
    assert seen.history_["validation_accuracy"][-1] == seen.score(X[90:], LABELS[90:])
    assert seen.history_["validation_loss"][-1] == pytest.approx(log_loss(LABELS[90:], seen.predict_proba(X[90:])))
    seen_scores = seen.history_["validation_accuracy"].tolist()
    stopped = seen.set_params(early_stopping=True).fit(X[:90], LABELS[:90])
    assert stopped.validation_scores_ == seen_scores
    assert stopped.best_validation_score_ == stopped.score(X[90:], LABELS[90:])
    held = (X[90:], LABELS[90:], np.where(LABELS[90:] == "yes", 5.0, 1.0))
    weighted = MLPClassifier(validation_data=held, **settings).fit(X[:90], LABELS[:90])
    assert weighted.history_["validation_accuracy"][-1] == weighted.score(*held) != weighted.score(*held[:2])
    with pytest.raises(InputError, match="validation_data: X has 2 features, but MLPClassifier is expecting 4"):
        MLPClassifier(validation_data=(X[:, :2], LABELS)).fit(X, LABELS)
    with pytest.raises(InputError, match=r"validation_data must be \(X, y\)"):
        MLPClassifier(validation_data=X).fit(X, LABELS)


@pytest.mark.parametrize("scoring", ["roc_auc", "neg_log_loss", get_scorer("balanced_accuracy"), "own"])
def test_early_stopping_by_a_scorer(scoring):
    def own(estimator, x, y):
        return (estimator.predict(x) == y).mean() - 1.0

    held = (X[90:], LABELS[90:])
    how = own if scoring == "own" else scoring
    model = MLPClassifier(
        early_stopping=True, scoring=how, validation_data=held, max_iter=8, random_state=0, learning_rate_init=0.1
    ).fit(X[:90], LABELS[:90])
    score = get_scorer(how)(model, *held) if how is not own else own(model, *held)
    assert max(model.validation_scores_) == model.best_validation_score_ == score
    assert any(name.startswith("validation_") and len(model.history_[name]) == model.n_iter_ for name in model.history_)


def test_callbacks_are_told_and_can_stop():
    class Three(cp.Callback):
        def on_epoch(self, training):
            if training.progress.step == 3 * training.batches.per_epoch:
                training.stop("enough")

    model = MLPClassifier(callbacks=[Three()], batch_size=50).fit(X, LABELS)
    assert model.n_iter_ == 3
    assert model.history_.events[-1].text == "ended: enough"


def test_the_progress_line(capsys):
    MLPClassifier(max_iter=3, verbose=True, random_state=0).fit(X, LABELS)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:19] for line in lines] == [f"Iteration {i}, loss = "[:19] for i in (1, 2, 3)]
    model = MLPRegressor(max_iter=1, verbose=1, early_stopping=True, random_state=0, warm_start=True).fit(X, QUANTITY)
    model.fit(X, QUANTITY)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == f"Iteration 1, loss = {model.loss_:.8f}"
    assert lines[3] == f"Validation score: {model.validation_scores_[1]:.6f}"


def test_the_history():
    model = MLPClassifier(max_iter=4, batch_size=30, early_stopping=True, shuffle=False).fit(X, LABELS)
    assert {"loss", "penalty", "rate"} <= set(model.history_)
    assert len(model.history_["loss"]) == 4 * 4
    assert model.loss_curve_ == model.history_["epoch_loss"].tolist()
    rows = np.array([30, 30, 30, 18])
    for epoch in range(4):
        steps = slice(4 * epoch, 4 * epoch + 4)
        losses = model.history_["loss"][steps] + model.history_["penalty"][steps]
        assert model.loss_curve_[epoch] == pytest.approx((losses * rows).sum() / 108)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_engines(engine):
    model = MLPClassifier(engine=engine, max_iter=3, random_state=0).fit(X, LABELS)
    assert model._run.result.engine == engine
    assert_allclose(model.loss_, MLPClassifier(max_iter=3, random_state=0).fit(X, LABELS).loss_, rtol=1e-9)


def test_a_float32_network_on_float64_rows():
    model = MLPRegressor(dtype="float32", max_iter=2).fit(X, QUANTITY)
    assert model.coefs_[0].dtype == model.predict(X).dtype == np.float32
