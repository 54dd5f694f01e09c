"""TabularClassifier and TabularRegressor: a raw table in, no tuning."""

from clearprop.estimators.tabular.classifier import TabularClassifier
from clearprop.estimators.tabular.regressor import TabularRegressor

__all__ = ["TabularClassifier", "TabularRegressor"]
