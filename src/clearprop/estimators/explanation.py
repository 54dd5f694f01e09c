"""What an estimator's features do, and what may be wrong with its fit: by name, and in plain words."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.data.batches import Batch
from clearprop.errors import InputError, unknown_name
from clearprop.estimators.inputs import as_input_errors
from clearprop.estimators.sklearn_functions import check_is_fitted, get_scorer_names
from clearprop.settings import check_whole
from clearprop.training.callbacks import Callback, Names

if TYPE_CHECKING:
    from clearprop.diagnosis import Finding
    from clearprop.result import Result


class Importance(NamedTuple):
    """How much a score falls when one feature is shuffled.

    Examples
    --------
    >>> print(Importance("age", 0.125, 0.02))
    age: 0.125 ± 0.02
    """

    name: str
    mean: float
    std: float

    def __str__(self) -> str:
        return f"{self.name}: {self.mean:.3g} ± {self.std:.1g}"


def feature_names(estimator: Any, x: Any) -> list[str]:
    """Return the features' names: x's own, else those of training, else "x0", "x1", …, as scikit-learn has them."""
    own = getattr(x, "column_names", getattr(x, "columns", None))  # pyarrow's columns are values
    names = getattr(estimator, "feature_names_in_", None) if own is None else own
    return [f"x{j}" for j in range(np.shape(x)[1])] if names is None else [str(name) for name in names]


def permutation_importance(
    estimator: Any,
    x: Any,
    y: Any,
    *,
    n_repeats: int = 5,
    scoring: Any = None,
    random_state: Any = None,
    sample_weight: Any = None,
) -> list[Importance]:
    """Return how much the score falls when one feature's values are shuffled, the most important feature first.

    score(x) − score(x with the feature shuffled), mean and deviation over ``n_repeats`` shuffles (Breiman 2001; by
    ``sklearn.inspection.permutation_importance``). The rows should not be those learnt from; features that say the same
    share their importance.

    Parameters
    ----------
    estimator : fitted estimator
    x : DataFrame or array, shape (rows, features)
        As ``predict`` takes it.
    y : array-like, shape (rows,) or (rows, outputs)
    n_repeats : int, at least 1
    scoring : str or function (estimator, X, y) → float, optional
        By default ``estimator.score``: accuracy or R².
    random_state : int, RandomState or None
    sample_weight : array-like, shape (rows,), optional

    Returns
    -------
    list of Importance
        In units of the score.

    Raises
    ------
    InputError, InputTypeError
        For rows that the estimator can't take, an unknown scorer, or several of them.

    Examples
    --------
    >>> from clearprop.estimators.mlp import MLPRegressor
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> model = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", random_state=0).fit(X, 2 * X[:, 1] + X[:, 2])
    >>> [found.name for found in permutation_importance(model, X, 2 * X[:, 1] + X[:, 2], random_state=0)]
    ['x1', 'x2', 'x0']
    """
    from sklearn import inspection

    check_is_fitted(estimator)
    check_whole(n_repeats, "n_repeats")
    if isinstance(scoring, Sequence | dict) and not isinstance(scoring, str):
        raise InputError("scoring must be one scorer, such as 'neg_log_loss'; call it once for each of several")
    if isinstance(scoring, str) and scoring not in get_scorer_names():
        raise unknown_name("scorer", scoring, get_scorer_names())
    table: Any = x.toarray() if hasattr(x, "toarray") else x
    if isinstance(table, list | tuple):
        table = np.array(table, dtype=object)  # NumPy would make numbers beside text into text
    if hasattr(table, "columns") and not hasattr(table, "iloc") and hasattr(table, "to_pandas"):
        table = table.to_pandas()  # scikit-learn shuffles columns of pandas' frames and of arrays
    library: Any = inspection
    with as_input_errors():
        found = library.permutation_importance(
            estimator, table, y, n_repeats=n_repeats, scoring=scoring, random_state=random_state,
            sample_weight=sample_weight,
        )  # fmt: skip
    means: Array = found.importances_mean
    names = feature_names(estimator, x)
    return [
        Importance(names[j], float(means[j]), float(found.importances_std[j]))
        for j in np.argsort(-means, kind="stable").tolist()
    ]


class Explained:
    """Mixin of estimators: ``diagnose``, ``permutation_importance`` and ``input_gradients``."""

    @abstractmethod
    def _seen(self, X: Any) -> tuple[Result, Array, list[str]]:  # noqa: N803 - scikit-learn's X
        """Return the run, X as its network sees it, and the columns' names."""

    @abstractmethod
    def _learnt(self, X: Any, y: Any, sample_weight: Any) -> Batch:  # noqa: N803 - scikit-learn's X
        """Return the rows as ``train`` gets them: inputs, targets, weights (those of classes included)."""

    @property
    def _target_scale(self) -> tuple[float, float] | None:
        """Mean and deviation of a target that the network learns standardised: none, if not overridden."""
        return None

    def _tell_names(self, callbacks: Sequence[Any] | None, features: Sequence[str], target: str) -> None:
        """Let callbacks know what people call the columns that the network reads, and the classes."""
        classes: Any = getattr(self, "classes_", None)
        labels = () if classes is None else tuple(map(str, classes.tolist()))
        names = Names(tuple(features), labels, target, self._target_scale)
        for callback in callbacks or ():
            if isinstance(callback, Callback):  # what is none is refused by ``train``
                callback.on_names(names)

    def _slopes(self, gradients: Array) -> Array:
        """Return derivatives of what ``predict`` or ``predict_proba`` gives, from those of the outputs."""
        return gradients

    def diagnose(self, X: Any, y: Any, sample_weight: Any = None) -> list[Finding]:  # noqa: N803 - scikit-learn's X
        """Look for what may be wrong with this fit: see ``clearprop.diagnosis.diagnose``.

        Parameters
        ----------
        X, y, sample_weight
            What ``fit`` got.

        Returns
        -------
        list of Finding
            Each with its evidence and a remedy, printed by ``print(finding)``; an empty list is good news.
        """
        from clearprop.diagnosis import diagnose

        result, _, names = self._seen(X)
        rows = self._learnt(X, y, sample_weight)
        return diagnose(result, rows.x, rows.targets, sample_weight=rows.weight, names=names)

    def permutation_importance(
        self,
        X: Any,  # noqa: N803 - scikit-learn's X
        y: Any,
        *,
        n_repeats: int = 5,
        scoring: Any = None,
        random_state: Any = None,
        sample_weight: Any = None,
    ) -> list[Importance]:
        """Return how much the score falls when one feature's values are shuffled, the most important first.

        See ``clearprop.estimators.explanation.permutation_importance``; X and y should not be those learnt from.
        """
        return permutation_importance(
            self, X, y, n_repeats=n_repeats, scoring=scoring, random_state=random_state, sample_weight=sample_weight
        )

    def input_gradients(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the derivative of each prediction by each feature, exactly.

        Parameters
        ----------
        X : array-like, shape (rows, features)

        Returns
        -------
        array, shape (rows, outputs, features)
            Outputs are the columns of ``predict_proba``, or a regression's values; in their units per unit of the
            feature.
        """
        from clearprop.explain import input_gradients

        result, matrix, _ = self._seen(X)
        return self._slopes(input_gradients(result, matrix))


def probability_slopes(gradients: Array, n_classes: int) -> Array:
    """Return the derivatives of every class's probability, from those of the network's outputs.

    One output is the second class's probability p, so the first one's, 1 − p, has the opposite derivative; where there
    is but one class its probability is 1 everywhere.

    Examples
    --------
    >>> probability_slopes(np.array([[[0.5, -1.0]]]), 2)
    array([[[-0.5,  1. ],
            [ 0.5, -1. ]]])
    """
    if n_classes == 1:
        return np.zeros_like(gradients)
    return np.concatenate([-gradients, gradients], axis=1) if gradients.shape[1] == 1 else gradients
