"""What a fitted Tabular estimator can do: read tables, predict, explain, be saved and loaded."""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import Any, Self, cast

import numpy as np
from sklearn.base import BaseEstimator

from clearprop import storage
from clearprop.arrays import Array, check_memory
from clearprop.data.frames import as_table, read_stream
from clearprop.data.preprocessing import FeatureEncoder
from clearprop.data.table import Kind, Table
from clearprop.errors import FileError, InputError
from clearprop.estimators.explanation import Explained
from clearprop.estimators.inputs import as_input_errors, refuse_masked
from clearprop.estimators.scores import Score
from clearprop.estimators.sklearn_functions import check_is_fitted, validate_data
from clearprop.estimators.tabular.model import TableModel
from clearprop.result import Result
from clearprop.training.history import History

KIND = "table model"
"""What a saved estimator's file says that it is."""


class Fitted(Explained, BaseEstimator):
    """What is known after a fit, and what is done with it."""

    _model: TableModel
    _names: tuple[str, ...]
    _prior: Array
    n_features_in_: int
    feature_names_in_: Array
    n_iter_: int
    best_iter_: int
    n_learnt_: int
    n_held_out_: int
    history_: History
    target_name_: str

    @abstractmethod
    def evaluate(self, X: Any, y: Any) -> list[Score]:  # noqa: N803 - scikit-learn's X
        """Return scores on rows that weren't learnt from, beside a dummy's that knows only the rows learnt from."""

    @property
    def kinds_(self) -> dict[str, Kind]:
        """The kind of each column that it reads: for ``read_table(file, kinds=model.kinds_)``."""
        return self._model.encoder.kinds

    @property
    def result_(self) -> Result:
        """The run of the core: network, parameters and all that it came to."""
        if "_model" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self._model.result

    @property
    def stopped_(self) -> str:
        """Why the training ended."""
        return self.result_.stopped

    @property
    def network_(self) -> Any:
        """The network, of the core's layers; ``print`` shows them."""
        return self.result_.network

    def input_gradients(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the derivative of each prediction by each number among the features, exactly.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, features)

        Returns
        -------
        array, shape (rows, outputs, features)
            Outputs are the columns of ``predict_proba``, or a regression's values; in their units per unit of the
            feature. NaN where a feature is no number, or missing.
        """
        from clearprop.explain import input_gradients

        check_is_fitted(self)
        table, model = self._table(X, reset=False), self._model
        x = model.matrix(table)
        slopes = input_gradients(model.result, x)
        members = model.result.network.members
        per_member = slopes.shape[1] // members
        slopes = slopes.reshape(len(x), members, per_member, x.shape[1]).mean(axis=1, dtype=np.float64)
        found = np.full((*slopes.shape[:2], len(self._names)), np.nan)
        for place, encoding in model.encoder.numbers():
            column = table[encoding.column]
            found[:, :, self._names.index(encoding.column)] = slopes[:, :, place] * encoding.slope(column)[:, None]
        return self._of_predictions(found, model.said(x))

    @abstractmethod
    def _of_predictions(self, slopes: Array, outputs: Array) -> Array:
        """Return derivatives (rows, outputs, features) of what is predicted, from those of the outputs."""

    def _seen(self, X: Any) -> tuple[Result, Array, list[str]]:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        model = self._model
        return model.result, model.matrix(self._table(X, reset=False)), list(model.encoder.feature_names)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write preprocessing, network and settings into one safetensors file, which ``load`` reads.

        Settings that are objects (callbacks, an optimiser, validation data) aren't kept: they have done their work.
        """
        check_is_fitted(self)
        settings: dict[str, Any] = cast(Any, self).get_params(deep=False)
        more, arrays = self._more_parts()
        run, run_arrays = self._model.result.parts()
        described = {
            "estimator": type(self).__name__,
            "settings": {name: value for name, value in settings.items() if _is_plain(value)},
            "names": list(self._names),
            "target": self.target_name_,
            "named": "feature_names_in_" in vars(self),
            "encoder": self._model.encoder.describe(),
            "run": run,
            "epochs": [self.n_iter_, self.best_iter_],
            "rows": [self.n_learnt_, self.n_held_out_],
            "prior": self._prior.tolist(),
            **more,
        }
        storage.write(path, KIND, described, arrays | run_arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't such an estimator's.
        """
        with storage.reading(path):
            described, arrays = storage.read(path, KIND)
            if described["estimator"] != cls.__name__:
                raise FileError(f"{path}: holds a {described['estimator']}, where a {cls.__name__} is needed")
            return cls.from_parts(described, arrays)

    @classmethod
    def from_parts(cls, described: storage.Description, arrays: dict[str, Array]) -> Self:
        """Build the estimator that a file describes."""
        settings = {
            name: tuple(cast(Any, value)) if isinstance(value, list) else value  # JSON knows no tuples
            for name, value in described["settings"].items()
        }
        estimator = cls(**settings)
        names = tuple(map(str, described["names"]))
        estimator._names, estimator.n_features_in_ = names, len(names)
        estimator.target_name_ = str(described["target"])
        if described["named"]:
            estimator.feature_names_in_ = np.array(names, dtype=object)
        encoder = FeatureEncoder.from_description(described["encoder"])
        model = TableModel(encoder, Result.from_parts(described["run"], arrays))
        estimator._model, estimator.history_ = model, model.result.history
        estimator.n_iter_, estimator.best_iter_ = map(int, described["epochs"])
        estimator.n_learnt_, estimator.n_held_out_ = map(int, described["rows"])
        estimator._prior = np.array(described["prior"], dtype=np.float64)
        outputs = estimator._restore(described, arrays)
        widths = model.result.network.widths
        if (widths[0], widths[-1]) != (len(encoder.feature_names), outputs * model.result.network.members):
            raise InputError("its network doesn't fit its preprocessing")
        if not set(encoder.kinds) <= set(names):
            raise InputError("its preprocessing reads columns that it doesn't have")
        return estimator

    @abstractmethod
    def _more_parts(self) -> tuple[storage.Description, dict[str, Array]]:
        """Return what else a file must hold."""

    @abstractmethod
    def _restore(self, described: storage.Description, arrays: dict[str, Array]) -> int:
        """Take what ``_more_parts`` returned, and return how many outputs a member has."""

    def _outputs(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        return self._model.outputs(self._table(X, reset=False))

    def _table(self, X: Any, *, reset: bool) -> Table:  # noqa: N803 - scikit-learn's X
        """Return X as a table with the columns' names of training; a frame's names are kept (``reset``) or checked."""
        refuse_masked(X, "X")
        if hasattr(X, "toarray"):
            check_memory(8.0 * X.shape[0] * X.shape[1], "X as a dense matrix")
        if isinstance(X, Table):
            return self._own_table(X, reset)
        if hasattr(X, "__arrow_c_stream__") and not hasattr(X, "columns"):  # scikit-learn finds neither names nor width
            return self._table(read_stream(X), reset=reset)
        table = as_table(X.toarray() if hasattr(X, "toarray") else X)
        with as_input_errors():
            validate_data(self, X, reset=reset, skip_check_array=True)
        if reset:
            self._names = table.names
        return Table(column.renamed(name) for column, name in zip(table.columns, self._names, strict=True))

    def _own_table(self, table: Table, reset: bool) -> Table:
        """Take a table that was read from a file: its columns are found by name, in whatever order."""
        if reset:
            self._names, self.n_features_in_ = table.names, len(table.names)
            self.feature_names_in_ = np.array(table.names, dtype=object)
        return table

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        tags.input_tags.sparse = True
        return tags


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, cast(Any, value)))
    return value is None or isinstance(value, bool | int | float | str)
