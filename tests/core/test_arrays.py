from __future__ import annotations

import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clearprop import arrays
from clearprop.arrays import as_matrix, at_least, check_finite, check_memory, dot, namespace, sum_rows, total
from clearprop.errors import InputError, InputTypeError, TooLargeError

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=7)
numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
matrices = hnp.arrays(np.float64, shapes, elements=numbers)


def disguised(matrix: np.ndarray, how: str) -> np.ndarray:
    """The same numbers, lying otherwise in memory."""
    if how == "strided":
        wide = np.full((2 * matrix.shape[0], 3 * matrix.shape[1]), 7.0, matrix.dtype)
        wide[::2, ::3] = matrix
        return wide[::2, ::3]
    if how == "reversed":
        return np.ascontiguousarray(matrix[::-1, ::-1])[::-1, ::-1]
    if how == "fortran":
        return np.asfortranarray(matrix)
    if how == "big-endian":
        return matrix.astype(matrix.dtype.newbyteorder(">"))
    if how == "object":
        return matrix.astype(object)
    if how == "longdouble":
        return matrix.astype(np.longdouble)
    fixed = matrix.copy()
    fixed.setflags(write=False)
    return fixed


HOW = ["strided", "reversed", "fortran", "big-endian", "object", "longdouble", "read-only"]


@pytest.mark.parametrize("how", HOW)
@given(matrix=matrices)
def test_however_it_lies_in_memory_the_bits_are_the_same(how: str, matrix: np.ndarray) -> None:
    given_x = disguised(matrix, how)
    before = given_x.copy()
    result = as_matrix(given_x, "x")
    assert result.dtype == np.float64
    assert result.dtype.isnative
    assert result.flags.c_contiguous
    assert result.tobytes() == matrix.tobytes()
    np.testing.assert_array_equal(given_x, before)


@given(matrix=hnp.arrays(np.float32, shapes, elements=st.floats(-1e6, 1e6, width=32)))
def test_float32_stays_float32(matrix: np.ndarray) -> None:
    for how in ("strided", "fortran", "big-endian", "read-only"):
        result = as_matrix(disguised(matrix, how), "x")
        assert result.dtype == np.float32
        assert result.tobytes() == matrix.tobytes()
    assert as_matrix(matrix, "x", dtype="float64").dtype == np.float64


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.longdouble, np.float64),
        (bool, np.float64),
        (np.int8, np.float64),
        (np.uint16, np.float64),
        (np.int64, np.float64),
    ],
)
def test_dtypes(dtype: type, expected: type) -> None:
    x = np.array([[0, 1], [1, 0]], dtype)
    result = as_matrix(x, "x")
    assert result.dtype == expected
    np.testing.assert_array_equal(result, [[0, 1], [1, 0]])


@given(x=hnp.arrays(st.sampled_from([np.int8, np.int64, np.uint32, np.bool_]), shapes))
def test_whole_numbers_are_exact(x: np.ndarray) -> None:
    np.testing.assert_array_equal(as_matrix(x, "x"), x.astype(np.float64))


def test_lists_frames_and_sparse_matrices() -> None:
    scipy_sparse = pytest.importorskip("scipy.sparse")
    np.testing.assert_array_equal(as_matrix([[1, 2.5], [True, 4]], "x"), [[1, 2.5], [1, 4]])
    np.testing.assert_array_equal(as_matrix(scipy_sparse.csr_matrix(np.eye(3)), "x"), np.eye(3))
    np.testing.assert_array_equal(as_matrix([1, 2], "y", column=True), [[1], [2]])
    assert as_matrix(np.empty((0, 3)), "x").shape == (0, 3)


