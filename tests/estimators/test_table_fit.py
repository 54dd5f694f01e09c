"""From a table to scores: the split, what is learnt from which rows, and each kind of target."""

from __future__ import annotations

import numpy as np
import pytest

from clearprop.data.table import Column, Table
from clearprop.errors import ClearpropWarning, InputError
from clearprop.estimators.table_fit import fit_table, split


def made_up(n: int = 400, seed: int = 0) -> Table:
    """Numbers with holes, text, and targets that depend on them."""
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 12, n)
    city = rng.choice(["Ulm", "Bonn", "Kiel"], n)
    value = 3 * age + 50 * (city == "Ulm") + rng.normal(0, 1, n)
    age = np.where(rng.random(n) < 0.1, np.nan, age)
    columns = [
        Column("age", "number", age),
        Column("city", "text", city.astype(object)),
        Column("value", "number", value),
        Column("high", "boolean", (value > 130).astype(float)),
        Column("third", "text", np.array(["low", "mid", "top"], dtype=object)[np.digitize(value, [110, 145])]),
    ]
    return Table(columns)


@pytest.mark.parametrize(
    ("target", "others", "task", "outputs", "names"),
    [
        ("value", ("high", "third"), "regression", 1, ["RMSE", "MAE", "R²"]),
        ("high", ("value", "third"), "classification", 1, ["accuracy", "log loss", "ROC AUC"]),
        ("third", ("value", "high"), "classification", 3, ["accuracy", "log loss"]),
    ],
)
def test_each_kind_of_target_beats_the_dummy(target, others, task, outputs, names):
    fit = fit_table(made_up().without(*others), target, epochs=40, optimizer="adam", seed=1)
    assert fit.model.target.task == task
    assert fit.model.result.network.n_outputs == outputs
    assert [score.name for score in fit.scores] == names
    for score in fit.scores:
        assert (score.model > score.dummy) == score.larger_is_better, score
    assert fit.train_rows + fit.validation_rows + fit.held_out_rows == 400
    assert fit.held_out_rows == 80


def test_predictions_are_labels_or_numbers_in_the_targets_own_units():
    table = made_up()
    numbers = fit_table(table.without("high", "third"), "value", epochs=30, seed=0).model
    predicted = numbers.predict(table)
    assert predicted.shape == (400,)
    assert abs(predicted.mean() - table["value"].values.mean()) < 20
    classes = fit_table(table.without("high", "value"), "third", epochs=5, seed=0).model
    assert set(classes.predict(table)) <= {"low", "mid", "top"}
    chances = classes.predict_proba(table)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (np.array(classes.target.classes)[chances.argmax(axis=1)] == classes.predict(table)).all()


def test_encoding_is_learnt_from_the_training_rows_alone():
    table = made_up().without("high", "third")
    fit = fit_table(table, "value", epochs=1, seed=3)
    learnt = fit.model.result
    assert learnt.progress.step > 0
    # the same rows in the table, with other values in the rows that were not learnt from, give the same encoders
    everything = np.arange(table.n_rows)
    rest, _ = split(table["value"].values, 0.2, _stream(3, 0))
    inner, _ = split(table["value"].values[rest], 0.2, _stream(3, 1))
    other = np.setdiff1d(everything, rest[inner])
    age = table["age"].values.copy()
    age[other] = 1e6
    shifted = Table([Column("age", "number", age), *table.without("age").columns])
    assert fit_table(shifted, "value", epochs=1, seed=3).model.features == fit.model.features


def _stream(seed, index):
    from clearprop.streams import stream

    return stream(seed, "split", index)


def test_the_same_seed_gives_the_same_model_and_another_one_another():
    table = made_up().without("high", "third")
    first, again, other = (fit_table(table, "value", epochs=2, seed=seed).model.result for seed in (0, 0, 1))
    assert (first.parameters.vector == again.parameters.vector).all()
    assert (first.parameters.vector != other.parameters.vector).any()


def test_a_split_takes_its_share_of_each_class():
    labels = np.repeat([0, 1, 2], [1000, 100, 10])
    stay, out = split(labels, 0.2, np.random.default_rng(5))
    assert np.bincount(labels[out]).tolist() == [200, 20, 2]
    assert np.array_equal(np.sort(np.concatenate([stay, out])), np.arange(1110))


@pytest.mark.parametrize("n", [2, 3, 11])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_split_leaves_rows_on_both_sides(n, share):
    stay, out = split(np.zeros(n), share, np.random.default_rng(0))
    assert len(stay) >= 1
    assert len(out) >= 1
    assert len(stay) + len(out) == n


def test_linear_models_and_lbfgs_work_too():
    table = made_up().without("high", "third")
    fit = fit_table(table, "value", layers=(), optimizer="lbfgs", epochs=50)
    assert len(fit.model.result.network.layers) == 1
    assert fit.scores[2].model > 0.9


def test_one_class_only_is_warned_of_and_has_one_column_of_ones():
    table = Table([Column("x", "number", np.arange(50.0)), Column("y", "text", np.full(50, "yes", dtype=object))])
    with pytest.warns(ClearpropWarning, match=r"one class only|nothing to"):
        fit = fit_table(table, "y", epochs=1)
    assert fit.model.predict_proba(table).tolist() == [[1.0]] * 50
    assert set(fit.model.predict(table)) == {"yes"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "vlue"}, "did you mean 'value'"),
        ({"validation": 1.5}, "between 0 and 1"),
        ({"rows": 5}, "at least 10"),
    ],
)
def test_bad_input_says_what_is_wrong(change, words):
    table = made_up(change.pop("rows", 100)).without("high", "third")
    with pytest.raises(InputError, match=words):
        fit_table(table, **({"target": "value"} | change))


def test_probabilities_of_a_number_are_refused():
    model = fit_table(made_up(50).without("high", "third"), "value", epochs=1).model
    with pytest.raises(InputError, match="no classes"):
        model.predict_proba(made_up(50))
