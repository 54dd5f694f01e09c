from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clearprop as cp
from clearprop import testing
from clearprop.errors import InputError, InputTypeError
from clearprop.losses.loss import Loss

LOSSES = [
    cp.BinaryCrossEntropy(), cp.BinaryCrossEntropy(0.1), cp.CategoricalCrossEntropy(), cp.CategoricalCrossEntropy(0.1),
    cp.CategoricalCrossEntropy(0.1, groups=3), cp.Squared(), cp.Absolute(), cp.Huber(0.7), cp.Quantile(0.2),
    cp.Poisson(),
]  # fmt: skip


@pytest.mark.parametrize("loss", LOSSES, ids=str)
@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_derivatives(loss: Loss, outputs: int) -> None:
    for seed in range(3):
        assert testing.check_loss(loss, outputs=outputs, rng=seed).error <= 1e-12


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (cp.BinaryCrossEntropy(), lambda p, y: -y * np.log(p) - (1 - y) * np.log(1 - p)),
        (cp.BinaryCrossEntropy(0.2), lambda p, y: -(0.8 * y + 0.1) * np.log(p) - (0.9 - 0.8 * y) * np.log(1 - p)),
        (cp.Squared(), lambda p, y: (p - y) ** 2),
        (cp.Absolute(), lambda p, y: abs(p - y)),
        (cp.Huber(0.3), lambda p, y: np.where(abs(p - y) < 0.3, (p - y) ** 2 / 2, 0.3 * (abs(p - y) - 0.15))),
        (cp.Quantile(0.2), lambda p, y: np.where(y > p, 0.2 * (y - p), 0.8 * (p - y))),
        (cp.Poisson(), lambda p, y: p - y * np.log(p)),
    ],
    ids=lambda value: str(value) if isinstance(value, Loss) else "",
)
def test_mean_over_outputs_and_weighted_rows(loss: Loss, expected) -> None:
    rng = np.random.default_rng(0)
    p, y, w = rng.uniform(0.1, 0.9, (6, 3)), rng.uniform(0, 1, (6, 3)), rng.uniform(0.1, 2, 6)
    rows = expected(p, y).mean(axis=1)
    assert loss.value_and_gradient(p, y)[0] == pytest.approx(rows.mean(), rel=1e-13)
    assert loss.value_and_gradient(p, y, w)[0] == pytest.approx((w * rows).sum() / w.sum(), rel=1e-13)
    assert loss.value_and_gradient(p, y, 3 * w)[0] == pytest.approx(loss.value_and_gradient(p, y, w)[0], rel=1e-14)


