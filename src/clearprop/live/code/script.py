"""A branch of a watched run as Python that trains it anew: its data, its network, and all that was done by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from clearprop.layers.dense import Dense
from clearprop.live.branch import Branch
from clearprop.live.code.expressions import call, expression, is_ours
from clearprop.live.code.rows import data_code
from clearprop.live.code.stretches import Stretch, stretches_until
from clearprop.live.describe import Message
from clearprop.live.recording import Recording
from clearprop.optimizers.optimizer import Optimizer
from clearprop.schedules import Constant
from clearprop.training.callbacks import DeadUnits, ReduceOnPlateau
from clearprop.training.metrics import METRICS

MOST_EDITS = 200
"""So many parameters that weren't drawn by the seed are written out; more need a file of their own."""

_BY_HAND = '''

class ByHand(cp.Callback):
    """What was done by hand: parameters changed at the start, factors on the rate after so many updates, a stop."""

    def __init__(self, rates=(), edits=(), stop=None):
        self.rates, self.edits, self.stop = dict(rates), list(edits), stop

    def on_start(self, training):
        for name, place, value in self.edits:
            training.progress.parameters[name].reshape(-1)[place] = value
        self.on_step(training)

    def on_step(self, training):
        if training.progress.step in self.rates:
            training.progress.rate_factor = self.rates[training.progress.step]
        if training.progress.step == self.stop:
            training.stop("as far as the run got")

    def next_step(self, step, per_epoch):
        return min((each for each in [*self.rates, self.stop or 0] if each > step), default=10**18)

'''


def code(branch: Branch, recording: Recording) -> str:
    """Return a script that repeats a branch, from its data up to its last update, bit for bit on the same machine.

    A branch that was continued from another is trained with that one's first part before it. Rows of a script's own
    arrays aren't known here: the script says where to put them; so it is with callbacks other than ``ReduceOnPlateau``.
    """
    stretches = stretches_until(branch, recording, branch.training.progress.step)
    if branch.training.progress.stopped.startswith("diverged: validation"):  # measured again, it would stop here, too
        stretches[-1] = replace(stretches[-1], validated=False)
    first = stretches[0]
    imports, rows = data_code(recording.data(branch.data))
    network = first.training.engine.network
    layers = "".join(f"    {expression(layer)},\n" for layer in network.layers)
    by_hand = any(each.rates or each.edits or _stops(each) for each in stretches)
    lines = [
        f'"""{_title(branch, recording)}"""\n',
        "\n".join(["import clearprop as cp", *imports]) + "\n",
        *_warnings(first, branch),
        rows,
        f"\nnetwork = cp.Network({network.n_inputs}, [\n{layers}])",
        _BY_HAND if by_hand else "",
    ]
    if first.begin:
        lines.append(f'# The run that this one went on from, after {first.begin:,} updates.\nresult = cp.load("...")')
    lines += [_train(each, first=each is first and not first.begin) for each in stretches]
    lines.append("\nprint(f\"{result.progress.step} updates, loss {result.history.last('loss'):.6g}\")")
    return "\n".join(lines) + "\n"


def ask(recording: Recording, values: Mapping[str, Any]) -> Message:
    """Answer the ask "code" {branch}: the header's ``text`` is the script.

    Raises
    ------
    InputError
        For a branch that isn't there.
    """
    branch = recording.branch(values.get("branch", -1))
    return {"type": "code", "branch": branch.id, "text": code(branch, recording)}, {}


def _title(branch: Branch, recording: Recording) -> str:
    data, step = recording.data(branch.data), branch.training.progress.step
    name = data.name.replace("\\", " ").replace('"', "'")
    return f"Run {branch.id + 1} on {name}, as it was trained on the page: {step:,} updates."


