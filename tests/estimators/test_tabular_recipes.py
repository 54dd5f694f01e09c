"""The networks that the recipes make, layer by layer, and how the Tabular estimators train them."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

import clearprop as cp
from clearprop import TabularClassifier, TabularRegressor
from clearprop.data.frames import as_table
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.errors import InputError, InputTypeError
from clearprop.estimators.tabular.metrics import Metric
from clearprop.estimators.tabular.network import plan_network
from clearprop.estimators.tabular.recipe import find_recipe
from clearprop.estimators.tabular.training import Run
from clearprop.layers.activations import Activation
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.training.callbacks import Callback

RNG = np.random.default_rng(0)
ROWS = 240
FRAME = pd.DataFrame(
    {
        "size": RNG.normal(size=ROWS),
        "colour": RNG.choice(["red", "green", "blue"], ROWS),
        "age": RNG.integers(0, 5, ROWS),
    }
)
VALUE = FRAME["size"] + (FRAME["colour"] == "red") + RNG.normal(0, 0.3, ROWS)
CLASSES = np.digitize(VALUE, [-0.5, 0.8])
QUICK = {"n_members": 2, "hidden_layer_sizes": (16,), "max_epochs": 3, "dropout": 0.0, "random_state": 0}


def kinds(network) -> list[str]:
    return [type(layer).__name__ for layer in network.layers]


FRONTS = {"piecewise": (["PiecewiseLinear"], 48 + 4 + 3), "periodic": (["Periodic"], 4 + 4 + 3), "none": ([], 5)}


@pytest.mark.parametrize("numeric", FRONTS)
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("recipe", ["tabm", "realmlp"])
@pytest.mark.parametrize("task", ["regression", "two classes", "three classes"])
def test_layers_and_widths(recipe, task, members, numeric):
    model = (TabularRegressor if task == "regression" else TabularClassifier)(
        recipe=recipe,
        numeric=numeric,
        n_members=members,
        hidden_layer_sizes=(6, 5),
        dropout=0.0,
        max_epochs=1,
        random_state=0,
    ).fit(FRAME, {"regression": VALUE, "two classes": CLASSES > 1, "three classes": CLASSES}[task])
    outputs = 3 if task == "three classes" else 1
    front, width = FRONTS[numeric]
    front, widths = list(front), [5] + [width] * len(front)
    if recipe == "realmlp":
        front, widths = [*front, "Scale"], [*widths, width]
    elif members > 1:
        front, widths = [*front, "Members"], [*widths, members * width]
    grouped = ["GroupedDense"] * 3 if members > 1 else ["Dense"] * 3
    if recipe == "realmlp":
        grouped[0] = "Dense"  # all members read the same columns
    assert kinds(model.network_) == front + grouped
    assert list(model.network_.widths) == [*widths, 6 * members, 5 * members, outputs * members]
    first, _, last = model.network_.layers[-3:]
    hidden = {"tabm": "relu", "realmlp": "mish" if task == "regression" else "selu"}[recipe]
    end = {"regression": "identity", "two classes": "sigmoid", "three classes": "softmax"}[task]
    assert (first.activation.name, last.activation.name) == (hidden, end)
    if members > 1:
        assert [getattr(layer, "shared", None) for layer in model.network_.layers[-3:]] == (
            [True, True, False] if recipe == "tabm" else [None, False, False]
        )


def plan(recipe, columns=5, **changes):
    x = RNG.normal(size=(100, columns))
    encoder = FeatureEncoder.fit(as_table(x))
    wanted = find_recipe(recipe, "regression", changes)
    return plan_network(encoder, encoder.transform(as_table(x)), None, wanted, 1, Activation.resolve("identity"))


def test_realmlp_begins_with_nothing_and_has_rates_of_its_own():
    found = plan("realmlp", hidden_layer_sizes=(16, 4))
    assert found.rate_factors == {
        "0.scale": 6.0, "1.weight": 5**-0.5, "1.bias": 0.1, "2.weight": 0.25, "2.bias": 0.1, "3.weight": 0.5,
        "3.bias": 0.1,
    }  # fmt: skip
    first = found.network.first_parameters(np.random.default_rng(0))
    assert not found.network.forward(first, RNG.normal(size=(7, 5)))[0].any()
    several = plan("realmlp", hidden_layer_sizes=(16, 4), n_members=3).rate_factors
    assert several == found.rate_factors  # a member reads its own group's inputs
    assert plan("tabm").rate_factors == {}


def test_bins_share_a_budget():
    assert plan("tabm").network.widths[1] == 5 * 48
    assert plan("tabm", columns=64).network.widths[1] == 64 * 32
    assert kinds(plan("tabm", columns=513).network)[0] == "Members"  # 3 intervals would say too little: none


def test_numbers_that_are_too_many_to_be_encoded_meet_wider_layers():
    def hidden(**changes):
        layers = plan("tabm", **changes).network.layers
        return [layer.units for layer in layers if isinstance(layer, cp.GroupedDense)][:-1]

    assert hidden(columns=512) == [128] * 3
    assert hidden(columns=513) == [512] * 2
    assert hidden(columns=513, numeric="none") == [128] * 3
    assert hidden(columns=513, hidden_layer_sizes=(7,)) == [7]
    assert hidden(columns=513, hidden_layer_sizes=()) == []


def test_more_than_fifty_levels_become_an_embedding():
    table = pd.DataFrame({"size": RNG.normal(size=ROWS), "town": np.repeat([f"t{i:02}" for i in range(60)], 4)})
    for numeric, width in (("piecewise", 48 + 8), ("periodic", 4 + 8), ("none", 1 + 8)):
        model = TabularRegressor(**QUICK, numeric=numeric).fit(table, VALUE)
        layer = next(layer for layer in model.network_.layers if isinstance(layer, cp.layers.embedding.Embedding))
        assert 50 < max(layer.levels) == sum(layer.levels) <= 60
        assert model.network_.widths[model.network_.layers.index(layer) + 1] == width
    assert "Embedding" not in kinds(TabularRegressor(**QUICK).fit(table[:200], VALUE[:200]).network_)


@pytest.mark.parametrize(
    ("rows", "recipe", "changes", "size"),
    [
        (2_000, "tabm", {}, 20), (500, "tabm", {}, 16), (10, "tabm", {}, 10), (90_000, "tabm", {}, 256),
        (2_000, "realmlp", {}, 256), (90_000, "tabm", {"batch_size": 64}, 64),
        (500, "tabm", {"optimizer": "lbfgs"}, 500),
    ],
)  # fmt: skip
def test_batches_are_a_hundredth_of_the_rows_within_bounds(rows, recipe, changes, size):
    batch = cp.data.batches.Batch(np.zeros((rows, 1)), np.zeros((rows, 1)))
    run = Run(batch, batch, Metric("rmse", max), 0, "auto", None, ())
    assert run.batch_size(find_recipe(recipe, "regression", changes)) == size
    run.held = None
    assert run.batch_size(find_recipe(recipe, "regression", changes)) == rows


def test_a_recipe_is_changed_by_what_is_given():
    plain = find_recipe("tabm", "regression", {})
    assert find_recipe("tabm", "regression", {"dropout": None, "metric": "mae"}) == plain
    changed = find_recipe(
        "tabm", "regression", {"optimizer": "adam", "schedule": "cosine_decay", "hidden_layer_sizes": 7, "dropout": 0.1}
    )
    assert (changed.optimizer, changed.hidden_layer_sizes) == (cp.Adam(), (7,))
    assert (changed.schedule.name, changed.dropout, changed.n_members) == ("cosine_decay", 0.1, plain.n_members)
    assert kinds(plan("tabm", dropout=0.1, hidden_layer_sizes=(4, 4)).network)[-4:] == [
        "Dropout", "GroupedDense", "Dropout", "GroupedDense"
    ]  # fmt: skip
    with pytest.raises(InputError, match="unknown recipe 'realmpl'; did you mean 'realmlp'"):
        find_recipe("realmpl", "regression", {})
    with pytest.raises(InputTypeError, match="optimizer"):
        find_recipe("tabm", "regression", {"optimizer": 0.1})


@pytest.mark.parametrize("metric", ["log_loss", "accuracy", "roc_auc"])
def test_the_best_epoch_by_the_metric_is_kept(metric):
    held = FRAME[180:], (CLASSES > 1)[180:]
    model = TabularClassifier(
        **{**QUICK, "max_epochs": 30}, optimizer=cp.Adam(0.2), metric=metric, validation_data=held, calibrate=False
    ).fit(FRAME[:180], (CLASSES > 1)[:180])
    series = model.history_[f"validation_{metric}"]
    assert model.best_iter_ == 1 + int(np.argmin(series) if metric == "log_loss" else np.argmax(series))
    assert model.best_iter_ < model.n_iter_ <= 30
    scores = {score.name.replace(" ", "_").lower(): score.model for score in model.evaluate(*held)}
    assert scores[metric] == pytest.approx(series[model.best_iter_ - 1], rel=1e-9)


@pytest.mark.parametrize(("recipe", "average"), [("tabm", True), ("realmlp", False)])
def test_the_default_recipe_keeps_an_average_of_epochs(recipe, average):
    model = TabularRegressor(recipe=recipe, **QUICK).fit(FRAME, VALUE)
    progress = model.result_.progress
    assert (progress.average is not None) == average
    if average:
        assert progress.average.epochs == 3
        assert not np.array_equal(progress.best.vector, progress.parameters.vector)


def test_nothing_is_averaged_where_all_rows_are_one_batch():
    model = TabularRegressor(**QUICK).fit(FRAME[:40], VALUE[:40])
    assert model.result_.progress.average is None


def test_patience_ends_it_and_labels_are_smoothed_for_accuracy_alone():
    model = TabularClassifier(**{**QUICK, "max_epochs": 60}, patience=2, optimizer=cp.Adam(0.1)).fit(FRAME, CLASSES)
    assert model.n_iter_ == model.best_iter_ + 2 < 60
    for metric, smoothing in (("accuracy", 0.1), ("log_loss", 0.0), ("roc_auc", 0.0)):
        for y, loss in ((CLASSES > 1, BinaryCrossEntropy(smoothing)), (CLASSES, CategoricalCrossEntropy(smoothing, 2))):
            model = TabularClassifier(**{**QUICK, "max_epochs": 1}, metric=metric).fit(FRAME, y)
            assert model.result_.loss == loss


class Slow(Callback):
    """Sleeps after the first epoch until the time is over."""

    def __init__(self, seconds):
        self.seconds = seconds

    def on_epoch(self, training):
        time.sleep(self.seconds)


def test_a_time_limit_ends_a_fit_with_the_best_so_far():
    model = TabularRegressor(
        **{**QUICK, "max_epochs": 100_000}, time_limit=0.5, callbacks=[Slow(0.6)], engine="reference"
    )
    model.fit(FRAME, VALUE)
    assert model.stopped_ == "the time limit was reached"
    assert 1 <= model.best_iter_ <= model.n_iter_ <= 2
    hurried = TabularRegressor(**QUICK, time_limit=1e-6).fit(FRAME, VALUE)
    assert np.isfinite(hurried.predict(FRAME)).all()
    assert TabularRegressor(**QUICK, time_limit=1e12).fit(FRAME, VALUE).stopped_ == "all steps done"


def test_a_time_limit_is_shared_by_the_three_runs_of_intervals():
    model = TabularRegressor(
        **{**QUICK, "max_epochs": 100_000},
        patience=100_000,
        time_limit=1.2,
        interval=0.8,
        callbacks=[Slow(0.05)],
        engine="reference",
    )
    started = time.perf_counter()
    model.fit(FRAME, VALUE)
    assert time.perf_counter() - started < 5
    runs = [model.result_, *(end.result for end in model._ends)]
    assert [run.stopped for run in runs] == ["the time limit was reached"] * 3
    assert all(run.progress.best is not None for run in runs)
