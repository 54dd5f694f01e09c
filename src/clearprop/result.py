"""What a run comes to: a trained network that predicts, and that is saved, loaded and continued."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Self

from clearprop import storage
from clearprop.arrays import Array, as_matrix
from clearprop.errors import FileError, InputError
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.training.history import Event, History
from clearprop.training.progress import Best, Progress


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
        """The parameters to predict with: the best ones where early stopping kept them, else the last."""
        last, best = self.progress.parameters, self.progress.best
        return last if best is None else last.like(best.vector)

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
        parameters = self.parameters
        matrix = as_matrix(x, "x", dtype=parameters.vector.dtype, features=self.network.n_inputs)
        return self.network.predict(parameters, matrix)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file that ``load`` reads: the parameters by name, and all that a continued run needs."""
        progress, best = self.progress, self.progress.best
        description = {
            "network": self.network.describe(),
            "loss": self.loss.describe(),
            "optimizer": self.optimizer.describe(),
            "engine": self.engine,
            "seed": progress.seed,
            "step": progress.step,
            "rate_factor": progress.rate_factor,
            "memory": progress.memory,
            "best": None if best is None else [best.step, best.value],
            "stopped": progress.stopped,
            "state": sorted(progress.state),
            "series": list(progress.history),
            "events": [list(event) for event in progress.history.events],
        }
        tensors = dict(self.parameters)
        if best is not None:
            tensors["last"] = progress.parameters.vector
        tensors |= {f"state/{name}": array for name, array in progress.state.items()}
        for name, values in progress.history.items():
            tensors |= {f"history/{name}": values, f"history/{name}/steps": progress.history.steps(name)}
        storage.write(path, "run", description, tensors)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what ``save`` wrote; nothing in the file is run.

        Raises
        ------
        FileNotFoundError, FileError
            If there is no such file, or it isn't a run's.
        """
        found, tensors = storage.read(path, "run")
        try:
            network = Network.from_description(found["network"])
            layout = network.layout
            wrong = [name for name, (_, shape) in layout.places.items() if tensors[name].shape != shape]
            if wrong:
                raise FileError(f"{path}: {wrong[0]} doesn't have the shape that the network gives it")
            best = layout.gather(tensors)
            history = History()
            for name in found["series"]:
                history.extend(name, tensors[f"history/{name}/steps"], tensors[f"history/{name}"])
            history.events.extend(Event(int(step), str(text)) for step, text in found["events"])
            progress = Progress(
                parameters=Parameters(layout, tensors["last"] if found["best"] else best),
                state={name: tensors[f"state/{name}"] for name in found["state"]},
                seed=int(found["seed"]),
                step=int(found["step"]),
                rate_factor=float(found["rate_factor"]),
                memory={str(name): float(value) for name, value in found["memory"].items()},
                best=Best(int(found["best"][0]), float(found["best"][1]), best) if found["best"] else None,
                stopped=str(found["stopped"]),
                history=history,
            )
            loss, optimizer = Loss.from_description(found["loss"]), Optimizer.from_description(found["optimizer"])
            return cls(network, loss, optimizer, progress, str(found["engine"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise FileError(f"{path}: its description is damaged ({error!r})") from error
        except InputError as error:
            raise FileError(f"{path}: {error}") from error


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result that ``Result.save`` wrote; see ``Result.load``."""
    return Result.load(path)
