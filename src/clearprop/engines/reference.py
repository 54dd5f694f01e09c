"""The reference engine: the layers' own formulas, in order. Every other engine must agree with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clearprop.arrays import keep_freed_memory, namespace
from clearprop.data.batches import Batches
from clearprop.engines.stretch import Stretches
from clearprop.losses.loss import Loss
from clearprop.network import ROWS, Network
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer, State, UpdateRule
from clearprop.parameters import Parameters

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True)
class ReferenceEngine:
    """Computes a batch's loss and gradient, predictions and updates for one network and loss.

    Where the network ends in the activation that the loss joins (sigmoid with binary cross-entropy, softmax with
    categorical), both are computed together from the last z, exactly and without overflow.

    Examples
    --------
    >>> import numpy as np
    >>> from clearprop.layers.dense import Dense
    >>> from clearprop.losses.classification import BinaryCrossEntropy
    >>> network = Network(2, [Dense(1, "sigmoid", weight="zeros")])
    >>> engine = ReferenceEngine(network, BinaryCrossEntropy())
    >>> p = network.first_parameters(np.random.default_rng(0))
    >>> gradients = p.copy()
    >>> engine.gradient(p, np.array([[1.0, 2.0]]), np.array([[1.0]]), into=gradients)  # ln 2
    0.6931471805599453
    >>> gradients["0.weight"].ravel()
    array([-0.5, -1. ])
    """

    network: Network
    loss: Loss
    name = "reference"

    def __post_init__(self) -> None:
        keep_freed_memory()

    @cached_property
    def from_z(self) -> bool:
        """Whether the loss and the last activation are computed together."""
        return self.loss.joins(self.network.output_activation)

    def session(self) -> AbstractContextManager[Any]:
        """Return the context that a run lies in."""
        return nullcontext()

    def stretches(
        self,
        parameters: Parameters,
        state: State,
        optimizer: Optimizer,
        batches: Batches,
        clip: Clip | None,
        l1: float,
        l2: float,
        age: int,
        rate_factors: Mapping[str, float],
    ) -> Stretches | None:
        """Return what does many updates of a run at once, or None where they are done one by one."""
        return None

    def gradient(
        self,
        parameters: Parameters,
        x: Any,
        targets: Any,
        weight: Any = None,
        *,
        into: Parameters,
        rng: Generator | None = None,
    ) -> float:
        """Return the batch's mean loss, and write its derivative by every parameter into ``into``.

        Parameters
        ----------
        x : array, shape (rows, n_inputs)
        targets : array, shape (rows, n_outputs)
        weight : array, shape (rows,), optional
        into : Parameters
        rng : Generator, optional
            What Dropout draws from.
        """
        output, cache = self.network.forward(parameters, x, rng)
        from_z = self.from_z
        value, derivative = self.loss.value_and_gradient(output, targets, weight, z=cache[-1].z if from_z else None)
        self.network.backward(parameters, cache, derivative, into, from_z=from_z, need_input=False)
        return float(value)

    def evaluate(self, parameters: Parameters, x: Any, targets: Any, weight: Any = None) -> tuple[float, Any]:
        """Return the mean loss and the predictions for rows that aren't learnt from."""
        outputs: list[Any] = []
        scores: list[Any] = []
        for i in range(0, len(x), ROWS):
            output, cache = self.network.forward(parameters, x[i : i + ROWS])
            outputs.append(output)
            scores.append(cache[-1].z)
        xp = namespace(x)
        prediction = xp.concatenate(outputs)
        z = xp.concatenate(scores) if self.from_z else None
        return float(self.loss.value_and_gradient(prediction, targets, weight, z=z)[0]), prediction

    def predict(self, parameters: Parameters, x: Any) -> Any:
        """Return the outputs (rows, n_outputs)."""
        return self.network.predict(parameters, x)

    def finite_outputs(self, parameters: Parameters, x: Any) -> Any:
        """Return the outputs where this engine looks at inputs and outputs itself and all are finite; else None."""
        return None

    def update(
        self,
        optimizer: Optimizer,
        parameters: Parameters,
        gradients: Parameters,
        state: State,
        *,
        step: int,
        rate: float,
        loss: float,
        evaluate: Callable[[], float],
        rate_factors: Mapping[str, float] | None = None,
    ) -> float | None:
        """Shrink the weights where the optimiser decays them, then let it move the vector in place.

        Parameters named in ``rate_factors`` move (and shrink) by so many times the rate.
        """
        factors = rate_factors or {}
        if isinstance(optimizer, UpdateRule) and optimizer.weight_decay:
            for name, weight in weights(parameters).items():
                weight *= 1 - rate * factors.get(name, 1.0) * optimizer.weight_decay
        if not factors:
            return optimizer.step(
                parameters.vector, gradients.vector, state, step=step, rate=rate, loss=loss, evaluate=evaluate
            )
        for name, (place, _) in parameters.layout.places.items():
            moments = {key: moment[place] for key, moment in state.items()}
            speed = rate * factors.get(name, 1.0)
            optimizer.step(
                parameters.vector[place], gradients.vector[place], moments, step=step, rate=speed, loss=loss,
                evaluate=evaluate,
            )  # fmt: skip
        return None


def weights(parameters: Parameters) -> dict[str, Any]:
    """Return by name what penalties and weight decay act on: arrays named ``weight``, not biases or norms' scales."""
    return {f"{i}.weight": layer["weight"] for i, layer in enumerate(parameters.layers) if "weight" in layer}
