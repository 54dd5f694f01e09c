"""MLPClassifier: scikit-learn's over the core, with what people have asked for."""

from __future__ import annotations

from typing import Any, Self, cast

import numpy as np
from sklearn.base import ClassifierMixin

from clearprop.arrays import Array
from clearprop.errors import InputError, warn
from clearprop.estimators.arguments import keep_arguments
from clearprop.estimators.inputs import as_input_errors, check_weights
from clearprop.estimators.labels import Labels, check_labels
from clearprop.estimators.mlp.base import Classes, MLPBase, is_incremental
from clearprop.estimators.sklearn_functions import available_if, compute_sample_weight
from clearprop.layers.activations import Activation, Sigmoid, Softmax
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss


class MLPClassifier(ClassifierMixin, MLPBase):
    """A classifier: fully connected layers that minimise the log loss.

    A drop-in for ``sklearn.neural_network.MLPClassifier``; parameters from ``loss`` on are ours. Two classes end in one
    sigmoid, more in a softmax, a multilabel y (rows, labels) in a sigmoid each.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer; ``()`` for none.
    activation : str, Activation, or a list of them
        Of the hidden layers: "identity", "logistic", "tanh", "relu" or any of the core's; a list has one a layer.
    solver : {"adam", "sgd", "lbfgs"}
    alpha : float, 0 or more
        Strength of the penalty alpha/2 Σw², divided by the weights of a batch.
    batch_size : int or "auto"
        Rows an update; "auto" is min(200, rows). L-BFGS takes all.
    learning_rate : {"constant", "invscaling", "adaptive"}
        SGD's rate: as it is; divided by (1 + rows seen)^power_t; or by 5 each time that the run would have stopped.
    learning_rate_init, power_t : float
    max_iter : int
        The most epochs (L-BFGS: steps) of one fit.
    shuffle : bool
    random_state : int, RandomState or None
        Seed of first weights, order of rows and split: the same one gives the same bits.
    tol : float
        What counts as an improvement; L-BFGS ends where no gradient is larger.
    verbose : bool
        Write a line an epoch.
    warm_start : bool
        Whether ``fit`` goes on where the last one ended, bit for bit if rows and batches are as before.
    momentum, nesterovs_momentum
        Of SGD.
    early_stopping : bool
        Hold rows out, stop when their score doesn't improve, and keep the best epoch's parameters.
    validation_fraction : float
        The share held out.
    beta_1, beta_2, epsilon : float
        Of Adam.
    n_iter_no_change : int
        Epochs without an improvement after which a run ends.
    max_fun : int
        The most evaluations of L-BFGS.
    loss : str or Loss
        "log_loss", or any of the core's, such as ``BinaryCrossEntropy(label_smoothing=0.1)``; either cross-entropy
        is taken in the form that fits the number of classes.
    optimizer : str or Optimizer, optional
        The core's, instead of ``solver`` and its settings; ``alpha`` is then the core's ``l2``, and losses are its own.
    schedule : str, Schedule or ReduceOnPlateau, optional
        The core's, instead of ``learning_rate``.
    dropout : float or list of float, optional
        The share of units left out, after each hidden layer.
    layer_norm : bool
        Normalise each hidden layer's outputs.
    class_weight : dict or "balanced", optional
    validation_data : (X, y) or (X, y, sample_weight), optional
        Rows for validation, in place of the split.
    scoring : str or function, optional
        What early stopping follows, by default ``score``: a scorer's name, or function (estimator, X, y) → float.
    callbacks : list of Callback, optional
    clip : str or Clip, optional
        Of the gradient, in the core's units.
    dtype : "float32" or "float64", optional
        By default X's own.
    engine : "auto", "compiled" or "reference"

    Attributes
    ----------
    classes_, coefs_, intercepts_, n_features_in_, feature_names_in_, n_layers_, n_outputs_, out_activation_
        As scikit-learn's.
    n_iter_, t_ : int
        Epochs of this fit; rows seen in all.
    loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_
        As scikit-learn's.
    history_ : History
        ``history_["loss"]``, ``["penalty"]`` and ``["rate"]`` a step, in the core's units; ``["epoch_loss"]``,
        ``["validation_loss"]`` and ``["validation_accuracy"]`` (or the scorer's name) an epoch.

    Raises
    ------
    InputError, InputTypeError
        By ``fit``, before anything is computed.
    DivergenceError
        By ``fit``; the estimator then has its last finite parameters.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> X, y = make_classification(n_samples=100, random_state=1)
    >>> model = MLPClassifier((32, 16), ["relu", "tanh"], tol=1e-2, dropout=0.1, random_state=1).fit(X, y)
    >>> model.predict_proba(X[:2]).shape
    (2, 2)
    >>> model.score(X, y) > 0.9
    True
    """

    _metric = "accuracy"

    # fmt: off
    def __init__(
        self, hidden_layer_sizes: Any = (100,), activation: Any = "relu", *, solver: str = "adam",
        alpha: float = 0.0001, batch_size: Any = "auto", learning_rate: str = "constant",
        learning_rate_init: float = 0.001, power_t: float = 0.5, max_iter: int = 200, shuffle: bool = True,
        random_state: Any = None, tol: float = 1e-4, verbose: Any = False, warm_start: bool = False,
        momentum: float = 0.9, nesterovs_momentum: bool = True, early_stopping: bool = False,
        validation_fraction: float = 0.1, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8,
        n_iter_no_change: float = 10, max_fun: int = 15000, loss: Any = "log_loss", optimizer: Any = None,
        schedule: Any = None, dropout: Any = None, layer_norm: bool = False, class_weight: Any = None,
        validation_data: Any = None, scoring: Any = None, callbacks: Any = None, clip: Any = None, dtype: Any = None,
        engine: str = "auto",
    ) -> None:
        keep_arguments(self, locals())
    # fmt: on

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:  # noqa: N803 - scikit-learn's X
        """Train on X (rows, features) and labels y (rows,) or (rows, labels); a weight of 0 leaves a row out."""
        return self._fit(X, y, sample_weight)

    @available_if(is_incremental)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:  # noqa: N803 - X
        """Train for one epoch on these rows; the first call needs all ``classes``, if ``fit`` wasn't called before."""
        found = check_labels(y)
        if classes is not None:
            labels = Labels.of(found if found.ndim == 2 else check_labels(classes))
            if hasattr(self, "classes_") and not np.array_equal(labels.classes, self.classes_):
                text = f"classes={labels.classes} is not the same as in the first call, which had {self.classes_}"
                raise InputError(text)
        elif hasattr(self, "classes_"):
            labels = self._labels
        else:
            raise InputError("classes must be passed on the first call to partial_fit: all labels that are to come")
        self._labels, self.classes_ = labels, labels.classes
        return self._fit(X, y, sample_weight, partial=True)

    def predict(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the likeliest class of each row, shape (rows,); 0 or 1 a label for multilabel."""
        return self._decode(self._outputs(X))

    def predict_proba(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return each class's probability, shape (rows, n_classes), in the order of ``classes_``."""
        outputs = self._outputs(X)
        return self._labels.probabilities(outputs)

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803 - scikit-learn's X
        """Return the logarithm of ``predict_proba``."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def _about_classes(self) -> tuple[bool, bool]:
        return self._labels.kind == "binary", self._labels.kind == "binary" and len(self.classes_) == 1

    def _read(self, y: Any, dtype: Any) -> Array:
        return check_labels(y)

    def _targets(self, y: Array, dtype: Any, classes: Classes) -> Array:
        if classes == "new":
            self._labels = Labels.of(y)
            self.classes_ = self._labels.classes
            if self._about_classes()[1]:
                text = (
                    f"y holds one class only, {self.classes_.tolist()[0]!r}: it is always predicted, with probability 1"
                )
                warn(text)
        elif classes == "those known" and not np.array_equal(known := Labels.of(y).classes, self.classes_):
            raise InputError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                f"Previously got {self.classes_}, `y` has {known}"
            )
        return self._labels.encode(y, dtype)

    def _class_weighted(self, y: Array, weight: Array | None, partial: bool) -> Array | None:
        class_weight = vars(self)["class_weight"]
        if class_weight is None:
            return weight
        if partial and isinstance(class_weight, str):
            raise InputError("partial_fit can't balance classes by a part of the rows; give class_weight as a dict")
        with as_input_errors():
            of_class: Array = compute_sample_weight(class_weight, y)
        return check_weights(of_class if weight is None else of_class * weight, len(y), np.float64)

    def _end(self, n_outputs: int) -> tuple[Loss, Activation]:
        several = self._labels.kind == "multiclass"
        given = vars(self)["loss"]
        entropy = CategoricalCrossEntropy if several else BinaryCrossEntropy
        loss = entropy() if isinstance(given, str) and given == "log_loss" else Loss.resolve(given)
        if isinstance(loss, BinaryCrossEntropy | CategoricalCrossEntropy):
            loss = entropy(loss.label_smoothing)
        return loss, Softmax() if several else Sigmoid()

    def _decode(self, outputs: Array) -> Array:
        return self._labels.decode(outputs)

    def __sklearn_tags__(self) -> Any:
        tags: Any = cast(Any, super()).__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
