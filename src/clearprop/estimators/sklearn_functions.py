"""What the estimators use of scikit-learn's functions, as ``Any``: it has no types that a strict checker could read."""

from __future__ import annotations

from typing import Any, cast

from sklearn import metrics, model_selection, utils
from sklearn.utils import class_weight, metaestimators, validation

available_if: Any = cast(Any, metaestimators).available_if
check_is_fitted: Any = cast(Any, validation).check_is_fitted
column_or_1d: Any = cast(Any, utils).column_or_1d
compute_sample_weight: Any = cast(Any, class_weight).compute_sample_weight
get_scorer: Any = cast(Any, metrics).get_scorer
get_scorer_names: Any = cast(Any, metrics).get_scorer_names
train_test_split: Any = cast(Any, model_selection).train_test_split
validate_data: Any = cast(Any, validation).validate_data
