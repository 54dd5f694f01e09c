"""A backend without windows, and no figure left open."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from sklearn.datasets import make_moons

import clearprop as cp

mpl.use("agg")


@pytest.fixture(autouse=True)
def _close_figures():
    from matplotlib import pyplot

    yield
    pyplot.close("all")


@pytest.fixture(scope="session")
def moons():
    return make_moons(n_samples=60, noise=0.2, random_state=0)


@pytest.fixture(scope="session")
def result(moons):
    """A small binary run in which the gradient was clipped, the rate lowered, and the best parameters kept."""
    x, y = moons
    network = cp.Network(2, [cp.Dense(5, "leaky_relu"), cp.LayerNorm(), cp.Dropout(0.1), cp.Dense(1, "sigmoid")])
    return cp.train(
        network, x[:40], y[:40], loss="binary_cross_entropy", optimizer=cp.SGD(0.5), steps=60, rng=0,
        validation_data=(x[40:], y[40:]), clip=cp.ClipValue(0.05), schedule=cp.ReduceOnPlateau(patience=2, factor=0.9),
        callbacks=[cp.EarlyStopping(patience=1000)],
    )  # fmt: skip


@pytest.fixture(scope="session")
def three_classes():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(centre, 0.4, (20, 2)) for centre in [(0, 0), (2, 0), (1, 2)]])
    y = np.repeat([0, 1, 2], 20)
    network = cp.Network(2, [cp.Dense(8, "tanh"), cp.Dense(3, "softmax")])
    return x, y, cp.train(network, x, y, loss="categorical_cross_entropy", optimizer=cp.Adam(0.05), steps=80, rng=0)


@pytest.fixture(scope="session")
def regression():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 2))
    y = x[:, 0] - 2 * x[:, 1]
    network = cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1)])
    return x, y, cp.train(network, x, y, loss="squared", optimizer=cp.Adam(0.05), steps=80, rng=0)
