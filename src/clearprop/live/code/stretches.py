"""A branch as stretches of updates with the same settings: through its parents, and what was done by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from clearprop.live.branch import Branch
from clearprop.live.frames import Frame
from clearprop.live.recording import Recording
from clearprop.optimizers.clipping import Clip
from clearprop.optimizers.optimizer import Optimizer
from clearprop.streams import stream
from clearprop.training.loop import Training


@dataclass(frozen=True)
class Stretch:
    """Updates with the same settings, from ``begin`` up to ``end``.

    Attributes
    ----------
    fresh : bool
        Whether another optimiser begins, with no memory.
    rates : dict of int to float
        The factor on the rate from a step on.
    edits : list of (parameter, place, value)
        Changed before the first update.
    validated : bool
        Whether the rows held out are looked at after each epoch.
    """

    training: Training
    optimizer: Optimizer
    l1: float
    l2: float
    clip: Clip | None
    batch_size: int
    begin: int
    end: int = 0
    fresh: bool = False
    rates: dict[int, float] = field(default_factory=dict[int, float])
    edits: list[tuple[str, int, float]] = field(default_factory=list[tuple[str, int, float]])
    validated: bool = True


def stretches_until(branch: Branch, recording: Recording, end: int) -> list[Stretch]:
    """Return what was trained from the beginning up to step ``end`` of a branch."""
    frame = recording.frames(branch)[0]
    stretches = _before(branch, recording, frame)
    for step, name, values in branch.changes:
        last = stretches[-1]
        if step > end or (step == end and name != "edit"):
            continue
        if name == "rate" and values["rate_factor"] != _factor(stretches):
            last.rates[step] = float(values["rate_factor"])
        elif name in ("set", "edit"):
            stretches[-1:] = _changed(last, step, values if name == "set" else {}, [] if name == "set" else [values])
    stretches[-1] = replace(stretches[-1], end=end)
    return stretches


def _before(branch: Branch, recording: Recording, frame: Frame) -> list[Stretch]:
    """Return the stretches that a branch goes on from, and its own first one."""
    training, progress = frame.training, frame.progress
    own = Stretch(
        training, training.optimizer, training.l1, training.l2, training.clip, training.batches.batch_size, frame.step
    )
    parent = branch.header.get("parent")
    if not frame.step or parent is None:
        edits = [] if frame.step else _not_drawn(frame)
        return [
            replace(own, edits=edits, rates={} if progress.rate_factor == 1 else {frame.step: progress.rate_factor})
        ]
    stretches = stretches_until(recording.branch(parent), recording, frame.step)
    last = stretches[-1]
    # an edit at this very step is in the frame that was gone on from, or came after it
    kept = [(name, at, value) for name, at, value in last.edits if progress.parameters[name].reshape(-1)[at] == value]
    edits = kept if last.begin == frame.step else []
    if last.begin == frame.step:
        if len(stretches) == 1:
            return [own]
        stretches = stretches[:-1]
        last = stretches[-1]
    fresh = type(last.optimizer) is not type(own.optimizer)
    rates = {frame.step: progress.rate_factor} if fresh or progress.rate_factor != _factor(stretches) else {}
    return [*stretches, replace(own, fresh=fresh, rates=rates, edits=edits)]


def _factor(stretches: list[Stretch]) -> float:
    """Return the factor on the rate that is in force at the end."""
    factor = 1.0
    for each in stretches:
        factor = 1.0 if each.fresh else factor
        for step in sorted(each.rates):
            factor = each.rates[step]
    return factor


def _not_drawn(frame: Frame) -> list[tuple[str, int, float]]:
    """Return the first parameters that the seed didn't draw."""
    parameters = frame.progress.parameters
    drawn = frame.training.engine.network.first_parameters(stream(frame.progress.seed, "init"), parameters.vector.dtype)
    edits: list[tuple[str, int, float]] = []
    for name, array in parameters.items():
        given = array.reshape(-1)
        edits += [(name, int(at), float(given[at])) for at in np.flatnonzero(given != drawn[name].reshape(-1))]
    return edits


def _changed(last: Stretch, step: int, settings: dict[str, Any], edits: list[dict[str, Any]]) -> list[Stretch]:
    """Return the stretch that ends with a change, and the one that begins with it; only this if that had no update."""
    new = {name: value for name, value in settings.items() if name in ("l1", "l2")}
    optimizer = Optimizer.resolve(settings["optimizer"]) if "optimizer" in settings else last.optimizer
    if "clip" in settings:
        new["clip"] = None if settings["clip"] is None else Clip.resolve(settings["clip"])
    if "batch_size" in settings:
        new["batch_size"] = settings["batch_size"] or last.training.batches.n_rows
    listed = [(str(each["parameter"]), int(each["index"]), float(each["value"])) for each in edits]
    fresh = type(optimizer) is not type(last.optimizer)
    changed = replace(last, optimizer=optimizer, begin=step, fresh=fresh, rates={}, edits=listed, **new)
    if last.begin < step:
        return [replace(last, end=step), changed]
    rates = {} if fresh else last.rates
    return [replace(changed, fresh=last.fresh or (fresh and step > 0), rates=rates, edits=[*last.edits, *listed])]
