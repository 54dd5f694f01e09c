"""What ``Live`` shows of an estimator's run: the columns that its network reads, and the classes, by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import clearprop as cp
from clearprop.live.data import Data

AGE = [20.0, 30.0, None, 50.0] * 15
TABLE = pd.DataFrame({"age": AGE, "town": ["Bern", "Rome", "Oslo"] * 20})
NUMBERS = pd.DataFrame({"height": np.linspace(0, 1, 60), "width": np.linspace(1, -1, 60)})
BOUGHT = pd.Series(["yes", "no", "yes", "no"] * 15, name="bought")
ENCODED = ["age", "age is missing", "town=Bern", "town=Oslo", "town=Rome"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:1 iterations ended before training converged"),
    pytest.mark.filterwarnings("ignore:y holds one class only"),
]


@pytest.fixture
def live() -> Iterator[cp.Live]:
    shown = cp.Live(open_browser=False)
    yield shown
    shown.close()


def fitted(kind: Any, live: cp.Live, x: Any, y: Any) -> Data:
    short = {"hidden_layer_sizes": (3,), "engine": "reference", "random_state": 0, "callbacks": [live]}
    length = {"max_epochs": 1} if kind in (cp.TabularClassifier, cp.TabularRegressor) else {"max_iter": 1}
    kind(**short, **length).fit(x, y)
    return live.recording.data(live.branch.data)


@pytest.mark.parametrize(
    ("kind", "x", "y", "features", "classes", "target"),
    [
        (cp.TabularClassifier, TABLE, BOUGHT, ENCODED, ["no", "yes"], "bought"),
        (cp.TabularClassifier, TABLE, TABLE["town"], ENCODED, ["Bern", "Oslo", "Rome"], "town"),
        (cp.TabularRegressor, TABLE, NUMBERS["width"], ENCODED, [], "width"),
        (cp.MLPClassifier, NUMBERS, BOUGHT, ["height", "width"], ["no", "yes"], "bought"),
        (cp.MLPClassifier, NUMBERS.to_numpy(), TABLE["town"].tolist(), ["x0", "x1"], ["Bern", "Oslo", "Rome"], "y"),
        (cp.MLPClassifier, NUMBERS, ["yes"] * 60, ["height", "width"], ["0", "1"], "y"),
        (cp.MLPClassifier, NUMBERS, np.eye(3)[np.arange(60) % 3], ["height", "width"], [], "y"),
        (cp.MLPRegressor, NUMBERS, NUMBERS["width"], ["height", "width"], [], "width"),
    ],
)
def test_an_estimators_names_are_shown(
    live: cp.Live, kind: Any, x: Any, y: Any, features: list[str], classes: list[str], target: str
) -> None:
    data = fitted(kind, live, x, y)
    assert (data.features, data.classes, data.target) == (features, classes, target)
    assert data.x.shape[1] == len(features)


def test_a_target_that_is_learnt_standardised_is_shown_in_its_own_units(live: cp.Live) -> None:
    price = pd.Series(np.linspace(100, 900, 60) ** 1.5, name="price")
    data = fitted(cp.TabularRegressor, live, TABLE, price)
    assert data.validation is not None
    assert data.scale is not None
    mean, deviation = data.scale
    shown = np.concatenate([data.y, data.validation[1]])[:, 0] * deviation + mean
    np.testing.assert_allclose(np.sort(shown), price, rtol=1e-5)
    assert fitted(cp.TabularRegressor, live, TABLE, np.column_stack([price, -price])).scale is None  # of several


def test_runs_of_the_same_columns_share_a_table_and_others_have_their_own(live: cp.Live) -> None:
    first = fitted(cp.MLPClassifier, live, NUMBERS, BOUGHT)
    assert fitted(cp.MLPClassifier, live, NUMBERS[:40], BOUGHT[:40]) is first
    assert fitted(cp.MLPClassifier, live, NUMBERS.assign(depth=0.5), BOUGHT).features == ["height", "width", "depth"]


def test_a_run_without_names_has_none_of_an_estimators(live: cp.Live) -> None:
    fitted(cp.MLPClassifier, live, NUMBERS, BOUGHT)
    network, y = cp.Network(2, [cp.Dense(1, "sigmoid")]), np.arange(60) % 2
    cp.train(network, NUMBERS.to_numpy(), y, loss="binary_cross_entropy", steps=2, engine="reference", callbacks=[live])
    data = live.recording.data(live.branch.data)
    assert (data.features, data.classes) == (["x1", "x2"], ["0", "1"])
