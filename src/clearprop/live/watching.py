"""The callback that shows a run to pages: it looks now and then, keeps what is seen, and does what pages ask for."""

from __future__ import annotations

from math import inf, isfinite
from typing import Any, Protocol

from clearprop.errors import ClearpropError, DivergenceError, InputError
from clearprop.live.commands import Commands, Request, number
from clearprop.live.data import Data
from clearprop.live.describe import branch_header, state_header
from clearprop.live.pace import LADDER, Pace
from clearprop.live.recording import Branch, Recording
from clearprop.live.sources.arrays import from_arrays
from clearprop.training.callbacks import Callback
from clearprop.training.loop import Training

CONTROLS = ("play", "pause", "step", "epoch", "pace", "rate", "stop", "bookmark", "control")
"""What can be done to any run."""
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
    paused : bool
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
        self.paused = self.always = self.changing = False
        self.pace = Pace(frames_per_second)
        self._data, self._owner = data, owner
        self._branch: Branch | None = None
        self._goes_on: Branch | None = None
        self._parent: tuple[int, int] | None = None
        self._told: tuple[str, str, DivergenceError | None] = ("waiting", "", None)
        self._data_number = -1
        self._until: int | None = None
        self._next = self._events = 0
        self._controller: str | None = None

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

    @property
    def phase(self) -> str:
        """How the run stands, as pages were told last."""
        return self._told[0]

    # hooks

    def on_start(self, training: Training) -> None:
        progress = training.progress
        if self._data is None:
            rows, held, engine = training.batches.rows, training.validation, training.engine
            validation = None if held is None else (held.x, held.targets)
            self._data = from_arrays(
                rows.x, rows.targets, network=engine.network, loss=engine.loss, validation=validation
            )
        if self._data_number < 0:
            self._data_number = self.recording.add_data(self._data)
        header = branch_header(training)
        if self._goes_on is None:
            parent, step = self._parent or (None, 0)
            self._branch = self.recording.begin(header, training, self._data_number, parent, step)
            self._events = len(progress.history.events) if parent is not None else 0
        else:
            self.recording.change(self._goes_on, header, training)
        self._goes_on, self._parent, self._until, self.changing = None, None, None, False
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
            self.recording.tell(self._event(event.step, event.text, "note"))
        self._events = len(progress.history.events)
        pace = {
            "pace": self.pace.wanted,
            "frames_per_second": self.pace.pictures,
            "slowed": self.pace.slowed,
            "overhead": self.pace.overhead,
            "steps_per_second": self.pace.speed,
        }
        said = {"phase": phase, "branch": self.branch.id, "reason": reason, "controller": self._controller}
        self.recording.publish(said | state_header(training, error) | pace, self.branch)

    def tell_again(self, training: Training) -> None:
        """Publish the same phase, with what has changed since."""
        self.tell(training, *self._told)

    def remark(self, training: Training, text: str) -> None:
        """Write into the history what a branch comes of."""
        self.recording.tell(self._event(training.progress.step, text, "command"))

    def note(self, training: Training, text: str, name: str, values: dict[str, Any]) -> None:
        """Write into the history that something was done by hand, and keep the step at which it was."""
        step = training.progress.step
        self.branch.changes.append((step, name, values))
        self.recording.tell(self._event(step, text, "command"))
        self.recording.add_frame(self.branch, training.progress, "command")

    def _look(self, training: Training) -> None:
        """Hear commands; now and then take a picture."""
        step, reached = training.progress.step, False
        self.pace.enter(step)
        if self._until is not None and step >= self._until:
            self.paused, self._until, reached = True, None, True
        watched = self.recording.watched or self.always
        picture = reached or self.commands.waiting or self.pace.is_due()
        if picture:
            if watched:
                self.recording.add_frame(self.branch, training.progress, wake=False)
            self.tell(training, self._phase)
            if not self.paused:
                self.pace.measure(self.recording.sending)
        if picture or self.pace.left_to_wait() > 0:
            self._hear(training)
        self._next = self.pace.leave(step, picture=picture, most=inf if watched else _UNWATCHED)
        if self._until is not None:
            self._next = min(self._next, self._until)

    def _hear(self, training: Training) -> None:
        """Carry out what is asked for, and wait while the run is paused, or faster than wanted."""
        while not training.progress.stopped:
            request = self.commands.take()
            if request is not None:
                if self.recording.watched or self.always:  # a look that only holds the run back has taken none
                    self.recording.add_frame(self.branch, training.progress, wake=False)
                self._carry_out(request, training)
                continue
            left = _WAIT if self.paused else min(self.pace.left_to_wait(), _WAIT)
            if not left:
                return
            self.commands.wait(left)

    @property
    def _phase(self) -> str:
        return "paused" if self.paused else "running"

    def _carry_out(self, request: Request, training: Training) -> None:
        try:
            self.check_controller(request)
            if request.name not in CONTROLS:
                if self._owner is None:
                    raise InputError(
                        f"{request.name!r} can't be done to a run that belongs to a script; train with watch(...), or "
                        "run clearprop play, to have every control"
                    )
                self._owner.asked(request, training)
                return
            self.control(request, training)
        except ClearpropError as error:
            request.refuse(error)
            return
        request.answer(step=training.progress.step)
        self.tell(training, self._phase)

    def check_controller(self, request: Request) -> None:
        """Let the first page that asks for something control the run, until another takes control.

        Raises
        ------
        InputError
            For a command of another page.
        """
        if request.name == "control" or self._controller is None:
            self._controller = request.client
        elif self._controller != request.client:
            raise InputError("another page controls this run; take control first")

    def control(self, request: Request, training: Training) -> None:
        """Do one of ``CONTROLS``."""
        step = training.progress.step
        match request.name:
            case "play":
                self.paused, self._until = False, None
            case "pause":
                self.paused, self._until = True, None
            case "step":
                self.paused, self._until = False, step + 1
            case "epoch":
                self.paused, self._until = False, step + training.batches.per_epoch
            case "pace":
                self._set_pace(request)
            case "rate":
                self._set_rate(number(request.values, "value"), training)
            case "stop":
                training.stop("stopped from the page")
            case "bookmark":
                self._bookmark(request, training)
            case _:
                pass  # control: taken already

    def _set_pace(self, request: Request) -> None:
        """Train so many steps a second, or as fast as it goes."""
        wanted = request.values.get("steps_per_second")
        if wanted is not None and not 0 < number(request.values, "steps_per_second") < 1e9:
            raise InputError(f"steps_per_second must be above 0; got {wanted!r:.40}")
        self.pace.wanted = None if wanted is None else float(wanted)

    def _bookmark(self, request: Request, training: Training) -> None:
        """Set a bookmark at a frame, or take it away; without a frame set one at the present step."""
        chosen = request.values.get("frame")
        if chosen is None:
            self.recording.add_frame(self.branch, training.progress, "bookmark")
        else:
            frame = self.recording.frame(chosen)
            self.recording.mark(frame.id, "" if frame.keep == "bookmark" else frame.keep or "bookmark")

    def _set_rate(self, value: float, training: Training) -> None:
        progress = training.progress
        base = training.optimizer.rate * training.schedule.factor(progress.step, training.total_steps)
        if not (isfinite(value) and value > 0):
            raise InputError(f"a learning rate must be above 0 and finite; got {value:g}")
        if not base:
            raise InputError("the schedule has taken the rate to 0 here, so no factor can change it")
        text = f"rate {base * progress.rate_factor:.6g} → {value:.6g}"
        progress.rate_factor = value / base
        self.note(training, text, "rate", {"value": value, "rate_factor": progress.rate_factor})

    def _event(self, step: int, text: str, kind: str) -> dict[str, Any]:
        return {"type": "event", "branch": self.branch.id, "step": step, "text": text, "kind": kind}
