"""A run that a page may change in every way: one training after another, each from a start or from a checkpoint."""

from __future__ import annotations

from clearprop.errors import ClearpropError, DivergenceError, InputError, unknown_name
from clearprop.live.commands import Commands, Request
from clearprop.live.controls import CONTROLS
from clearprop.live.following import MORE, Following, Plan, longer
from clearprop.live.recording import Recording
from clearprop.live.setup import Setup
from clearprop.live.sources.uploads import Uploads
from clearprop.live.watching import Watching
from clearprop.result import Result
from clearprop.training.interrupt import INTERRUPTED
from clearprop.training.loop import Training

_WAIT = 0.2  # seconds until Ctrl-C is heard


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
        self._recording, self._commands, self._setup = recording, commands, setup
        self._plan = Plan(setup.steps, recording, uploads)
        self.watching = Watching(recording, commands, data=setup.data, owner=self, frames_per_second=frames_per_second)
        self.watching.controls.paused = paused
        self._request: Request | None = None
        self._following = Following(setup)
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
                self.watching.controls.paused = True
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
        return bool(self._plan.ran)

    def close(self) -> None:
        """Tell the pages that it is over."""
        if self.has_begun:
            self.watching.tell(self.watching.branch.training, "closed", "the run has been ended")

    # what Watching asks of its owner

    def begun(self, training: Training) -> None:
        """Answer the command that this run comes of."""
        self._plan.ran.append((training, self._following.setup))
        request, self._request, branch = self._request, None, self.watching.branch
        if request is None:
            return
        if self._following.parent is None:
            self._recording.note(branch, self._following.text, request.name, request.values)
        else:
            self._recording.tell_event(branch, training.progress.step, self._following.text, "command")
        request.answer(branch=branch.id, step=training.progress.step)

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
        elif self.has_begun:
            watching.go_on()
        if following.setup.data is not before.data:
            watching.learn_from(following.setup.data)
        self._setup, self._following = following.setup, following
        begun = len(self._plan.ran)
        try:
            self._result = following.setup.train(watching, following.resume)
        except DivergenceError as error:
            self._result = error.result
            return "diverged"
        except ClearpropError as error:
            if self._request is None or len(self._plan.ran) > begun:
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
                    following = self._plan.after(request, self._setup, result, self.watching.branch)
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
                self.watching.controls.check(request)
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
        branch, controls = self.watching.branch, self.watching.controls
        if request.name in ("pace", "bookmark", "control", "pause", "stop"):
            controls.do(request, branch)
            request.answer(step=result.progress.step)
            self.watching.tell_again(branch.training)
            return None
        if phase == "diverged" and request.name not in ("rewind", "seed", "continue", "restart", "data", "recover"):
            raise InputError(f"the run has diverged; go back to the last good step, or rewind, before {request.name!r}")
        more = {"play": self._plan.length, "step": 1, "epoch": branch.training.batches.per_epoch}
        if request.name in more:
            controls.paused = False
            request.answer(step=result.progress.step)
            return Following(longer(self._setup, result, more[request.name]), result)
        if request.name == "rate":
            controls.paused = True
            self._commands.put_back(request)
            return Following(longer(self._setup, result, self._plan.length), result)
        following = self._plan.after(request, self._setup, result, branch)
        self._request, controls.paused = request, following.waits
        return following
