"""What a run comes to: a trained network that predicts, and that is saved, loaded and continued."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from clearprop import storage
from clearprop.arrays import Array, as_matrix
from clearprop.engines.choice import predicting
from clearprop.engines.reference import ReferenceEngine
from clearprop.errors import InputError, warn
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.training.history import Event, History
from clearprop.training.progress import Average, Best, Progress


@dataclass
class Result:
    """A trained network, and all that its run came to.

    Attributes
    ----------
    network, loss, optimizer : Network, Loss, Optimizer
    progress : Progress
        Parameters, the optimiser's memory, step, seed and history as the run left them: ``train(..., resume=result)``
        goes on from here, bit for bit.
    engine : str
        Which engine computed it.
    """

    network: Network
    loss: Loss
    optimizer: Optimizer
    progress: Progress
    engine: str = "reference"

    @property
    def parameters(self) -> Parameters:
        """What to predict with: the best parameters if early stopping kept them, else the last, or their average."""
        averaged, best = self.progress.averaged, self.progress.best
        return averaged if best is None else averaged.like(best.vector)

    @property
    def history(self) -> History:
        """The record of the run: ``history["loss"]`` has one value a step, taken before its update."""
        return self.progress.history

    @property
    def stopped(self) -> str:
        """Why the run ended."""
        return self.progress.stopped

    def predict(self, x: Any) -> Array:
        """Return the network's outputs (rows, n_outputs) for x (rows, n_inputs), in the parameters' dtype.

        Raises
        ------
        InputError, InputTypeError
            For another number of columns, NaN, text and the like.
        """
        parameters, n_inputs = self.parameters, self.network.n_inputs
        dtype = parameters.vector.dtype
        if (
            type(x) is np.ndarray
            and x.ndim == 2
            and x.dtype == dtype
            and x.shape[1] == n_inputs
            and x.flags.c_contiguous
        ):
            outputs = self._predicting.finite_outputs(parameters, x)  # a single row takes microseconds: no detours
            if outputs is not None:
                return outputs
        matrix = as_matrix(x, "x", dtype=dtype, features=n_inputs)
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self._predicting.predict(parameters, matrix)
        if not np.isfinite(outputs).all():
            text = "some predictions are not finite: the parameters, or x, are too large for this dtype"
            warn(text)
        return outputs

    @cached_property
    def _predicting(self) -> ReferenceEngine:
        return predicting(self.engine, self.network, self.loss, self.progress.parameters.vector.dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_predicting"}  # it may hold threads

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file that ``load`` reads: the parameters by name, and all that a continued run needs."""
        storage.write(path, "run", *self.parts())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't a run's.
        """
        with storage.reading(path):
            return cls.from_parts(*storage.read(path, "run"))

    def parts(self) -> tuple[storage.Description, dict[str, Array]]:
        """Return the run as plain JSON values and named arrays, for a model file."""
        progress, average, best = self.progress, self.progress.average, self.progress.best
        description = {
            "network": self.network.describe(),
            "loss": self.loss.describe(),
            "optimizer": self.optimizer.describe(),
            "engine": self.engine,
            "seed": progress.seed,
            "step": progress.step,
            "age": progress.age,
            "rate_factor": progress.rate_factor,
            "memory": progress.memory,
            "averaged": 0 if average is None else average.epochs,
            "best": None if best is None else [best.step, best.value],
            "stopped": progress.stopped,
            "state": sorted(progress.state),
            "series": list(progress.history),
            "events": [list(event) for event in progress.history.events],
        }
        arrays = dict(self.parameters)
        if best is not None or average is not None:
            arrays["last"] = progress.parameters.vector
        if best is not None and average is not None:
            arrays["average"] = average.vector
        arrays |= {f"state/{name}": array for name, array in progress.state.items()}
        for name, values in progress.history.items():
            arrays |= {f"history/{name}": values, f"history/{name}/steps": progress.history.steps(name)}
        return description, arrays

    @classmethod
    def from_parts(cls, description: storage.Description, arrays: dict[str, Array]) -> Self:
        """Build the run that ``parts`` took apart.

        Raises
        ------
        InputError, KeyError, TypeError, ValueError
            If they don't fit together; ``storage.reading`` makes one FileError of these.
        """
        network = Network.from_description(description["network"])
        predicting = Parameters(network.layout, network.layout.gather(arrays))
        best, averaged = description["best"], int(description.get("averaged", 0))
        last = predicting.like(arrays["last"]) if best or averaged else predicting
        average = predicting.like(arrays["average"]) if best and averaged else predicting
        for vector in (predicting.vector, last.vector, average.vector):
            if vector.dtype not in (np.float32, np.float64) or not np.isfinite(vector).all():
                raise InputError(f"the parameters should be finite float32 or float64; got {vector.dtype}")
        loss, optimizer = (
            Loss.from_description(description["loss"]),
            Optimizer.from_description(description["optimizer"]),
        )
        state = {name: arrays[f"state/{name}"] for name in description["state"]}
        wanted = {name: (array.shape, array.dtype) for name, array in optimizer.first_state(last.vector).items()}
        if {name: (array.shape, array.dtype) for name, array in state.items()} != wanted:
            raise InputError(f"the memory of {optimizer} doesn't have the shapes that the network gives it")
        if min(int(description[name]) for name in ("step", "age", "seed")) < 0:
            raise InputError("a run's step, age and seed should be 0 or more")
        history = History()
        for name in description["series"]:
            history.extend(name, arrays[f"history/{name}/steps"], arrays[f"history/{name}"])
        history.events.extend(Event(int(step), str(text)) for step, text in description["events"])
        progress = Progress(
            parameters=last,
            state=state,
            seed=int(description["seed"]),
            step=int(description["step"]),
            age=int(description["age"]),
            rate_factor=float(description["rate_factor"]),
            memory={str(name): float(value) for name, value in description["memory"].items()},
            average=Average(averaged, average.vector) if averaged else None,
            best=None if best is None else Best(*_best(best), predicting.vector),
            stopped=str(description["stopped"]),
            history=history,
        )
        return cls(network, loss, optimizer, progress, str(description["engine"]))


def _best(described: Any) -> tuple[int, float]:
    step, value = described
    return int(step), float(value)


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result that ``Result.save`` wrote; see ``Result.load``."""
    return Result.load(path)
