"""A run as it is watched: its branches, its kept frames, its curves and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, RLock
from time import monotonic
from typing import Any

from clearprop.errors import InputError
from clearprop.live.branch import Branch
from clearprop.live.cursor import Cursor, thinned
from clearprop.live.data import Data
from clearprop.live.describe import Message, data_message
from clearprop.live.frames import BYTES, FRAMES, Frame, Frames
from clearprop.live.messages import encode
from clearprop.training.loop import Training
from clearprop.training.progress import Progress


class Recording:
    """What viewers see of a run. Training writes it at a step's boundary; anybody may read it, from any thread.

    Nothing is queued for a viewer: ``messages`` compares what there is with what its cursor has had, so a slow viewer
    misses frames in between and costs no memory.

    Attributes
    ----------
    sending : float
        Seconds that the thread which sends to viewers has computed so far.
    """

    def __init__(self, *, frames: int = FRAMES, n_bytes: int = BYTES) -> None:
        self._lock = RLock()
        self._headers: list[Message] = []
        self._data: list[Data] = []
        self._branches: dict[int, Branch] = {}
        self._frames = Frames(frames, n_bytes)
        self._state: dict[str, Any] = {"type": "state", "phase": "waiting"}
        self._changed = 0
        self._listeners: set[Callable[[], None]] = set()
        self._left = -10.0
        self.sending = 0.0
        self._seen = Event()

    # what training tells

    def tell(self, header: Mapping[str, Any]) -> None:
        """Add a message that every viewer gets, once: hello, an event."""
        with self._lock:
            self._headers.append((dict(header), {}))
        self._wake()

    def add_data(self, data: Data) -> int:
        """Add a table and return its number."""
        with self._lock:
            self._data.append(data)
            identity = len(self._data) - 1
            self._headers.append(data_message(data, identity))
        self._wake()
        return identity

    def begin(self, header: Mapping[str, Any], training: Training, data: int, parent: int | None, step: int) -> Branch:
        """Begin a branch and return it."""
        with self._lock:
            number = len(self._branches)
            whole = {**header, "id": number, "parent": parent, "from_step": step, "data": data}
            branch = self._branches[number] = Branch(number, whole, training, data)
            self._headers.append((whole, {}))
        self._wake()
        return branch

    def change(self, branch: Branch, header: Mapping[str, Any], training: Training) -> None:
        """Put another run, with other settings, on a branch that goes on."""
        with self._lock:
            branch.training = training
            branch.header = {**branch.header, **header}
            self._headers.append((branch.header, {}))
        self._wake()

    def add_frame(self, branch: Branch, progress: Progress, keep: str = "", *, wake: bool = True) -> Frame:
        """Keep a checkpoint of the run as it is; where there is one of this step already, only mark it.

        Without ``wake`` viewers aren't told yet: what comes next tells them, and they are sent both at once.
        """
        with self._lock:
            frame = self._frames.add(branch.id, branch.training, progress, keep)
        if wake:
            self._wake()
        return frame

    def mark(self, number: int, keep: str) -> None:
        """Say why a frame is kept for good, or with "" that it isn't any more."""
        with self._lock:
            self._frames.mark(number, keep)
        self._wake()

    def mark_best(self, branch: Branch) -> None:
        """Mark the frame with the lowest loss of a branch."""
        with self._lock:
            self._frames.mark_best(branch.id)
        self._wake()

    def tell_event(self, branch: Branch, step: int, text: str, kind: str) -> None:
        """Tell what happened at a step, in words; ``kind`` is "note" or, if it was asked for, "command"."""
        self.tell({"type": "event", "branch": branch.id, "step": step, "text": text, "kind": kind})

    def note(self, branch: Branch, text: str, name: str, values: dict[str, Any]) -> None:
        """Write down that something was done to a branch by hand, and keep the step at which it was."""
        progress = branch.training.progress
        branch.changes.append((progress.step, name, values))
        self.tell_event(branch, progress.step, text, "command")
        self.add_frame(branch, progress, "command")

    def publish(self, state: Mapping[str, Any], branch: Branch | None = None) -> None:
        """Say how the run stands, and let its curves be seen up to here."""
        with self._lock:
            self._state = {"type": "state", **state}
            self._changed += 1
            if branch is not None:
                history = branch.history
                branch.counts = {name: len(history[name]) for name in history}
        self._wake()

    # what viewers ask

    @property
    def watched(self) -> bool:
        """Whether anybody looks, or did just now: who reloads a page is back in a moment."""
        return bool(self._listeners) or monotonic() - self._left < 5.0

    @property
    def state(self) -> dict[str, Any]:
        """How the run stands."""
        return self._state

    def frame(self, identity: int) -> Frame:
        """Return a kept frame.

        Raises
        ------
        InputError
            If it isn't kept any more, or never was.
        """
        with self._lock:
            return self._frames[identity]

    def frames(self, branch: Branch) -> list[Frame]:
        """Return a branch's kept frames in the order of their steps."""
        with self._lock:
            return sorted((f for f in self._frames if f.branch == branch.id), key=lambda f: (f.step, f.id))

    def branch(self, identity: int) -> Branch:
        """Return a branch.

        Raises
        ------
        InputError
            If there is none of that number.
        """
        with self._lock:
            if identity not in self._branches:
                raise InputError(f"there is no branch {identity!r:.20}; there are {len(self._branches)}")
            return self._branches[identity]

    def data(self, identity: int) -> Data:
        """Return a table by its number.

        Raises
        ------
        InputError
            If there is none of that number.
        """
        with self._lock:
            if not 0 <= identity < len(self._data):
                raise InputError(f"there is no table {identity!r:.20}; there are {len(self._data)}")
            return self._data[identity]

    def listen(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have ``wake`` called, from any thread, when there is something new; return what ends that."""
        self._listeners.add(wake)

        def leave() -> None:
            self._listeners.discard(wake)
            self._left = monotonic()

        return leave

    def wait_until_seen(self, seconds: float) -> None:
        """Wait until a viewer has had everything, but no longer than so many seconds."""
        self._seen.wait(seconds)

    def messages(self, cursor: Cursor) -> list[bytes]:
        """Return what a viewer hasn't had, and move its cursor: headers, state, curves, the newest frame, then older.

        Older frames come only when there is nothing else, some at a time.
        """
        with self._lock:
            found = cursor.unseen(self._headers, self._branches.values(), self._frames, self._state, self._changed)
            if not found:
                self._seen.set()
        return [encode(header, thinned(header, arrays)) for header, arrays in found]  # training may go on meanwhile

    def _wake(self) -> None:
        self._seen.clear()
        for wake in list(self._listeners):
            wake()
