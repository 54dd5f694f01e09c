"""Formulas as NumPy writes them, for the code that an update is copied as."""

from __future__ import annotations

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
from clearprop.losses.classification import BinaryCrossEntropy, CategoricalCrossEntropy
from clearprop.losses.loss import Loss
from clearprop.losses.regression import Absolute, Huber, Poisson, Quantile, Squared
from clearprop.optimizers.optimizer import Optimizer
from clearprop.optimizers.rules import SGD, Adam, AdamW, Momentum, Nesterov, RMSProp, Rprop

ACTIVATIONS: dict[type[Activation], tuple[list[str], str]] = {
    Identity: (["{a} = {z}"], "{da}"),
    Sigmoid: (["{a} = 1 / (1 + np.exp(-{z}))"], "{da} * {a} * (1 - {a})"),
    Tanh: (["{a} = np.tanh({z})"], "{da} * (1 - {a}**2)"),
    ReLU: (["{a} = np.maximum({z}, 0)"], "{da} * ({z} > 0)"),
    LeakyReLU: (["{a} = np.maximum({z}, {f.slope!r} * {z})"], "{da} * np.where({z} > 0, 1, {f.slope!r})"),
    ELU: (
        ["{a} = np.where({z} > 0, {z}, {f.alpha!r} * np.expm1(np.minimum({z}, 0)))"],
        "{da} * np.where({z} > 0, 1, {a} + {f.alpha!r})",
    ),
    SELU: (
        ["{a} = {f.scale!r} * np.where({z} > 0, {z}, {f.alpha!r} * np.expm1(np.minimum({z}, 0)))"],
        "{da} * np.where({z} > 0, {f.scale!r}, {a} + {f.scale!r} * {f.alpha!r})",
    ),
    GELU: (
        ["{t} = np.tanh(np.sqrt(2 / np.pi) * ({z} + 0.044715 * {z}**3))", "{a} = 0.5 * {z} * (1 + {t})"],
        "{da} * 0.5 * (1 + {t} + {z} * (1 - {t}**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * {z}**2))",
    ),
    SiLU: (["{t} = 1 / (1 + np.exp(-{z}))", "{a} = {z} * {t}"], "{da} * ({t} + {a} * (1 - {t}))"),
    Mish: (
        ["{t} = np.tanh(np.logaddexp(0, {z}))", "{a} = {z} * {t}"],
        "{da} * ({t} + {z} * (1 - {t}**2) / (1 + np.exp(-{z})))",
    ),
    Softplus: (["{a} = np.logaddexp(0, {z})"], "{da} / (1 + np.exp(-{z}))"),
    Exponential: (["{a} = np.exp({z})"], "{da} * {a}"),
    Softmax: (
        ["{a} = np.exp({z} - {z}.max(axis=1, keepdims=True))", "{a} /= {a}.sum(axis=1, keepdims=True)"],
        "{a} * ({da} - ({da} * {a}).sum(axis=1, keepdims=True))",
    ),
}
"""How a comes from z, and dz from da; t is a part of the formula that both need."""

_CLASSES = "-(y * np.log(np.where(y == 0, 1, {a})))"
LOSSES: dict[type[Loss], tuple[str, str]] = {
    Squared: ("({a} - y) ** 2", "2 * ({a} - y)"),
    Absolute: ("abs({a} - y)", "np.sign({a} - y)"),
    Huber: (
        "np.where(abs({a} - y) <= {loss.delta!r}, ({a} - y) ** 2 / 2,"
        " {loss.delta!r} * (abs({a} - y) - {loss.delta!r} / 2))",
        "np.clip({a} - y, -{loss.delta!r}, {loss.delta!r})",
    ),
    Quantile: (
        "np.maximum((1 - {loss.quantile!r}) * ({a} - y), -{loss.quantile!r} * ({a} - y))",
        "np.where({a} > y, 1 - {loss.quantile!r}, -{loss.quantile!r} * ({a} < y))",
    ),
    Poisson: ("{a} - y * np.log(np.where(y == 0, 1, {a}))", "1 - y / np.where(y == 0, 1, {a})"),
    BinaryCrossEntropy: (
        "-y * np.log(np.where(y == 0, 1, {a})) - (1 - y) * np.log(np.where(y == 1, 1, 1 - {a}))",
        "(1 - y) / np.where(y == 1, 1, 1 - {a}) - y / np.where(y == 0, 1, {a})",
    ),
    CategoricalCrossEntropy: (_CLASSES, "-(y / np.where(y == 0, 1, {a}))"),
}
"""Each output's loss, and its derivative by the output a."""

JOINED: dict[type[Loss], tuple[str, str]] = {
    BinaryCrossEntropy: ("np.logaddexp(0, {z}) - y * {z}", "{a} - y"),
    CategoricalCrossEntropy: ("y * (np.logaddexp.reduce({z}, axis=1, keepdims=True) - {z})", "{a} - y"),
    Poisson: ("np.exp({z}) - y * {z}", "{a} - y"),
}
"""The same from z, where loss and activation are joined; the derivative is by z."""

RULES: dict[type[Optimizer], list[str]] = {
    SGD: ["p -= rate * g"],
    Momentum: ["velocity = {rule.momentum!r} * velocity - rate * g", "p += velocity"],
    Nesterov: [
        "velocity = {rule.momentum!r} * velocity - rate * g",
        "p += {rule.momentum!r} * velocity - rate * g",
    ],
    RMSProp: [
        "square = {rule.decay!r} * square + (1 - {rule.decay!r}) * g**2",
        "p -= rate * g / (np.sqrt(square) + {rule.epsilon!r})",
    ],
    Adam: [
        "mean = {rule.beta1!r} * mean + (1 - {rule.beta1!r}) * g",
        "square = {rule.beta2!r} * square + (1 - {rule.beta2!r}) * g**2",
        "mean_hat, square_hat = mean / (1 - {rule.beta1!r}**{t}), square / (1 - {rule.beta2!r}**{t})",
        "p -= rate * mean_hat / (np.sqrt(square_hat) + {rule.epsilon!r})",
    ],
    Rprop: [
        "agreement = g * previous",
        "size *= np.where(agreement > 0, {rule.grow!r}, np.where(agreement < 0, {rule.shrink!r}, 1))",
        "size = np.clip(size, {rule.smallest!r}, {rule.largest!r})",
        "p -= rate / {rule.rate!r} * np.sign(np.where(agreement < 0, 0, g)) * size",
    ],
}
RULES[AdamW] = RULES[Adam]
"""What moves p against g."""
