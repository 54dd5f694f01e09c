"""The elementwise optimisers, as their papers write them. g is the gradient, t = step + 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from clearprop.arrays import namespace
from clearprop.optimizers.optimizer import Optimizer, State, UpdateRule

_LIMITS: dict[str, dict[str, float]] = Optimizer.limits | {"epsilon": {"above": 0.0}}
_SHARE: dict[str, float] = {"least": 0.0, "below": 1.0}


@dataclass(frozen=True)
class SGD(UpdateRule, name="sgd"):
    """p ← p − rate · g: plain gradient descent.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.array([1.0, 2.0])
    >>> SGD(0.1).update(p, np.array([10.0, -10.0]), {}, step=0, rate=0.1)
    >>> p
    array([0., 3.])
    """

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        p -= rate * g


@dataclass(frozen=True)
class Momentum(UpdateRule):
    """v ← momentum · v − rate · g; p ← p + v (Polyak 1964; in the form of Sutskever et al. 2013, eq. 1–2)."""

    momentum: float = 0.9
    moments = ("velocity",)
    limits = _LIMITS | {"momentum": _SHARE}

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        v = state["velocity"]
        v *= self.momentum
        v -= rate * g
        p += v


@dataclass(frozen=True)
class Nesterov(Momentum):
    """v ← momentum · v − rate · g; p ← p + momentum · v − rate · g (Sutskever et al. 2013, eq. 3–4)."""

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        v = state["velocity"]
        move = rate * g
        v *= self.momentum
        v -= move
        p += self.momentum * v - move


@dataclass(frozen=True)
class RMSProp(UpdateRule, name="rmsprop"):
    """v ← decay · v + (1 − decay) g²; p ← p − rate · g / (√v + epsilon) (Hinton 2012, lecture 6e)."""

    rate: float = 0.001
    decay: float = 0.9
    epsilon: float = 1e-8
    moments = ("square",)
    limits = _LIMITS | {"decay": _SHARE}

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        v = state["square"]
        change = (1 - self.decay) * g
        change *= g
        v *= self.decay
        v += change
        root = namespace(p).sqrt(v)
        root += self.epsilon
        move = rate * g
        move /= root
        p -= move


@dataclass(frozen=True)
class Adam(UpdateRule):
    """m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − rate · m̂ / (√v̂ + epsilon).

    m̂ = m / (1 − β₁^t) and v̂ = v / (1 − β₂^t) (Kingma & Ba 2014, arXiv 1412.6980, algorithm 1).

    Examples
    --------
    >>> import numpy as np
    >>> rule, p = Adam(0.1), np.array([1.0])
    >>> rule.update(p, np.array([5.0]), rule.first_state(p), step=0, rate=0.1)
    >>> p.round(6)  # the first step is rate · sign(g), whatever the gradient's size
    array([0.9])
    """

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    moments = ("mean", "square")
    limits = _LIMITS | {"beta1": _SHARE, "beta2": _SHARE}

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        m, v, t = state["mean"], state["square"], step + 1  # in place where it can be: a new array costs time
        change = (1 - self.beta1) * g
        m *= self.beta1
        m += change
        change = (1 - self.beta2) * g
        change *= g
        v *= self.beta2
        v += change
        root = v / (1 - self.beta2**t)
        namespace(p).sqrt(root, out=root)
        root += self.epsilon
        move = (rate / (1 - self.beta1**t)) * m
        move /= root
        p -= move


@dataclass(frozen=True)
class AdamW(Adam, name="adamw"):
    """Adam with weights that shrink by rate · weight_decay each step (Loshchilov & Hutter 2017, arXiv 1711.05101)."""

    weight_decay: float = field(default=0.01, kw_only=True)


@dataclass(frozen=True)
class Rprop(UpdateRule):
    """p ← p − sign(g) · size; size grows while g keeps its sign, shrinks where it turns (and that step is left out).

    For full batches; the gradient's size plays no part. ``rate`` is the first size, and a schedule's factor multiplies
    the move (Igel & Hüsken 2000, iRprop−).
    """

    grow: float = 1.2
    shrink: float = 0.5
    smallest: float = 1e-6
    largest: float = 50.0
    moments = ("previous", "size")
    limits = _LIMITS | {"grow": {"least": 1.0}, "shrink": _SHARE, "smallest": {"least": 0.0}, "largest": {"above": 0.0}}

    def first_state(self, vector: Any) -> State:
        state = super().first_state(vector)
        state["size"] += self.rate
        return state

    def update(self, p: Any, g: Any, state: State, step: int, rate: float) -> None:
        xp, previous, size = namespace(p), state["previous"], state["size"]
        agreement = g * previous
        size *= xp.where(agreement > 0, self.grow, xp.where(agreement < 0, self.shrink, xp.ones_like(g)))
        size[...] = xp.clip(size, self.smallest, self.largest)
        previous[...] = xp.where(agreement < 0, xp.zeros_like(g), g)
        p -= (rate / self.rate) * xp.sign(previous) * size
