"""PyTorch as the oracle, in float64: values, gradients and the optimisers' paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.optimizers.optimizer import UpdateRule

torch = pytest.importorskip("torch")
F = torch.nn.functional

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.05),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": lambda z: F.gelu(z, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
    "softplus": lambda z: F.softplus(z, threshold=1e6),
    "exponential": torch.exp,
    "softmax": lambda z: torch.softmax(z, dim=1),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name: str) -> None:
    rng = np.random.default_rng(0)
    z, gradient = rng.normal(size=(2, 50, 4)) * 4
    f = Activation.resolve(name)
    tensor = torch.tensor(z, requires_grad=True)
    a = ACTIVATIONS[name](tensor)
    a.backward(torch.tensor(gradient))
    np.testing.assert_allclose(f(z), a.detach(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(f.backward(z, f(z), gradient), tensor.grad, rtol=1e-10, atol=1e-13)


def pinball(p: Any, y: Any, q: float) -> Any:
    return torch.maximum(q * (y - p), (q - 1) * (y - p)).mean()


SMOOTH = 0.1
LOSSES: list[tuple[Loss, str, Callable[[Any, Any], Any]]] = [
    (cp.BinaryCrossEntropy(), "sigmoid", F.binary_cross_entropy_with_logits),
    (
        cp.BinaryCrossEntropy(SMOOTH), "sigmoid",
        lambda z, y: F.binary_cross_entropy_with_logits(z, y * (1 - SMOOTH) + SMOOTH / 2),
    ),
    (cp.CategoricalCrossEntropy(), "softmax", F.cross_entropy),
    (cp.CategoricalCrossEntropy(SMOOTH), "softmax", lambda z, y: F.cross_entropy(z, y, label_smoothing=SMOOTH)),
    (cp.Poisson(), "exponential", lambda z, y: F.poisson_nll_loss(z, y, log_input=True, full=False)),
    (cp.Poisson(), "softplus", lambda z, y: F.poisson_nll_loss(F.softplus(z), y, log_input=False, full=False, eps=0)),
    (cp.BinaryCrossEntropy(), "softmax", lambda z, y: F.binary_cross_entropy(torch.softmax(z, 1), y)),
    (cp.Squared(), "identity", F.mse_loss),
    (cp.Squared(), "sigmoid", lambda z, y: F.mse_loss(torch.sigmoid(z), y)),
    (cp.Absolute(), "identity", F.l1_loss),
    (cp.Huber(0.5), "identity", lambda z, y: F.huber_loss(z, y, delta=0.5)),
    (cp.Quantile(0.3), "tanh", lambda z, y: pinball(torch.tanh(z), y, 0.3)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("loss", "activation", "oracle"), LOSSES, ids=[f"{loss} of {activation}" for loss, activation, _ in LOSSES]
)
def test_losses(loss: Loss, activation: str, oracle: Callable[[Any, Any], Any]) -> None:
    rng = np.random.default_rng(1)
    z = 3 * rng.normal(size=(40, 3))
    y = rng.dirichlet(np.ones(3), 40) if loss.sums_outputs else rng.uniform(0, 1, (40, 3))
    tensor = torch.tensor(z, requires_grad=True)
    expected = oracle(tensor, torch.tensor(y))
    expected.backward()
    f = Activation.resolve(activation)
    prediction = f(z)
    value, gradient = loss.value_and_gradient(prediction, y, z=z if loss.joins(f) else None)
    dz = gradient if loss.joins(f) else f.backward(z, prediction, gradient)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(dz, tensor.grad, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("loss", [cp.BinaryCrossEntropy(), cp.CategoricalCrossEntropy()], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scores_of_ten_thousand(loss: Loss, dtype: str) -> None:
    z = np.array([[1e4, -1e4, 3.0], [-1e4, 1e4, 745.0], [20.0, -50.0, 1e4]], dtype)
    y = np.eye(3, dtype=dtype)
    tensor = torch.tensor(z, requires_grad=True)
    expected = (F.binary_cross_entropy_with_logits if loss.joint is cp.Sigmoid else F.cross_entropy)(
        tensor, torch.tensor(y)
    )
    expected.backward()
    value, gradient = loss.value_and_gradient(loss.joint()(z), y, z=z)
    rtol = 1e-6 if dtype == "float32" else 1e-14
    assert value == pytest.approx(expected.item(), rel=rtol)
    np.testing.assert_allclose(gradient, tensor.grad, rtol=rtol, atol=rtol / 10)


def test_layers() -> None:
    rng = np.random.default_rng(2)
    x, gradient = rng.normal(size=(2, 7, 5))
    network = cp.Network(5, [cp.LayerNorm(), cp.Dropout(0.4), cp.Dense(5, "tanh")])
    p = network.first_parameters(rng)
    p.vector[...] = rng.normal(size=p.vector.shape)
    output, cache = network.forward(p, x, np.random.default_rng(3))
    into = p.copy()
    dx = network.backward(p, cache, gradient, into)
    t = {name: torch.tensor(array, requires_grad=True) for name, array in p.items()}
    tensor = torch.tensor(x, requires_grad=True)
    mask = torch.tensor(np.random.default_rng(3).random(x.shape, dtype="float32") >= 0.4).double() / 0.6
    hidden = F.layer_norm(tensor, (5,), t["0.scale"], t["0.shift"], 1e-5) * mask
    expected = torch.tanh(F.linear(hidden, t["2.weight"].T, t["2.bias"]))
    expected.backward(torch.tensor(gradient))
    np.testing.assert_allclose(output, expected.detach(), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(dx, tensor.grad, rtol=1e-11, atol=1e-13)
    for name in p:
        np.testing.assert_allclose(into[name], t[name].grad, rtol=1e-11, atol=1e-13)


PATHS = [
    (cp.SGD(0.05), lambda groups: torch.optim.SGD(groups, 0.05)),
    (cp.Momentum(0.05, 0.9), lambda groups: torch.optim.SGD(groups, 0.05, momentum=0.9)),
    (cp.Nesterov(0.05, 0.9), lambda groups: torch.optim.SGD(groups, 0.05, momentum=0.9, nesterov=True)),
    (cp.RMSProp(0.01, 0.95), lambda groups: torch.optim.RMSprop(groups, 0.01, alpha=0.95)),
    (cp.Adam(0.01), lambda groups: torch.optim.Adam(groups, 0.01)),
    (cp.Adam(0.01, 0.8, 0.95, 1e-6), lambda groups: torch.optim.Adam(groups, 0.01, (0.8, 0.95), 1e-6)),
    (cp.AdamW(0.01, weight_decay=0.1), lambda groups: torch.optim.AdamW(groups, 0.01)),
    (cp.Rprop(0.01), lambda groups: torch.optim.Rprop(groups, 0.01)),
]


@pytest.mark.parametrize(("rule", "oracle"), PATHS, ids=[str(rule) for rule, _ in PATHS])
def test_fifty_steps_of_each_optimizer(rule: UpdateRule, oracle: Callable[[Any], Any]) -> None:
    """The same network, loss and path; AdamW's decay is on the weights only."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 2))
    network = cp.Network(3, [cp.Dense(5, "tanh"), cp.Dense(2)])
    p = network.first_parameters(rng)
    t = {name: torch.tensor(array.copy(), requires_grad=True) for name, array in p.items()}
    engine, g, state = ReferenceEngine(network, cp.Squared()), p.copy(), rule.first_state(p.vector)
    groups = [
        {"params": [t[name] for name in t if name.endswith("weight")], "weight_decay": rule.weight_decay},
        {"params": [t[name] for name in t if name.endswith("bias")], "weight_decay": 0.0},
    ]
    if isinstance(rule, cp.Rprop):  # torch's has no decay
        groups = [{"params": group["params"]} for group in groups]
    optimizer = oracle(groups)
    for step in range(50):
        loss = engine.gradient(p, x, y, into=g)
        engine.update(rule, p, g, state, step=step, rate=rule.rate, loss=loss, evaluate=lambda: 0.0)
        optimizer.zero_grad()
        hidden = torch.tanh(F.linear(torch.tensor(x), t["0.weight"].T, t["0.bias"]))
        expected = F.mse_loss(F.linear(hidden, t["1.weight"].T, t["1.bias"]), torch.tensor(y))
        expected.backward()
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-10)
    for name in p:
        np.testing.assert_allclose(p[name], t[name].detach(), rtol=1e-10, atol=1e-10)
