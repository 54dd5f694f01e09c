"""Products by a table: layers that become one must give what the reference engine's chain gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import clearprop as cp
from clearprop.engines.compiled import CompiledEngine
from clearprop.engines.fusion import Fusion, Read, find_fusion
from clearprop.engines.kernels import codes
from clearprop.engines.workspace import Workspace

DTYPES = ["float32", "float64"]
Compared = Callable[[cp.Network, np.ndarray, str], tuple[cp.Parameters, cp.Parameters]]
EDGES = ((-1.0, -0.2, 0.0, 0.7, 1.5), (), (-0.5, 0.5), (0.0, 0.1, 0.2, 3.0), ())
"""Of five columns: four, none, one, three and no intervals."""
ENCODED = cp.PiecewiseLinear(EDGES)
CATEGORIES = cp.Embedding((0, 0, 0, 0, 4, 0, 0, 0, 0, 2), units=3)
"""Behind the encoding: the second and the last column hold codes."""


def members(units: int, activation: str = "identity", shared: bool = True, groups: int = 3) -> cp.GroupedDense:
    return cp.GroupedDense(units, activation, groups=groups, shared=shared)


NETWORKS: dict[str, list[cp.Layer]] = {
    "members": [cp.Members(3), members(32, "tanh"), members(2, shared=False)],
    "members behind a layer that learns": [cp.Scale(), cp.Members(3), members(64, "relu"), members(1, shared=False)],
    "members of an encoding": [ENCODED, cp.Members(3), members(96, "gelu"), members(32, "relu"), members(2)],
    "members of an encoding and categories": [ENCODED, CATEGORIES, cp.Members(3), members(32, "relu"), members(1)],
    "an encoding": [ENCODED, cp.Dense(32, "sigmoid"), cp.Dense(2)],
    "an encoding and categories": [ENCODED, CATEGORIES, cp.Dense(32, "tanh"), cp.Dense(1)],
    "an encoding, a single layer": [ENCODED, cp.Dense(32)],
    "one member": [ENCODED, cp.Members(1), members(32, "relu", groups=1), members(1, groups=1)],
}


def rows_of(n: int) -> np.ndarray:
    """Return rows with values on edges, beyond all of them, and codes of levels that are there and aren't."""
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, 5))
    x[:, 1], x[:, 4] = rng.integers(-1, 6, n), rng.integers(-1, 4, n)
    flat = x[:, [0, 2, 3]]
    odd = rng.choice([-1.0, 0.0, 0.7, 1.5, 0.5, 3.0, 5.0, -5.0], flat.shape)
    x[:, [0, 2, 3]] = np.where(rng.random(flat.shape) < 0.3, odd, flat)
    return x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rows", [1, 17, 600])
@pytest.mark.parametrize("name", NETWORKS)
def test_agree_with_the_chain(
    name: str, rows: int, dtype: str, share: Callable[[int], None], compared: Compared
) -> None:
    share(2)
    network = cp.Network(5, NETWORKS[name])
    assert find_fusion(network).dense > 0
    compared(network, rows_of(rows), dtype)


def test_what_is_read() -> None:
    """The first of each number's rows of the weight and how many; the others: passed columns, then embedded ones."""
    assert find_fusion(cp.Network(5, NETWORKS["an encoding"])) == Fusion(
        1, -1, Read(((0, 4), (5, 1), (6, 3)), (4, 9), (0,) * 11)
    )
    assert find_fusion(cp.Network(5, NETWORKS["members of an encoding and categories"])) == Fusion(
        3, 2, Read(((0, 4), (4, 1), (5, 3)), tuple(range(8, 14)), (0,) * 9 + (4, 2))
    )
    assert find_fusion(cp.Network(5, NETWORKS["members"])) == Fusion(1, 0, Read(others=(0, 1, 2, 3, 4)))


@pytest.mark.parametrize(
    "layers",
    [
        [ENCODED, cp.Scale(), cp.Dense(32)],  # something else reads the encoding
        [ENCODED, cp.Dense(20)],  # no whole pairs of vectors
        [cp.Members(2), members(32, groups=1), members(1, groups=1)],  # groups that aren't the members
        [cp.Members(3), members(32, shared=False)],
        [ENCODED, cp.Embedding((2, *[0] * 9)), cp.Dense(32)],  # a share of an interval as a code
        [cp.PiecewiseLinear(((),) * 5), cp.Dense(32)],
        [cp.Dense(32)],
    ],
)  # fmt: skip
def test_what_is_left_as_it_is(layers: list[cp.Layer], compared: Compared) -> None:
    network = cp.Network(5, layers)
    assert find_fusion(network) == Fusion()
    compared(network, rows_of(40), "float64")


def test_layers_of_ones_own_before_and_behind(compared: Compared) -> None:
    """A part of a network may have to pass derivatives on by what it reads: it is computed layer by layer."""

    class Own(cp.Scale):
        """A layer that no kernel knows."""

    for layers in ([Own(), *NETWORKS["members of an encoding"]], [*NETWORKS["an encoding"], Own()]):
        compared(cp.Network(5, layers), rows_of(40), "float64")


def test_the_same_bits_however_many_threads(share: Callable[[int], None]) -> None:
    network = cp.Network(5, NETWORKS["members of an encoding and categories"])
    x = rows_of(3000)
    found = []
    for threads in (1, 2, 4):
        share(threads)
        engine = CompiledEngine(network, cp.Squared(), deterministic=True)
        p = network.first_parameters(np.random.default_rng(0))
        into = p.copy()
        engine.gradient(p, x, np.ones((3000, 3)), into=into)
        found.append(into.vector.tobytes())
    assert found[0] == found[1] == found[2]


def test_encoded_columns_take_no_room() -> None:
    """A block holds three columns a number, not one an interval and member."""
    edges = tuple(tuple(np.linspace(-2, 2, 49)) for _ in range(8))
    layers = [cp.PiecewiseLinear(edges), cp.Members(8), members(128, "relu", groups=8), members(1, groups=8)]
    space = Workspace(cp.Network(8, layers), cp.Squared(), "float32", 256)
    assert space.layers[0, codes.N_OUT] == 3 * 8
    assert space.work.nbytes < 5_000_000  # 8 · 384 columns alone, thrice, would take 9 MB


def test_numbers_that_are_not_finite() -> None:
    """NaN gives NaN, as in the chain; infinity lies beyond the last edge."""
    network = cp.Network(5, NETWORKS["an encoding"])
    p = network.first_parameters(np.random.default_rng(0))
    x = rows_of(20)
    x[3, 0], x[4, 2], x[5, 3] = np.nan, np.inf, -np.inf
    found = CompiledEngine(network, cp.Squared()).predict(p, x)
    np.testing.assert_allclose(found, network.predict(p, x), rtol=1e-12, atol=1e-12)
    assert np.isnan(found).any(axis=1).tolist() == [i == 3 for i in range(20)]