def test_classes_are_summed_not_averaged() -> None:
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]])
    y = np.array([[1.0, 0, 0], [0, 0, 1]])
    assert cp.CategoricalCrossEntropy().value_and_gradient(p, y)[0] == pytest.approx(-np.log([0.5, 0.7]).mean())
    smooth = y * 0.7 + 0.1
    expected = -(smooth * np.log(p)).sum(axis=1).mean()
    assert cp.CategoricalCrossEntropy(0.3).value_and_gradient(p, y)[0] == pytest.approx(expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("score", [1e4, 745.2, 88.8, 0.5, 1e-5])
def test_binary_cross_entropy_of_large_scores(dtype: type, score: float) -> None:
    """ℓ = ln(1 + e^−|z|) on the right side, |z| more on the wrong one; exact, not clipped."""
    z = np.array([[score], [-score], [score], [-score]], dtype)
    y = np.array([[1], [0], [0], [1]], dtype)
    loss = cp.BinaryCrossEntropy()
    value, gradient = loss.value_and_gradient(cp.Sigmoid()(z), y, z=z)
    far = float(dtype(score))
    right = np.log1p(np.exp(-far))
    np.testing.assert_allclose(loss.value_from_z(z, y)[:, 0], [right, right, far + right, far + right], rtol=4e-7)
    assert value == pytest.approx((4 * right + 2 * far) / 4, rel=1e-6 if dtype == np.float32 else 1e-14)
    wrong = 1 / (1 + np.exp(-far)) / 4
    scale = 1e-7 if dtype == np.float32 else 1e-16
    np.testing.assert_allclose(gradient[:, 0], [wrong - 0.25, 0.25 - wrong, wrong, -wrong], atol=scale)
    assert gradient.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_by_cases(dtype: type) -> None:
    """(1 − y) z where z > 0, else −y z, and ln(1 + e^−|z|) more: bit for bit, also for soft targets."""
    z = 3 * np.random.default_rng(0).normal(size=(200, 2)).astype(dtype)
    y = np.random.default_rng(1).choice([0, 0.1, 0.7, 1 - 1e-6, 1], z.shape).astype(dtype)
    expected = np.where(z > 0, (1 - y) * z, -y * z) + np.log1p(np.exp(-abs(z)))
    np.testing.assert_array_equal(cp.BinaryCrossEntropy().value_from_z(z, y), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("score", [1e4, 745.2, 88.8, 10.0])
def test_categorical_cross_entropy_of_large_scores(dtype: type, score: float) -> None:
    z = np.array([[score, 0, -score], [0, score, 0], [score, score - 10, 0]], dtype)
    y = np.eye(3, dtype=dtype)[[0, 2, 0]]
    loss = cp.CategoricalCrossEntropy()
    value, gradient = loss.value_and_gradient(cp.Softmax()(z), y, z=z)
    exact = z.astype(float)
    shifted = exact - exact.max(axis=1, keepdims=True)
    others = np.exp(shifted).sum(axis=1) - 1
    rows = np.log1p(others) - (shifted * y).sum(axis=1)
    computed = loss.value_from_z(z, y).sum(axis=1)
    np.testing.assert_allclose(computed, rows, rtol=3e-3 if dtype == np.float32 else 1e-11, atol=1e-300)
    assert value == pytest.approx(rows.mean(), rel=1e-6 if dtype == np.float32 else 1e-12)
    softmax = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(gradient, (softmax - y) / 3, atol=1e-7 if dtype == np.float32 else 1e-15)
    assert gradient.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_near_the_largest_number(dtype: type) -> None:
    far = np.finfo(dtype).max / 4
    z = np.array([[far, 0, -far], [0, far, -far]], dtype)
    y = np.eye(3, dtype=dtype)[[0, 1]]
    assert cp.CategoricalCrossEntropy().value_and_gradient(cp.Softmax()(z), y, z=z)[0] == 0
    column, ones = z[:, :1] - 1, np.ones((2, 1), dtype)
    assert np.isfinite(cp.BinaryCrossEntropy().value_and_gradient(cp.Sigmoid()(column), ones, z=column)[0])


def test_plain_cross_entropy_at_the_edge() -> None:
    """Certain and right costs nothing; certain and wrong costs infinitely much; nothing is clipped."""
    p, y = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])
    assert cp.BinaryCrossEntropy().value_and_gradient(p, y)[0] == 0
    with np.errstate(divide="ignore"):
        assert cp.BinaryCrossEntropy().value_and_gradient(1 - p, y)[0] == np.inf
    rows = np.eye(3)
    value, gradient = cp.CategoricalCrossEntropy().value_and_gradient(rows, rows)
    assert value == 0
    np.testing.assert_array_equal(gradient, -rows / 3)
    value, gradient = cp.Poisson().value_and_gradient(np.array([[0.0]]), np.array([[0.0]]))
    assert (value, gradient.item()) == (0.0, 1.0)


