"""A run that a page may change in every way: one training after another, each from a start or from a checkpoint."""

from __future__ import annotations

from dataclasses import replace
from secrets import randbelow
from typing import NamedTuple

from clearprop.errors import ClearpropError, DivergenceError, InputError, unknown_name
from clearprop.live import sources
from clearprop.live.changes import edited, under, with_rate
from clearprop.live.commands import Commands, Request, whole
from clearprop.live.frames import Frame, checkpoint, until
from clearprop.live.recording import Recording
from clearprop.live.setup import Setup
from clearprop.live.sources.uploads import Uploads
from clearprop.live.watching import CONTROLS, Watching
from clearprop.result import Result
from clearprop.training.interrupt import INTERRUPTED
from clearprop.training.loop import Training

MORE = ("set", "rewind", "seed", "continue", "restart", "data", "edit", "more", "recover", "finish")
"""What can be done to a session's run besides ``CONTROLS``."""
_WAIT = 0.2  # seconds until Ctrl-C is heard


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
    """

    setup: Setup
    resume: Result | None = None
    parent: tuple[int, int] | None = None
    text: str = ""


class Session:
    """Trains, listens, and trains on.

    A change that needs another run stops the present one at a step's boundary; the next one goes on from there, or
    from a frame, or from the start. What was is never changed back: whoever goes back gets a branch.

    Parameters
    ----------
    setup : Setup
    recording : Recording
    commands : Commands
    uploads : Uploads
        Where a page's files lie.
    paused : bool
        Whether to wait for ``play`` before the first update.
    frames_per_second : float
    """

    def __init__(
        self, setup: Setup, recording: Recording, commands: Commands, uploads: Uploads, *, paused: bool = False,
        frames_per_second: float = 30.0,
    ) -> None:  # fmt: skip
        self._recording, self._commands, self._uploads = recording, commands, uploads
        self._setup, self._length = setup, setup.steps
        self.watching = Watching(recording, commands, data=setup.data, owner=self, frames_per_second=frames_per_second)
        self.watching.paused = paused
        self._request: Request | None = None
        self._following = Following(setup)
        self._ran: list[tuple[Training, Setup]] = []
        self._finished = False
        self._result: Result

    def run(self, resume: Result | None = None) -> Result:
        """Train until somebody says that it is enough, by ``finish`` or Ctrl-C, and return the last run's result."""
        following, phase = Following(self._setup, resume), ""
        while True:
            ended = self._train(following)
            if ended != "refused":
                phase = ended
            elif phase == "changed":
                self.watching.paused = True
            result = self._result
            if self._finished or phase == "interrupted":
                return result
            try:
                following = self._next(phase, result)
            except KeyboardInterrupt:
                return result
            if following is None:
                return result

    @property
    def has_begun(self) -> bool:
        """Whether a run has begun, so that there is something to show."""
        return bool(self._ran)

    def close(self) -> None:
        """Tell the pages that it is over."""
        if self._ran:
            self.watching.tell(self._ran[-1][0], "closed", "the run has been ended")

    # what Watching asks of its owner

    def begun(self, training: Training) -> None:
        """Answer the command that this run comes of."""
        self._ran.append((training, self._following.setup))
        request, self._request = self._request, None
        if request is None:
            return
        if self._following.parent is None:
            self.watching.note(training, self._following.text, request.name, request.values)
        else:
            self.watching.remark(training, self._following.text)
        request.answer(branch=self.watching.branch.id, step=training.progress.step)

    def asked(self, request: Request, training: Training) -> None:
        """Stop the run for a command that needs another one."""
        if request.name not in MORE:
            raise unknown_name("command", request.name, (*CONTROLS, *MORE))
        if request.name == "finish":
            self._finished = True
            request.answer(step=training.progress.step)
            training.stop("ended from the page")
            return
        self._request, self.watching.changing = request, True
        training.stop(f"{request.name} was asked for")

    # one training, and what comes after it

    def _train(self, following: Following) -> str:
        """Return how it ended: "changed", "finished", "diverged", "interrupted", or "refused", if it didn't begin."""
        watching, before = self.watching, self._setup
        if following.parent is not None:
            watching.branch_from(*following.parent)
        elif self._ran:
            watching.go_on()
        if following.setup.data is not before.data:
            watching.learn_from(following.setup.data)
        self._setup, self._following = following.setup, following
        begun = len(self._ran)
        try:
            self._result = following.setup.train(watching, following.resume)
        except DivergenceError as error:
            self._result = error.result
            return "diverged"
        except ClearpropError as error:
            if self._request is None or len(self._ran) > begun:
                raise
            request, self._request = self._request, None
            request.refuse(error)
            if following.setup.data is not before.data:
                watching.learn_from(before.data)
            self._setup = before
            return "refused"
        if self._request is not None:
            self._result.history.events.pop()  # that it ended for a command says nothing
            return "changed"
        return "interrupted" if self._result.stopped == INTERRUPTED else "finished"

    def _next(self, phase: str, result: Result) -> Following | None:
        """Return the next training, or None where there is to be none; at the end of a run wait for what is asked."""
        if phase == "changed":
            request, self._request = self._request, None
            if request is not None:
                try:
                    following = self._after(request, result)
                    self._request = request
                    return following
                except ClearpropError as error:
                    request.refuse(error)
            return Following(self._setup, result)
        while True:
            request = self._commands.take()
            if request is None:
                self._commands.wait(_WAIT)
                continue
            try:
                self.watching.check_controller(request)
                if request.name == "finish":
                    request.answer(step=result.progress.step)
                    return None
                following = self._at_rest(phase, request, result)
            except ClearpropError as error:
                request.refuse(error)
                continue
            if following is not None:
                return following

    def _at_rest(self, phase: str, request: Request, result: Result) -> Following | None:
        """Return the training that a command asks for where none runs; None if it asks for none, and has been done."""
        training = self._ran[-1][0]
        if request.name in ("pace", "bookmark", "control", "pause", "stop"):
            self.watching.control(request, training)
            request.answer(step=result.progress.step)
            self.watching.tell_again(training)
            return None
        if phase == "diverged" and request.name not in ("rewind", "seed", "continue", "restart", "data", "recover"):
            raise InputError(f"the run has diverged; go back to the last good step, or rewind, before {request.name!r}")
        more = {"play": self._length, "step": 1, "epoch": training.batches.per_epoch}
        if request.name in more:
            self.watching.paused = False
            request.answer(step=result.progress.step)
            return Following(self._longer(self._setup, result, more[request.name]), result)
        self.watching.paused = True
        if request.name == "rate":
            self._commands.put_back(request)
            return Following(self._longer(self._setup, result, self._length), result)
        following = self._after(request, result)
        self._request = request
        return following

    def _after(self, request: Request, result: Result) -> Following:
        """Return the training that a command asks for.

        Raises
        ------
        InputError, InputTypeError
            For a command that isn't known, or can't be done.
        """
        values, setup, here = request.values, self._setup, self.watching.branch.id
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
                return Following(self._longer(setup, result, max(steps, 1)), result, None, f"{steps:,} more steps")
            case "rewind":
                return Following(with_rate(setup, result), None, (here, 0), "rewound")
            case "seed":
                seed = randbelow(2**31) if values.get("seed") is None else whole(values, "seed")
                return Following(replace(with_rate(setup, result), seed=seed), None, (here, 0), f"seed {seed}")
            case "restart":
                return Following(with_rate(setup, result).rebuilt(values), None, (here, 0), "another network")
            case "data":
                data = sources.make(values.get("source") or {}, self._uploads)
                return Following(with_rate(setup, result).on(data), None, (here, 0), f"data {data.name}")
            case "continue":
                return self._from(self._recording.frame(whole(values, "frame")))
            case "recover":
                return self._recovered(str(values.get("how")), result)
            case _:
                raise unknown_name("command", request.name, (*CONTROLS, *MORE))

    def _from(self, frame: Frame, rate_factor: float | None = None) -> Following:
        """Return the training that goes on from a frame, exactly as its own branch did, or at another rate."""
        setup = next(setup for training, setup in self._ran if training is frame.training)
        progress = checkpoint(frame.progress)
        progress.history = until(frame.progress.history, frame.step)
        progress.rate_factor = progress.rate_factor if rate_factor is None else rate_factor
        engine = frame.training.engine
        result = Result(setup.network, setup.loss, setup.optimizer, progress, engine.name)
        text = f"continued from step {frame.step:,}" + ", at half the rate" * (rate_factor is not None)
        return Following(self._room(setup, result), result, (frame.branch, frame.step), text)

    def _recovered(self, how: str, result: Result) -> Following:
        """Return the training from the last step at which the loss was no worse than at first, and was validated."""
        if self.watching.phase != "diverged":
            raise InputError("the run hasn't diverged, so there is nothing to recover from")
        if how not in ("back", "halve"):
            raise unknown_name("way to recover", how, ("back", "halve"))
        frames, history = self._recording.frames(self.watching.branch), self.watching.branch.history
        first, latest = float(history["loss"][0]), result.progress.step
        if self._recording.state["diverged"]["tensor"] == "validation loss":  # up to there nobody knows what is good
            latest = int(history.steps("validation_loss")[-1]) if len(history.get("validation_loss", ())) else 0
        good = [f for f in frames if f.keep != "diverged" and f.step <= latest and (f.loss is None or f.loss <= first)]
        self.watching.paused = how == "back"
        return self._from((good or frames)[-1], result.progress.rate_factor / 2 if how == "halve" else None)

    def _room(self, setup: Setup, result: Result) -> Setup:
        """Return a setup that has steps left to do."""
        return self._longer(setup, result, self._length) if result.progress.step >= setup.steps else setup

    def _longer(self, setup: Setup, result: Result, steps: int) -> Setup:
        return replace(setup, steps=max(setup.steps, result.progress.step) + steps)
