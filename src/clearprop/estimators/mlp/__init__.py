"""MLPClassifier and MLPRegressor: the door to scikit-learn's estimators over the core."""

from clearprop.estimators.mlp.classifier import MLPClassifier
from clearprop.estimators.mlp.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
