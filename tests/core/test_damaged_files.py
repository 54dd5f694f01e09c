"""Model files that are damaged, foreign or tampered with: one clear error, and nothing is ever run."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import clearprop as cp
from clearprop import storage
from clearprop.errors import FileError
from clearprop.layers.activations import Activation
from clearprop.settings import Settings

X = np.random.default_rng(0).normal(size=(12, 3))
SMALL = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(2)])


def description_of(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["clearprop"])


def rewrite(path: Path, description: str | None, change: Callable[[dict[str, Any]], object] | None = None) -> None:
    tensors = load_file(path)
    if change is not None:
        change(tensors)
    save_file(tensors, path, metadata=None if description is None else {"clearprop": description})


def change_description(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    description = description_of(path)
    change(description)
    rewrite(path, json.dumps(description))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    y = np.random.default_rng(0).normal(size=(12, 2))
    cp.train(SMALL, X, y, loss="squared", steps=3, rng=0, validation_data=0.5, callbacks=[cp.EarlyStopping()]).save(
        path
    )
    return path


def test_a_class_of_ones_own(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Wave(Activation):
        pitch: float = 1.0

        def __call__(self, z):
            return np.sin(self.pitch * z)

        def derivative(self, z, a):
            return self.pitch * np.cos(self.pitch * z)

    path = tmp_path / "m.safetensors"
    network = cp.Network(3, [cp.Dense(4, Wave(2.0)), cp.Dense(2)])
    cp.train(network, X, X[:, :2], loss="squared", steps=1, rng=0).save(path)
    assert cp.load(path).network.layers[0] == cp.Dense(4, Wave(2.0))
    change_description(path, lambda d: d["network"]["layers"][0]["activation"].update(type="activation.waves"))
    with pytest.raises(
        FileError,
        match=r"unknown .* 'activation\.waves'; did you mean 'activation\.wave'.*must be defined before",
    ):
        cp.load(path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\x00" * 8,
        b"\xff" * 100,
        b"PK\x03\x04" + b"\x00" * 60,
        struct.pack("<Q", 10**12) + b"{",
        b"\x80\x04.",
    ],
    ids=["empty", "json", "zeros", "ones", "zip", "huge header", "pickle"],
)
def test_garbage(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(data)
    with pytest.raises(FileError, match=r"m\.safetensors: not a model file, or a damaged one"):
        cp.load(path)


def test_cut_off_anywhere(saved: Path) -> None:
    data = saved.read_bytes()
    for end in [*range(0, 200, 13), len(data) // 2, len(data) - 1]:
        saved.write_bytes(data[:end])
        with pytest.raises(FileError, match="not a model file, or a damaged one"):
            cp.load(saved)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no such file"):
            cp.load(path)


def test_safetensors_of_somebody_else(saved: Path) -> None:
    for description in (None, "no json", ""):
        rewrite(saved, description)
        with pytest.raises(FileError, match="a safetensors file, but not one of Clearprop's"):
            cp.load(saved)


@pytest.mark.parametrize("description", ["7", "[]", "null", "{}", '{"format": 2, "kind": "run"}'])
def test_another_format(saved: Path, description: str) -> None:
    rewrite(saved, description)
    with pytest.raises(FileError, match="written by another version of Clearprop; this one reads format 1"):
        cp.load(saved)


def test_a_bottomless_description(saved: Path) -> None:
    rewrite(saved, "[" * 100_000 + "]" * 100_000)
    with pytest.raises(FileError, match=r"run\.safetensors: "):
        cp.load(saved)


def test_another_kind_of_thing(saved: Path) -> None:
    change_description(saved, lambda d: d.update(kind="table"))
    with pytest.raises(FileError, match="holds a table, where a run is needed"):
        cp.load(saved)


def layer(d: dict[str, Any], **changes: Any) -> None:
    d["network"]["layers"][0].update(changes)


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    **{f"without {key}": (lambda d, key=key: d.pop(key)) for key in (
        "network", "loss", "optimizer", "engine", "seed", "step", "age", "rate_factor", "memory", "best", "stopped",
        "state", "series", "events",
    )},
    **{f"{key} is {value!r}": (lambda d, key=key, value=value: d.update({key: value})) for key, value in (
        ("network", None), ("network", []), ("network", "x"), ("network", {"type": "network.network"}), ("loss", 3),
        ("loss", {"type": "activation.relu"}), ("optimizer", {"type": "optimizer.sgd", "rate": -1}),
        ("optimizer", {"type": "optimizer.sgd", "rate": "high"}), ("optimizer", {"type": "optimizer.sgd"}),
        ("optimizer", {"type": "optimizer.optimizer"}), ("seed", "x"), ("seed", None), ("step", [1]), ("step", 1e999),
        ("step", -5), ("age", -1), ("rate_factor", "fast"),
        ("memory", 5), ("memory", {"a": "b"}), ("best", 3), ("best", [1]), ("best", ["a", "b"]),
        ("state", ["mean"]), ("state", 3), ("series", ["speed"]), ("events", [1]), ("events", [["a", "b", "c"]]),
    )},
    "a layer of no class": lambda d: layer(d, type="os.system"),
    "a layer of a hidden class": lambda d: layer(d, type="layer.__class__"),
    "a layer that is a loss": lambda d: layer(d, type="loss.squared"),
    "no units": lambda d: layer(d, units=0),
    "other units": lambda d: layer(d, units=5),
    "units in words": lambda d: layer(d, units="four"),
    "10¹² units": lambda d: layer(d, units=10**12),
    "more settings": lambda d: layer(d, colour="red"),
    "other inputs": lambda d: d["network"].update(n_inputs=4),
    "more layers": lambda d: d["network"]["layers"].append({"type": "layer.dropout", "rate": 7}),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_description(saved: Path, name: str) -> None:
    change_description(saved, TAMPERED[name])
    with pytest.raises(FileError, match=r"^.*run\.safetensors: ") as caught:
        cp.load(saved)
    assert "no attribute 'name'" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.pop("0.weight"),
        lambda t: t.pop("last"),
        lambda t: t.pop("state/mean"),
        lambda t: t.pop("history/loss"),
        lambda t: t.update({"0.weight": np.ones((4, 3))}),
        lambda t: t.update({"0.weight": np.ones((3, 4), np.float32)}),
        lambda t: t.update({"last": np.ones(5)}),
        lambda t: t.update({"state/mean": np.ones(5)}),
        lambda t: t.update({"history/loss": np.ones(9)}),
        lambda t: t.update({name: array.astype(np.int64) for name, array in t.items() if name[0].isdigit()}),
        lambda t: t.update({name: array.astype(np.float16) for name, array in t.items() if name[0].isdigit()}),
        lambda t: t.update({"0.weight": np.full((3, 4), np.nan)}),
        lambda t: t.update({"state/mean": t["state/mean"].astype(np.float32)}),
    ],
    ids=range(13),
)
def test_tampered_tensors(saved: Path, change: Callable[[dict[str, Any]], object]) -> None:
    rewrite(saved, json.dumps(description_of(saved)), change)
    with pytest.raises(FileError, match=r"^.*run\.safetensors: "):
        cp.load(saved)


def test_a_dtype_that_numpy_lacks(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    header = json.dumps({"a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\x00\x00")
    with pytest.raises(FileError, match=r"m\.safetensors: "):
        cp.load(path)


def test_loading_never_runs_nor_imports_anything(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    class Bystander:
        """Not a setting: no file can name it."""

        name = "bystander"

        def __init__(self, **_: Any) -> None:
            built.append("bystander")

    assert Bystander.name not in Settings.known()
    loaded = set(sys.modules)
    for name in ("layer.bystander", "layer.Bystander", "builtins.exec", "os.system", "antigravity.fly", "layer.Layer"):
        for place in ("network", "loss", "optimizer"):
            change_description(
                saved, lambda d, place=place, name=name: d.update({place: {"type": name, "command": "x"}})
            )
            with pytest.raises(FileError, match=rf"unknown .*{name.partition('.')[2]}|has no"):
                cp.load(saved)
    assert not built
    assert {
        module for module in set(sys.modules) - loaded if not module.startswith(("clearprop", "safetensors"))
    } == set()
    monkeypatch.setattr("pickle.loads", None)
    monkeypatch.setattr("pickle.Unpickler", None)
    cp.train(SMALL, X, X[:, :2], loss="squared", steps=1, rng=0).save(saved)
    cp.load(saved)


def test_is_model_file(saved: Path, tmp_path: Path) -> None:
    assert storage.is_model_file(saved)
    (tmp_path / "notes.txt").write_text("hello")
    assert not storage.is_model_file(tmp_path / "notes.txt")
    assert not storage.is_model_file(tmp_path / "none")
    rewrite(saved, None)
    assert not storage.is_model_file(saved)
