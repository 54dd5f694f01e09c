from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data.batches import Batch, Batches


def table(n: int, weighted: bool = False) -> Batch:
    x = np.arange(float(n))[:, None]
    return Batch(x, 10 * x, x[:, 0] + 1 if weighted else None)


@given(n=st.integers(1, 30), size=st.none() | st.integers(1, 40), shuffle=st.booleans(), weighted=st.booleans())
def test_an_epoch_has_every_row_once(n: int, size: int | None, shuffle: bool, weighted: bool) -> None:
    batches = Batches(table(n, weighted), size, shuffle, seed=3)
    assert batches.per_epoch == -(-n // min(size or n, n))
    for epoch in range(3):
        parts = [batches.at(epoch * batches.per_epoch + k) for k in range(batches.per_epoch)]
        assert [len(part.x) for part in parts[:-1]] == [batches.batch_size] * (batches.per_epoch - 1)
        x = np.concatenate([part.x for part in parts])
        assert sorted(x[:, 0].tolist()) == list(range(n))
        if not batches.shuffle:
            np.testing.assert_array_equal(x, batches.rows.x)
        for part in parts:
            np.testing.assert_array_equal(part.targets, 10 * part.x)
            assert (part.weight is None) == (not weighted)
            if part.weight is not None:
                np.testing.assert_array_equal(part.weight, part.x[:, 0] + 1)


def test_each_epoch_has_its_own_order_and_any_step_is_found_at_once() -> None:
    rows = table(50)
    batches = Batches(rows, 7, shuffle=True, seed=1)
    in_turn = [batches.at(step).x.ravel().tolist() for step in range(24)]
    assert in_turn[:8] != in_turn[8:16]
    for step in (23, 0, 15, 8, 9):
        assert Batches(rows, 7, shuffle=True, seed=1).at(step).x.ravel().tolist() == in_turn[step]
    assert Batches(rows, 7, shuffle=True, seed=2).at(0).x.ravel().tolist() != in_turn[0]


def test_a_full_batch_is_the_rows_themselves() -> None:
    rows = table(5)
    assert Batches(rows, None, True, 0).at(17) is rows
    assert Batches(rows, 9, True, 0).at(0) is rows
