from __future__ import annotations

import copy
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from worked import Keep

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError
from clearprop.live.asks import ASKS, answer
from clearprop.live.asks.next_update import next_update
from clearprop.live.data import Data


def moons(n: int = 40, held: int = 0) -> Data:
    x, y = cp.datasets.make("moons", n + held, seed=3)
    y = y.reshape(-1, 1).astype(float)
    validation = (x[n:], y[n:]) if held else None
    return Data("moons", "binary", x[:n], y[:n], validation, ["east", "north"], ["out", "in"], "moon", {})


def recorded(data: Data | None = None, layers: Any = None, **more: Any) -> Keep:
    keep = Keep(data or moons())
    network = cp.Network(2, layers or [cp.Dense(5, "tanh"), cp.Dense(1, "sigmoid")])
    settings = {"loss": "binary_cross_entropy", "steps": 5, "rng": 7, "engine": "reference"} | more
    cp.train(network, keep.data.x, keep.data.y, callbacks=[keep], **settings)
    return keep


OPTIMIZERS = [
    cp.SGD(0.3),
    cp.Momentum(0.1),
    cp.Nesterov(0.1, weight_decay=0.1),
    cp.RMSProp(0.01),
    cp.Adam(0.02),
    cp.AdamW(0.02, weight_decay=0.2),
    cp.Rprop(0.05),
    cp.LBFGS(),
]
NOISY = [cp.Dense(6, "relu"), cp.LayerNorm(), cp.Dropout(0.4), cp.Dense(4, "mish"), cp.Dense(1, "sigmoid")]
SETTINGS: dict[str, dict[str, Any]] = {
    "full batch": {},
    "float32": {"dtype": "float32"},
    "batches": {"batch_size": 16},
    "batches in order": {"batch_size": 16, "shuffle": False},
    "dropout": {"batch_size": 16, "layers": NOISY},
    "dropout, float32": {"batch_size": 16, "layers": NOISY, "dtype": "float32"},
    "penalties": {"l1": 0.01, "l2": 0.1},
    "clip": {"clip": cp.ClipGlobalNorm(0.1), "l2": 0.1},
    "clip value": {"clip": cp.ClipValue(0.05)},
    "clip norm": {"clip": cp.ClipNorm(0.05)},
    "schedule": {"schedule": cp.schedules.CosineDecay(end=0.1)},
    "rate factors": {"rate_factors": {"0.weight": 0.5, "*.bias": 2.0}},
    "weights": {"sample_weight": np.arange(1.0, 41.0)},
}


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda rule: rule.name)
def test_the_next_update_is_the_run_s_own_bit_for_bit(optimizer: cp.Optimizer, name: str) -> None:
    full = ("full batch", "float32", "penalties", "schedule", "weights")
    if isinstance(optimizer, cp.LBFGS) and name not in full:
        return  # it doesn't go with these
    keep = recorded(optimizer=optimizer, **SETTINGS[name])
    for now, after in zip(keep.frames, keep.frames[1:], strict=False):
        before = copy.deepcopy(now.progress)
        done = next_update(keep.training, now.progress)
        assert done.after.vector.dtype == after.progress.parameters.vector.dtype
        assert (done.after.vector == after.progress.parameters.vector).all()
        assert done.loss == keep.training.progress.history["loss"][now.step]
        assert done.rate == keep.training.progress.history["rate"][now.step]
        assert (now.progress.parameters.vector == before.parameters.vector).all()
        assert all((now.progress.state[key] == array).all() for key, array in before.state.items())
        change = keep.ask("update", now.step)
        vectors = [frame.progress.parameters.vector for frame in (now, after)]
        assert (change.arrays["vector"] == (vectors[1] - vectors[0]).astype(np.float32)).all()


def test_age_and_live_rate_count() -> None:
    class Halve(cp.Callback):
        def on_step(self, training: Any) -> None:
            training.progress.rate_factor *= 0.5

    first = recorded(optimizer="adam")
    network, data = first.training.engine.network, first.data
    settings: dict[str, Any] = {"loss": "binary_cross_entropy", "optimizer": "adam", "engine": "reference", "rng": 1}
    begun = cp.train(network, data.x, data.y, steps=6, **settings)
    keep = Keep(data)
    cp.train(network, data.x, data.y, steps=4, parameters=begun, callbacks=[Halve(), keep], **settings)
    assert keep.frames[2].progress.age == 6
    assert keep.frames[2].progress.rate_factor == 0.25
    for k in range(4):
        done = next_update(keep.training, keep.frames[k].progress)
        assert (done.after.vector == keep.frames[k + 1].progress.parameters.vector).all()


