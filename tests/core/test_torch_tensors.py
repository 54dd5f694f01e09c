"""The same text runs on torch tensors, without autograd, and gives what it gives on NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop import arrays
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation
from clearprop.layers.layer import Layer
from clearprop.losses.loss import Loss
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.training.penalty import add_penalty

torch = pytest.importorskip("torch")

DTYPES = ["float32", "float64"]
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


def ours(kind: Any) -> list[Any]:
    """Return one object of every class of ours of a kind."""
    return [found() for found in kind.known().values() if found.__module__.startswith("clearprop.")]


def tensor(x: Any) -> Any:
    return torch.tensor(np.ascontiguousarray(x))


def check(on_torch: Any, on_numpy: Any) -> None:
    """Both must be equal, and the tensor of the same dtype."""
    if isinstance(on_numpy, np.ndarray):
        assert isinstance(on_torch, torch.Tensor)
        assert str(on_torch.dtype) == f"torch.{on_numpy.dtype}"
        assert not on_torch.requires_grad
    tolerance = TOLERANCE[str(getattr(on_numpy, "dtype", "float64"))]
    np.testing.assert_allclose(np.asarray(on_torch), on_numpy, rtol=tolerance, atol=tolerance)


@pytest.fixture(params=DTYPES)
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("f", ours(Activation), ids=str)
def test_activations(f: Activation, dtype: str) -> None:
    z, gradient = (3 * np.random.default_rng(0).normal(size=(2, 6, 4))).astype(dtype)
    tz, a = tensor(z), f(z)
    ta = f(tz)
    check(ta, a)
    check(f.derivative(tz, ta), f.derivative(z, a))
    check(f.backward(tz, ta, tensor(gradient)), f.backward(z, a, gradient))


@pytest.mark.parametrize("loss", [*ours(Loss), cp.BinaryCrossEntropy(0.1), cp.CategoricalCrossEntropy(0.1)], ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses(loss: Loss, weighted: bool, dtype: str) -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(5, 3)).astype(dtype)
    p, y = rng.dirichlet(np.ones(3), (2, 5)).astype(dtype)
    w = rng.random(5).astype(dtype) if weighted else None
    tw = None if w is None else tensor(w)
    pairs = [(p, None)] if loss.joint is None else [(p, None), (loss.joint()(z), z)]
    for prediction, scores in pairs:
        value, gradient = loss.value_and_gradient(prediction, y, w, z=scores)
        tz = None if scores is None else tensor(scores)
        tv, tg = loss.value_and_gradient(tensor(prediction), tensor(y), tw, z=tz)
        assert float(tv) == pytest.approx(float(value), rel=TOLERANCE[dtype])
        check(tg, gradient)


LAYERS: list[Layer] = [
    cp.Dense(4, "tanh"), cp.Dropout(0.5), cp.LayerNorm(), cp.Scale(), cp.Members(2),
    cp.GroupedDense(3, "tanh", groups=2), cp.GroupedDense(3, "tanh", groups=2, shared=True),
    cp.PiecewiseLinear(((-1.0, 0.0, 1.0), (), (-0.5, 0.5), ())), cp.Periodic(3, 5, columns=(True, False, True, True)),
    cp.Embedding((1, 0, 2, 3), units=3),
]  # fmt: skip


@pytest.mark.parametrize(
    "layer", LAYERS, ids=lambda layer: f"{layer.name}{' shared' * getattr(layer, 'shared', False)}"
)
def test_layers_and_network(layer: Layer, dtype: str) -> None:
    assert {layer.name for layer in LAYERS} == {
        name for name, found in Layer.known().items() if found.__module__.startswith("clearprop.")
    }
    rng = np.random.default_rng(2)
    network = cp.Network(4, [layer, cp.Dense(3, "softmax")])
    p = network.first_parameters(rng, dtype)
    x, gradient = rng.normal(size=(9, 4)).astype(dtype), rng.normal(size=(9, 3)).astype(dtype)
    tp = p.like(tensor(p.vector))
    output, cache = network.forward(p, x, np.random.default_rng(3))
    t_output, t_cache = network.forward(tp, tensor(x), np.random.default_rng(3))
    check(t_output, output)
    into, t_into = p.copy(), tp.copy()
    check(network.backward(tp, t_cache, tensor(gradient), t_into), network.backward(p, cache, gradient, into))
    check(t_into.vector, into.vector)
    many = np.repeat(x, 600, axis=0)
    check(network.predict(tp, tensor(many)), network.predict(p, many))


def test_engine(dtype: str) -> None:
    rng = np.random.default_rng(4)
    network = cp.Network(4, [cp.Dense(5, "relu"), cp.LayerNorm(), cp.Dropout(0.3), cp.Dense(3, "softmax")])
    engine = ReferenceEngine(network, cp.CategoricalCrossEntropy())
    p = network.first_parameters(rng, dtype)
    x, y, w = rng.normal(size=(9, 4)).astype(dtype), np.eye(3, dtype=dtype)[rng.integers(0, 3, 9)], np.ones(9, dtype)
    tp, tx, ty, tw = p.like(tensor(p.vector)), tensor(x), tensor(y), tensor(w)
    into, t_into = p.copy(), tp.copy()
    value = engine.gradient(p, x, y, w, into=into, rng=np.random.default_rng(5))
    assert engine.gradient(tp, tx, ty, tw, into=t_into, rng=np.random.default_rng(5)) == pytest.approx(value, rel=1e-5)
    check(t_into.vector, into.vector)
    assert add_penalty(tp, t_into, 0.1, 0.2) == pytest.approx(add_penalty(p, into, 0.1, 0.2), rel=1e-5)
    check(t_into.vector, into.vector)
    loss, prediction = engine.evaluate(p, x, y, w)
    t_loss, t_prediction = engine.evaluate(tp, tx, ty, tw)
    assert t_loss == pytest.approx(loss, rel=1e-5)
    check(t_prediction, prediction)
    rule = cp.AdamW()
    for parameters, gradients in ((p, into), (tp, t_into)):
        state = rule.first_state(parameters.vector)
        engine.update(rule, parameters, gradients, state, step=0, rate=0.1, loss=0.0, evaluate=lambda: 0.0)
    check(tp.vector, p.vector)


@pytest.mark.parametrize("rule", ours(Optimizer), ids=str)
def test_optimizers(rule: Optimizer, dtype: str) -> None:
    scales = np.arange(1, 9).astype(dtype)
    paths = []
    for make in (np.array, tensor):
        p, a = make(np.linspace(-1, 1, 8).astype(dtype)), make(scales)
        gradient = a * p
        state = rule.first_state(p)

        def evaluate(p: Any = p, a: Any = a, gradient: Any = gradient) -> float:
            gradient[...] = a * p
            return float((a * p * p).sum()) / 2

        for step in range(8):
            loss = evaluate()
            rule.step(p, gradient, state, step=step, rate=rule.rate, loss=loss, evaluate=evaluate)
        paths.append(p)
    check(paths[1], paths[0])


@pytest.mark.parametrize("clip", ours(Clip), ids=str)
def test_clips(clip: Clip, dtype: str) -> None:
    network = cp.Network(3, [cp.Dense(4)])
    g = network.first_parameters(np.random.default_rng(0), dtype)
    g.vector[...] = 3 * np.random.default_rng(0).normal(size=16)
    tg = g.like(tensor(g.vector))
    assert clip(g)
    assert clip(tg)
    check(tg.vector, g.vector)


def test_sums(dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=(10_001, 3)).astype(dtype)
    out, t_out = np.empty(3, dtype), torch.empty(3, dtype=getattr(torch, dtype))
    arrays.sum_rows(x, out)
    arrays.sum_rows(tensor(x), t_out)
    np.testing.assert_allclose(t_out, out, rtol=1e-5)
    np.testing.assert_allclose(arrays.total(tensor(x), axis=0), arrays.total(x, axis=0), rtol=1e-9)
    assert arrays.total(tensor(x)).dtype == torch.float64
