"""Writes layers.json: outputs of the project's own layers, which the page's formulas are held to.

Run it again when a layer's formula changes: python page/golden/make.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import (
    Activation,
    Dense,
    Dropout,
    Embedding,
    GroupedDense,
    LayerNorm,
    LeakyReLU,
    Members,
    Network,
    Periodic,
    PiecewiseLinear,
    Scale,
    Softmax,
)
from clearprop.layers.layer import Layer
from clearprop.live.describe import network_header

ROWS = 5


def case(name: str, network: Network, rng: np.random.Generator, x: Any = None, spread: float = 1.0) -> dict[str, Any]:
    """One network with random float32 parameters, all its layers' outputs, and what its members say together."""
    parameters = network.first_parameters(rng, np.float64)
    noise = rng.normal(0.0, 0.5, parameters.vector.shape)  # no scale stays 1, no bias 0
    parameters.vector[:] = np.float32(parameters.vector + noise)
    x = np.float32(rng.normal(0.0, spread, (ROWS, network.n_inputs)) if x is None else x).astype(np.float64)
    output, cache = network.forward(parameters, x)
    return {
        "name": name,
        "network": network_header(network),
        "vector": parameters.vector.tolist(),
        "x": x.reshape(-1).tolist(),
        "layers": [np.asarray(each.a).reshape(-1).tolist() for each in cache],
        "outputs": np.asarray(network.mean_of_members(output)).reshape(-1).tolist(),
    }


def cases() -> list[dict[str, Any]]:
    """Every activation near and far from 0, and every kind of layer."""
    rng = np.random.default_rng(5)
    found: list[dict[str, Any]] = []
    for name in sorted(Activation.known()):
        layers = [Dense(4, name), Dense(2)]
        found.append(case(f"activation {name}", Network(3, layers), rng))
        far = 3.0 if name == "exponential" else 40.0
        found.append(case(f"activation {name}, far out", Network(3, layers), rng, spread=far))
    found.append(case("leaky ReLU of another slope", Network(3, [Dense(4, LeakyReLU(0.3))]), rng))
    found.append(case("softmax in groups", Network(3, [Dense(4, "tanh"), Dense(6, Softmax(groups=2))]), rng))
    tabular: list[tuple[str, list[Layer], Any]] = [
        ("grouped", [Dense(6, "tanh"), GroupedDense(4, "relu", groups=3), GroupedDense(2, groups=3)], None),
        ("grouped, shared", [Members(3), GroupedDense(4, "silu", groups=3, shared=True), Dense(2)], None),
        ("grouped softmax", [Members(2), GroupedDense(3, Softmax(groups=2), groups=2)], None),
        ("dropout", [Dense(4, "tanh"), Dropout(0.4), Dense(1, "sigmoid")], None),
        ("layer norm", [Dense(5), LayerNorm(), Dense(1)], None),
        ("layer norm of a constant row", [LayerNorm(1e-3)], [[2.0, 2.0, 2.0]] * ROWS),
        ("scale", [Scale(), Dense(2, "selu")], None),
        ("periodic", [Periodic(units=3, frequencies=4), Dense(2)], None),
        ("periodic of some columns", [Periodic(units=4, frequencies=5, columns=(True, False, True)), Dense(1)], None),
        ("piecewise linear", [PiecewiseLinear(((-1.0, 0.0, 2.0), (), (0.5, 1.5))), Dense(2, "tanh")], None),
        ("embedding", [Embedding((0, 3, 2), units=2), Dense(2)],
         [[0.3, 1.0, 2.0], [0.1, 3.0, 0.0], [-2.0, 4.0, 1.0], [5.0, 0.5, 1.5], [1.0, 2.5, -1.0]]),
    ]  # fmt: skip
    found += [case(name, Network(3, layers), rng, x) for name, layers, x in tabular]
    return found


if __name__ == "__main__":
    text = ",\n".join(json.dumps(each) for each in cases())
    (Path(__file__).parent / "layers.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")
