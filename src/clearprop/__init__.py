"""Neural networks that you can see through: on NumPy, every derivative by hand, watched while they learn.

>>> import clearprop as cp
>>> network = cp.Network(2, [cp.Dense(16, "leaky_relu"), cp.Dense(1, "sigmoid")])
>>> x, y = cp.datasets.make("moons", 200, seed=0)
>>> result = cp.train(network, x, y, loss="binary_cross_entropy", optimizer=cp.SGD(0.25), steps=100, rng=0)
>>> result.predict(x[:3]).shape
(3, 1)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from clearprop import errors, initializers, schedules
from clearprop.initializers import Initializer
from clearprop.layers.activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    Exponential,
    Identity,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.embedding import Embedding
from clearprop.layers.grouped_dense import GroupedDense
from clearprop.layers.layer import Cache, Layer
from clearprop.layers.layer_norm import LayerNorm
from clearprop.layers.members import Members
from clearprop.layers.periodic import Periodic
from clearprop.layers.piecewise_linear import PiecewiseLinear
from clearprop.layers.scale import Scale
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss
from clearprop.losses.regression import Absolute, Huber, Poisson, Quantile, Squared
from clearprop.network import Network
from clearprop.optimizers.clipping import Clip, ClipGlobalNorm, ClipNorm, ClipValue
from clearprop.optimizers.lbfgs import LBFGS
from clearprop.optimizers.optimizer import Optimizer, UpdateRule
from clearprop.optimizers.rules import SGD, Adam, AdamW, Momentum, Nesterov, RMSProp, Rprop
from clearprop.parameters import Layout, Parameters
from clearprop.result import Result, load
from clearprop.runs import train, value_and_gradient
from clearprop.schedules import Schedule
from clearprop.training.callbacks import Callback, EarlyStopping, ReduceOnPlateau
from clearprop.training.history import History

if TYPE_CHECKING:
    from clearprop import datasets, plots, testing
    from clearprop.diagnosis import diagnose
    from clearprop.estimators.mlp import MLPClassifier, MLPRegressor
    from clearprop.estimators.tabular import TabularClassifier, TabularRegressor
    from clearprop.explain import input_gradients
    from clearprop.live.callback import Live
    from clearprop.live.watch import watch

__version__ = "0.1.0"

__all__ = [
    "ELU", "GELU", "LBFGS", "SELU", "SGD", "Absolute", "Activation", "Adam", "AdamW", "BinaryCrossEntropy", "Cache",
    "Callback", "CategoricalCrossEntropy", "Clip", "ClipGlobalNorm", "ClipNorm", "ClipValue", "Dense", "Dropout",
    "EarlyStopping", "Embedding", "Exponential", "GroupedDense", "History", "Huber", "Identity", "Initializer",
    "Layer", "LayerNorm", "Layout", "LeakyReLU", "Live", "Loss", "MLPClassifier", "MLPRegressor", "Members", "Mish",
    "Momentum", "Nesterov", "Network", "Optimizer", "Parameters", "Periodic", "PiecewiseLinear", "Poisson", "Quantile",
    "RMSProp", "ReLU", "ReduceOnPlateau", "Result", "Rprop", "Scale", "Schedule", "SiLU", "Sigmoid", "Softmax",
    "Softplus", "Squared", "TabularClassifier", "TabularRegressor", "Tanh", "UpdateRule", "datasets", "diagnose",
    "errors", "initializers", "input_gradients", "load", "plots", "schedules", "testing", "train",
    "value_and_gradient", "watch",
]  # fmt: skip

_LATER = {"datasets", "plots", "testing"}  # modules that need more than NumPy are imported when they are first used
_NAMES_LATER = {  # so are these, which need scikit-learn, or which a run doesn't need
    "Live": "live.callback",
    "MLPClassifier": "estimators.mlp",
    "MLPRegressor": "estimators.mlp",
    "TabularClassifier": "estimators.tabular",
    "TabularRegressor": "estimators.tabular",
    "diagnose": "diagnosis",
    "input_gradients": "explain",
    "watch": "live.watch",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return importlib.import_module(f"clearprop.{name}")
    if name in _NAMES_LATER:
        return getattr(importlib.import_module(f"clearprop.{_NAMES_LATER[name]}"), name)
    raise AttributeError(f"module 'clearprop' has no attribute {name!r}")
