"""Reading a Tabular estimator's file without knowing which of the two it holds."""

from __future__ import annotations

import os

from clearprop import storage
from clearprop.errors import FileError
from clearprop.estimators.tabular.classifier import TabularClassifier
from clearprop.estimators.tabular.fitted import KIND
from clearprop.estimators.tabular.regressor import TabularRegressor


def load_model(path: str | os.PathLike[str]) -> TabularClassifier | TabularRegressor:
    """Return the classifier or regressor that a file holds.

    Raises
    ------
    FileNotFoundError, FileError
        If there is no such file, or it isn't such an estimator's.
    """
    with storage.reading(path):
        described, arrays = storage.read(path, KIND)
        for kind in (TabularClassifier, TabularRegressor):
            if described["estimator"] == kind.__name__:
                return kind.from_parts(described, arrays)
        raise FileError(f"{path}: holds a {described['estimator']!s:.60}, which this version doesn't know")