def _warnings(first: Stretch, branch: Branch) -> list[str]:
    """Return what the script can't do as the run did it, as comments."""
    training, found = first.training, list[str]()
    layers = training.engine.network.layers
    used = [
        *layers,
        *(each.activation for each in layers if isinstance(each, Dense)),
        training.engine.loss,
        first.optimizer,
    ]
    own = sorted({type(each).__name__ for each in used if not is_ours(type(each))})
    if own:
        found.append(f"# Import {', '.join(own)} from where you defined them.\n")
    others = [each for each in training.callbacks if not isinstance(each, DeadUnits | ReduceOnPlateau)]
    names = sorted({type(each).__name__ for each in others} - {"Watching", "Live"})
    if names:
        found.append(f"# The run had callbacks that aren't repeated here: {', '.join(names)}.\n")
    if not isinstance(training.schedule, Constant) and branch.training.progress.step > training.total_steps:
        found.append("# The run was made longer on the way, and its schedule with it: later rates may differ.\n")
    return found


def _stops(stretch: Stretch) -> bool:
    """Tell whether a stretch ends before the run would have: only a schedule that isn't constant minds."""
    return stretch.training.schedule != Constant() and 0 < stretch.end < stretch.training.total_steps


def _train(stretch: Stretch, first: bool) -> str:
    """Return the call that trains a stretch."""
    training, lines = stretch.training, list[str]()
    if stretch.begin and stretch.begin == stretch.end:
        places = [
            f"result.progress.parameters[{name!r}].reshape(-1)[{at}] = {value!r}" for name, at, value in stretch.edits
        ]
        return "\n".join(["", *places])
    rows, engine = training.batches, training.engine
    if stretch.fresh and not first:
        lines += [
            f"\n# Another optimiser from step {stretch.begin:,} on: it begins with no memory.",
            f"optimizer = {_object(stretch.optimizer)}",
            "progress = result.progress",
            "progress.state = optimizer.first_state(progress.parameters.vector)",
            "progress.age, progress.rate_factor = -progress.step, 1.0",
            "result = cp.Result(network, result.loss, optimizer, progress, result.engine)",
        ]
    plateau = next((each for each in training.callbacks if isinstance(each, ReduceOnPlateau)), None)
    schedule = plateau or training.schedule
    metrics = [name for name in training.metrics if name in METRICS]
    edits = stretch.edits
    if len(edits) > MOST_EDITS:
        lines.append(f"# {len(edits):,} first parameters weren't drawn by the seed: give train(parameters=...).")
        edits = []
    stop = stretch.end if _stops(stretch) else None
    hand = [
        f"{name}={value!r}" for name, value in (("rates", stretch.rates), ("edits", edits), ("stop", stop)) if value
    ]
    arguments = [
        "network", "x_train", "y_train", f"loss={expression(engine.loss)}",
        f"optimizer={'optimizer' if stretch.fresh and not first else expression(stretch.optimizer)}",
        f"steps={training.total_steps if stop or not stretch.end else stretch.end}",
        *([f"batch_size={stretch.batch_size}"] if stretch.batch_size < rows.n_rows else []),
        *(["shuffle=False"] if stretch.batch_size < rows.n_rows and not rows.shuffle and rows.per_epoch > 1 else []),
        *(["validation_data=held_out"] if stretch.validated else []),
        *([f"metrics={expression(metrics)}"] if metrics else []),
        *([f"schedule={expression(schedule)}"] if schedule != Constant() else []),
        *([f"l1={stretch.l1!r}"] if stretch.l1 else []), *([f"l2={stretch.l2!r}"] if stretch.l2 else []),
        *([f"clip={expression(stretch.clip)}"] if stretch.clip else []),
        *([f"rate_factors={expression(dict(training.rate_factors))}"] if training.rate_factors else []),
        *([f"averaging={training.averaging!r}"] if training.averaging else []),
        *([f"callbacks=[ByHand({', '.join(hand)})]"] if hand else []),
        *(['dtype="float32"'] if rows.rows.x.dtype == np.float32 else []),
        f"engine={expression(engine.name)}",
        f"rng={training.progress.seed}" if first else "resume=result",
    ]  # fmt: skip
    return "\n".join([*lines, ("" if lines else "\n") + f"result = {call('cp.train', arguments)}"])


def _object(optimizer: Optimizer) -> str:
    text = expression(optimizer)
    return text if "(" in text else f"cp.{type(optimizer).__name__}()"
