"""Which training a page's command asks for: what it is made of, what it goes on from, and on which branch."""

from __future__ import annotations

from dataclasses import replace
from secrets import randbelow
from typing import NamedTuple

from clearprop.errors import InputError, unknown_name
from clearprop.live import sources
from clearprop.live.branch import Branch
from clearprop.live.changes import edited, under, with_rate
from clearprop.live.commands import Request, whole
from clearprop.live.controls import CONTROLS
from clearprop.live.frames import Frame, checkpoint, until
from clearprop.live.recording import Recording
from clearprop.live.setup import Setup
from clearprop.live.sources.uploads import Uploads
from clearprop.result import Result
from clearprop.training.loop import Training

MORE = ("set", "rewind", "seed", "continue", "restart", "data", "edit", "more", "recover", "finish")
"""What can be done to a session's run besides ``CONTROLS``."""


class Following(NamedTuple):
    """The training to do next.

    Attributes
    ----------
    resume : Result or None
        The run that it goes on from; None for a start.
    parent : (branch, step) or None
        Where a new branch begins; None for the branch that was trained last, or the first of all.
    text : str
        What was done, for the history.
    waits : bool
        Whether it begins paused where nothing ran before it.
    """

    setup: Setup
    resume: Result | None = None
    parent: tuple[int, int] | None = None
    text: str = ""
    waits: bool = True


class Plan:
    """Says which training follows a command.

    Parameters
    ----------
    length : int
        Steps of the first run, and as many more where a run that has ended is to go on.
    recording : Recording
    uploads : Uploads
        Where a page's files lie.

    Attributes
    ----------
    ran : list of (training, setup)
        All that has been trained, in order.
    """

    def __init__(self, length: int, recording: Recording, uploads: Uploads) -> None:
        self.length = length
        self.ran: list[tuple[Training, Setup]] = []
        self._recording, self._uploads = recording, uploads

    def after(self, request: Request, setup: Setup, result: Result, branch: Branch) -> Following:
        """Return the training that a command asks for, given at the end of another one.

        Raises
        ------
        InputError, InputTypeError
            For a command that isn't known, or can't be done.
        """
        values, start = request.values, (branch.id, 0)
        match request.name:
            case "set":
                changed = setup.changed(values)
                words = ", ".join(f"{name} {value}" for name, value in values.items())
                return Following(self._room(changed, result), under(changed, result), None, f"set {words}")
            case "edit":
                text, changed = edited(result, values)
                return Following(self._room(setup, result), changed, None, text)
            case "more":
                steps = whole(values, "steps")
                return Following(longer(setup, result, max(steps, 1)), result, None, f"{steps:,} more steps")
            case "rewind":
                return Following(with_rate(setup, result), None, start, "rewound")
            case "seed":
                seed = randbelow(2**31) if values.get("seed") is None else whole(values, "seed")
                return Following(replace(with_rate(setup, result), seed=seed), None, start, f"seed {seed}")
            case "restart":
                return Following(with_rate(setup, result).rebuilt(values), None, start, "another network")
            case "data":
                data = sources.make(values.get("source") or {}, self._uploads)
                return Following(with_rate(setup, result).on(data), None, start, f"data {data.name}")
            case "continue":
                return self._from(self._recording.frame(whole(values, "frame")))
            case "recover":
                return self._recovered(str(values.get("how")), result, branch)
            case _:
                raise unknown_name("command", request.name, (*CONTROLS, *MORE))

    def _from(self, frame: Frame, rate_factor: float | None = None) -> Following:
        """Return the training that goes on from a frame, exactly as its own branch did, or at another rate."""
        setup = next(setup for training, setup in self.ran if training is frame.training)
        progress = checkpoint(frame.progress)
        progress.history = until(frame.progress.history, frame.step)
        progress.rate_factor = progress.rate_factor if rate_factor is None else rate_factor
        result = Result(setup.network, setup.loss, setup.optimizer, progress, frame.training.engine.name)
        text = f"continued from step {frame.step:,}" + ", at half the rate" * (rate_factor is not None)
        return Following(self._room(setup, result), result, (frame.branch, frame.step), text)

    def _recovered(self, how: str, result: Result, branch: Branch) -> Following:
        """Return the training from the last step at which the loss was no worse than at first, and was validated."""
        diverged = self._recording.state.get("diverged")
        if diverged is None:
            raise InputError("the run hasn't diverged, so there is nothing to recover from")
        if how not in ("back", "halve"):
            raise unknown_name("way to recover", how, ("back", "halve"))
        frames, history = self._recording.frames(branch), branch.history
        first, latest = float(history["loss"][0]), result.progress.step
        if diverged["tensor"] == "validation loss":  # up to there nobody knows what is good
            latest = int(history.steps("validation_loss")[-1]) if len(history.get("validation_loss", ())) else 0
        good = [f for f in frames if f.keep != "diverged" and f.step <= latest and (f.loss is None or f.loss <= first)]
        following = self._from((good or frames)[-1], result.progress.rate_factor / 2 if how == "halve" else None)
        return following._replace(waits=how == "back")

    def _room(self, setup: Setup, result: Result) -> Setup:
        """Return a setup that has steps left to do."""
        return longer(setup, result, self.length) if result.progress.step >= setup.steps else setup


def longer(setup: Setup, result: Result, steps: int) -> Setup:
    """Return a setup of so many more steps than a run has done, or was to do."""
    return replace(setup, steps=max(setup.steps, result.progress.step) + steps)
