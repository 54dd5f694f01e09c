"""How much the network side may take: numbers, bytes and seconds."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from clearprop.live.server.answers import Refused


@dataclass(frozen=True)
class Limits:
    """Bounds of a server; what goes beyond is refused, and training never knows.

    Parameters
    ----------
    connections, streams, commands, asks, uploads : int
        How many connections may be open, streams may run, commands may wait for a step boundary, questions may wait
        besides the one being answered, and files may come in at once.
    header_bytes, body_bytes, upload_bytes : int
        The longest header, the longest body of a command, and the largest file.
    header_seconds, body_seconds, upload_seconds : float
        How long a client may take to send each of them.
    command_seconds : float
        How long a command's answer is waited for.
    stall_seconds : float
        After how long a client that reads nothing of its answer is dropped.
    turns_per_second : float
        How often a stream sends at most.

    Examples
    --------
    >>> Limits().streams
    32
    """

    connections: int = 128
    streams: int = 32
    commands: int = 64
    asks: int = 16
    uploads: int = 2
    header_bytes: int = 16 * 1024
    body_bytes: int = 64 * 1024
    upload_bytes: int = 32 * 1024 * 1024
    header_seconds: float = 10.0
    body_seconds: float = 10.0
    upload_seconds: float = 120.0
    command_seconds: float = 60.0
    stall_seconds: float = 20.0
    turns_per_second: float = 60.0


class Places:
    """A number of places; who finds all taken is refused. For one event loop, so without a lock.

    Parameters
    ----------
    number : int
        How many there are.
    status : int
        What a refusal is answered with, 429 or 503.
    sentence : str
        What it says.
    """

    def __init__(self, number: int, status: int, sentence: str) -> None:
        self._free = number
        self._status, self._sentence = status, sentence

    @contextmanager
    def taken(self) -> Generator[None]:
        """Hold a place while the block runs.

        Raises
        ------
        Refused
            If none is free.
        """
        if self._free <= 0:
            raise Refused(self._status, self._sentence)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
