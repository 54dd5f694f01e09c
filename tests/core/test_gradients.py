"""Every activation × loss × layer kind in 1,000 random networks: gradients by hand against the complex step.

The complex step is written out here once more, so that this test and ``clearprop.testing`` can't be wrong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.reference import ReferenceEngine
from clearprop.layers.activations import Activation
from clearprop.losses.loss import Loss
from clearprop.training.penalty import add_penalty

ACTIVATIONS = ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish"]
ACTIVATIONS.extend(["softplus", "exponential", "softmax"])
LOSSES = ["binary_cross_entropy", "categorical_cross_entropy", "squared", "absolute", "huber", "quantile", "poisson"]
KINDS = ["dense", "dropout", "layer_norm", "scale", "members", "grouped_dense", "piecewise_linear"]
KINDS.extend(["periodic", "embedding"])
POSITIVE = {"sigmoid", "relu", "softplus", "exponential", "softmax"}
PROBABILITIES = {"sigmoid", "softmax"}
STEP = 1e-30
TOLERANCE = 1e-12


def admitted(activation: str, loss: str) -> bool:
    allowed = {"binary_cross_entropy": PROBABILITIES, "categorical_cross_entropy": PROBABILITIES, "poisson": POSITIVE}
    return activation in allowed.get(loss, ACTIVATIONS)


PAIRS = {pair for pair in product(ACTIVATIONS, LOSSES) if admitted(*pair)}
PLAN = list(product(ACTIVATIONS, LOSSES, KINDS))  # each of the thousand has one of these within; the rest is drawn


@dataclass
class Case:
    network: cp.Network
    loss: Loss
    parameters: cp.Parameters
    x: np.ndarray
    targets: np.ndarray
    weight: np.ndarray | None
    l1: float
    l2: float
    seed: int


def activation_of(name: str, rng: np.random.Generator) -> Activation:
    if name == "leaky_relu":
        return cp.LeakyReLU(float(rng.choice([0.01, 0.05, 0.3])))
    if name == "elu":
        return cp.ELU(float(rng.uniform(0.5, 2)))
    return Activation.known()[name]()


def loss_of(name: str, groups: int, rng: np.random.Generator) -> Loss:
    smoothing = float(rng.choice([0.0, 0.1]))
    special = {
        "binary_cross_entropy": lambda: cp.BinaryCrossEntropy(label_smoothing=smoothing),
        "categorical_cross_entropy": lambda: cp.CategoricalCrossEntropy(label_smoothing=smoothing, groups=groups),
        "huber": lambda: cp.Huber(float(rng.uniform(0.2, 2))),
        "quantile": lambda: cp.Quantile(float(rng.uniform(0.1, 0.9))),
    }
    return special[name]() if name in special else Loss.known()[name]()


def layers_of(hidden: str, kind: str, last: cp.Dense, n_inputs: int, rng: np.random.Generator) -> list[cp.Layer]:
    """One to five Dense layers, the wanted activation (if any) and kind of layer among them."""
    more = rng.choice([name for name in ACTIVATIONS if name != "exponential"], int(rng.integers(0, 4)))  # e^e^x is huge
    names = [hidden, *more] if hidden else []
    layers: list[cp.Layer] = []
    for name in rng.permutation(names):
        layers.append(cp.Dense(int(rng.integers(1, 13)), activation_of(str(name), rng)))
        if rng.random() < 0.2:
            layers.append(cp.LayerNorm() if rng.random() < 0.5 else cp.Dropout(0.5))
    place = int(rng.integers(0, len(layers) + 1))
    if kind in ("members", "grouped_dense"):
        groups, shared = int(rng.integers(1, 4)), rng.random(2) < 0.5
        inner = activation_of("tanh" if hidden in ("exponential", "") else hidden, rng)  # e^e^x again
        layers[place:place] = [
            cp.Members(groups),
            cp.GroupedDense(int(rng.integers(1, 5)), inner, groups=groups, shared=shared[0]),
            cp.GroupedDense(int(rng.integers(1, 5)), groups=groups, shared=shared[1]),
        ]
    elif kind == "piecewise_linear":
        counts = rng.choice([0, 2, 3, 5], n_inputs)
        layers.insert(0, cp.PiecewiseLinear(tuple(tuple(np.sort(rng.normal(size=count))) for count in counts)))
    elif kind == "periodic":
        columns = tuple(map(bool, rng.random(n_inputs) < 0.7))
        chosen = columns if place == 0 and any(columns) else None
        layers.insert(place, cp.Periodic(int(rng.integers(2, 5)), int(rng.integers(1, 6)), 0.3, chosen))
    elif kind == "embedding":  # the inputs are normal numbers, and rounded to codes
        levels = rng.integers(0, 4, n_inputs)
        levels[rng.integers(0, n_inputs)] = 2
        layers.insert(0, cp.Embedding(tuple(levels.tolist()), units=int(rng.integers(1, 5))))
    elif kind != "dense":
        extra = {"layer_norm": cp.LayerNorm(), "scale": cp.Scale()}.get(kind)
        layers.insert(place, extra or cp.Dropout(float(rng.uniform(0.1, 0.6))))
    return [*layers, last]


def targets_of(loss: Loss, n_outputs: int, output: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shape = output.shape
    if loss.name == "binary_cross_entropy":
        y = rng.integers(0, 2, shape).astype(float) if rng.random() < 0.5 else rng.random(shape)
        return loss.targets(y[:, 0] if n_outputs == 1 else y, n_outputs, np.float64)
    if loss.name == "categorical_cross_entropy":
        groups = loss.groups
        labels = rng.integers(0, n_outputs // groups, (shape[0], groups))
        hard = np.eye(n_outputs // groups)[labels].reshape(shape)
        soft = rng.dirichlet(np.ones(n_outputs // groups), labels.shape).reshape(shape)
        given = (labels[:, 0], labels[:, :1].tolist(), hard, soft)[int(rng.integers(0, 4))]
        return loss.targets(given, n_outputs, np.float64)
    if loss.name == "poisson":  # a rate of exactly 0, which ReLU can give, only allows a count of 0
        return loss.targets(np.where(output > 0, rng.poisson(2.0, shape), 0), n_outputs, np.float64)
    return loss.targets(rng.normal(size=shape), n_outputs, np.float64)


def random_case(seed: int) -> Case:
    rng = np.random.default_rng([1, seed])
    hidden, loss_name, kind = PLAN[seed % len(PLAN)]
    if seed >= len(PLAN) and rng.random() < 0.1:
        hidden = ""  # no hidden layer
    groups = int(rng.choice([1, 1, 2, 3]))  # of classes
    loss = loss_of(loss_name, groups, rng)
    output = activation_of(str(rng.choice(sorted(name for name, other in PAIRS if other == loss_name))), rng)
    several = "softmax" in (output.name, loss.joint and loss.joint.name)
    n_outputs = groups * int(rng.integers(2, 6)) if several else int(rng.integers(1, 7))
    if output.name == "softmax":
        output = cp.Softmax(groups)
    n_inputs = int(rng.integers(1, 13))
    layers = layers_of(hidden, kind, cp.Dense(n_outputs, output), n_inputs, rng)
    network = cp.Network(n_inputs, layers)
    parameters = network.first_parameters(rng)
    parameters.vector[...] += 0.1 * rng.normal(size=parameters.vector.shape)  # no bias at 0, where ReLU has its kink
    x = rng.normal(size=(int(rng.integers(1, 10)), network.n_inputs))
    cache = network.forward(parameters, x, np.random.default_rng(seed))[1]
    if loss.joint is not None:  # far out ŷ and 1 − ŷ lose digits, complex log1p too: there the joint formulas are due
        for name in ("weight", "bias"):
            parameters[f"{len(layers) - 1}.{name}"][...] *= min(1.0, 5.0 / abs(cache[-1].z).max())
    predicted = network.forward(parameters, x, np.random.default_rng(seed))[0]
    targets = targets_of(loss, n_outputs, predicted, rng)
    weight = rng.uniform(0.1, 3, len(x)) if rng.random() < 0.5 else None
    l1, l2 = (float(rng.choice([0.0, 0.01])) for _ in range(2))
    return Case(network, loss, parameters, x, targets, weight, l1, l2, seed)


def objective(case: Case, parameters: cp.Parameters, x: np.ndarray, joint: bool) -> complex:
    """The loss with its penalty, by the formulas alone; complex where parameters or x are."""
    output, cache = case.network.forward(parameters, x, np.random.default_rng(case.seed))
    value = case.loss.value_and_gradient(output, case.targets, case.weight, z=cache[-1].z if joint else None)[0]
    for name, w in parameters.items():
        if name.endswith(".weight"):
            value = value + case.l1 * (np.sign(w.real) * w).sum() + case.l2 / 2 * (w * w).sum()
    return value


def by_hand(case: Case, joint: bool) -> dict[str, np.ndarray]:
    into = case.parameters.like(np.full_like(case.parameters.vector, np.nan))
    output, cache = case.network.forward(case.parameters, case.x, np.random.default_rng(case.seed))
    z = cache[-1].z if joint else None
    _, derivative = case.loss.value_and_gradient(output, case.targets, case.weight, z=z)
    dx = case.network.backward(case.parameters, cache, derivative, into, from_z=joint)
    add_penalty(case.parameters, into, case.l1, case.l2)
    return {**into, "input": dx, "output": derivative}


def along(case: Case, name: str, direction: np.ndarray, joint: bool) -> float:
    """The derivative along a direction in one array, by the complex step."""
    vector, x = case.parameters.vector.astype(complex), case.x.astype(complex)
    moved = case.parameters.like(vector)
    (x if name == "input" else moved[name])[...] += 1j * STEP * direction
    return objective(case, moved, x, joint).imag / STEP


def errors(case: Case, joint: bool, entry_by_entry: bool) -> dict[str, float]:
    """The scaled error of each array: |g − g*| by its largest |g|, or a hundredth of the largest in the network.

    (LayerNorm and softmax make gradients that cancel to nearly nothing; those are only as exact as their terms are.)
    """
    rng = np.random.default_rng([7, case.seed])
    gradients = by_hand(case, joint)
    largest = {name: abs(g).max() for name, g in gradients.items()}
    floor = 1e-2 * max(largest.values())
    del gradients["output"]
    found = {}
    for name, g in gradients.items():
        random = rng.normal(size=g.shape)
        directions = [random / abs(random).sum()]
        if entry_by_entry:
            directions += list(np.eye(g.size).reshape(g.size, *g.shape))
        differences = [abs((g * d).sum() - along(case, name, d, joint)) for d in directions]
        found[name] = np.max(differences) / max(largest[name], floor)
    return found


def ways(case: Case) -> list[bool]:
    """Jointly from z where the network ends in the loss's own activation, and through the activation's derivative."""
    return [False, True] if ReferenceEngine(case.network, case.loss).from_z else [False]


@pytest.mark.parametrize("start", range(0, 1000, 100))
def test_thousand_networks(start: int) -> None:
    """One random direction through each array, which catches a wrong entry wherever it is."""
    for seed in range(start, start + 100):
        case = random_case(seed)
        for joint in ways(case):
            for name, error in errors(case, joint, entry_by_entry=False).items():
                assert error <= TOLERANCE, f"network {seed}, {name}, joint={joint}, {case.loss}:\n{case.network}"


@pytest.mark.parametrize("start", range(0, 1000, 250))
def test_entry_by_entry(start: int) -> None:
    """Every entry of every array, for one in sixteen of the thousand."""
    for seed in range(start, start + 250, 16):
        case = random_case(seed)
        for joint in ways(case):
            for name, error in errors(case, joint, entry_by_entry=True).items():
                assert error <= TOLERANCE, f"network {seed}, {name}, joint={joint}, {case.loss}:\n{case.network}"


def test_engine_gives_that_gradient_bit_for_bit() -> None:
    """What a run uses is what was checked: the engine skips the input's derivative, and changes nothing else."""
    for seed in range(0, 1000, 7):
        case = random_case(seed)
        engine = ReferenceEngine(case.network, case.loss)
        into = case.parameters.like(np.full_like(case.parameters.vector, np.nan))
        value = engine.gradient(
            case.parameters, case.x, case.targets, case.weight, into=into, rng=np.random.default_rng(case.seed)
        )
        value += add_penalty(case.parameters, into, case.l1, case.l2)
        joint = engine.from_z
        expected = by_hand(case, joint)
        for name, g in into.items():
            np.testing.assert_array_equal(g, expected[name])
        assert value == pytest.approx(objective(case, case.parameters, case.x, joint), rel=1e-14)


def test_the_thousand_cover_everything() -> None:
    within: set[tuple[str, str, str]] = set()
    pairs: set[tuple[str, str]] = set()
    for case in map(random_case, range(1000)):
        dense = [layer for layer in case.network.layers if isinstance(layer, cp.Dense)]
        kinds = {layer.name for layer in case.network.layers}
        within |= set(product((layer.activation.name for layer in dense), [case.loss.name], kinds))
        pairs.add((dense[-1].activation.name, case.loss.name))
    assert within == set(PLAN)
    assert pairs == PAIRS
    assert set(ACTIVATIONS) <= Activation.known().keys()
    assert set(LOSSES) <= Loss.known().keys()


@pytest.mark.parametrize(("activation", "loss"), [p for p in product(ACTIVATIONS, LOSSES) if not admitted(*p)])
def test_other_pairs_are_refused(activation: str, loss: str) -> None:
    network = cp.Network(2, [cp.Dense(3, activation)])
    with pytest.raises(cp.errors.InputError, match=rf"loss '{loss}' needs outputs .*'{activation}' gives .* end with"):
        cp.train(network, [[1.0, 2.0]], [[0.0, 1.0, 0.0]], loss=loss, steps=1)
