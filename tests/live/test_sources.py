"""Made-up tables, points drawn by hand, and a script's arrays, as a page is given them."""

import json

import numpy as np
import pytest

import clearprop as cp
from clearprop.errors import InputError
from clearprop.estimators.tabular.rows import held_out
from clearprop.live.sources import from_arrays, make, suggest
from clearprop.live.sources.held_out import hold_out

POINTS = {"kind": "points", "x": [[0, 0], [1, 1], [0, 1], [2, 0]], "y": [0, 1, 0, 1], "validation": 0}


@pytest.mark.parametrize("name", cp.datasets.names())
def test_a_made_up_table_is_whole_and_can_be_made_again(name):
    data = make({"kind": "dataset", "name": name, "n_rows": 80, "noise": 0.1, "seed": 3, "validation": 0.25})
    x, y = cp.datasets.make(name, 80, noise=0.1, seed=3)
    assert (len(data.x), len(data.validation[0]), data.classes, data.task) == (60, 20, ["0", "1"], "binary")
    rows = np.column_stack([np.concatenate([data.x, data.validation[0]]), np.concatenate([data.y, data.validation[1]])])
    np.testing.assert_array_equal(
        rows[np.lexsort(rows.T)], np.column_stack([x, y])[np.lexsort(np.column_stack([x, y]).T)]
    )
    again = make(json.loads(json.dumps(data.source)))
    np.testing.assert_array_equal(again.x, data.x)
    np.testing.assert_array_equal(again.validation[1], data.validation[1])


def test_the_rows_held_out_are_those_of_clearprop_train():
    values = np.random.default_rng(0).integers(0, 3, 101)
    learn, held = held_out(values, 0.2, 7)
    ours = hold_out(values, 0.2, 7)
    np.testing.assert_array_equal(ours.learn, learn)
    np.testing.assert_array_equal(ours.held, held)


def test_both_sides_have_the_classes_in_their_shares():
    data = make({"kind": "dataset", "n_rows": 400})
    assert data.y.mean() == data.validation[1].mean() == 0.5
    assert data.about[-1]["balance"] == [["0", 200], ["1", 200]]


def test_points_of_more_classes_are_one_hot():
    data = make(POINTS | {"y": [0, 2, 5, 0]})
    assert (data.task, data.classes) == ("multiclass", ["0", "2", "5"])
    np.testing.assert_array_equal(data.y, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])


