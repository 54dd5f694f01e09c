"""What a watched run is made of, such that a page can change a part of it and begin the next run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from clearprop.engines.choice import EngineName
from clearprop.errors import InputError, InputTypeError, unknown_name
from clearprop.layers.activations import Activation
from clearprop.layers.dense import Dense
from clearprop.layers.dropout import Dropout
from clearprop.layers.layer import Layer
from clearprop.live.data import Data, Task
from clearprop.losses.loss import Loss
from clearprop.network import Network
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.parameters import Parameters
from clearprop.result import Result
from clearprop.runs import train
from clearprop.schedules import Schedule
from clearprop.settings import check_number, check_whole
from clearprop.training.callbacks import Callback, ReduceOnPlateau
from clearprop.training.metrics import Metric

OUTPUTS: dict[Task, str] = {
    "binary": "sigmoid", "multiclass": "softmax", "regression": "identity", "multi": "identity",
}  # fmt: skip
LOSSES: dict[Task, tuple[str, ...]] = {
    "binary": ("binary_cross_entropy", "squared", "absolute"),
    "multiclass": ("categorical_cross_entropy", "squared", "absolute"),
    "regression": ("squared", "absolute", "huber"),
    "multi": ("squared", "absolute", "huber"),
}
"""The losses that a page offers for a task; the first is the usual one."""
MOST_LAYERS, MOST_UNITS = 16, 2048


@dataclass(frozen=True)
class Setup:
    """The arguments of ``train``, all but the callbacks' own and what a continued run brings."""

    network: Network
    data: Data
    loss: Loss
    optimizer: Optimizer
    steps: int
    seed: int
    batch_size: int | None = None
    shuffle: bool = True
    metrics: Sequence[str | Metric] = ()
    schedule: str | Schedule | ReduceOnPlateau = "constant"
    l1: float = 0.0
    l2: float = 0.0
    clip: Clip | None = None
    parameters: Parameters | None = None
    dtype: Any = None
    engine: EngineName = "auto"
    callbacks: Sequence[Callback] = field(default_factory=tuple[Callback, ...])

    def train(self, watching: Callback, resume: Result | None) -> Result:
        """Train, watched: from the start, or on from another run."""
        begun: dict[str, Any] = {"resume": resume} if resume else {"parameters": self.parameters, "rng": self.seed}
        return train(
            self.network, self.data.x, self.data.y, loss=self.loss, optimizer=self.optimizer, steps=self.steps,
            batch_size=self.batch_size, shuffle=self.shuffle, validation_data=self.data.validation,
            metrics=self.metrics, schedule=self.schedule, l1=self.l1, l2=self.l2, clip=self.clip, dtype=self.dtype,
            engine=self.engine, callbacks=[*self.callbacks, watching], **begun,
        )  # fmt: skip

    def changed(self, values: dict[str, Any]) -> Setup:
        """Return it with another optimiser, penalty, batch size or clipping, as a page asked for.

        Raises
        ------
        InputError, InputTypeError
            For a setting that can't be changed like this, or a value that it can't have.
        """
        known = ("optimizer", "l1", "l2", "batch_size", "clip")
        for name in values:
            if name not in known:
                raise unknown_name("setting", str(name), known)
        new: dict[str, Any] = dict(values)
        for name in ("l1", "l2"):
            if name in new:
                check_number(new[name], name, least=0)
                new[name] = float(new[name])
        if new.get("batch_size") is not None:
            new["batch_size"] = check_whole(new["batch_size"], "batch_size")
        if "optimizer" in new:
            new["optimizer"] = Optimizer.resolve(new["optimizer"])
        if new.get("clip") is not None:
            new["clip"] = Clip.resolve(new["clip"])
        return replace(self, **new)

    def rebuilt(self, values: dict[str, Any]) -> Setup:
        """Return it with another architecture or loss; the first parameters are drawn anew.

        Raises
        ------
        InputError, InputTypeError
            For layers that can't be, or a loss that doesn't suit the task.
        """
        loss = self.loss
        if values.get("loss") is not None:
            if values["loss"] not in LOSSES[self.data.task]:
                raise unknown_name(f"loss for {self.data.task} data", str(values["loss"]), LOSSES[self.data.task])
            loss = Loss.resolve(values["loss"])
        network = self.network
        if values.get("hidden") is not None or "dropout" in values:
            hidden = values.get("hidden")
            network = network_for(self.data, self.hidden if hidden is None else hidden, values.get("dropout") or 0.0)
        return replace(self, network=network, loss=loss, parameters=None)

    def on(self, data: Data) -> Setup:
        """Return it for another table, with hidden layers as they are."""
        loss = self.loss if self.loss.name in LOSSES[data.task] else Loss.resolve(LOSSES[data.task][0])
        return replace(self, data=data, network=network_for(data, self.hidden, 0.0), loss=loss, parameters=None)

    @property
    def hidden(self) -> list[dict[str, Any]]:
        """The hidden layers, as a page describes them."""
        dense = [layer for layer in self.network.layers if isinstance(layer, Dense)]
        return [{"units": layer.units, "activation": layer.activation} for layer in dense[:-1]]


def network_for(data: Data, hidden: Any, dropout: float) -> Network:
    """Return a network for a table: hidden layers, each with dropout behind it if wanted, and what the task ends in.

    Raises
    ------
    InputError, InputTypeError
        For anything that isn't a list of {"units", "activation"}, or too many of them.
    """
    if not isinstance(hidden, list | tuple):
        raise InputTypeError(
            f"hidden must be a list such as [{{'units': 16, 'activation': 'tanh'}}]; got {hidden!r:.60}"
        )
    layers: list[Layer] = []
    for described in cast("list[Any]", hidden):
        if not isinstance(described, dict) or "units" not in described:
            raise InputTypeError(f"a hidden layer is {{'units': 16, 'activation': 'tanh'}}; got {described!r:.60}")
        wanted = cast("dict[str, Any]", described)
        if check_whole(wanted["units"], "a hidden layer's units") > MOST_UNITS:
            raise InputError(f"a hidden layer can have {MOST_UNITS:,} units here; got {wanted['units']:,}")
        layers.append(Dense(wanted["units"], Activation.resolve(wanted.get("activation", "leaky_relu"))))
        if dropout:
            layers.append(Dropout(dropout))
    if len(layers) > MOST_LAYERS:
        raise InputError(f"a network can have {MOST_LAYERS} layers here; got {len(layers)}")
    return Network(data.x.shape[1], [*layers, Dense(data.y.shape[1], OUTPUTS[data.task])])


def offered(setup: Setup) -> dict[str, list[str]]:
    """Return the names that a page may choose from for this run."""
    from clearprop import datasets

    return {
        "optimizers": sorted(Optimizer.known()),
        "activations": sorted(set(Activation.known()) - {"softmax"}),
        "losses": list(LOSSES[setup.data.task]),
        "datasets": datasets.names(),
    }
