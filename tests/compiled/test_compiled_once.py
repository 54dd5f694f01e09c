"""However arrays lie in memory, the kernels get the types that they were compiled for: nobody waits twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

import clearprop as cp
from clearprop.engines import compiled, prediction, stretches

NETWORK = cp.Network(3, [cp.Dense(4, "tanh"), cp.Dense(2, "sigmoid")])
ONE = cp.Network(1, [cp.Dense(1, "sigmoid")])


def read_only(a: np.ndarray) -> np.ndarray:
    a = a.copy()
    a.flags.writeable = False
    return a


def unaligned(a: np.ndarray) -> np.ndarray:
    raw = np.zeros(a.nbytes + 1, np.uint8)
    raw[1:] = np.frombuffer(a.tobytes(), np.uint8)
    return np.frombuffer(raw.data, a.dtype, offset=1).reshape(a.shape)


def every_second(a: np.ndarray) -> np.ndarray:
    wide = np.full((2 * len(a), *a.shape[1:]), np.nan, a.dtype)
    wide[::2] = a
    return wide[::2]


LIE: dict[str, Callable[[np.ndarray], Any]] = {
    "read-only": read_only,
    "unaligned": unaligned,
    "every second": every_second,
    "backwards": lambda a: a[::-1].copy()[::-1],
    "by columns": np.asfortranarray,
    "the other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "float16": lambda a: a.astype(np.float16),
    "whole numbers": lambda a: a.astype(int),
    "lists": lambda a: a.tolist(),
    "one row for all": lambda a: np.broadcast_to(np.ones(a.shape[1:], a.dtype), a.shape),
}


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Numba's types of what the kernels are called with: it would compile once more for each kind of call."""
    seen: set[str] = set()

    def watch(module: Any, name: str) -> None:
        function = getattr(module, name)

        def watched(*arguments: Any) -> Any:
            seen.add(f"{name} {[str(numba.typeof(argument)) for argument in arguments]}")
            if len(seen) > 2:
                raise AssertionError("\n".join(sorted(seen)))
            return function(*arguments)

        monkeypatch.setattr(module, name, watched)

    watch(stretches, "run")
    watch(compiled, "run")
    watch(prediction, "predict")
    return seen


@pytest.mark.filterwarnings("ignore:every row of y")  # where it is one row for all
@pytest.mark.parametrize("how", LIE)
@pytest.mark.parametrize("network", [NETWORK, ONE], ids=["three columns", "one column"])
def test_one_type_of_call(network: cp.Network, how: str, types: set[str]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 4, (40, network.n_inputs)), rng.integers(0, 2, (40, network.n_outputs)).astype(float)
    options: dict[str, Any] = {"loss": "squared", "steps": 5, "engine": "compiled", "rng": 0, "dtype": "float64"}
    cp.train(network, x, y, batch_size=8, **options).predict(x)
    assert len(types) <= 2  # one for steps, one for predictions
    odd_x, odd_y, odd_weight = LIE[how](x), LIE[how](y), LIE[how](1 + x[:, 0])
    for batch_size in (None, 8):
        result = cp.train(network, odd_x, odd_y, batch_size=batch_size, sample_weight=odd_weight, **options)
        plain = [np.ascontiguousarray(each, float).copy() for each in (odd_x, odd_y, odd_weight)]
        expected = cp.train(network, *plain[:2], batch_size=batch_size, sample_weight=plain[2], **options)
        np.testing.assert_array_equal(result.parameters.vector, expected.parameters.vector)
        np.testing.assert_array_equal(result.predict(odd_x), expected.predict(plain[0]))
    assert len(types) <= 2, "\n".join(sorted(types))


def test_a_table_on_disk(tmp_path: Any, types: set[str]) -> None:
    """A file that is mapped into memory for reading only."""
    x = np.random.default_rng(0).normal(size=(40, 3))
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    options: dict[str, Any] = {"loss": "squared", "steps": 5, "engine": "compiled", "rng": 0, "batch_size": 8}
    network = cp.Network(3, [cp.Dense(3)])
    expected, found = (cp.train(network, each, each, **options) for each in (x, mapped))
    np.testing.assert_array_equal(found.predict(mapped), expected.predict(x))
    assert len(types) <= 2
