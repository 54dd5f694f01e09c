"""What the pictures ask of a model: its answers over some rows, and its layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError, InputTypeError, unknown_name
from clearprop.layers.activations import Activation, Sigmoid, Softmax
from clearprop.layers.dense import Dense
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.network import Network
from clearprop.parameters import Parameters
from clearprop.result import Result

_SCIKIT_LEARN_NAMES = {"logistic": "sigmoid", "exp": "exponential"}


Kind = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Response:
    """A model's answers.

    Attributes
    ----------
    kind : "binary", "multiclass" or "regression"
    values : array, shape (rows,), or (rows, classes) for "multiclass"
        Probabilities of class 1; probabilities of each class; numbers.
    classes : tuple
        The labels, as they occur in y; empty for "regression".
    """

    kind: Kind
    values: Array
    classes: tuple[Any, ...] = ()

    def places(self, y: Any, what: str = "y") -> Array:
        """Return which class each of y's rows belongs to, as places in ``classes``; one-hot rows are taken too.

        Raises
        ------
        InputError
            Naming the first label that isn't one of the classes.
        """
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] == len(self.classes) > 1:
            return labels.argmax(axis=1)
        places = {label: k for k, label in enumerate(self.classes)}
        found = [places.get(label, -1) for label in labels.ravel().tolist()]
        if -1 in found:
            row = found.index(-1)
            known = ", ".join(repr(label) for label in self.classes[:8])
            raise InputError(
                f"{what} holds {labels.ravel().tolist()[row]!r:.60} at row {row}, which the model doesn't know; its "
                f"classes are {known}"
            )
        return np.array(found, np.intp)


def respond(model: Any, x: Any, *, y: Any = None, output: int | None = None) -> Response:
    """Return a model's answers to the rows of x.

    Parameters
    ----------
    model : Result, or anything with ``predict_proba`` and ``classes_``, or with ``predict``
    x : what the model takes
    y : array-like, optional
        The targets, if known: a sigmoid trained on another loss than cross-entropy is a classifier if they are 0 and 1.
    output : int, optional
        Which of several outputs, where each is a number of its own.

    Raises
    ------
    InputTypeError
        If the model can't predict.
    InputError
        If a prediction is not finite, or it isn't said which output is meant.
    """
    if isinstance(model, type):
        raise InputTypeError(
            f"a decision boundary needs a clearprop Result or a fitted estimator, not a class; got {model.__name__}"
        )
    if isinstance(model, Result):
        response = _result_response(model, x, y, output)
    elif callable(getattr(model, "predict_proba", None)) and hasattr(model, "classes_"):
        response = _probabilities(model, x)
    elif callable(getattr(model, "predict", None)):
        response = _predictions(model, x, output)
    else:
        raise InputTypeError(
            "a decision boundary needs a clearprop Result or a fitted scikit-learn estimator (something that "
            f"predicts); got {type(model).__name__}"
        )
    bad = int(response.values.size - np.isfinite(response.values).sum())
    if bad:
        raise InputError(
            f"{bad:,} of the model's {response.values.size:,} predictions over the plane are not finite, so it can't "
            "be drawn; look at the model's parameters, or train it again at a lower rate"
        )
    return response


def result_of(model: Any) -> Result | None:
    """Return a model if it is a Result, or else the Result that it keeps as ``result`` or ``result_``, if it does."""
    candidates = (model, getattr(model, "result", None), getattr(model, "result_", None))
    return next((candidate for candidate in candidates if isinstance(candidate, Result)), None)


def network_of(model: Any, what: str) -> tuple[Network, Parameters]:
    """Return a model's network and parameters; scikit-learn's multi-layer perceptrons are rebuilt as one.

    Raises
    ------
    InputTypeError
        If it is neither a Result (nor has one), nor has ``coefs_`` and ``intercepts_``.
    """
    result = result_of(model)
    if result is not None:
        return result.network, result.parameters
    if not (hasattr(model, "coefs_") and hasattr(model, "intercepts_")):
        raise InputTypeError(
            f"{what} needs a clearprop Result or a fitted scikit-learn multi-layer perceptron (one with coefs_ and "
            f"intercepts_); got {type(model).__name__}"
        )
    weights, biases = cast(list[Array], model.coefs_), cast(list[Array], model.intercepts_)
    names = [*[str(model.activation)] * (len(weights) - 1), str(model.out_activation_)]
    activations = [_SCIKIT_LEARN_NAMES.get(name, name) for name in names]
    unknown = [name for name in activations if name not in Activation.known()]
    if unknown:
        raise unknown_name("activation", unknown[0], Activation.known())
    layers = [Dense(weight.shape[1], name) for weight, name in zip(weights, activations, strict=True)]
    network = Network(weights[0].shape[0], layers)
    arrays = {f"{i}.weight": weight for i, weight in enumerate(weights)}
    arrays |= {f"{i}.bias": bias for i, bias in enumerate(biases)}
    return network, Parameters(network.layout, network.layout.gather(arrays))


def check_parameters(parameters: Parameters) -> None:
    """Raise InputError naming the first parameter that is not finite."""
    for name, array in parameters.items():
        if not np.isfinite(array).all():
            raise InputError(f"{name} is not finite, so it can't be drawn; train the model again, at a lower rate")


def _result_response(result: Result, x: Any, y: Any, output: int | None) -> Response:
    prediction = result.network.mean_of_members(result.predict(x))
    n_outputs = prediction.shape[1]
    last = result.network.output_activation
    if n_outputs > 1 and (isinstance(last, Softmax) or isinstance(result.loss, CategoricalCrossEntropy)):
        return Response("multiclass", prediction, tuple(range(n_outputs)))
    values = _one_output(prediction, output)
    sigmoid = isinstance(last, Sigmoid) and (y is None or bool(np.isin(np.asarray(y), (0, 1)).all()))
    if isinstance(result.loss, BinaryCrossEntropy) or sigmoid:
        return Response("binary", values, (0, 1))
    return Response("regression", values)


def _probabilities(model: Any, x: Any) -> Response:
    prediction, labels = np.asarray(model.predict_proba(x)), np.asarray(model.classes_, dtype=object)
    if prediction.ndim != 2 or labels.shape != prediction.shape[1:]:
        raise InputError(
            f"{type(model).__name__} answers several questions at once (its probabilities: {prediction.shape}); fit "
            "one estimator for each, and draw that"
        )
    classes = tuple(labels.tolist())
    if len(classes) == 2:
        return Response("binary", prediction[:, 1], classes)
    return Response("multiclass", prediction, classes)


def _predictions(model: Any, x: Any, output: int | None) -> Response:
    prediction = np.asarray(model.predict(x))
    if hasattr(model, "classes_") and prediction.ndim == 1:
        classes = np.asarray(model.classes_)
        certain = (prediction[:, None] == classes).astype(np.float64)
        if len(classes) == 2:
            return Response("binary", certain[:, 1], tuple(classes.tolist()))
        return Response("multiclass", certain, tuple(classes.tolist()))
    if prediction.dtype.kind not in "biuf":
        raise InputTypeError(
            f"{type(model).__name__} predicts {prediction.ravel().tolist()[0]!r:.60}, which isn't a number, and has "
            "no classes_; give an estimator that follows scikit-learn's rules for classifiers"
        )
    return Response("regression", _one_output(prediction.reshape(len(prediction), -1), output))


def _one_output(prediction: Array, output: int | None) -> Array:
    n_outputs = prediction.shape[1]
    if output is None and n_outputs > 1:
        raise InputError(f"the model has {n_outputs} outputs; say which one to draw: output=0 … {n_outputs - 1}")
    if output is not None and not 0 <= output < n_outputs:
        raise InputError(f"output must be from 0 to {n_outputs - 1}; got {output!r}")
    return prediction[:, output or 0]
