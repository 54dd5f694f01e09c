"""Who is measured on the real tables: ours, scikit-learn's MLP and gradient boosting, RealMLP; and their searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np
from scipy.stats import loguniform
from tables_data import Rows, Table, halves

Space = Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """An estimator with its defaults, or with what a random search over ``space`` finds."""

    name: str
    title: str
    module: str
    classifier: str
    regressor: str
    piped: bool = False  # behind a pipeline that makes numbers of the table and scales them
    threads: str | None = None  # the name of its parameter for that, where it doesn't go by its libraries' limits
    space: Space | None = None
    images: bool = False  # takes part on images too
    fixed: Mapping[str, Any] = field(default_factory=dict)  # settings that aren't its defaults

    def estimator(self, table: Table) -> str:
        """Return the name of its class for a table."""
        return self.regressor if table.regression else self.classifier

    def installed(self) -> bool:
        """Tell whether its classes can be had."""
        if find_spec(self.module) is None:
            return False
        module = import_module(self.module)
        return all(hasattr(module, name) for name in (self.classifier, self.regressor))

    def make(self, table: Table, seed: int, threads: int, settings: Mapping[str, Any] | None = None) -> Any:
        """Return the estimator, not yet fitted."""
        more = {} if self.threads is None else {self.threads: threads}
        cls = getattr(import_module(self.module), self.estimator(table))
        made = cls(random_state=seed, **more, **self.fixed, **(settings or {}))
        return pipeline(made) if self.piped and not table.images else made


def pipeline(last: Any) -> Any:
    """Put before an estimator what an MLP of scikit-learn's needs for a table."""
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    levels = OneHotEncoder(handle_unknown="ignore", sparse_output=False)  # a missing value is a level of its own
    columns = ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("levels", levels, make_column_selector(dtype_include="category")),
        ]
    )
    return make_pipeline(columns, last)


MLP = {
    "hidden_layer_sizes": [(64,), (128,), (256,), (64, 64), (128, 128), (256, 256), (128,) * 3, (256,) * 3],
    "alpha": loguniform(1e-6, 1e-1),
    "learning_rate_init": loguniform(2e-4, 1e-2),
    "batch_size": [64, 128, 256, 512],
    "early_stopping": [True, False],
}
BOOSTING = {
    "learning_rate": loguniform(0.01, 0.3),
    "max_leaf_nodes": [7, 15, 31, 63, 127],
    "min_samples_leaf": [5, 10, 20, 50, 100],
    "l2_regularization": loguniform(1e-4, 1e1),
    "max_iter": [1000],
    "early_stopping": [True],
}
MODELS = {
    each.name: each
    for each in (
        Model(
            "tabular", "`TabularClassifier`, `TabularRegressor`", "clearprop", "TabularClassifier", "TabularRegressor",
            images=True,
        ),
        Model(
            "tabular-realmlp", '`TabularClassifier`, `TabularRegressor`, `recipe="realmlp"`', "clearprop",
            "TabularClassifier", "TabularRegressor", fixed={"recipe": "realmlp"},
        ),
        Model("mlp", "`MLPClassifier`, `MLPRegressor`", "clearprop", "MLPClassifier", "MLPRegressor", piped=True),
        Model(
            "sklearn", "scikit-learn's MLP", "sklearn.neural_network", "MLPClassifier", "MLPRegressor",
            piped=True, images=True,
        ),
        Model(
            "sklearn-tuned", "scikit-learn's MLP, tuned", "sklearn.neural_network", "MLPClassifier", "MLPRegressor",
            piped=True, space=MLP,
        ),
        Model(
            "boosting", "HistGradientBoosting", "sklearn.ensemble",
            "HistGradientBoostingClassifier", "HistGradientBoostingRegressor",
        ),
        Model(
            "boosting-tuned", "HistGradientBoosting, tuned", "sklearn.ensemble",
            "HistGradientBoostingClassifier", "HistGradientBoostingRegressor", space=BOOSTING,
        ),
        Model(
            "realmlp", "RealMLP-TD-S (pytabkit)", "pytabkit", "RealMLP_TD_S_Classifier", "RealMLP_TD_S_Regressor",
            threads="n_threads",
        ),
    )
}  # fmt: skip


def score(fitted: Any, x: Any, y: Any, name: str) -> float:
    """Return one score of a fitted estimator."""
    from sklearn.metrics import accuracy_score, roc_auc_score, root_mean_squared_error

    if name == "AUC":
        return float(roc_auc_score(y == fitted.classes_[1], fitted.predict_proba(x)[:, 1]))
    measure = root_mean_squared_error if name == "RMSE" else accuracy_score
    return float(measure(y, fitted.predict(x)))


def search(
    model: Model, table: Table, rows: Rows, seed: int, threads: int, points: int, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Try random settings on a part of the training rows, and return the best with its score and the seconds of all."""
    from sklearn.model_selection import ParameterSampler

    assert model.space is not None
    metric, parts = table.metrics[0], halves(rows, seed)
    start, tried = perf_counter(), []
    for settings in ParameterSampler(dict(model.space), points, random_state=seed):
        fitted = model.make(table, seed, threads, settings).fit(parts.x, parts.y)
        found = score(fitted, parts.x_test, parts.y_test, metric.name)
        tried.append((found, {name: _plain(value) for name, value in settings.items()}))
        tell(f"{table.name}, {model.name}, point {len(tried)} of {points}: {metric.name} {found:.4f}")
    best, settings = (min if metric.lower_is_better else max)(tried, key=lambda each: each[0])
    return {"settings": settings, "validation": best, "seconds": perf_counter() - start, "points": points}


def settings_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a search's settings as they were before they went through JSON, which knows no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found["settings"].items()}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
