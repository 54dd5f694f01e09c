"""scikit-learn's settings, turned into the core's objects: network, loss, optimiser, schedule."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import unknown_name
from clearprop.estimators.mlp.lbfgs import scipy_like_lbfgs
from clearprop.estimators.mlp.settings import Settings, a_layer_each, hidden_sizes
from clearprop.initializers import Initializer
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.layer import Layer
from clearprop.layers.layer_norm import LayerNorm
from clearprop.losses.loss import Loss
from clearprop.losses.regression import Poisson, Squared
from clearprop.network import Network
from clearprop.optimizers.optimizer import Optimizer
from clearprop.optimizers.rules import SGD, Adam, Momentum, Nesterov
from clearprop.schedules import Constant, InverseScaling, Schedule
from clearprop.training.callbacks import ReduceOnPlateau

if TYPE_CHECKING:
    from numpy.random import Generator

_SKLEARN_ACTIVATIONS = ("identity", "logistic", "relu", "tanh")


class Objective(NamedTuple):
    """How scikit-learn's loss compares with the core's mean over rows and outputs.

    Attributes
    ----------
    scale : float
        What scikit-learn minimises is ``scale`` times the core's loss.
    report : float
        Its ``loss_`` (without the penalty) is ``report`` times the core's, …
    offset : float
        … plus this constant.
    """

    scale: float = 1.0
    report: float = 1.0
    offset: float = 0.0


def sklearn_objective(loss: Loss, targets: Array, weight: Array | None = None) -> Objective:
    """Return the factors for a loss: scikit-learn adds the outputs' losses up, where the core takes their mean.

    Its squared error is e²/2, of which it reports the mean over outputs; its Poisson loss has a term y ln y − y more.

    Examples
    --------
    >>> sklearn_objective(Squared(), np.zeros((5, 4)))
    Objective(scale=2.0, report=0.5, offset=0.0)
    >>> sklearn_objective(Poisson(), np.ones((5, 1)))
    Objective(scale=1.0, report=1.0, offset=-1.0)
    """
    n_outputs = targets.shape[1]
    if isinstance(loss, Squared):
        return Objective(n_outputs / 2, 0.5)
    if isinstance(loss, Poisson):
        terms = targets * np.log(np.where(targets > 0, targets, 1.0)) - targets
        return Objective(float(n_outputs), float(n_outputs), float(np.average(terms.sum(axis=1), weights=weight)))
    return Objective() if loss.sums_outputs else Objective(float(n_outputs), float(n_outputs))


def build_optimizer(settings: Settings, scale: float) -> Optimizer:
    """Return the core's optimiser for ``solver`` and its settings; ``optimizer`` is taken as it is.

    The core's gradient is scikit-learn's divided by ``scale``: so SGD's rate takes the factor, Adam's epsilon and
    L-BFGS's tolerance are divided by it, and the parameters move as scikit-learn's would.

    Raises
    ------
    InputError, InputTypeError
        For an unknown name, or a setting out of its bounds.
    """
    if settings["optimizer"] is not None:
        return Optimizer.resolve(settings["optimizer"])
    rate, momentum = settings["learning_rate_init"], settings["momentum"]
    if settings["solver"] == "adam":
        return Adam(rate, settings["beta_1"], settings["beta_2"], settings["epsilon"] / scale)
    if settings["solver"] == "lbfgs":
        return scipy_like_lbfgs(settings["tol"] / scale, 1 / scale)
    if momentum == 0:
        return SGD(rate * scale)
    return (Nesterov if settings["nesterovs_momentum"] else Momentum)(rate * scale, momentum)


def build_schedule(
    settings: Settings, per_epoch: int, rows: int, epochs_before: int | None
) -> Schedule | ReduceOnPlateau:
    """Return a fit's schedule; or that of ``partial_fit`` after so many epochs of it, ``max_iter`` being its length."""
    given = settings["schedule"]
    if isinstance(given, ReduceOnPlateau):
        return given
    if given is not None:
        schedule = Schedule.resolve(given)
    elif settings["optimizer"] is None and settings["solver"] == "sgd" and settings["learning_rate"] == "invscaling":
        schedule = InverseScaling(per_epoch, rows, settings["power_t"])
    else:
        return Constant()
    if epochs_before is None:
        return schedule
    return _Later(schedule, epochs_before * per_epoch, settings["max_iter"] * per_epoch)


def build_network(n_inputs: int, n_outputs: int, output: Activation, settings: Settings) -> Network:
    """Return hidden layers, each with its activation, layer normalisation and dropout as asked for, and the last layer.

    First values are scikit-learn's: weights and biases U(−b, b), b = √(6 / (inputs + outputs)), with 2 for 6 where the
    activation is logistic. With an activation that scikit-learn doesn't have, the core's that suit it.

    Raises
    ------
    InputError, InputTypeError
        For an unknown activation, or a list of another length than there are hidden layers.
    """
    sizes = hidden_sizes(settings["hidden_layer_sizes"])
    activations = a_layer_each(settings["activation"], len(sizes), "activation")
    rates = a_layer_each(0.0 if settings["dropout"] is None else settings["dropout"], len(sizes), "dropout")
    layers: list[Layer] = []
    width = n_inputs
    for units, activation, rate in zip(sizes, activations, rates, strict=True):
        layers.append(_dense(width, units, _activation(activation), activation))
        layers.extend([LayerNorm()] if settings["layer_norm"] else [])
        dropout = Dropout(rate)
        layers.extend([dropout] if dropout.rate else [])
        width = units
    return Network(n_inputs, [*layers, _dense(width, n_outputs, output, activations[-1] if sizes else "identity")])


def _dense(inputs: int, units: int, activation: Activation, named: Any) -> Dense:
    if named not in _SKLEARN_ACTIVATIONS:
        return Dense(units, activation)
    first = _Uniform(sqrt((2 if named == "logistic" else 6) / (inputs + units)))
    return Dense(units, activation, weight=first, bias=first)


def _activation(value: Any) -> Activation:
    if isinstance(value, str) and value not in (known := [*_SKLEARN_ACTIVATIONS, *Activation.known()]):
        raise unknown_name("activation", value, set(known))
    return Activation.resolve("sigmoid" if value == "logistic" else value)


@dataclass(frozen=True)
class _Uniform(Initializer):
    """U(−bound, bound), whatever the shape."""

    bound: float

    def __call__(self, shape: tuple[int, ...], rng: Generator) -> Array:
        return rng.uniform(-self.bound, self.bound, shape)


@dataclass(frozen=True)
class _Later(Schedule):
    """Another schedule, from step ``done`` of ``length`` on."""

    then: Schedule
    done: int
    length: int

    def factor(self, step: int, total: int) -> float:
        return self.then.factor(step + self.done, max(self.length, self.done + total))
