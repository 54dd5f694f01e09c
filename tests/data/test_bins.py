"""Bins hold about equally many rows, whatever the numbers are like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop.data.bins import bin_edges

NUMBERS = st.lists(
    st.one_of(st.integers(-5, 5).map(float), st.floats(-1e300, 1e300, allow_subnormal=False)), min_size=1, max_size=120
)
BINS = st.integers(1, 20)


@given(NUMBERS, BINS)
def test_edges_ascend_are_values_and_reach_from_end_to_end(values, bins):
    x = np.array(values)
    edges = bin_edges(x, bins)
    if x.min() == x.max():
        assert edges == ()
        return
    assert (np.diff(edges) > 0).all()
    assert set(edges) <= set(values)
    assert (edges[0], edges[-1]) == (x.min(), x.max())
    assert all(type(edge) is float for edge in edges)
    if len(set(values)) <= bins + 1:
        assert edges == tuple(sorted(set(values)))
    frequent = sum(values.count(value) > len(values) / bins for value in set(values))
    assert len(edges) - 1 <= bins + 2 + frequent


@given(NUMBERS, BINS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_a_weight_is_so_many_rows(values, bins, random):
    x = np.array(values)
    weight = np.array([random.randint(1, 4) for _ in values])
    shuffled = np.array(random.sample(values, len(values)))
    assert bin_edges(shuffled, bins) == bin_edges(x, bins)
    assert bin_edges(x, bins, weight) == bin_edges(np.repeat(x, weight), bins)
    assert bin_edges(x, bins, 0.5 * weight) == bin_edges(x, bins, weight)


@given(st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=300, unique=True), st.integers(2, 20))
def test_of_different_values_every_bin_has_its_share(values, bins):
    x = np.array(values)
    counts = np.histogram(x, bin_edges(x, bins))[0]
    assert len(counts) == bins
    assert abs(counts - len(x) / bins).max() <= 2


@given(st.integers(4, 30), st.floats(0.5, 0.97), st.integers(0, 2**32 - 1))
def test_a_frequent_value_is_an_edge_and_leaves_the_bins_to_the_others(bins, share, seed):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random(2000) < share, 0.0, rng.normal(1, 1, 2000))
    x[:40] = rng.normal(1, 1, 40)
    edges = np.array(bin_edges(x, bins))
    assert 0.0 in edges
    others = x[x != 0]
    if len(others) > 4 * bins:
        counts = np.histogram(others, edges[edges != 0])[0]
        assert counts.max() < 2 * len(others) / (bins - 1) + 2


def test_float32_stays_exact():
    x = np.random.default_rng(0).normal(size=500).astype(np.float32)
    assert set(bin_edges(x, 8)) <= set(x.astype(float))


@pytest.mark.parametrize("x", [[1.0], [2.0, 2.0]])
def test_a_constant_column_has_none(x):
    assert bin_edges(np.array(x), 4) == ()