def test_the_run_s_own_objects_are_left_alone() -> None:
    keep = recorded(batch_size=20, layers=NOISY, l2=0.1, clip="clip_norm")
    training = keep.training
    assert training.batches.per_epoch == 2  # so the run is at another epoch's order than the frames asked about
    training.batches.at(training.progress.step)
    order, epoch = training.batches._order.copy(), training.batches._epoch
    gradients, vector = training.gradients.vector.copy(), training.progress.parameters.vector.copy()
    for what in sorted(set(ASKS) - {"code", "report", "recording"}):  # those are of the whole, and compute nothing
        keep.ask(what, 0)
    assert training.batches._epoch == epoch
    assert (training.batches._order == order).all()
    assert (training.gradients.vector == gradients).all()
    assert (training.progress.parameters.vector == vector).all()


def test_an_optimiser_at_its_end_makes_no_update() -> None:
    data = moons()
    keep = recorded(data, [cp.Dense(1)], loss="squared", optimizer="lbfgs", steps=60)
    last = len(keep.frames) - 1
    message = keep.ask("update", last)
    assert not message.arrays["vector"].any()
    assert message.header["note"].startswith("No update: ")


def test_gradient_is_the_mean_over_the_shown_rows() -> None:
    keep = recorded(l2=0.3, layers=NOISY)
    message = keep.ask("gradient", 2, rows="sample")
    parameters = keep.frames[2].progress.parameters
    loss, expected = cp.value_and_gradient(
        keep.training.engine.network, parameters, keep.data.x, keep.data.y, loss="binary_cross_entropy", l2=0.3
    )
    assert message.arrays["vector"] == pytest.approx(expected.vector, rel=1e-6, abs=1e-9)
    assert message.header["loss"] < loss  # without the penalty
    with pytest.raises(InputError, match="over rows 'sample'; got 'all'"):
        keep.ask("gradient", 2, rows="all")


def test_gradient_of_an_ensemble_and_of_labels() -> None:
    data = moons()
    layers = [cp.Members(3), cp.GroupedDense(4, groups=3, activation="relu"), cp.GroupedDense(1, groups=3)]
    wide = Data("m", "regression", data.x, np.tile(data.y, 3), None, data.features, [], "y", {})
    keep = recorded(wide, layers, loss="squared")
    keep.branch.data = keep.recording.add_data(data)  # people have one column
    assert keep.ask("gradient", 1).arrays["vector"].any()
    keep = recorded(data, [cp.Dense(2, "softmax")], loss="categorical_cross_entropy")  # labels in one column
    assert keep.ask("gradient", 1).arrays["vector"].any()


def test_layers() -> None:
    layers = [cp.Dense(4, "relu"), cp.Dropout(0.5), cp.Dense(3, "tanh"), cp.Dense(1, "sigmoid")]
    keep = recorded(layers=layers, optimizer=cp.SGD(0.1))
    vector = keep.frames[2].progress.parameters.vector
    parameters = keep.frames[2].progress.parameters
    parameters["0.bias"][:2] = -100.0  # two units of four that say nothing
    parameters["2.bias"][0] = 50.0  # one of three that always says 1
    message = keep.ask("layers", 2)
    rows = message.header["layers"]
    assert [row["layer"] for row in rows] == [0, 1, 2, 3]
    assert [row["name"] for row in rows] == ["Dense 4", "Dropout 4", "Dense 3", "Dense 1"]
    assert [row["dead"] for row in rows] == [0.5, None, None, None]
    assert [row["saturated"] for row in rows] == [None, None, pytest.approx(1 / 3), None]
    weight = parameters["2.weight"]
    assert rows[2]["weight"] == pytest.approx(
        {"mean": weight.mean(), "deviation": weight.std(), "norm": np.linalg.norm(weight)}
    )
    change = next_update(keep.training, keep.frames[2].progress)
    moved = change.after["2.weight"] - change.before["2.weight"]
    assert rows[2]["update_ratio"] == pytest.approx(np.linalg.norm(moved) / np.linalg.norm(weight))
    assert rows[1]["weight"] is rows[1]["gradient"] is rows[1]["update_ratio"] is None
    engine = ReferenceEngine(keep.training.engine.network, keep.training.engine.loss)
    _, caches = engine.network.forward(parameters, keep.data.x)
    assert rows[2]["activation"]["mean"] == pytest.approx(caches[2].a.mean())
    for name, numbers in {"2.weight": weight, "2.activation": caches[2].a}.items():
        counts, edges = message.arrays[f"{name}.counts"], message.arrays[f"{name}.edges"]
        assert (len(counts), len(edges), counts.sum()) == (30, 31, numbers.size)
        assert edges[0] == numbers.min()
        assert edges[-1] == numbers.max()
    assert "1.weight.counts" not in message.arrays
    assert vector is parameters.vector


