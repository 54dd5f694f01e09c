from __future__ import annotations

import numpy as np
import pytest

from clearprop.errors import InputError, InputTypeError
from clearprop.streams import seed_of, stream


def draw(*key) -> tuple[float, ...]:
    return tuple(stream(*key).random(3))


def test_same_key_same_numbers_other_key_other_numbers() -> None:
    keys = [
        (seed, purpose, i) for seed in (0, 1) for purpose in ("init", "shuffle", "dropout", "split") for i in (0, 1)
    ]
    assert len({draw(*key) for key in keys}) == len(keys)
    assert all(draw(*key) == draw(*key) for key in keys)
    assert draw(0, "init") == draw(0, "init", 0)


def test_keys_never_change() -> None:
    """A saved run goes on in a later version, so the keys of its streams must stay what they are."""
    for key, purpose in enumerate(("init", "shuffle", "dropout", "split")):
        expected = np.random.default_rng(np.random.SeedSequence(7, spawn_key=(key, 3))).random(3)
        assert draw(7, purpose, 3) == tuple(expected)


def test_seeds() -> None:
    assert seed_of(np.int64(5)) == 5
    assert seed_of(None) != seed_of(None)
    first, second = (seed_of(np.random.default_rng(3)) for _ in range(2))
    assert first == second
    generator = np.random.default_rng(3)
    assert seed_of(generator) != seed_of(generator)
    with pytest.raises(InputError, match="a seed must be 0 or more; got -1"):
        seed_of(-1)
    for wrong in (1.0, "1", True, np.random.RandomState(0)):
        with pytest.raises(InputTypeError, match=r"rng must be a whole number, a numpy\.random\.Generator or None"):
            seed_of(wrong)
