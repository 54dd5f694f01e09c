"""What a page can do to any run: hold it, let it go on for a while, change its pace or its rate, set a bookmark."""

from __future__ import annotations

from math import isfinite
from sys import maxsize

from clearprop.errors import InputError
from clearprop.live.branch import Branch
from clearprop.live.commands import Request, number
from clearprop.live.pace import Pace
from clearprop.live.recording import Recording

CONTROLS = ("play", "pause", "step", "epoch", "pace", "rate", "stop", "bookmark", "control")
"""What can be done to any run."""


class Controls:
    """Does ``CONTROLS``, for one page at a time.

    Parameters
    ----------
    recording : Recording
        Where it writes down what it has done.
    pace : Pace
        What it slows down.

    Attributes
    ----------
    paused : bool
    until : int
        The step at which the run pauses; none comes so far as ``sys.maxsize``.
    page : str or None
        The one that controls the run.
    """

    def __init__(self, recording: Recording, pace: Pace) -> None:
        self._recording, self._pace = recording, pace
        self.paused, self.until = False, maxsize
        self.page: str | None = None

    @property
    def phase(self) -> str:
        """How a run stands that goes on."""
        return "paused" if self.paused else "running"

    def reached(self, step: int) -> bool:
        """Tell whether this is the step at which to pause; pause then."""
        reached = step >= self.until
        if reached:
            self.paused, self.until = True, maxsize
        return reached

    def check(self, request: Request) -> None:
        """Let the first page that asks for something control the run, until another takes control.

        Raises
        ------
        InputError
            For a command of another page.
        """
        if request.name == "control" or self.page is None:
            self.page = request.client
        elif self.page != request.client:
            raise InputError("another page controls this run; take control first")

    def do(self, request: Request, branch: Branch) -> None:
        """Do one of ``CONTROLS`` to the run of a branch.

        Raises
        ------
        InputError
            For values that can't be used.
        """
        training = branch.training
        step = training.progress.step
        match request.name:
            case "play":
                self.paused, self.until = False, maxsize
            case "pause":
                self.paused, self.until = True, maxsize
            case "step":
                self.paused, self.until = False, step + 1
            case "epoch":
                self.paused, self.until = False, step + training.batches.per_epoch
            case "pace":
                self._set_pace(request)
            case "rate":
                self._set_rate(number(request.values, "value"), branch)
            case "stop":
                training.stop("stopped from the page")
            case "bookmark":
                self._bookmark(request, branch)
            case _:
                pass  # control: taken already

    def _set_pace(self, request: Request) -> None:
        """Train so many steps a second, or as fast as it goes."""
        wanted = request.values.get("steps_per_second")
        if wanted is not None and not 0 < number(request.values, "steps_per_second") < 1e9:
            raise InputError(f"steps_per_second must be above 0; got {wanted!r:.40}")
        self._pace.wanted = None if wanted is None else float(wanted)

    def _set_rate(self, value: float, branch: Branch) -> None:
        training, progress = branch.training, branch.training.progress
        base = training.optimizer.rate * training.schedule.factor(progress.step, training.total_steps)
        if not (isfinite(value) and value > 0):
            raise InputError(f"a learning rate must be above 0 and finite; got {value:g}")
        if not base:
            raise InputError("the schedule has taken the rate to 0 here, so no factor can change it")
        text = f"rate {base * progress.rate_factor:.6g} → {value:.6g}"
        progress.rate_factor = value / base
        self._recording.note(branch, text, "rate", {"value": value, "rate_factor": progress.rate_factor})

    def _bookmark(self, request: Request, branch: Branch) -> None:
        """Set a bookmark at a frame, or take it away; without a frame set one at the present step."""
        chosen = request.values.get("frame")
        if chosen is None:
            self._recording.add_frame(branch, branch.training.progress, "bookmark")
        else:
            frame = self._recording.frame(chosen)
            self._recording.mark(frame.id, "" if frame.keep == "bookmark" else frame.keep or "bookmark")
