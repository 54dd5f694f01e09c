"""A table model's file: all of it comes back, and nothing else is taken for one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import clearprop as cp
from clearprop.data.table import Column, Table
from clearprop.errors import FileError
from clearprop.estimators.table_fit import fit_table
from clearprop.estimators.table_model import TableModel


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    kind = rng.choice(["a", "b", "c"], 60).astype(object)
    label = np.where(x + (kind == "a") > 0, "yes", "no").astype(object)
    return Table([Column("x", "number", x), Column("kind", "text", kind), Column("label", "text", label)])


@pytest.fixture(scope="module")
def model(table):
    return fit_table(table, "label", epochs=3, layers=(4,)).model


def test_a_saved_model_predicts_the_same_bits(table, model, tmp_path):
    model.save(tmp_path / "m.safetensors")
    again = TableModel.load(tmp_path / "m.safetensors")
    assert (again.outputs(table) == model.outputs(table)).all()
    assert (again.features, again.target) == (model.features, model.target)
    assert again.result.history["loss"].tolist() == model.result.history["loss"].tolist()


def test_a_run_is_no_table_model_and_the_other_way_round(model, tmp_path):
    model.save(tmp_path / "table.safetensors")
    model.result.save(tmp_path / "run.safetensors")
    with pytest.raises(FileError, match="holds a run, where a table model is needed"):
        TableModel.load(tmp_path / "run.safetensors")
    with pytest.raises(FileError, match="holds a table model, where a run is needed"):
        cp.load(tmp_path / "table.safetensors")


def tampered(model, path, change):
    model.save(path)
    with safe_open(path, framework="numpy") as file:
        description = json.loads(file.metadata()["clearprop"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    change(description, arrays)
    save_file(arrays, path, metadata={"clearprop": json.dumps(description)})
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda d, _: d.pop("features"),
        lambda d, _: d["features"].update(encodings=[]),
        lambda d, _: d["features"]["encodings"].pop(),
        lambda d, _: d["target"].update(classes=["a", "b", "c"]),
        lambda d, _: d["target"].update(kind="os.system"),
        lambda d, _: d["run"].update(network={"type": "network.nothing"}),
        lambda d, _: d.update(run=3),
        lambda _, a: a.pop("0.weight"),
        lambda _, a: a.update({"0.weight": a["0.weight"][:, :1]}),
        lambda _, a: a.pop("state/mean"),
    ],
)
def test_a_tampered_file_is_refused_with_its_name(model, tmp_path, change):
    path = tampered(model, tmp_path / "m.safetensors", change)
    with pytest.raises(FileError, match=r"m\.safetensors"):
        TableModel.load(path)
