"""A Tabular estimator's file: all of it comes back, bit for bit, and nothing else is taken for one."""

from __future__ import annotations

import json
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from safetensors import safe_open
from safetensors.numpy import save_file

import clearprop as cp
from clearprop import TabularClassifier, TabularRegressor
from clearprop.errors import FileError
from clearprop.estimators.tabular.files import load_model

RNG = np.random.default_rng(0)
ROWS = 160
FRAME = pd.DataFrame(
    {
        "age": RNG.normal(40, 9, ROWS),
        "plan": RNG.choice(["basic", "plus", None], ROWS),
        "town": [f"t{i % 53:02}" for i in range(ROWS)],
        "since": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, ROWS), "D"),
    }
)
VALUE = pd.Series(FRAME["age"] + 9 * (FRAME["plan"] == "plus"), name="premium")
QUICK = {"n_members": 2, "hidden_layer_sizes": (16,), "max_epochs": 3, "random_state": 0}
TARGETS = {
    "regression": VALUE, "several numbers": np.c_[VALUE, -VALUE], "two classes": (VALUE > 40).rename("old"),
    "text": pd.Series(np.where(VALUE > 40, "old", "young")), "three classes": np.digitize(VALUE, [35, 45]),
    "objects": np.array(["a", "b"], dtype=object)[(VALUE > 40) * 1], "labels": np.c_[VALUE > 40, VALUE < 50] * 1,
}  # fmt: skip


def kind_of(name):
    return TabularRegressor if name in ("regression", "several numbers") else TabularClassifier


@pytest.fixture(scope="module")
def models():
    found = {name: kind_of(name)(**QUICK).fit(FRAME, y) for name, y in TARGETS.items()}
    found["interval"] = TabularRegressor(**QUICK, interval=0.8).fit(FRAME, VALUE)
    found["array"] = TabularClassifier(
        **{**QUICK, "n_members": 1}, recipe="realmlp", numeric="periodic", dtype="float32", time_limit=60.0
    ).fit(FRAME[["age"]].to_numpy(), TARGETS["two classes"])
    return found


def everything(model) -> dict[str, object]:
    """Return all that a model says in public."""
    rows = FRAME if model.n_features_in_ == 4 else FRAME[["age"]].to_numpy()
    found = {
        "predict": model.predict(rows), "gradients": model.input_gradients(rows),
        "classes": getattr(model, "classes_", 0),
        "names": list(getattr(model, "feature_names_in_", [])), "features": model.n_features_in_,
        "target": model.target_name_, "kinds": model.kinds_, "epochs": (model.n_iter_, model.best_iter_),
        "rows": (model.n_learnt_, model.n_held_out_), "stopped": model.stopped_, "network": str(model.network_),
        "history": {name: model.history_[name].tolist() for name in model.history_},
        "temperature": getattr(model, "temperature_", None), "coverage": getattr(model, "interval_coverage_", None),
        "settings": repr(model),
    }  # fmt: skip
    if hasattr(model, "predict_proba"):
        found["proba"] = model.predict_proba(rows)
    elif model.interval is not None:
        found["interval"] = model.predict_interval(rows)
    return found


def assert_the_same(got, wanted):
    for name, value in everything(wanted).items():
        np.testing.assert_equal(everything(got)[name], value, err_msg=name)
    assert got.get_params() == wanted.get_params()


NAMES = [*TARGETS, "interval", "array"]


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_model_says_the_same_bits(name, models, tmp_path):
    model, path = models[name], tmp_path / "m.safetensors"
    model.save(path)
    assert_the_same(type(model).load(path), model)
    assert_the_same(load_model(path), model)
    if name in ("regression", "two classes", "three classes", "text"):
        assert type(model).load(path).evaluate(FRAME, TARGETS[name]) == model.evaluate(FRAME, TARGETS[name])


@pytest.mark.parametrize("name", ["interval", "labels"])
def test_pickle_and_joblib(name, models, tmp_path):
    assert_the_same(pickle.loads(pickle.dumps(models[name])), models[name])  # noqa: S301 - our own bytes
    joblib.dump(models[name], tmp_path / "m.joblib")
    assert_the_same(joblib.load(tmp_path / "m.joblib"), models[name])


