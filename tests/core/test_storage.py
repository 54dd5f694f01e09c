"""Model files: what is saved is what is loaded; a file that is there is never half overwritten."""

from __future__ import annotations

import json
import os
import stat
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import clearprop as cp
from clearprop import storage
from clearprop.errors import FileError
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss

X = np.random.default_rng(0).normal(size=(12, 3))


def trained(network: cp.Network, **more: Any) -> cp.Result:
    y = np.abs(np.random.default_rng(1).normal(size=(12, network.n_outputs)))
    return cp.train(network, X, y / y.sum(axis=1, keepdims=True), **({"loss": "squared", "steps": 3, "rng": 0} | more))


SMALL = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(2)])
LAYERS: list[cp.Layer] = [
    cp.Dense(4, "relu", weight="lecun_uniform", bias=cp.initializers.Normal(0.5, 0.1)),
    cp.Dense(4, cp.LeakyReLU(0.3)),
    cp.Dense(4, cp.ELU(0.7)),
    cp.Dense(4, weight=np.ones((3, 4))),
    cp.Dropout(0.2),
    cp.LayerNorm(1e-3),
    cp.Scale(),
]
OURS = [found for found in Activation.known().values() if found.__module__.startswith("clearprop.")]
LOSSES: list[Loss] = [
    cp.BinaryCrossEntropy(0.1), cp.CategoricalCrossEntropy(0.2), cp.Squared(), cp.Absolute(), cp.Huber(2.0),
    cp.Quantile(0.9), cp.Poisson(),
]  # fmt: skip
OPTIMIZERS: list[cp.Optimizer] = [
    cp.SGD(0.3, weight_decay=0.1), cp.Momentum(0.1, 0.5), cp.Nesterov(0.1), cp.RMSProp(0.1, 0.5, 1e-3),
    cp.Adam(0.1, 0.5, 0.7, 1e-3), cp.AdamW(0.1), cp.Rprop(0.1, 1.3, 0.4, 1e-3, 1.0), cp.LBFGS(memory=3, tolerance=1e-4),
]  # fmt: skip


def assert_round_trip(result: cp.Result, path: Path) -> cp.Result:
    result.save(path)
    again = cp.load(path)
    assert again.network.describe() == result.network.describe()
    assert again.loss == result.loss
    assert again.optimizer == result.optimizer
    assert again.engine == result.engine
    assert again.parameters.layout == result.parameters.layout
    assert again.parameters.vector.dtype == result.parameters.vector.dtype
    assert again.parameters.vector.tobytes() == result.parameters.vector.tobytes()
    np.testing.assert_array_equal(again.predict(X), result.predict(X))
    return again


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_every_layer(tmp_path: Path, layer: cp.Layer) -> None:
    assert_round_trip(trained(cp.Network(3, [layer, cp.Dense(2)])), tmp_path / "m.safetensors")


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.name)
def test_every_activation(tmp_path: Path, kind: type[Activation]) -> None:
    network = cp.Network(3, [cp.Dense(4, kind()), cp.Dense(2)])
    again = assert_round_trip(trained(network), tmp_path / "m.safetensors")
    assert again.network == network


@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_every_loss(tmp_path: Path, loss: Loss) -> None:
    network = cp.Network(3, [cp.Dense(2, "softmax")])
    assert_round_trip(trained(network, loss=loss), tmp_path / "m.safetensors")


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_optimizer(tmp_path: Path, optimizer: cp.Optimizer, dtype: str) -> None:
    result = trained(SMALL, optimizer=optimizer, dtype=dtype)
    again = assert_round_trip(result, tmp_path / "m.safetensors")
    for name, array in result.progress.state.items():
        assert again.progress.state[name].dtype == array.dtype
        assert again.progress.state[name].tobytes() == array.tobytes()


def description_of(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["clearprop"])


def test_the_file_is_safetensors_with_a_description_in_json(tmp_path: Path) -> None:
    """Another program can read it: names, shapes and values."""
    result = trained(SMALL)
    result.save(tmp_path / "m.safetensors")
    tensors = load_file(tmp_path / "m.safetensors")
    for name in result.parameters:
        np.testing.assert_array_equal(tensors[name], result.parameters[name])
    header = description_of(tmp_path / "m.safetensors")
    assert (header["format"], header["kind"], header["step"]) == (1, "run", 3)
    assert header["network"]["layers"][0]["activation"] == {"type": "activation.tanh"}


def test_given_first_values_are_not_kept(tmp_path: Path) -> None:
    result = trained(cp.Network(3, [cp.Dense(200, weight=np.ones((3, 200)))]))
    again = assert_round_trip(result, tmp_path / "m.safetensors")
    assert len(json.dumps(description_of(tmp_path / "m.safetensors"))) < 2000
    with pytest.raises(cp.errors.InputError, match="aren't kept in model files; give them again, or parameters="):
        again.network.first_parameters(np.random.default_rng(0))


def test_best_parameters_and_last(tmp_path: Path) -> None:
    y = np.tile([0.0, 1.0], 6)
    result = cp.train(
        cp.Network(3, [cp.Dense(8, "tanh"), cp.Dense(1, "sigmoid")]), X, y, loss="binary_cross_entropy",
        optimizer=cp.SGD(2.0), steps=60, rng=0, validation_data=0.5, callbacks=[cp.EarlyStopping(patience=3)],
    )  # fmt: skip
    again = assert_round_trip(result, tmp_path / "m.safetensors")
    assert result.progress.best is not None
    assert again.progress.best is not None
    assert again.progress.best[:2] == result.progress.best[:2]
    np.testing.assert_array_equal(again.progress.parameters.vector, result.progress.parameters.vector)
    assert not np.array_equal(again.progress.parameters.vector, again.parameters.vector)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = tmp_path / "m.safetensors"
    trained(SMALL).save(saved)
    old = saved.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    for place, name in ((Path, "replace"), (Path, "chmod"), (storage.os, "fdopen")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            with pytest.raises(OSError, match="No space left"):
                trained(SMALL, steps=5).save(saved)
        assert saved.read_bytes() == old
        assert os.listdir(saved.parent) == [saved.name]  # noqa: PTH208 - hidden files too


def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        trained(SMALL).save(tmp_path / "m.safetensors")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.safetensors").stat().st_mode) == 0o640


def test_the_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"the folder .*nowhere doesn't exist; make it first"):
        trained(SMALL).save(tmp_path / "nowhere" / "m.safetensors")
