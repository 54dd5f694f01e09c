"""The kernels' random streams are NumPy's, draw for draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from clearprop.engines.kernels import random
from clearprop.engines.workspace import words_of
from clearprop.streams import KEYS, stream

SEEDS = [0, 1, 7, 2**31, 2**32 - 1, 2**32, 2**40 + 3, 2**64 - 1, 2**96, 2**127 + 12345, 2**128 - 1, 2**128, 2**200 + 77]
INDICES = [0, 1, 5, 2**31, 2**32 - 1, 2**32, 2**33 + 1, 2**40]
PURPOSES: list[Any] = ["shuffle", "dropout"]


@pytest.fixture(scope="module")
def kernels() -> Any:
    """The kernels, which only machine code can call, as functions of Python."""
    begin, order, skip, mask, one = random.start, random.permute, random.advance, random.fill_mask, random.draw

    class Kernels:
        start = staticmethod(numba.njit(lambda g, words, purpose, index: begin(g, words, purpose, index)))
        permute = staticmethod(numba.njit(lambda out, g: order(out, g)))
        advance = staticmethod(numba.njit(lambda g, draws: skip(g, draws)))
        draw = staticmethod(numba.njit(lambda g: one(g)))
        fill_mask = staticmethod(
            numba.njit(lambda m, g, rate, scale, units, rows, n: mask(m, g, rate, scale, units, rows, n))
        )

    return Kernels


def started(kernels: Any, seed: int, purpose: Any, index: int) -> np.ndarray:
    g = np.full(random.WORDS, 12345, np.uint64)
    kernels.start(g, words_of(seed), KEYS[purpose], index)
    return g


def state(g: np.ndarray) -> dict[str, int]:
    high, low, a, b = (int(word) for word in g[:4])
    return {"state": (high << 64) | low, "inc": (a << 64) | b}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stream_begins_as_numpys(seed: int, kernels: Any) -> None:
    for purpose in PURPOSES:
        for index in INDICES:
            expected = stream(seed, purpose, index).bit_generator.state
            assert state(started(kernels, seed, purpose, index)) == expected["state"]


def test_many_seeds(kernels: Any) -> None:
    rng = np.random.default_rng(0)
    for _ in range(2_000):
        seed, index = int.from_bytes(rng.bytes(int(rng.integers(1, 26))), "little"), int(rng.integers(0, 2**40))
        assert (
            state(started(kernels, seed, "shuffle", index))
            == stream(seed, "shuffle", index).bit_generator.state["state"]
        )


def test_permutations(kernels: Any) -> None:
    for n in [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 1000, 65_537]:
        for seed in (0, 2**127 + 12345):
            for index in (0, 3):
                out = np.full(n, -1)
                kernels.permute(out, started(kernels, seed, "shuffle", index))
                np.testing.assert_array_equal(out, stream(seed, "shuffle", index).permutation(n))


def test_draws_and_skipping(kernels: Any) -> None:
    """32 bits at a time, as float32 numbers are made from; skipping so many is drawing so many."""
    expected = stream(4, "dropout", 9).integers(0, 2**32, 2_000, dtype=np.uint32)
    g = started(kernels, 4, "dropout", 9)
    assert [int(kernels.draw(g)) for _ in range(2_000)] == expected.tolist()
    for skipped in (0, 1, 2, 3, 64, 999, 1_998):
        g = started(kernels, 4, "dropout", 9)
        kernels.advance(g, skipped)
        assert [int(kernels.draw(g)) for _ in range(2)] == expected[skipped : skipped + 2].tolist()


def test_skipping_far(kernels: Any) -> None:
    for draws in (2**31, 2**33 + 6, 2**40 + 2, 2**40 + 3):
        g = started(kernels, 11, "dropout", 2)
        kernels.advance(g, draws)
        generator = stream(11, "dropout", 2)
        generator.bit_generator.advance(draws // 2)  # of 64 bits
        if draws % 2:
            generator.integers(0, 2**32, 1, dtype=np.uint32)
        assert state(g) == generator.bit_generator.state["state"]
        assert int(kernels.draw(g)) == int(generator.integers(0, 2**32, 1, dtype=np.uint32)[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masks(dtype: Callable[[float], Any], kernels: Any) -> None:
    """The whole batch's, and a block's from any row on; rows of padding are 0."""
    units, rows, n = 7, 45, 48
    for rate in (0.1, 0.3, 0.5, 0.999):
        kept = stream(3, "dropout", 6).random((rows, units), dtype="float32") >= rate
        for first in (0, 1, 16, 44):
            g = started(kernels, 3, "dropout", 6)
            kernels.advance(g, first * units)
            mask = np.full(units * n, np.nan, dtype)
            kernels.fill_mask(mask, g, rate, dtype(1 / (1 - rate)), units, rows - first, n)
            block = mask.reshape(units, n).T
            np.testing.assert_array_equal(block[: rows - first], kept[first:] * dtype(1 / (1 - rate)))
            assert (block[rows - first :] == 0).all()


def test_words_of_a_seed() -> None:
    for seed in SEEDS:
        words = words_of(seed)
        assert words.dtype == np.uint32
        assert sum(int(word) << (32 * i) for i, word in enumerate(words)) == seed
