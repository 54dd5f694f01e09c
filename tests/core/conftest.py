"""Small data for the tests of the core."""

from __future__ import annotations

import numpy as np
import pytest

import clearprop as cp


@pytest.fixture
def xy() -> tuple[np.ndarray, np.ndarray]:
    """Forty rows of two columns, and a class that isn't linear in them."""
    x = np.random.default_rng(5).normal(size=(40, 2))
    return x, (x[:, 0] * x[:, 1] > 0).astype(float)


@pytest.fixture
def network() -> cp.Network:
    return cp.Network(2, [cp.Dense(4, "tanh"), cp.Dense(1, "sigmoid")])
