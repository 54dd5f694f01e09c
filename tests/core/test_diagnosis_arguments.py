"""What ``diagnose`` takes, refuses and leaves as it is, and how a finding reads."""

from __future__ import annotations

import numpy as np
import pytest

import clearprop as cp
from clearprop.diagnosis import diagnose

GROUND = np.random.default_rng(0)
X = GROUND.normal(size=(600, 5))
QUANTITY = X @ [1.0, 0.5, -1.0, 0.0, 0.2] + np.sin(2 * X[:, 3]) + 0.3 * GROUND.normal(size=600)
QUANTITY = (QUANTITY - QUANTITY.mean()) / QUANTITY.std()


def regression(x=X, epochs=60):
    network = cp.Network(5, [cp.Dense(16, "tanh"), cp.Dense(1)])
    return cp.train(
        network, x, QUANTITY, loss="squared", optimizer=cp.Adam(0.01), epochs=epochs, batch_size=32, rng=0,
        engine="reference",
    )  # fmt: skip


def problems(result, x, y, **options):
    return [finding.problem for finding in diagnose(result, x, y, **options)]


def with_column(j, values):
    changed = X.copy()
    changed[:, j] = values
    return changed


def test_large_tables_are_read_in_part():
    run = regression(x := with_column(3, 1e4 * X[:, 3]), epochs=1)
    many = np.tile(x, (40, 1))
    found = {f.problem: f for f in diagnose(run, many, np.tile(QUANTITY, 40))}
    assert "unscaled inputs" in found
    one = np.tile(with_column(3, 0.0), (40, 1))
    assert "the same in all 24,000 rows" in diagnose(run, one, np.tile(QUANTITY, 40))[0].evidence
    one[12_345, 3] = 1.0  # whole columns are read
    assert "constant columns" not in problems(run, one, np.tile(QUANTITY, 40))


def test_nothing_is_changed():
    run = regression(epochs=2)
    before, x = run.progress.parameters.vector.copy(), X.copy()
    diagnose(run, x, QUANTITY)
    np.testing.assert_array_equal(run.progress.parameters.vector, before)
    np.testing.assert_array_equal(x, X)


def test_rows_of_weight_0_are_left_out():
    x = with_column(3, np.where(np.arange(600) < 300, 0.0, X[:, 3]))
    run, weight = regression(x), (np.arange(600) < 300).astype(float)
    assert "constant columns" not in problems(run, x, QUANTITY)
    assert "constant columns" in problems(run, x, QUANTITY, sample_weight=weight)


def test_a_loaded_run_is_diagnosed_alike(tmp_path):
    x = with_column(1, 4e4 + 1e4 * X[:, 1])
    run = regression(x)
    run.save(tmp_path / "run.safetensors")
    assert diagnose(cp.load(tmp_path / "run.safetensors"), x, QUANTITY) == diagnose(run, x, QUANTITY)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"x": X[:, :2]}, r"x must have 5 columns; got shape \(600, 2\)"),
        ({"y": QUANTITY[:9]}, "x has 600 rows and y has 9"),
        ({"names": ["a"]}, "names must name each of the network's 5 inputs; got 1"),
        ({"validation": X}, r"validation must be \(x, y\)"),
        ({"validation": (X[:, :2], QUANTITY)}, "validation x must have 5 columns"),
        ({"sample_weight": [1.0]}, "sample_weight must have one number for each of the 600 rows"),
    ],
)
def test_what_does_not_fit_is_said(options, words):
    given = {"x": X, "y": QUANTITY} | options
    with pytest.raises(cp.errors.InputError, match=words):
        diagnose(regression(epochs=1), given.pop("x"), given.pop("y"), **given)


def test_a_finding_reads_well():
    (finding,) = diagnose(regression(x := with_column(3, 7.0)), x, QUANTITY, names=["a", "b", "c", "rooms", "e"])
    assert str(finding) == (
        "constant columns: 1 of 5 columns is the same in all 600 rows: 'rooms' (7).\n"
        "  remedy: Leave such columns out; where they should differ, look at how the table was made."
    )
