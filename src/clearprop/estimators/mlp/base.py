"""What both MLP estimators do: settings and rows in, one run of the core, fitted attributes out."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from typing import Any, Literal, Self, cast

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

from clearprop.arrays import Array
from clearprop.data.batches import Batch
from clearprop.errors import InputError
from clearprop.estimators.explanation import Explained, feature_names, probability_slopes
from clearprop.estimators.inputs import check_lengths, check_weights, check_x
from clearprop.estimators.mlp.callbacks import EPOCH_LOSS
from clearprop.estimators.mlp.lbfgs import MAX_FUN
from clearprop.estimators.mlp.rows import take
from clearprop.estimators.mlp.run import Job, Run, run_job
from clearprop.estimators.mlp.scoring import score_on_held_out
from clearprop.estimators.mlp.settings import Settings, check_settings
from clearprop.estimators.sklearn_functions import check_is_fitted
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.losses.loss import Loss
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer
from clearprop.result import Result
from clearprop.training.callbacks import ReduceOnPlateau

Classes = Literal["new", "those known", "some of those known"]
"""Which classes the labels of some rows must be."""
_SKLEARN_NAMES = {"exponential": "exp", "sigmoid": "logistic"}
_OF_EPOCHS = ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


def is_incremental(estimator: Any) -> bool:
    """Tell whether there is a ``partial_fit``: with every optimiser but L-BFGS, which needs all rows."""
    if estimator.optimizer is not None:
        return not isinstance(Optimizer.resolve(estimator.optimizer), LBFGS)
    return estimator.solver != "lbfgs"


class MLPBase(Explained, BaseEstimator):
    """The estimator's bookkeeping; the subclasses say what y means, and how the network ends."""

    _run: Run
    _metric: str

    @abstractmethod
    def _read(self, y: Any, dtype: Any) -> Array:
        """Return y, checked."""

    @abstractmethod
    def _targets(self, y: Array, dtype: Any, classes: Classes) -> Array:
        """Return what the network should put out, shape (rows, outputs)."""

    @abstractmethod
    def _decode(self, outputs: Array) -> Array:
        """Return predictions for the network's outputs."""

    @abstractmethod
    def _end(self, n_outputs: int) -> tuple[Loss, Activation]:
        """Return the loss and the last layer's activation."""

    def _about_classes(self) -> tuple[bool, bool]:
        """Tell whether rows are held out class by class, and whether it has been said that y is all the same."""
        return False, False

    def _class_weighted(self, y: Array, weight: Array | None, partial: bool) -> Array | None:
        """Return the rows' weights, those of their classes included."""
        return weight

    def _fit(self, X: Any, y: Any, sample_weight: Any, *, partial: bool = False) -> Self:  # noqa: N803 - scikit-learn's X
        settings: Settings = cast(Any, self).get_params(deep=False)
        check_settings(settings)
        if partial and settings["early_stopping"]:
            raise InputError("partial_fit does not support early_stopping=True; it holds no rows out")
        if partial and isinstance(settings["schedule"], ReduceOnPlateau):
            raise InputError("partial_fit does not support ReduceOnPlateau, which looks back; use another schedule")
        prior: Run | None = vars(self).get("_run") if partial or settings["warm_start"] else None
        dtype: Any = settings["dtype"] if prior is None else prior.result.parameters.vector.dtype
        x = check_x(self, X, reset=prior is None, dtype=dtype)
        classes: Classes = "some of those known" if partial else "those known" if prior else "new"
        rows = self._rows(x, y, sample_weight, classes, partial)
        held = self._validation(settings["validation_data"], rows)
        two_classes, said = self._about_classes()
        loss, output = self._end(rows.targets.shape[1])
        series, score = score_on_held_out(self, settings["scoring"], self._metric)
        job = Job(settings, rows, held, loss, output, series, score, two_classes, partial or said)
        self._tell_names(settings["callbacks"], feature_names(self, x), str(getattr(y, "name", None) or "y"))
        run, failure = run_job(job, prior, partial)
        self._publish(run, settings, series)
        if failure is not None:
            raise failure
        if not partial and run.result.stopped in ("all steps done", MAX_FUN):
            warnings.warn(
                f"{run.epochs} iterations ended before training converged ({run.result.stopped}); raise max_iter "
                "(or max_fun), scale X, or set a larger tol",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _rows(self, x: Array, y: Any, sample_weight: Any, classes: Classes, partial: bool = False) -> Batch:
        """Return checked rows without those of weight 0."""
        wanted = self._read(y, x.dtype)
        check_lengths(x, wanted)
        weight = check_weights(sample_weight, len(x), x.dtype)
        if weight is not None and not weight.all():
            places = np.flatnonzero(weight)
            x, wanted, weight = x[places], wanted[places], weight[places]
        targets = self._targets(wanted, x.dtype, classes)
        rows = Batch(x, targets, self._class_weighted(wanted, weight, partial))
        return rows if rows.weight is None or rows.weight.all() else take(rows, np.flatnonzero(rows.weight))

    def _validation(self, given: Any, rows: Batch) -> Batch | None:
        if given is None:
            return None
        if not isinstance(given, tuple | list) or len(cast(Any, given)) not in (2, 3):
            raise InputError("validation_data must be (X, y) or (X, y, sample_weight)")
        x, y, weight = (*cast(Any, given), None)[:3]
        try:
            return self._rows(check_x(self, x, reset=False, dtype=rows.x.dtype), y, weight, "some of those known")
        except InputError as error:
            raise InputError(f"validation_data: {error}") from None

    def _publish(self, run: Run, settings: Settings, series: str) -> None:
        """Set the fitted attributes."""
        self._run, self.history_ = run, run.history
        network, history = run.result.network, run.history
        layers = [layer for layer in network.layers if isinstance(layer, Dense)]
        self.n_layers_, self.n_outputs_ = len(layers) + 1, network.n_outputs
        self.out_activation_ = _SKLEARN_NAMES.get(name := network.output_activation.name, name)
        self.n_iter_, self.t_ = run.epochs, run.rows_seen
        for name in _OF_EPOCHS:
            vars(self).pop(name, None)
        if isinstance(run.result.optimizer, LBFGS):
            self.loss_ = run.loss
            return
        losses: list[float] = history[EPOCH_LOSS].tolist() if EPOCH_LOSS in history else []
        stopping = settings["early_stopping"]
        scores: list[float] | None = history[series].tolist() if stopping and series in history else None
        self.loss_ = losses[-1] if losses else float("nan")
        self.loss_curve_ = losses
        self.best_loss_ = None if stopping else min(losses, default=float("inf"))
        self.validation_scores_ = scores
        self.best_validation_score_ = max(scores) if scores else None

    @property
    def coefs_(self) -> list[Array]:
        """Weights of each layer, shape (inputs, units): views of the parameters that predict."""
        return self._arrays("weight")

    @property
    def intercepts_(self) -> list[Array]:
        """Biases of each layer, shape (units,): views of the parameters that predict."""
        return self._arrays("bias")

    def _arrays(self, name: str) -> list[Array]:
        if "_run" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet; call fit first")
        result = self._run.result
        views = result.parameters.layers
        return [
            view[name] for view, layer in zip(views, result.network.layers, strict=True) if isinstance(layer, Dense)
        ]

    def _outputs(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        result = self._run.result
        return result.predict(check_x(self, X, reset=False, dtype=result.parameters.vector.dtype, least_rows=0))

    def _seen(self, X: Any) -> tuple[Result, Array, list[str]]:  # noqa: N803 - scikit-learn's X
        check_is_fitted(self)
        result = self._run.result
        x = check_x(self, X, reset=False, dtype=result.parameters.vector.dtype, least_rows=0)
        return result, x, feature_names(self, X)

    def _learnt(self, X: Any, y: Any, sample_weight: Any) -> Batch:  # noqa: N803 - scikit-learn's X
        return self._rows(self._seen(X)[1], y, sample_weight, "some of those known")

    def _slopes(self, gradients: Array) -> Array:
        classes = getattr(self, "classes_", None)
        return gradients if classes is None else probability_slopes(gradients, len(classes))

    def __sklearn_is_fitted__(self) -> bool:
        return "_run" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