def test_labels_and_one_hot_rows_are_the_same() -> None:
    loss = cp.CategoricalCrossEntropy()
    expected = np.eye(3)[[2, 0, 1]]
    for y in ([2, 0, 1], np.array([2, 0, 1]), np.array([[2.0], [0], [1]]), expected, np.array([2, 0, 1], np.uint8)):
        targets = loss.targets(y, 3, np.float32)
        np.testing.assert_array_equal(targets, expected)
        assert targets.dtype == np.float32
    assert loss.targets([True, False], 2, np.float64).tolist() == [[0, 1], [1, 0]]


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=20))
def test_one_hot(labels: list[int]) -> None:
    targets = cp.CategoricalCrossEntropy().targets(labels, 5, np.float64)
    assert targets.argmax(axis=1).tolist() == labels
    assert (targets.sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("loss", "y", "n_outputs", "error", "message"),
    [
        (cp.Squared(), [[1.0, 2]], 1, InputError, "y has 2 columns and the network has 1 outputs; they must be equal"),
        (cp.Squared(), [[1.0], [np.nan]], 1, InputError, "y holds nan at row 1, column 0"),
        (cp.Squared(), ["a"], 1, InputTypeError, "y holds text"),
        (cp.Squared(), np.ma.masked_array([1.0]), 1, InputTypeError, "masked array"),
        (cp.Squared(), [[1.0], [2.0, 3.0]], 1, InputError, "rows of one length"),
        (cp.BinaryCrossEntropy(), [0, 1, 2], 1, InputError,
         "targets between 0 and 1; y holds 2 at row 2, column 0; code the two classes as 0 and 1"),
        (cp.BinaryCrossEntropy(), [0, -1], 1, InputError, "y holds -1 at row 1"),
        (cp.Poisson(), [[1], [-2]], 1, InputError, "poisson needs counts of 0 or more; y holds -2 at row 1.*'squared'"),
        (cp.CategoricalCrossEntropy(), [0, 1], 1, InputError,
         r"an output for each class; for two classes in one, use Dense\(1, 'sigmoid'\)"),
        (cp.CategoricalCrossEntropy(), [0, 3], 3, InputError, "whole numbers from 0 to 2; row 1 has 3"),
        (cp.CategoricalCrossEntropy(), [0, -1], 3, InputError, "row 1 has -1"),
        (cp.CategoricalCrossEntropy(), [0, 1.5], 3, InputError, "row 1 has 1.5"),
        (cp.CategoricalCrossEntropy(), [[0, 1]], 3, InputError,
         r"labels \(1 column\) or one-hot rows \(3\); got shape \(1, 2\)"),
        (cp.CategoricalCrossEntropy(), [[0.5, 0.25, 0.75]], 3, InputError,
         "each row of y must sum to 1; row 0 sums to 1.5"),
        (cp.CategoricalCrossEntropy(), [[2.0, -1.0, 0.0]], 3, InputError,
         "probabilities must lie between 0 and 1; y holds 2"),
        (cp.CategoricalCrossEntropy(), ["cat", "dog"], 3, InputTypeError, "y holds text"),
    ],
)  # fmt: skip
def test_wrong_targets(loss: Loss, y: object, n_outputs: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        loss.targets(y, n_outputs, np.float64)


def test_a_loss_of_ones_own() -> None:
    @dataclass(frozen=True)
    class LogCosh(cp.Loss):
        def value(self, prediction, target):
            return np.log(np.cosh(prediction - target))

        def derivative(self, prediction, target):
            return np.tanh(prediction - target)

    assert testing.check_loss(LogCosh()).error < 1e-12
    x = np.random.default_rng(0).normal(size=(20, 2))
    result = cp.train(cp.Network(2, [cp.Dense(1)]), x, x[:, 0], loss=LogCosh(), optimizer="lbfgs", steps=30, rng=0)
    assert result.history["loss"][-1] < 1e-6


def test_a_joint_loss_must_have_both_formulas() -> None:
    @dataclass(frozen=True)
    class Half(cp.Squared):
        joint = cp.Tanh

    network = cp.Network(1, [cp.Dense(1, "tanh")])
    with pytest.raises(NotImplementedError, match="Half names a joint activation but has no value_from_z"):
        cp.train(network, [[1.0], [2.0]], [0.0, 1.0], loss=Half(), steps=1)
    with pytest.raises(NotImplementedError, match="no derivative_from_z"):
        Half().derivative_from_z(np.ones(1), np.ones(1))
