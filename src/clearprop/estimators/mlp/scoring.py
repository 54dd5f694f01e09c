"""The score that early stopping follows: scikit-learn's scorers, on the rows held out, while a network learns."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from clearprop.errors import InputTypeError, unknown_name
from clearprop.estimators.mlp.run import Run
from clearprop.estimators.sklearn_functions import get_scorer, get_scorer_names
from clearprop.result import Result

if TYPE_CHECKING:
    from clearprop.training.loop import Training


def score_on_held_out(estimator: Any, scoring: Any, default: str) -> tuple[str, Callable[[Training], float]]:
    """Return the name of the history's series, and a function that scores ``estimator`` as it is during a run.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        A copy of it predicts with the parameters of the moment.
    scoring : None, str or function (estimator, X, y) → float
        None for ``estimator.score``, which is called ``default``.

    Raises
    ------
    InputError, InputTypeError
        For an unknown name, or something that can't be called.
    """
    scorer: Any
    if scoring is None:
        name, scorer = default, cast(Any, type(estimator)).score
    elif isinstance(scoring, str):
        if scoring not in get_scorer_names():
            raise unknown_name("scoring", scoring, get_scorer_names())
        name, scorer = scoring, get_scorer(scoring)
    elif callable(scoring):
        name, scorer = getattr(scoring, "__name__", "score"), scoring
    else:
        raise InputTypeError(f"scoring is a name or a function of (estimator, X, y); got {scoring!r:.60}")
    weighted = "sample_weight" in inspect.signature(scorer).parameters
    view: Any = copy.copy(estimator)
    cast(Any, vars(view)).pop("feature_names_in_", None)  # the rows are an array by now

    def score(training: Training) -> float:
        held = training.validation
        assert held is not None  # noqa: S101 - it is asked for only where rows are held out
        network, loss = training.engine.network, training.engine.loss
        view._run = Run(Result(network, loss, training.optimizer, replace(training.progress, best=None)))
        more = {"sample_weight": held.weight} if weighted and held.weight is not None else {}
        return float(scorer(view, held.x, view._decode(held.targets), **more))

    return f"validation_{name}", score