def test_a_right_matrix_is_taken_as_it_is() -> None:
    x = np.ones((3, 2))
    assert as_matrix(x, "x") is x


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([1, 2], InputError, r"x must be a matrix.*reshape\(-1, 1\).*got shape \(2,\)"),
        (np.ones((2, 2, 2)), InputError, r"got shape \(2, 2, 2\)"),
        (3.0, InputError, r"got shape \(\)"),
        (np.ones((2, 0)), InputError, "x has no columns"),
        ([[1, 2], [3]], InputError, "x must be a matrix with rows of one length"),
        ([[1.0, np.nan]], InputError, r"x holds nan at row 0, column 1 \(1 value of 2 is not finite\); fill or drop"),
        ([[1.0, 2], [np.inf, np.nan]], InputError, r"x holds inf at row 1, column 0 \(2 values of 4 are not finite\)"),
        (np.ones((2, 2), complex), InputTypeError, r"x holds complex numbers; .*x\.real"),
        (np.ma.masked_array([[1.0]]), InputTypeError, r"masked array, .*x\.filled\(value\)"),
        ([["1", "2"]], InputTypeError, "x holds text, where numbers are needed"),
        (np.array([[b"1"]]), InputTypeError, "x holds bytes"),
        (np.array([["2020-01-01"]], "datetime64[D]"), InputTypeError, "x holds dates"),
        (np.array([[1]], "timedelta64[s]"), InputTypeError, "x holds time spans"),
        (np.zeros((1, 1), [("a", float)]), InputTypeError, r"x holds \[\('a', '<f8'\)\]"),
        ([[1, None]], InputTypeError, "x holds None at row 0, column 1.*fill or drop missing values"),
        ([[1, object()]], InputTypeError, "at row 0, column 1, where a number is needed; encode text and dates"),
        (np.array([1, "a"], object), InputTypeError, "x holds 'a' at row 1, where"),
        (np.array("a", object), InputTypeError, "at its only value"),
        (np.array([[10**400]], object), InputError, "whole number above 1.8e308"),
        (np.array([["1" * 100]], object), InputTypeError, r"x holds '1{59} at"),
    ],
)
def test_what_cannot_be_used(x: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        as_matrix(x, "x")


def test_a_frame_names_its_column() -> None:
    class Frame:
        columns = ("age", "town")

        def __array__(self, dtype=None, copy=None):
            return np.array([[1, "Ulm"]], object)

    with pytest.raises(InputTypeError, match="x holds 'Ulm' at row 0, column 'town'"):
        as_matrix(Frame(), "x")


def test_other_number_of_columns() -> None:
    with pytest.raises(InputError, match=r"x must have 3 columns; got shape \(2, 2\)"):
        as_matrix(np.ones((2, 2)), "x", features=3)


def test_too_large_for_float32() -> None:
    with pytest.raises(InputError, match="x holds inf at row 0, column 0"):
        as_matrix([[1e300]], "x", dtype="float32")


def test_finite_of_other_shapes() -> None:
    with pytest.raises(InputError, match="v holds nan at row 1 "):
        check_finite(np.array([0, np.nan]), "v")
    with pytest.raises(InputError, match="v holds nan at index 0, index 0, index 1"):
        check_finite(np.array([[[0, np.nan]]]), "v")
    check_finite(np.empty((0, 2)), "v")


def test_memory_is_estimated_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    check_memory(1e6, "a little")
    with pytest.raises(TooLargeError, match=r"much would take about .* GiB, and this machine has .* GiB; use fewer"):
        check_memory(1e18, "much")
    monkeypatch.delattr(arrays.os, "sysconf")  # Windows has none: 64 TiB are taken as the limit
    check_memory(2.0**45, "much")
    with pytest.raises(TooLargeError):
        check_memory(2.0**47, "too much")


def test_sums_keep_their_digits() -> None:
    """Adding a million float32 numbers row after row loses 1e-2 where all roundings go one way, as with 0.1."""
    out = np.empty(2, np.float32)
    for x, allowed in (
        (np.full((1_000_000, 2), 0.1, np.float32), 2e-5),
        (np.random.default_rng(0).random((1_000_000, 2), dtype=np.float32), 1e-6),
    ):
        exact = x.sum(axis=0, dtype=np.float64)
        sum_rows(x, out)
        np.testing.assert_allclose(out, exact, rtol=allowed)
        assert (abs(x.sum(axis=0) / exact - 1) > 4 * allowed).all()  # what sum_rows is there for
        np.testing.assert_allclose(total(x, axis=0), exact, rtol=1e-12)
        assert total(x) == pytest.approx(exact.sum(), rel=1e-12)
        assert total(x).dtype == np.float64


@given(x=hnp.arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(1, 4)), elements=numbers))
def test_sum_rows_over_blocks(x: np.ndarray) -> None:
    many = np.tile(x, (1000, 1))
    out = np.empty(x.shape[1])
    sum_rows(many, out)
    np.testing.assert_allclose(out, 1000 * x.sum(axis=0), rtol=1e-9, atol=1e-6 * (1 + abs(x).max()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 3), (120, 100), (9000,), (3000, 1)])
def test_at_least(shape: tuple[int, ...], dtype: type) -> None:
    """In short arrays and long ones; complex numbers by their real part."""
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    before, out = x.copy(), np.empty_like(x)
    expected = np.where(x.real > 0.25, x, dtype(0.25))
    np.testing.assert_array_equal(at_least(x, 0.25), expected)
    assert at_least(x, 0.25).dtype == dtype
    assert at_least(x, 0.25, out=out) is out
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(x, before)


LARGE_STEPS = """
import resource, numpy as np, clearprop as cp
class Faults(cp.Callback):
    taken = []
    def on_step(self, training):
        self.taken.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
network = cp.Network(20, [cp.Dense(256, "relu"), cp.Dense(256, "gelu"), cp.Dense(1)])
x = np.ones((2048, 20), np.float32) * np.linspace(0, 1, 2048, dtype=np.float32)[:, None]
cp.train(network, x, x[:, 0], loss="squared", steps=10, rng=0, callbacks=[Faults()])
print(Faults.taken[-1] - Faults.taken[4])
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="keep_freed_memory speaks to the GNU C library only")
def test_steps_on_large_batches_keep_their_memory() -> None:
    """Five steps that make and free 2 MiB arrays take no new pages; without ``keep_freed_memory`` 500 for each one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", LARGE_STEPS]
    faults = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603 - ours
    assert int(faults) < 500


def test_namespace_and_dot() -> None:
    assert namespace(np.ones(1)) is np
    assert namespace(np.float64(1)) is np
    out = np.empty((2, 2))
    assert dot(np.eye(2), np.eye(2), out=out) is out
    np.testing.assert_array_equal(out, np.eye(2))
