"""TabularClassifier: classes from a raw table, with no tuning."""

from __future__ import annotations

from functools import partial
from typing import Any, Self, cast

import numpy as np
from sklearn.base import ClassifierMixin

from clearprop import storage
from clearprop.arrays import Array
from clearprop.errors import InputError, unknown_name, warn
from clearprop.estimators.arguments import keep_arguments
from clearprop.estimators.explanation import probability_slopes
from clearprop.estimators.inputs import as_input_errors, check_weights
from clearprop.estimators.labels import Labels, check_labels
from clearprop.estimators.scores import Score, class_scores
from clearprop.estimators.sklearn_functions import compute_sample_weight
from clearprop.estimators.tabular import metrics
from clearprop.estimators.tabular.base import Goal, Prepared, TabularBase
from clearprop.estimators.tabular.calibration import LEAST, cooled, fit_temperature, log_of
from clearprop.estimators.tabular.metrics import Metric
from clearprop.estimators.tabular.recipe import Recipe
from clearprop.estimators.tabular.training import Run
from clearprop.layers.activations import Sigmoid, Softmax
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.settings import check_number

_METRICS = ("accuracy", "log_loss", "roc_auc")


class TabularClassifier(ClassifierMixin, TabularBase):
    """A classifier for a table as it is: numbers, booleans, text, categories, dates, missing values.

    An ensemble of small networks trained in one pass, on numbers that are scaled and encoded piecewise linearly, and
    categories that are one-hot or, above 50 levels, embedded. It stops by rows that it holds out, keeps the best epoch,
    and calibrates its probabilities on those rows. docs/tables.md says what each choice is worth.

    Parameters
    ----------
    recipe : {"tabm", "realmlp"}
        "tabm": eight members that share weights, after TabM-mini (Gorishniy et al. 2024, arXiv 2410.24210); "realmlp":
        RealMLP-TD-S (Holzmüller et al. 2024, arXiv 2407.04491). Each says what the settings that are None are.
    numeric : {"piecewise", "periodic", "none"}, optional
        How numbers enter the network: piecewise-linear encoding, PBLD embeddings, or scaled only.
    n_members : int, optional
        Networks in the ensemble, whose probabilities are averaged.
    hidden_layer_sizes : tuple of int, optional
    activation : str, optional
    dropout : float, optional
        After each hidden layer; by default none for tables of fewer than 50 rows.
    optimizer : str or Optimizer, optional
        The core's, such as ``AdamW(0.001)``.
    schedule : str or Schedule, optional
    batch_size : int, optional
        The most rows an update; small tables take a hundredth of their rows, 16 at least.
    max_epochs, patience : int, optional
        The most epochs, and after how many without a better metric it stops.
    metric : {"log_loss", "accuracy", "roc_auc"}
        What the best epoch is chosen by; with "accuracy" labels are smoothed.
    calibrate : bool
        Whether a temperature is fitted to the rows held out.
    class_weight : dict or "balanced", optional
    validation_fraction : float
        The share of rows held out, 20,000 at most. Tables of fewer than 50 rows hold none out: then all rows are one
        batch, for ``max_epochs`` updates.
    validation_data : (X, y) or (X, y, sample_weight), optional
        Rows for validation, in place of those held out.
    time_limit : float, optional
        Seconds after which the fit ends, with the best epoch so far. The first fit ever on a machine may compile the
        kernels, which no limit cuts short.
    callbacks : list of Callback, optional
    verbose : bool
        Write a line an epoch.
    dtype : "float32" or "float64", optional
        By default float32, and float64 for tables of fewer than 1,000 rows.
    engine : "auto", "compiled" or "reference"
    deterministic : bool
        The same bits whatever the number of processors.
    random_state : int, RandomState or None
        The same one gives the same bits.

    Attributes
    ----------
    classes_ : array
    n_features_in_, feature_names_in_
        As scikit-learn's.
    target_name_ : str
        y's own name, where it has one.
    network_ : Network
        ``print(model.network_)`` shows its layers.
    n_iter_, best_iter_ : int
        Epochs, and which was the best.
    result_ : Result
        The core's run, with network, parameters and history.
    history_ : History
        ``history_["loss"]`` a step, ``["validation_loss"]`` and ``["validation_<metric>"]`` an epoch.
    n_learnt_, n_held_out_ : int
        Rows that it learnt from, and that decided when to stop.
    stopped_ : str
        Why the training ended.
    temperature_ : float
        What the logarithms of the probabilities are divided by.

    Raises
    ------
    InputError, InputTypeError
        By ``fit``, before anything is trained.
    DivergenceError
        By ``fit``; the estimator then has its last finite parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> X = pd.DataFrame({"age": [22, 38, None, 35] * 30, "plan": ["basic", "plus", None, "basic"] * 30})
    >>> y = ["left", "stays", "stays", "left"] * 30
    >>> model = TabularClassifier(max_epochs=20, random_state=0).fit(X, y)
    >>> model.predict(X[:3]).tolist()
    ['left', 'stays', 'stays']
    >>> model.predict_proba(X[:3]).shape
    (3, 2)
    """

    _task = "classification"
    _labels: Labels
    temperature_: float

    # fmt: off
    def __init__(
        self, *, recipe: str = "tabm", numeric: str | None = None, n_members: int | None = None,
        hidden_layer_sizes: Any = None, activation: Any = None, dropout: float | None = None, optimizer: Any = None,
        schedule: Any = None, batch_size: int | None = None, max_epochs: int | None = None, patience: int | None = None,
        metric: str = "log_loss", calibrate: bool = True, class_weight: Any = None, validation_fraction: float = 0.1,
        validation_data: Any = None, time_limit: float | None = None, callbacks: Any = None, verbose: bool = False,
        dtype: Any = None, engine: str = "auto", deterministic: bool = False, random_state: Any = None,
    ) -> None:
        keep_arguments(self, locals())
    # fmt: on

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's X
        """Train on a table X and labels y (rows,), or 0 and 1 (rows, labels); a weight of 0 leaves a row out."""
        self.temperature_ = 1.0
        ready, recipe, run = self._fit(X, y, sample_weight)
        if vars(self)["calibrate"] and run.held is not None and len(self.classes_) > 1:
            self.temperature_ = self._temperature(ready, recipe, run)
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the likeliest class of each row, shape (rows,); 0 or 1 a label for multilabel."""
        outputs = self._outputs(X)
        return self._labels.decode(outputs)

    def predict_proba(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return each class's calibrated probability, shape (rows, n_classes), in the order of ``classes_``."""
        outputs = self._outputs(X)
        if self.temperature_ != 1.0:
            outputs = self._folded(cooled(log_of(self._unfolded(outputs)), self.temperature_), outputs.shape[1])
        return self._labels.probabilities(outputs).astype(self._model.dtype)

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the logarithm of ``predict_proba``."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def evaluate(self, X: Any, y: Any) -> list[Score]:  # noqa: N803 - scikit-learn's X
        """Return accuracy, log loss and, for two classes, ROC AUC on rows that weren't learnt from.

        Beside each stands the score of a dummy that always says how frequent each class was in the rows learnt from.

        Raises
        ------
        InputError
            For labels that weren't learnt, and for several labels a row.
        """
        wanted = self._truth(X, y)
        if self._labels.kind == "multilabel":
            raise InputError("evaluate is for one label a row; take score, or scikit-learn's metrics for each label")
        truth, prior = (self._labels.probabilities(values) for values in (wanted, self._prior[None]))
        return class_scores(self.predict_proba(X), truth.argmax(axis=1), prior[0])

    def _checked(self, y: Any) -> Array:
        return check_labels(y, regressor="TabularRegressor")

    def _read(self, answers: Array, first: bool) -> Array:
        if first:
            self._labels = Labels.of(answers)
            self.classes_ = self._labels.classes
            if len(self.classes_) == 1 and answers.ndim == 1:
                only = self.classes_.tolist()[0]
                warn(f"y holds one class only, {only!r}: it is always predicted, with probability 1")
        return self._labels.encode(answers, np.float64)

    def _class_weighted(self, targets: Array, weight: Array | None) -> Array | None:
        class_weight = vars(self)["class_weight"]
        if class_weight is None:
            return weight
        wanted = self._labels.decode(targets)
        with as_input_errors():
            of_class: Array = compute_sample_weight(class_weight, wanted)
        return check_weights(of_class if weight is None else of_class * weight, len(targets), np.float64)

    def _strata(self, targets: Array) -> Array:
        return cast(Array, targets @ np.arange(1, targets.shape[1] + 1))

    def _goal(self, ready: Prepared, recipe: Recipe) -> Goal:
        name = vars(self)["metric"]
        if name not in _METRICS:
            raise unknown_name("metric", str(name), _METRICS)
        several = self._labels.kind == "multiclass"
        smoothing = recipe.label_smoothing if name == "accuracy" else 0.0
        k = recipe.n_members
        loss = CategoricalCrossEntropy(smoothing, k) if several else BinaryCrossEntropy(smoothing)
        metric = {
            "accuracy": Metric("accuracy", partial(metrics.accuracy, several=several)),
            "roc_auc": Metric("roc_auc", metrics.roc_auc),
            "log_loss": metrics.mean_loss("log_loss", CategoricalCrossEntropy() if several else BinaryCrossEntropy()),
        }[cast(str, name)]
        return Goal(self._labels.n_outputs, Softmax(k) if several else Sigmoid(), loss, metric)

    def _temperature(self, ready: Prepared, recipe: Recipe, run: Run) -> float:
        assert ready.held is not None  # noqa: S101 - the caller has looked
        said = self._model.said(cast(Any, ready.x_held))
        truth, weight = ready.held.targets, ready.held.weight
        rows = None if weight is None else np.repeat(weight, 1 if self._labels.kind == "multiclass" else said.shape[1])
        return fit_temperature(log_of(self._unfolded(said)), self._unfolded(truth), rows)

    def _of_predictions(self, slopes: Array, outputs: Array) -> Array:
        if self._labels.kind == "binary":
            outputs = self._labels.probabilities(outputs)
            slopes = probability_slopes(slopes, len(self.classes_))
        if self.temperature_ == 1.0:
            return slopes
        yes_or_no = self._labels.kind == "multilabel"
        p = np.stack([1 - outputs, outputs], axis=2) if yes_or_no else outputs[:, None]  # (rows, groups, classes)
        dp = np.stack([-slopes, slopes], axis=2) if yes_or_no else slopes[:, None]
        calm = cooled(log_of(p.reshape(-1, p.shape[2])), self.temperature_).reshape(p.shape)[..., None]
        d_log = dp / np.maximum(p, LEAST)[..., None] / self.temperature_
        cooled_slopes = calm * (d_log - (calm * d_log).sum(axis=2, keepdims=True))
        return cooled_slopes[:, :, 1] if yes_or_no else cooled_slopes[:, 0]

    def _more_parts(self) -> tuple[storage.Description, dict[str, Array]]:
        return {"labels": self._labels.describe(), "temperature": self.temperature_}, {}

    def _restore(self, described: storage.Description, arrays: dict[str, Array]) -> int:
        self._labels = Labels.from_description(described["labels"])
        self.classes_ = self._labels.classes
        check_number(described["temperature"], "its temperature", above=0)
        self.temperature_ = float(described["temperature"])
        return self._labels.n_outputs

    def _unfolded(self, outputs: Array) -> Array:
        """Return probabilities (rows, classes); of yes-or-no outputs (rows · outputs, 2)."""
        if self._labels.kind == "multiclass":
            return outputs
        yes = outputs.reshape(-1, 1)
        return np.hstack([1 - yes, yes])

    def _folded(self, probabilities: Array, n_outputs: int) -> Array:
        """Undo ``_unfolded``."""
        return probabilities if self._labels.kind == "multiclass" else probabilities[:, 1].reshape(-1, n_outputs)

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
