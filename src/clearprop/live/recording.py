"""A run as it is watched: its branches, its kept frames, its curves; and what a viewer hasn't seen of them yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, RLock
from time import monotonic
from typing import Any

import numpy as np

from clearprop.arrays import Array
from clearprop.errors import InputError
from clearprop.live.data import Data
from clearprop.live.describe import Message, data_message
from clearprop.live.frames import BYTES, FRAMES, Frame, Frames
from clearprop.live.messages import encode
from clearprop.training.history import History
from clearprop.training.loop import Training
from clearprop.training.progress import Progress

HEARTBEAT = 2.0  # seconds
_LARGEST = float(np.finfo(np.float32).max)  # just before a run diverges its float64 can be larger
_COLUMNS = 1000  # of a message's curve: at most twice as many points
_MORE_COLUMNS = 200  # of what is added to it: so much comes many times a second
_AT_A_TURN = 2_000_000  # bytes of older frames that are sent at a time


@dataclass
class Branch:
    """One line of training: from a start, or from a frame of another branch.

    Attributes
    ----------
    training : Training
        What runs, or ran last, on this branch.
    changes : list of (step, name, values)
        What was done to it by hand, in order.
    """

    id: int
    header: dict[str, Any]
    training: Training
    data: int
    changes: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list[Any])
    counts: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def history(self) -> History:
        """The record of the run so far."""
        return self.training.progress.history


@dataclass
class Cursor:
    """What one viewer has been sent."""

    client: str = ""
    headers: int = 0
    state: int = 0
    told: float = 0.0
    frames: set[int] = field(default_factory=set[int])
    marks: int = 0
    series: dict[tuple[int, str], int] = field(default_factory=dict[tuple[int, str], int])


def _thinned(header: dict[str, Any], arrays: dict[str, Array]) -> dict[str, Array]:
    """Return a message's arrays, a curve's with no more points than a picture shows."""
    if "steps" not in arrays:
        return arrays
    kept = _ends(arrays["values"], _COLUMNS if header["replace"] else _MORE_COLUMNS)
    return {name: array[kept].astype(np.float64) for name, array in arrays.items()}


def _ends(values: Array, columns: int) -> Array | slice:
    """Return the places of a curve's ends, and of the lowest and the highest value of each column.

    This is ``decimate`` with columns of one width, ten times as fast: it is done for each picture.
    """
    n = len(values)
    if n <= 2 * columns + 2:
        return slice(None)
    width = -(-n // (columns - 1))
    starts = np.arange(0, n, width)[:, None]
    table = np.full((len(starts), width), values[-1])
    table.flat[:n] = values
    found = [starts + table.argmin(1, keepdims=True), starts + table.argmax(1, keepdims=True)]
    return np.unique(np.minimum(np.concatenate([*found, [[0]], [[n - 1]]]), n - 1))


def _travelling(vector: Array) -> Array:
    """Return parameters as finite float32; those that are that already are looked at, not copied."""
    with np.errstate(over="ignore", invalid="ignore"):
        if vector.dtype == np.float32 and np.isfinite(vector.sum()):
            return vector
        return np.clip(vector, -_LARGEST, _LARGEST).astype(np.float32)


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
            found = self._unseen(cursor)
        return [encode(header, _thinned(header, arrays)) for header, arrays in found]  # training may go on meanwhile

    def _unseen(self, cursor: Cursor) -> list[Message]:
        found = self._headers[cursor.headers :]
        cursor.headers = len(self._headers)
        found += self._curves(cursor)
        gone = self._frames.gone(cursor.frames)
        if gone:
            cursor.frames.difference_update(gone)
            found.append(({"type": "dropped", "frames": sorted(gone)}, {}))
        for identity, keep in self._frames.marks[cursor.marks :]:
            if identity in cursor.frames:
                found.append(({"type": "keep", "id": identity, "keep": keep}, {}))
        cursor.marks = len(self._frames.marks)
        newest = self._frames.newest
        if newest is not None and newest.id not in cursor.frames:
            found.append(self._sent(cursor, newest))
        if cursor.state != self._changed or monotonic() - cursor.told > HEARTBEAT:
            cursor.state, cursor.told = self._changed, monotonic()
            found.append((self._state, {}))
        if not found:
            found = self._older(cursor)
        if not found:
            self._seen.set()
        return found

    def _older(self, cursor: Cursor) -> list[Message]:
        found: list[Message] = []
        left = _AT_A_TURN
        for frame in self._frames:
            if frame.id not in cursor.frames and left > 0:
                found.append(self._sent(cursor, frame))
                left -= 4 * frame.progress.parameters.vector.size
        return found

    def _sent(self, cursor: Cursor, frame: Frame) -> Message:
        cursor.frames.add(frame.id)
        header = {
            "type": "frame", "id": frame.id, "branch": frame.branch, "step": frame.step, "loss": frame.loss,
            "keep": frame.keep,
        }  # fmt: skip
        return header, {"vector": _travelling(frame.progress.parameters.vector)}

    def _curves(self, cursor: Cursor) -> list[Message]:
        found: list[Message] = []
        for branch in self._branches.values():
            for name, count in branch.counts.items():
                sent = cursor.series.get((branch.id, name), 0)
                if sent == count:
                    continue
                cursor.series[branch.id, name] = count
                steps, values = branch.history.steps(name)[sent:count], branch.history[name][sent:count]
                header = {"type": "series", "branch": branch.id, "name": name, "replace": sent == 0}
                found.append((header, {"steps": steps, "values": values}))
        return found

    def _wake(self) -> None:
        self._seen.clear()
        for wake in list(self._listeners):
            wake()
