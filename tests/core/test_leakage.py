"""The quick look at all columns at once leaves no column out that the exact one would name."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from clearprop.losses.classification import CategoricalCrossEntropy

leakage = import_module("clearprop.diagnosis.leakage")  # the package has a function of that name


def columns(rng, labels, n_classes):
    """Yield columns that tell the classes: fully, all but, hardly, and not at all; finely, in levels, and with ties."""
    n = len(labels)
    order = rng.permutation(n_classes)[labels].astype(float)
    for wrong in (0.0, 0.0005, 0.001, 0.002, 0.01, 0.3):
        told = np.where(rng.random(n) < wrong, rng.integers(0, n_classes, n), order)
        yield told
        yield told + 0.4 * rng.random(n)
        yield -np.exp(3 * (told + 0.1 * rng.normal(size=n)))
        yield 7 * told + rng.integers(0, 3, n)  # levels that stand for classes, in order
        yield (told * 5) % 3 + n_classes * rng.integers(0, 2, n)
        yield np.where(rng.random(n) < 0.02, 50.0, told)  # outliers
        yield np.where(rng.random(n) < 10 * wrong, told.min(), told)  # many at the least value
    yield rng.normal(size=n)
    yield (rng.random(n) < 0.004).astype(float)
    yield np.full(n, 3.0)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_no_column_is_lost(monkeypatch, n_classes):
    found = 0
    for seed in range(4):
        rng = np.random.default_rng([n_classes, seed])
        labels = rng.integers(0, n_classes, (300, 1500)[seed % 2])
        x = np.column_stack(list(columns(rng, labels, n_classes)))
        result = SimpleNamespace(loss=CategoricalCrossEntropy())
        names = [f"c{j}" for j in range(x.shape[1])]
        constant = np.ptp(x, axis=0) == 0
        for targets in (np.eye(n_classes)[labels], (labels[:, None] >= np.arange(1, n_classes)).astype(float)):
            told = dict(leakage._tell_classes(x, targets))
            could = leakage._could_separate(x, labels, n_classes)
            with monkeypatch.context() as patch:
                patch.setattr(leakage, "_could_separate", lambda x, *_: np.ones(x.shape[1], bool))
                assert told == dict(leakage._tell_classes(x, targets))
            found += len(told)
        assert not could[-3]  # noise is left out
        case = SimpleNamespace(x=x, targets=targets, result=result, names=names, constant=constant)
        assert len(leakage.leakage(case)) == 1
    assert found > 50


def test_a_class_may_have_a_row_or_two_out_of_place():
    rng = np.random.default_rng(0)
    for n_classes in (2, 3):
        labels = np.arange(9000) % n_classes
        column = labels + 0.5 * rng.random(9000)
        column[:2] = n_classes, -1.0  # one of class 0 beyond all others, and one of class 1 before them
        (text,) = dict(leakage._tell_classes(column[:, None], np.eye(n_classes)[labels])).values()
        assert text.startswith("area under the ROC curve 0.9995" if n_classes == 2 else "thresholds separate all 3")