@pytest.mark.parametrize("name", ["two classes", "interval"])
def test_the_same_seed_makes_the_same_file(name, models, tmp_path):
    again = type(models[name])(**models[name].get_params()).fit(FRAME, TARGETS.get(name, VALUE))
    for model, path in ((models[name], "a"), (again, "b")):
        model.save(tmp_path / path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    other = type(models[name])(**{**models[name].get_params(), "random_state": 1}).fit(FRAME, TARGETS.get(name, VALUE))
    assert (other.predict(FRAME) != models[name].predict(FRAME)).any()


def test_settings_that_are_objects_are_left_out_and_the_rest_can_be_fitted_again(tmp_path):
    model = TabularRegressor(
        **QUICK, optimizer=cp.Adam(0.01), callbacks=[cp.training.callbacks.Callback()], validation_data=(FRAME, VALUE)
    ).fit(FRAME, VALUE)
    model.save(tmp_path / "m")
    again = TabularRegressor.load(tmp_path / "m")
    left = {name for name, value in model.get_params().items() if again.get_params()[name] != value}
    assert left == {"optimizer", "callbacks", "validation_data"}
    assert_array_equal(again.predict(FRAME), model.predict(FRAME))
    assert again.fit(FRAME, VALUE).n_iter_ == 3


def test_other_files_are_refused(models, tmp_path):
    path, run = tmp_path / "table.safetensors", tmp_path / "run.safetensors"
    models["regression"].save(path)
    models["regression"].result_.save(run)
    with pytest.raises(FileError, match=r"run\.safetensors: .*holds a run, where a table model is needed"):
        TabularRegressor.load(run)
    with pytest.raises(FileError, match=r"table\.safetensors: .*holds a table model, where a run is needed"):
        cp.load(path)
    with pytest.raises(FileError, match=r"table\.safetensors: holds a TabularRegressor, where a TabularClassifier"):
        TabularClassifier.load(path)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FileError, match=r"table\.safetensors"):
        load_model(path)


def tampered(model, path, change):
    model.save(path)
    with safe_open(path, framework="numpy") as file:
        description = json.loads(file.metadata()["clearprop"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    change(description, arrays)
    save_file(arrays, path, metadata={"clearprop": json.dumps(description)})
    return path


CHANGES = {
    "no encoder": lambda d, _: d.pop("encoder"),
    "no encodings": lambda d, _: d["encoder"].update(encodings=[]),
    "an encoding less": lambda d, _: d["encoder"]["encodings"].pop(),
    "a column that isn't there": lambda d, _: d["encoder"]["encodings"][0].update(column="agf"),
    "an unknown setting": lambda d, _: d["settings"].update(command="ls"),
    "settings of no kind": lambda d, _: d.update(settings=3),
    "another estimator": lambda d, _: d.update(estimator="TabularOracle"),
    "a name less": lambda d, _: d["names"].pop(0),
    "no epochs": lambda d, _: d.update(epochs=[]),
    "another network": lambda d, _: d["run"].update(network={"type": "network.nothing"}),
    "no run": lambda d, _: d.update(run=3),
    "no weights": lambda _, a: a.pop(next(name for name in a if name.endswith("1.weight"))),
    "a number for nothing": lambda d, _: d.update(rows=["many", "few"]),
    "no memory of names": lambda d, _: d.pop("target"),
}
OF_INTERVALS = {
    "a scale below zero": lambda _, a: a.update({"target/scale": -np.ones(1)}),
    "no centre": lambda _, a: a.pop("target/center"),
    "an endless centre": lambda _, a: a.update({"target/center": np.array([np.inf])}),
    "two centres": lambda _, a: a.update({"target/center": np.zeros(2)}),
    "one end": lambda d, _: d["interval"]["runs"].pop(),
    "a margin in words": lambda d, _: d["interval"].update(margin="wide"),
    "an endless margin": lambda d, _: d["interval"].update(margin=float("nan")),
    "an end without weights": lambda _, a: a.pop(next(name for name in a if name.startswith("low/"))),
}
OF_CLASSES = {
    "three classes": lambda d, _: d["labels"].update(kind="multiclass", classes=["a", "b", "c"]),
    "no classes": lambda d, _: d["labels"].update(classes=[]),
    "labels of no kind": lambda d, _: d["labels"].update(kind="os.system"),
    "a temperature below zero": lambda d, _: d.update(temperature=-1.0),
    "no temperature": lambda d, _: d.update(temperature=None),
}


@pytest.mark.parametrize(
    ("name", "change"),
    [("interval", change) for change in {**CHANGES, **OF_INTERVALS}.values()]
    + [("text", change) for change in {**CHANGES, **OF_CLASSES}.values()],
    ids=[*CHANGES, *OF_INTERVALS, *(f"{name} of a classifier" for name in (*CHANGES, *OF_CLASSES))],
)
def test_a_tampered_file_is_refused_with_its_name(name, change, models, tmp_path):
    path = tampered(models[name], tmp_path / "m.safetensors", change)
    for load in (type(models[name]).load, load_model):
        with pytest.raises(FileError, match=r"^\S+m\.safetensors: "):
            load(path)


def test_a_file_changed_nowhere_is_read(models, tmp_path):
    for name in ("interval", "text"):
        assert_the_same(load_model(tampered(models[name], tmp_path / "m", lambda *_: None)), models[name])
