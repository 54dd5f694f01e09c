"""Commands from pages: handed from any thread to the one that trains, which answers them at a step's boundary."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from threading import Condition
from typing import Any, NamedTuple

from clearprop.errors import InputError

WAITING = 64
"""The most commands that may wait for their turn."""

Answer = dict[str, Any]


class Request(NamedTuple):
    """A command, and where its answer goes."""

    client: str
    name: str
    values: dict[str, Any]
    future: Future[Answer]

    def answer(self, **values: Any) -> None:
        """Say that it has been done."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_result({"ok": True, **values})

    def refuse(self, error: Exception) -> None:
        """Say why it can't be done."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class Commands:
    """A short queue.

    Examples
    --------
    >>> commands = Commands()
    >>> future = commands.submit("a page", "rate", {"value": 0.1})
    >>> request = commands.take()
    >>> request.name, request.values
    ('rate', {'value': 0.1})
    >>> request.answer()
    >>> future.result()
    {'ok': True}
    """

    def __init__(self) -> None:
        self._queue: deque[Request] = deque()
        self._changed = Condition()
        self._closed = ""

    def submit(self, client: str, name: str, values: dict[str, Any]) -> Future[Answer]:
        """Put a command into the queue; its future fails with a ClearpropError whose text is for people."""
        request = Request(client, name, values, Future())
        with self._changed:
            full = len(self._queue) >= WAITING
            reason = self._closed or f"{WAITING} commands wait already; try again in a moment" * full
            if not reason:
                self._queue.append(request)
                self._changed.notify_all()
        if reason:
            request.refuse(InputError(reason))
        return request.future

    @property
    def waiting(self) -> bool:
        """Whether there is a command."""
        return bool(self._queue)

    def take(self) -> Request | None:
        """Return the oldest command, or None."""
        with self._changed:
            return self._queue.popleft() if self._queue else None

    def put_back(self, request: Request) -> None:
        """Let a command be the next again."""
        with self._changed:
            self._queue.appendleft(request)

    def wait(self, seconds: float) -> None:
        """Wait until there is a command, but no longer than so many seconds."""
        with self._changed:
            if not self._queue:
                self._changed.wait(seconds)

    def close(self, reason: str) -> None:
        """Refuse all commands, those that wait too, with this sentence."""
        with self._changed:
            self._closed, rest = reason, list(self._queue)
            self._queue.clear()
        for request in rest:
            request.refuse(InputError(reason))

    def open(self) -> None:
        """Take commands again."""
        with self._changed:
            self._closed = ""


def number(values: dict[str, Any], name: str) -> float:
    """Return a command's number.

    Raises
    ------
    InputError
        If it isn't one.
    """
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} must be a number; got {value!r:.60}")
    return float(value)


def whole(values: dict[str, Any], name: str) -> int:
    """Return a command's whole number, 0 or more.

    Raises
    ------
    InputError
        If it isn't one.
    """
    value = number(values, name)
    if value < 0 or not value.is_integer():
        raise InputError(f"{name} must be a whole number, 0 or more; got {value:g}")
    return int(value)
