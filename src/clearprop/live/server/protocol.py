"""One connection: uvicorn's protocol, with bounds on what comes before a request and after its answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from clearprop.live.server.answers import Refused

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

    from clearprop.live.server.limits import Limits

_silent = logging.getLogger("clearprop.live.connections")
_silent.disabled = True  # uvicorn's own words; what goes wrong in an answer is logged by the guard


class BoundedProtocol(H11Protocol):
    """Closes a connection whose header never ends, one whose client reads nothing, and one too many."""

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:  # uvicorn's own arguments, handed on
        super().__init__(*args, **kwargs)
        self.logger, self.access_log = _silent, False
        self._limits = limits
        self._header: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._unsent = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Take a connection, or refuse it if there are too many."""
        if len(self.connections) >= self._limits.connections:
            self.transport, self._refused = transport, True
            transport.write(Refused(503, "there are too many connections; close a page and try again").raw())
            transport.close()
            return
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)  # so that what the client doesn't take is noticed at once
        self._await_header()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._header = _cancelled(self._header)
        self._stall = _cancelled(self._stall)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; what breaks on them costs this connection alone."""
        if self._refused:
            return
        try:
            super().data_received(data)
        except Exception:  # noqa: BLE001 - strangers' bytes
            self.transport.abort()
        self._await_header()

    def send_400_response(self, msg: str) -> None:
        """Refuse what isn't HTTP, with the headers that every answer has."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        started = cycle is not None and cycle.response_started and not cycle.response_complete
        if not started:
            self.transport.write(Refused(400, "expected an HTTP request of a usual size").raw())
        self.transport.close()

    def pause_writing(self) -> None:
        """Begin to watch whether the client reads."""
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self._stall = _cancelled(self._stall)
        self._stall = self.loop.call_later(self._limits.stall_seconds, self._check_stall)

    def resume_writing(self) -> None:
        """Stop watching: the client has taken all."""
        self._stall = _cancelled(self._stall)
        super().resume_writing()

    def _check_stall(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent >= self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        self._stall = self.loop.call_later(self._limits.stall_seconds, self._check_stall)

    def _await_header(self) -> None:
        """Start the clock when a header begins, stop it when it is whole; more bytes alone don't set it back."""
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            self._header = _cancelled(self._header)
        elif self._header is None:
            self._header = self.loop.call_later(self._limits.header_seconds, self.transport.abort)


def _cancelled(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
