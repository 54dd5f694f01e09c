"""The callback that shows a run to pages: it looks now and then, keeps what is seen, and does what pages ask for."""

from __future__ import annotations

from math import inf
from sys import maxsize
from typing import Protocol

from clearprop.errors import ClearpropError, DivergenceError, InputError
from clearprop.live.branch import Branch
from clearprop.live.commands import Commands, Request
from clearprop.live.controls import CONTROLS, Controls
from clearprop.live.data import Data
from clearprop.live.describe import branch_header, state_header
from clearprop.live.pace import LADDER, Pace
from clearprop.live.recording import Recording
from clearprop.live.sources.arrays import from_training
from clearprop.training.callbacks import Callback
from clearprop.training.loop import Training

_UNWATCHED = 5.0  # times a second that the state is told while nobody watches
_WAIT = 0.1  # seconds until a run that is paused hears Ctrl-C


class Owner(Protocol):
    """Who can do to a run what the run itself can't: stop it and begin another."""

    def begun(self, training: Training) -> None:
        """Told when a run begins."""

    def asked(self, request: Request, training: Training) -> None:
        """Do, or refuse by a ClearpropError, a command that isn't among ``CONTROLS``."""


class Watching(Callback):
    """Writes a recording at steps' boundaries, and carries out commands there.

    Between two looks it costs one comparison a step (or nothing, in a stretch of compiled steps).

    Parameters
    ----------
    recording : Recording
    commands : Commands
    data : Data, optional
        What the run learns from; by default its rows, with names that say no more than their numbers.
    frames_per_second : float
        The most looks a second.
    owner : Owner, optional
        Without one, only ``CONTROLS`` are done.

    Attributes
    ----------
    pace : Pace
    controls : Controls
    always : bool
        Whether frames are kept while nobody watches, too.
    changing : bool
        Whether the run ends only for another one to go on, which isn't worth telling.
    """

    def __init__(
        self,
        recording: Recording,
        commands: Commands,
        *,
        data: Data | None = None,
        frames_per_second: float = LADDER[0],
        owner: Owner | None = None,
    ) -> None:
        self.recording, self.commands = recording, commands
        self.always = self.changing = False
        self.pace = Pace(frames_per_second)
        self.controls = Controls(recording, self.pace)
        self._data, self._owner = data, owner
        self._branch: Branch | None = None
        self._goes_on: Branch | None = None
        self._parent: tuple[int, int] | None = None
        self._told: tuple[str, str, DivergenceError | None] = ("waiting", "", None)
        self._data_number = -1
        self._next = self._events = 0

    # what a session sets before a run

    def learn_from(self, data: Data) -> None:
        """Let the next run be one on this table."""
        self._data, self._data_number = data, -1

    def branch_from(self, parent: int, step: int) -> None:
        """Let the next run be a branch of its own, from a step of another."""
        self._goes_on, self._parent = None, (parent, step)

    def go_on(self) -> None:
        """Let the next run be the same branch's."""
        self._goes_on = self._branch

    @property
    def branch(self) -> Branch:
        """The branch that is trained, or was last."""
        if self._branch is None:
            raise RuntimeError("no run has begun")
        return self._branch

    # hooks

    def on_start(self, training: Training) -> None:
        progress = training.progress
        if self._data is None:
            self._data = from_training(training)
        if self._data_number < 0:
            self._data_number = self.recording.add_data(self._data)
        header = branch_header(training)
        if self._goes_on is None:
            parent, step = self._parent or (None, 0)
            self._branch = self.recording.begin(header, training, self._data_number, parent, step)
            self._events = len(progress.history.events) if parent is not None else 0
        else:
            self.recording.change(self._goes_on, header, training)
        self._goes_on, self._parent, self.changing, self.controls.until = None, None, False, maxsize
        self.recording.add_frame(self.branch, progress, "" if progress.step else "first")
        if self._owner is not None:
            self._owner.begun(training)
        self.pace.restart(progress.step)
        self._next = progress.step
        self._look(training)

    def on_step(self, training: Training) -> None:
        step = training.progress.step
        if step >= self._next and step % training.batches.per_epoch:
            self._look(training)

    def on_epoch(self, training: Training) -> None:
        """Look where an epoch ends only now that its validation is done."""
        if training.progress.step >= self._next:
            self._look(training)

    def next_step(self, step: int, per_epoch: int) -> int:
        return max(self._next, step + 1)

    def on_end(self, training: Training) -> None:
        self.recording.add_frame(self.branch, training.progress)
        if not self.changing:
            self.recording.mark_best(self.branch)
            self.tell(training, "finished", training.progress.stopped)

    def on_diverged(self, training: Training, error: DivergenceError) -> None:
        self.recording.add_frame(self.branch, training.progress, "diverged")
        self.recording.mark_best(self.branch)
        self.tell(training, "diverged", str(error), error)

    # a look

    def tell(self, training: Training, phase: str, reason: str = "", error: DivergenceError | None = None) -> None:
        """Publish how the run stands, its curves and its events."""
        self._told = phase, reason, error
        progress = training.progress
        for event in progress.history.events[self._events :]:
            self.recording.tell_event(self.branch, event.step, event.text, "note")
        self._events = len(progress.history.events)
        pace = {
            "pace": self.pace.wanted,
            "frames_per_second": self.pace.pictures,
            "slowed": self.pace.slowed,
            "overhead": self.pace.overhead,
            "steps_per_second": self.pace.speed,
        }
        said = {"phase": phase, "branch": self.branch.id, "reason": reason, "controller": self.controls.page}
        self.recording.publish(said | state_header(training, error) | pace, self.branch)

    def tell_again(self, training: Training) -> None:
        """Publish the same phase, with what has changed since."""
        self.tell(training, *self._told)

    def _look(self, training: Training) -> None:
        """Hear commands; now and then take a picture."""
        step = training.progress.step
        self.pace.enter(step)
        reached = self.controls.reached(step)
        watched = self.recording.watched or self.always
        picture = reached or self.commands.waiting or self.pace.is_due()
        if picture:
            if watched:
                self.recording.add_frame(self.branch, training.progress, wake=False)
            self.tell(training, self.controls.phase)
            if not self.controls.paused:
                self.pace.measure(self.recording.sending)
        if picture or self.pace.left_to_wait() > 0:
            self._hear(training)
        following = self.pace.leave(step, picture=picture, most=inf if watched else _UNWATCHED)
        self._next = min(following, self.controls.until)

    def _hear(self, training: Training) -> None:
        """Carry out what is asked for, and wait while the run is paused, or faster than wanted."""
        while not training.progress.stopped:
            request = self.commands.take()
            if request is not None:
                if self.recording.watched or self.always:  # a look that only holds the run back has taken none
                    self.recording.add_frame(self.branch, training.progress, wake=False)
                self._carry_out(request, training)
                continue
            left = _WAIT if self.controls.paused else min(self.pace.left_to_wait(), _WAIT)
            if not left:
                return
            self.commands.wait(left)

    def _carry_out(self, request: Request, training: Training) -> None:
        try:
            self.controls.check(request)
            if request.name not in CONTROLS:
                if self._owner is None:
                    raise InputError(
                        f"{request.name!r} can't be done to a run that belongs to a script; train with watch(...), or "
                        "run clearprop play, to have every control"
                    )
                self._owner.asked(request, training)
                return
            self.controls.do(request, self.branch)
        except ClearpropError as error:
            request.refuse(error)
            return
        request.answer(step=training.progress.step)
        self.tell(training, self.controls.phase)
