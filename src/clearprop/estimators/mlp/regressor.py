"""MLPRegressor: scikit-learn's over the core, with what people have asked for."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import RegressorMixin

from clearprop.arrays import Array
from clearprop.estimators.arguments import keep_arguments
from clearprop.estimators.inputs import check_quantities
from clearprop.estimators.mlp.base import Classes, MLPBase, is_incremental
from clearprop.estimators.sklearn_functions import available_if
from clearprop.layers.activations import Activation, Identity
from clearprop.losses.loss import Loss


class MLPRegressor(RegressorMixin, MLPBase):
    """A regressor: fully connected layers that minimise the squared error, or another loss.

    A drop-in for ``sklearn.neural_network.MLPRegressor``. Parameters, attributes and errors are those of
    ``MLPClassifier``, but for ``class_weight`` and ``classes_``, which it doesn't have, and ``loss``.

    Parameters
    ----------
    loss : str or Loss
        "squared_error" (half of it, as in scikit-learn), "poisson" (with an exponential at the end), or any of the
        core's, such as "absolute", "huber" or ``Quantile(0.9)``.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> X, y = make_regression(n_samples=100, n_features=5, random_state=1)
    >>> model = MLPRegressor("huber", (32,), "silu", max_iter=300, tol=1.0, learning_rate_init=0.1, random_state=1)
    >>> model.fit(X, y).score(X, y) > 0.9
    True
    """

    _metric = "r2"

    # fmt: off
    def __init__(
        self, loss: Any = "squared_error", hidden_layer_sizes: Any = (100,), activation: Any = "relu", *,
        solver: str = "adam", alpha: float = 0.0001, batch_size: Any = "auto", learning_rate: str = "constant",
        learning_rate_init: float = 0.001, power_t: float = 0.5, max_iter: int = 200, shuffle: bool = True,
        random_state: Any = None, tol: float = 1e-4, verbose: Any = False, warm_start: bool = False,
        momentum: float = 0.9, nesterovs_momentum: bool = True, early_stopping: bool = False,
        validation_fraction: float = 0.1, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        n_iter_no_change: float = 10, max_fun: int = 15000, optimizer: Any = None, schedule: Any = None,
        dropout: Any = None, layer_norm: bool = False, validation_data: Any = None, scoring: Any = None,
        callbacks: Any = None, clip: Any = None, dtype: Any = None, engine: str = "auto",
    ) -> None:
        keep_arguments(self, locals())
    # fmt: on

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's X
        """Train on X (rows, features) and y (rows,) or (rows, outputs); a weight of 0 leaves a row out."""
        return self._fit(X, y, sample_weight)

    @available_if(is_incremental)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's X
        """Train for one epoch on these rows."""
        return self._fit(X, y, sample_weight, partial=True)

    def predict(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the prediction for each row, shape (rows,) or (rows, outputs)."""
        return self._decode(self._outputs(X))

    def _read(self, y: Any, dtype: Any) -> Array:
        return check_quantities(y, dtype)

    def _targets(self, y: Array, dtype: Any, classes: Classes) -> Array:
        return y

    def _decode(self, outputs: Array) -> Array:
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _end(self, n_outputs: int) -> tuple[Loss, Activation]:
        given = vars(self)["loss"]
        loss = Loss.resolve("squared" if isinstance(given, str) and given == "squared_error" else given)
        return loss, loss.joint_activation() or Identity()
