from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearprop import Layout, Parameters
from clearprop.errors import InputError

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)
layouts = st.lists(st.dictionaries(st.sampled_from(["weight", "bias", "scale"]), shapes), max_size=4).map(Layout.of)


@given(layout=layouts)
def test_views_cover_the_vector_once_in_order(layout: Layout) -> None:
    p = Parameters(layout, np.arange(float(layout.size)))
    pieces = [p[name].reshape(-1) for name in p]
    np.testing.assert_array_equal(np.concatenate([*pieces, np.empty(0)]), p.vector)
    assert [name for i, own in enumerate(p.layers) for name in (f"{i}.{key}" for key in own)] == list(p)
    for name, view in p.items():
        assert np.shares_memory(view, p.vector)
        view += 1
        assert view.shape == layout.places[name][1]
    np.testing.assert_array_equal(p.vector, np.arange(float(layout.size)) + 1)


@given(layout=layouts)
def test_gather_is_the_views_inverse(layout: Layout) -> None:
    p = Parameters(layout, np.random.default_rng(0).normal(size=layout.size))
    np.testing.assert_array_equal(layout.gather(dict(p)), p.vector)


LAYOUT = Layout.of([{"weight": (2, 3), "bias": (3,)}, {}])


def test_gather_wants_every_array_in_its_shape() -> None:
    arrays = {"0.weight": np.ones((2, 3)), "0.bias": np.ones(3)}
    with pytest.raises(InputError, match=r"0\.bias should have shape \(3,\); got none"):
        LAYOUT.gather({"0.weight": arrays["0.weight"]})
    with pytest.raises(InputError, match=r"0\.weight should have shape \(2, 3\); got \(3, 2\)"):
        LAYOUT.gather(arrays | {"0.weight": np.ones((3, 2))})
    with pytest.raises(InputError, match="one dtype"):
        LAYOUT.gather(arrays | {"0.bias": np.ones(3, np.float32)})


def test_wrong_vector_and_unknown_name() -> None:
    with pytest.raises(InputError, match=r"needs a vector of shape \(9,\); got \(8,\)"):
        Parameters(LAYOUT, np.zeros(8))
    p = Parameters(LAYOUT, np.zeros(9))
    with pytest.raises(InputError, match=r"unknown parameter '0\.weights'; did you mean '0\.weight'"):
        p["0.weights"]
    assert "0.weight" in p
    assert "1.weight" not in p
    assert len(p) == 2
    assert repr(p) == "Parameters(9 float64: 0.weight (2, 3), 0.bias (3,))"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p)), Parameters.copy])  # noqa: S301 - our own bytes
def test_copies_have_one_memory_of_their_own(again) -> None:
    p = Parameters(LAYOUT, np.arange(9.0))
    q = again(p)
    q["0.bias"][0] = 100
    assert q.vector[6] == 100
    assert p.vector[6] == 6


def test_like_keeps_the_vector_given() -> None:
    vector = np.zeros(9, np.float32)
    assert Parameters(LAYOUT, np.zeros(9)).like(vector).vector is vector