def test_two_points_are_all_learnt_from():
    data = make({"kind": "points", "x": [[0, 0], [1, 1]], "y": [0, 1], "validation": 0.5})
    assert data.validation is None
    assert len(data.x) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([], "a source of data is an object with a kind"),
        ({}, "unknown kind of data 'None'. Known: dataset, points, table"),
        ({"kind": ["dataset"]}, "unknown kind of data"),
        ({"kind": "dataset", "nam": "xor"}, "unknown setting of a dataset 'nam'; did you mean 'name'?"),
        ({"kind": "dataset", "name": "mons"}, "unknown data set 'mons'; did you mean 'moons'?"),
        ({"kind": "dataset", "name": {}}, "unknown data set"),
        ({"kind": "dataset", "n_rows": 1}, "a data set has 2 to 20,000 rows; got 1"),
        ({"kind": "dataset", "n_rows": 10**9}, "a data set has 2 to 20,000 rows; got 1000000000"),
        ({"kind": "dataset", "n_rows": True}, "got True"),
        ({"kind": "dataset", "n_rows": 2, "name": "xor", "seed": 3}, "are all of one class"),
        ({"kind": "dataset", "noise": -1}, "noise is a standard deviation"),
        ({"kind": "dataset", "noise": "loud"}, "noise is a standard deviation"),
        ({"kind": "dataset", "seed": -1}, "a seed is a whole number"),
        ({"kind": "dataset", "validation": 1.5}, "validation is the share of rows held out, from 0 to 0.9; got 1.5"),
        ({"kind": "dataset", "validation": float("nan")}, "validation is the share of rows held out"),
        (POINTS | {"y": [0, 1, 0]}, "each of the 4 points needs a label from 0 to 7"),
        (POINTS | {"y": [0, 1, 0, 0.5]}, "each of the 4 points needs a label"),
        (POINTS | {"y": [1, 1, 1, 1]}, "there are points of one class only"),
        (POINTS | {"x": [], "y": []}, "points"),
        (POINTS | {"x": [[0, 0], [1, 1], [0, 1], [2, float("inf")]]}, "the points"),
        (POINTS | {"x": [[0, 0, 0]] * 4}, "the points"),
        ({"kind": "table", "target": "y"}, "a table needs an upload"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_sentence(source, said):
    with pytest.raises(InputError) as caught:
        make(source)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_scripts_labels_numbers_and_names():
    x = np.arange(12.0).reshape(6, 2)
    network = cp.Network(2, [cp.Dense(3, "softmax")])
    several = from_arrays(x, [0, 1, 2, 0, 1, 2], network=network, loss="categorical_cross_entropy", classes="abc")
    assert (several.task, several.classes, several.y.shape) == ("multiclass", ["a", "b", "c"], (6, 3))
    number = from_arrays(x, [0, 1, 0, 1, 0, 1], loss="squared", features=["<b>", "€"])
    assert (number.task, number.classes, number.features) == ("regression", [], ["<b>", "€"])
    assert from_arrays(x, np.eye(2)[[0, 1, 0, 1, 0, 1]]).task == "multiclass"
    assert from_arrays(x, np.ones((6, 2))).task == "multi"
    assert from_arrays(x, [0, 1, 0, 1, 0, 1]).task == "binary"


def test_a_scripts_target_is_described_too():
    x = np.arange(6.0).reshape(3, 2)
    several = from_arrays(x, np.eye(3), validation=(x[:1], np.eye(3)[:1]), classes=["a", "b", "c"], target="kind")
    assert several.about[-1] == {
        "name": "kind", "kind": "number", "missing": 0, "levels": 3, "role": "target",
        "balance": [["a", 2], ["b", 1], ["c", 1]],
    }  # fmt: skip
    number = from_arrays(x, [0.5, 1.5, 1.5], validation=(x[:1], [2.0]), loss="squared")
    assert [each["name"] for each in number.about] == ["x1", "x2", "y"]
    assert (number.about[-1]["levels"], "balance" in number.about[-1]) == (3, False)


def test_a_data_frame_brings_its_names():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1.0, 2.0], "fare": [3.0, 4.0]})
    data = from_arrays(frame, pandas.Series([0.5, 1.5], name="price"), validation=(frame, [1.0, 2.0]))
    assert (data.features, data.target, data.validation[1].shape) == (["age", "fare"], "price", (2, 1))


@pytest.mark.parametrize(("top", "image"), [(1.0, (8, 8)), (16.0, (8, 8)), (255.0, (8, 8)), (300.0, None)])
def test_rows_of_brightness_are_pictures(top, image):
    x = np.linspace(0, top, 128).reshape(2, 64)
    assert from_arrays(x, [0, 1]).image == image
    assert from_arrays(x, [0, 1], image=(4, 16)).image == (4, 16)
    assert from_arrays(x - 1, [0, 1]).image is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"features": ["a"]}, "x has 2 columns, and there are 1 names"),
        ({"classes": ["a"]}, "there are 2 classes, and 1 names"),
        ({"image": (3, 3)}, "image=(3, 3) is height and width of a row, and a row has 2 numbers"),
    ],
)
def test_names_that_do_not_fit_are_refused(more, said):
    with pytest.raises(InputError) as caught:
        from_arrays([[1, 2], [3, 4]], [0, 1], **more)
    assert said in str(caught.value)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression", "multi"])
def test_the_suggested_network_can_be_trained(task):
    x = np.random.default_rng(0).normal(size=(30, 3))
    y = {
        "binary": x[:, 0] > 0, "multiclass": np.eye(3)[np.arange(30) % 3], "regression": x[:, 0], "multi": x[:, :2],
    }[task]  # fmt: skip
    data = from_arrays(x, np.asarray(y, float))
    found = suggest(data)
    assert data.task == task
    assert found.network.widths[:3] == (3, 64, 64)
    end = {"binary": "sigmoid", "multiclass": "softmax"}.get(task, "identity")
    assert found.network.output_activation.name == end
    result = cp.train(found.network, data.x, data.y, loss=found.loss, optimizer=found.optimizer, steps=3, rng=0)
    assert np.isfinite(result.history["loss"]).all()


def test_many_rows_are_learnt_from_in_batches():
    assert suggest(make({"kind": "dataset", "n_rows": 1300, "validation": 0})).batch_size == 64
    assert suggest(make({"kind": "dataset", "n_rows": 1300, "validation": 0.5})).batch_size is None