def test_a_layer_of_one_value_has_a_histogram() -> None:
    keep = recorded(layers=[cp.Dense(3, "tanh", weight="zeros"), cp.Dense(1, "sigmoid")])
    message = keep.ask("layers", 0)
    assert message.arrays["0.weight.counts"].sum() == 6
    assert (np.diff(message.arrays["0.weight.edges"]) > 0).all()
    assert message.header["layers"][0]["update_ratio"] is None


def test_huge_parameters_are_told_without_nan() -> None:
    keep = recorded(dtype="float32", layers=[cp.Dense(3, "exponential"), cp.Dense(1)], loss="squared")
    keep.frames[1].progress.parameters.vector[...] = 1e38
    header = keep.ask("layers", 1).header
    assert header["layers"][0]["activation"]["mean"] is None
    assert keep.ask("gradient", 1).header["loss"] is None
    assert keep.ask("update", 1).arrays["vector"].dtype == np.float32


def test_diagnosis_up_to_the_frame() -> None:
    data = moons(60, held=20)
    data.x[:, 0] *= 1000
    keep = recorded(data, optimizer=cp.Adam(0.05), steps=40)
    found = {each["name"]: each for each in keep.ask("diagnosis", 30).header["findings"]}
    finding = found["unscaled inputs"]
    assert "'east'" in finding["evidence"]
    assert finding["remedy"].startswith("Standardise")
    assert finding["text"] == f"Unscaled inputs: {finding['evidence']} {finding['remedy']}"
    direct = cp.diagnose(
        cp.train(
            keep.training.engine.network, data.x, data.y, loss="binary_cross_entropy", optimizer=cp.Adam(0.05),
            steps=30, rng=7, engine="reference",
        ),
        data.x, data.y, names=data.features, validation=data.validation,
    )  # fmt: skip
    assert list(found) == [each.problem for each in direct]
    assert [each["evidence"] for each in found.values()] == [each.evidence for each in direct]


def test_diagnosis_looks_at_no_later_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[cp.Result] = []
    keep = recorded(steps=9)
    monkeypatch.setattr(
        import_module("clearprop.live.asks.diagnosis"), "diagnose", lambda result, *_, **__: seen.append(result) or []
    )
    keep.ask("diagnosis", 4)
    assert seen[0].history.steps("loss").tolist() == [0, 1, 2, 3]
    assert (seen[0].parameters.vector == keep.frames[4].progress.parameters.vector).all()


def test_asks_that_cannot_be_answered() -> None:
    keep = recorded()
    with pytest.raises(InputError, match="unknown question 'wroked'; did you mean 'worked'"):
        answer(keep.recording, "wroked", {})
    with pytest.raises(InputError, match="frame 999 isn't kept"):
        answer(keep.recording, "update", {"frame": 999})
    for value in (None, "1", -1, True, 1.5):
        with pytest.raises(InputError, match="'frame' must be a whole number"):
            answer(keep.recording, "update", {"frame": value})


def test_a_frame_from_before_another_optimiser_is_answered_with_its_own() -> None:
    keep, alone = recorded(optimizer="sgd"), recorded(optimizer="sgd")
    other = recorded(optimizer="adam")
    keep.recording.change(keep.branch, {}, other.training)
    np.testing.assert_array_equal(keep.ask("update", 1).arrays["vector"], alone.ask("update", 1).arrays["vector"])
